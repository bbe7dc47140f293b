//! `show`, `list` and `check` on an S3 server, as a user runs them.

#![cfg(all(feature = "s3", feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "it is a test")]

use crate::compare;
use crate::program;
use crate::servers;
use crate::snapshots;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use compare::Comparison;
use program::{Program, Run};
use servers::s3::{ACCESS_KEY, S3Server, SECRET_KEY};
use servers::scripted::{Reply, Scripted, s3_error};
use snapshots::{Snapshots, WITH_FILES};
use statescope::Location;
use statescope::inspect::{self, NoProgress, SnapshotEntry, SnapshotStatus};
use statescope::storage::{RequestKind, Storage};

/// As long as what it stands for in the fixtures.
const ROOT: &str = "s3://data1/flink";
/// Two checkpoints, with shared files.
const INCREMENTAL: &str = "flink-2.3.0/checkpoint-rocksdb-incremental";

/// A server with snapshots in it, and the program with an environment that leads there.
struct Lake {
    server: S3Server,
    snapshots: Snapshots,
}

impl Lake {
    async fn of(snapshots: Snapshots) -> Self {
        let server = S3Server::start().await;
        let bucket = server.make_bucket("data1");
        snapshots.below(ROOT).write(&bucket.join("flink"));
        Self { server, snapshots }
    }

    /// Where the objects below `ROOT` are.
    fn path(&self, key: &str) -> std::path::PathBuf {
        let bucket = self.server.bucket().with_file_name("data1");
        bucket.join("flink").join(key)
    }

    fn program(&self) -> Program {
        with_keys().with("AWS_ENDPOINT_URL", &self.server.endpoint())
    }

    /// The place of the only snapshot whose directory has that name.
    fn place(&self, name: &str) -> String {
        format!("{ROOT}/{}", self.snapshots.directory(name))
    }

    /// The place of the job that the only snapshot of that name is of.
    fn job(&self, name: &str) -> String {
        Location::new(self.place(name)).parent().to_string()
    }
}

fn with_keys() -> Program {
    Program::new()
        .with("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .with("AWS_REGION", "eu-central-1")
        .with_secret("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_snapshot_looks_the_same_on_s3_as_on_local_disk() {
    for release in WITH_FILES {
        let lake = Lake::of(Snapshots::of_release(release)).await;
        let program = lake.program();
        let comparison = Comparison::new(&lake.snapshots, &program, ROOT);
        comparison.everything(&lake.snapshots);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pointers_find_the_same_snapshots_on_s3_as_on_local_disk() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let program = lake.program();
    let comparison = Comparison::new(&lake.snapshots, &program, ROOT);
    for (pointer, found) in [
        ("checkpoints@latest", "chk-4"),
        ("checkpoints@latest~1", "chk-3"),
        ("@latest", "chk-4"),
        ("checkpoints@chk-3", "chk-3"),
        ("@chk-4", "chk-4"),
    ] {
        let show = comparison.same("show", pointer, &["--json"]).data(0);
        assert_eq!(show["location"], format!("{}/_metadata", lake.place(found)));
        comparison.same("check", pointer, &[]);
    }
    for (pointer, words) in [
        ("checkpoints@latest~2", "complete snapshot"),
        ("checkpoints@chk-9", "chk-9"),
        ("nowhere@latest", "not found"),
    ] {
        let run = comparison.same("show", pointer, &[]);
        assert!(run.error(5).contains(words), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_names_of_the_scheme_lead_to_the_same_files() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let program = lake.program();
    let comparison = Comparison::new(&lake.snapshots, &program, ROOT);
    let key = lake.snapshots.directory("chk-4");
    for scheme in ["s3a", "s3n", "s3p"] {
        let root = format!("{scheme}://data1/flink");
        for command in ["show", "check", "list"] {
            comparison.same_through(&root, command, key, &["--json"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_names_the_endpoint_before_the_environment_does() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let program = with_keys().with("AWS_ENDPOINT_URL", &refused());
    let endpoint = lake.server.endpoint();
    let run = program.run(&["show", &lake.place("chk-4"), "--endpoint", &endpoint]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

/// How many checkpoints a listing of the whole bucket has to get through.
const MANY: u64 = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_checkpoints_cost_a_read_and_a_listing_each_and_the_pages_above_them() {
    let server = S3Server::start().await;
    checkpoints(&server.bucket().join("many"), MANY);

    let settings = server.settings();
    let counts = settings.counts.clone();
    let base = Location::new("s3://flink/many");
    let storage = Storage::new(settings);
    let list = inspect::list(&storage, &[base], false, &NoProgress)
        .await
        .unwrap();
    assert_eq!(list.snapshots.len() as u64, MANY);
    let is_complete = |entry: &SnapshotEntry| entry.status == SnapshotStatus::Complete;
    assert!(list.snapshots.iter().all(is_complete));
    assert_eq!(list.snapshots[0].checkpoint_id, Some(MANY));
    // The base, a thousand names on a page, and each checkpoint, since a snapshot may lie in any directory.
    let pages = 1 + MANY.div_ceil(1_000) + MANY;
    assert!(counts.of(RequestKind::List) <= pages, "{counts:?}");
    assert_eq!(counts.of(RequestKind::Get), MANY);
    assert_eq!(counts.of(RequestKind::Head), 0);

    // The program asks for no more than the library does.
    let program = with_keys().with("AWS_ENDPOINT_URL", &server.endpoint());
    server.guard().take_seen();
    let run = program.run(&["list", "s3://flink/many", "--limit", "1"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let seen = server.guard().take_seen();
    let times = |operation: &str| seen.iter().filter(|seen| *seen == operation).count() as u64;
    assert_eq!(times("GetObject"), MANY);
    assert!(times("ListObjectsV2") <= pages);
    assert_eq!(times("HeadObject"), 0);
}

/// Fills a directory with checkpoints of one job; returns the bytes of each metadata file.
fn checkpoints(base: &Path, count: u64) -> u64 {
    /// Magic number and version come before the checkpoint's number.
    const ID_AT: usize = 8;
    let inline = Snapshots::of_scenario("flink-2.3.0/checkpoint-hashmap-inline");
    let mut content = inline.files.into_values().next().unwrap();
    for number in 1..=count {
        content[ID_AT..][..8].copy_from_slice(&number.to_be_bytes());
        let job = base.join("0123456789abcdef0123456789abcdef");
        let directory = job.join(format!("chk-{number}"));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("_metadata"), &content).unwrap();
    }
    content.len() as u64
}

/// Where a process can be asked for the most memory that it had.
#[cfg(target_os = "linux")]
mod memory {
    use super::*;
    use std::io::Read;
    use std::process::Child;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_list_of_thousands_of_checkpoints_takes_no_more_memory_than_one_of_hundreds() {
        const FEW: u64 = 200;
        let server = S3Server::start().await;
        let size = checkpoints(&server.bucket().join("many"), MANY);
        checkpoints(&server.bucket().join("few"), FEW);
        let program = with_keys().with("AWS_ENDPOINT_URL", &server.endpoint());
        let many = peak(&program, "s3://flink/many", MANY);
        let few = peak(&program, "s3://flink/few", FEW);
        let grown = many.saturating_sub(few);
        let read = (MANY - FEW) * size;
        println!("peak of {FEW}: {few}, of {MANY}: {many}, which read {read} bytes more");
        assert!(grown < 16 << 20 && grown < read / 4, "{few} {many} {read}");
    }

    /// The most memory that listing `base` took.
    fn peak(program: &Program, base: &str, count: u64) -> u64 {
        let begun = Instant::now();
        let mut child = program.start(&["list", base, "--json"]);
        let mut stdout = child.stdout.take().unwrap();
        // The document is larger than a pipe holds: as long as not all of it is read, the process is
        // there to be asked.
        let mut document = vec![0; 4_096];
        stdout.read_exact(&mut document).unwrap();
        let mut peak = high_water(&child);
        let mut piece = [0; 4_096];
        loop {
            let size = stdout.read(&mut piece).unwrap();
            if size == 0 {
                break;
            }
            document.extend_from_slice(&piece[..size]);
            if let Some(now) = high_water(&child) {
                peak = Some(now);
            }
        }
        assert!(
            document.len() > 64 << 10,
            "it may have ended before it was asked"
        );
        let mut output = child.wait_with_output().unwrap();
        output.stdout = document;
        let list = program.ended(output, begun).data(0);
        assert_eq!(list["snapshots"].as_array().unwrap().len() as u64, count);
        peak.unwrap()
    }

    /// The most memory that a process ever had, unless it has ended.
    fn high_water(child: &Child) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1_024)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_is_deleted_while_its_files_are_looked_for_is_said_to_be_gone() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let directory = lake.path(lake.snapshots.directory("chk-4"));
    lake.server.guard().allow(move |operation, path| {
        if operation != "GetObject" || !path.ends_with("/_metadata") {
            let _ = std::fs::remove_dir_all(&directory);
        }
        true
    });
    let run = lake.program().run(&["check", &lake.place("chk-4")]);
    assert!(run.error(5).contains("was deleted while"), "{run:?}");
    assert!(run.stderr.contains("look at a newer one"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_is_deleted_between_listing_and_reading_is_not_found() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let directory = lake.path(lake.snapshots.directory("chk-4"));
    lake.server.guard().allow(move |operation, _| {
        if operation == "GetObject" {
            let _ = std::fs::remove_dir_all(&directory);
        }
        true
    });
    let job = lake.job("chk-4");
    for command in ["show", "check"] {
        lake.snapshots.below(ROOT).write(&lake.path(""));
        let run = lake.program().run(&[command, &format!("{job}@chk-4")]);
        assert!(run.error(5).contains("chk-4: not found"), "{run:?}");
        assert!(run.stderr.contains("may have been subsumed"), "{run:?}");
    }
    // The newest is then the one before.
    lake.snapshots.below(ROOT).write(&lake.path(""));
    let run = lake
        .program()
        .run(&["show", &format!("{job}@latest"), "--json"]);
    let location = format!("{}/_metadata", lake.place("chk-3"));
    assert_eq!(run.data(0)["location"], location);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_tells_what_is_incomplete_invalid_and_unreadable_and_has_all_the_rest() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let job = lake.job("chk-4");
    let base = lake.path(lake.snapshots.directory("chk-4"));
    let put = |name: &str, content: &[u8]| {
        std::fs::create_dir_all(base.with_file_name(name)).unwrap();
        let key = match name {
            "chk-6" | "chk-7" => "_metadata",
            _ => "0d1f5ab4-state",
        };
        std::fs::write(base.with_file_name(name).join(key), content).unwrap();
    };
    let whole = std::fs::read(base.join("_metadata")).unwrap();
    put("chk-2", b"left over");
    put("chk-5", b"being written");

    // None of these is a failure.
    let list = lake.program().run(&["list", &job, "--json"]).data(0);
    let statuses = |list: &serde_json::Value| -> Vec<(String, String)> {
        let mut statuses: Vec<_> = list["snapshots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let location = Location::new(entry["location"].as_str().unwrap());
                let status = entry["status"].as_str().unwrap();
                (location.file_name().to_owned(), status.to_owned())
            })
            .collect();
        statuses.sort();
        statuses
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = |&(name, status): &(&str, &str)| (name.to_owned(), status.to_owned());
        pairs.iter().map(owned).collect()
    };
    let good = [
        ("chk-2", "aborted"),
        ("chk-3", "complete"),
        ("chk-4", "complete"),
        ("chk-5", "in_progress"),
    ];
    assert_eq!(statuses(&list), pairs(&good));

    put("chk-6", &whole[..whole.len() / 2]);
    put("chk-7", &whole);
    let closed = lake.path("checkpoints/ffffffffffffffffffffffffffffffff/chk-1");
    std::fs::create_dir_all(&closed).unwrap();
    std::fs::write(closed.join("_metadata"), &whole).unwrap();
    lake.server
        .guard()
        .allow(move |operation, path| match operation {
            "ListObjectsV2" => !path.contains("ffffffff"),
            _ => !path.ends_with("chk-7/_metadata"),
        });
    let checkpoints = format!("{ROOT}/checkpoints");
    let run = lake.program().run(&["list", &checkpoints, "--json"]);
    let list = run.data(7);
    let all = [&good[..], &[("chk-6", "invalid"), ("chk-7", "unreadable")]].concat();
    assert_eq!(statuses(&list), pairs(&all));
    let unreadable = list["unreadable_directories"].as_array().unwrap();
    assert_eq!(unreadable.len(), 1);
    let words = unreadable[0].as_str().unwrap();
    assert!(
        words.contains("access denied") && words.contains("ffffffff"),
        "{words}"
    );
    assert!(run.stderr.contains("access denied"), "{run:?}");

    let table = lake.program().run(&["list", &checkpoints]);
    assert_eq!(table.code, Some(7), "{table:?}");
    for status in [
        "aborted",
        "complete",
        "in progress",
        "invalid",
        "unreadable",
    ] {
        assert!(table.stdout.contains(status), "{}", table.stdout);
    }
    // The newest might be where nobody may look.
    let run = lake
        .program()
        .run(&["show", &format!("{checkpoints}@latest")]);
    assert!(run.error(6).contains("access denied"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_key_does_not_hide_the_others() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let before = lake.program().run(&["list", ROOT, "--json"]).data(0);
    assert_eq!(before["skipped_entries"], 0);
    for odd in ["checkpoints/odd\nname", "odd\nname/_metadata"] {
        let path = lake.path(odd);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"x").unwrap();
    }
    let after = lake.program().run(&["list", ROOT, "--json"]).data(7);
    assert_eq!(after["skipped_entries"], 2);
    assert_eq!(after["snapshots"], before["snapshots"]);
}

/// An address that nothing listens at.
fn refused() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// All commands that read, on a place.
fn each_command(program: &Program, place: &str, more: &[&str]) -> [Run; 3] {
    ["show", "check", "list"].map(|command| program.run(&[&[command, place], more].concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_refuses_is_said_in_a_line_and_exits_with_6() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    let place = lake.place("chk-4");

    for run in each_command(&lake.program(), "s3://nobucket/flink", &[]) {
        let error = run.error(6);
        assert!(error.contains("no such bucket"), "{run:?}");
        assert!(run.stderr.contains("check the bucket's name"), "{run:?}");
    }
    let wrong = lake
        .program()
        .with_secret("AWS_SECRET_ACCESS_KEY", "wr0ng/secret/of/another/store");
    for run in each_command(&wrong, &place, &[]) {
        assert!(run.error(6).contains("credentials"), "{run:?}");
        assert!(
            run.stderr.contains("the secret key does not belong"),
            "{run:?}"
        );
    }
    let nobody = Program::new().with("AWS_ENDPOINT_URL", &lake.server.endpoint());
    for run in each_command(&nobody, &place, &[]) {
        assert!(run.error(6).contains("credentials missing"), "{run:?}");
        assert!(run.stderr.contains("AWS_ACCESS_KEY_ID"), "{run:?}");
    }
    lake.server.guard().allow(|_, _| false);
    for run in each_command(&lake.program(), &place, &[]) {
        assert!(run.error(6).contains("access denied"), "{run:?}");
        assert!(run.stderr.contains("s3:ListBucket"), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_exits_with_5() {
    let lake = Lake::of(Snapshots::of_scenario(INCREMENTAL)).await;
    for run in each_command(&lake.program(), &format!("{ROOT}/nowhere"), &[]) {
        assert!(run.error(5).contains("nowhere: not found"), "{run:?}");
    }
    let run = lake.program().run(&["show", &lake.job("chk-4")]);
    assert!(run.error(5).contains("_metadata"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_exits_with_6() {
    let program = with_keys().with("AWS_ENDPOINT_URL", &refused());
    let run = program.run(&["show", "s3://data1/flink/chk-1"]);
    let error = run.error(6);
    assert!(
        error.contains("cannot be reached") && error.contains("refused"),
        "{run:?}"
    );
    assert!(run.stderr.contains("check the endpoint"), "{run:?}");
    assert!(run.took < Duration::from_secs(20), "{:?}", run.took);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_exits_with_6_when_time_is_up() {
    let server = Scripted::start(|_, _| Reply::Stall(Vec::new())).await;
    let program = with_keys().with("AWS_ENDPOINT_URL", &server.endpoint());
    for run in each_command(&program, "s3://data1/flink/chk-1", &["--timeout", "2"]) {
        assert!(run.error(6).contains("no answer in time"), "{run:?}");
        assert!(run.took >= Duration::from_secs(2), "{:?}", run.took);
        assert!(run.took < Duration::from_secs(6), "{:?}", run.took);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_a_command_that_hangs() {
    let server = Scripted::start(|_, _| Reply::Stall(Vec::new())).await;
    let program = with_keys().with("AWS_ENDPOINT_URL", &server.endpoint());
    for (number, command) in ["show", "check", "list"].into_iter().enumerate() {
        let mut child = program.start(&[command, "s3://data1/flink/chk-1"]);
        let begun = Instant::now();
        while server.requests() <= number {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "nothing was asked"
            );
            assert_eq!(child.try_wait().unwrap(), None);
            std::thread::sleep(Duration::from_millis(5));
        }
        let begun = Instant::now();
        let kill = format!("kill -INT {}", child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        let run = program.ended(child.wait_with_output().unwrap(), begun);
        const SIGINT: i32 = 2;
        assert_eq!(run.signal, Some(SIGINT), "{run:?}");
        assert!(run.took < Duration::from_secs(1), "{:?}", run.took);
        assert_eq!(run.stdout, "", "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flinks_own_configuration_says_where_and_how() {
    let mut snapshots = Snapshots::of_scenario(INCREMENTAL);
    let savepoint = Snapshots::of_scenario("flink-2.3.0/savepoint-native-rocksdb");
    snapshots.files.extend(savepoint.files);
    let lake = Lake::of(snapshots).await;
    let endpoint = lake.server.endpoint();
    let nested = format!(
        "state:\n  checkpoints:\n    dir: {ROOT}/checkpoints\n  savepoints.dir: {ROOT}/savepoints\n\
         s3:\n  endpoint: {endpoint}\n  path.style.access: true\n  \
         access-key: {ACCESS_KEY}\n  secret-key: '{SECRET_KEY}'\n"
    );
    let flat = format!(
        "# as before Flink 2\nstate.checkpoints.dir: {ROOT}/checkpoints\n\
         state.savepoints.dir: {ROOT}/savepoints\ns3.endpoint: {endpoint}\n\
         s3.access-key: {ACCESS_KEY}\ns3.secret-key: {SECRET_KEY}\n"
    );
    let expected = lake.program().run(&["list", ROOT, "--json"]).data(0);
    assert_eq!(expected["snapshots"].as_array().unwrap().len(), 3);
    for (name, text) in [("config.yaml", nested), ("flink-conf.yaml", flat)] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(name), text).unwrap();
        let conf = directory.path().to_str().unwrap();
        let program = Program::new().never_saying(SECRET_KEY);
        let by_flag = program.run(&["list", "--json", "--flink-conf", conf]);
        let list = by_flag.data(0);
        assert_eq!(list["snapshots"], expected["snapshots"], "{name}");
        let bases = [format!("{ROOT}/checkpoints"), format!("{ROOT}/savepoints")];
        assert_eq!(list["bases"], serde_json::json!(bases));
        let program = program.with("FLINK_CONF_DIR", conf);
        let by_variable = program.run(&["list", "--json"]);
        assert_eq!(by_variable.stdout, by_flag.stdout, "{name}");
        let check = program.run(&["check", &lake.place("chk-4"), "--json"]);
        assert_eq!(check.data(0)["verdict"], "restorable", "{name}");
    }

    let nothing = tempfile::tempdir().unwrap();
    let run = with_keys().run(&["list", "--flink-conf", nothing.path().to_str().unwrap()]);
    assert!(run.error(2).contains("flink-conf.yaml"), "{run:?}");
    let run = with_keys().run(&["list"]);
    assert!(run.error(2).contains("--flink-conf"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_refused_on_the_command_line_and_shown_nowhere() {
    // Of each run, `Program` looks through all that was said.
    let program = with_keys().never_saying("T0KEN-T0KEN");
    for name in [
        "aws_secret_access_key",
        "AWS_SESSION_TOKEN",
        "azure_storage_account_key",
    ] {
        let option = format!("{name}=T0KEN-T0KEN");
        let run = program.run(&["show", "s3://data1/x", "--storage-option", &option]);
        assert!(
            run.error(2).contains("do not belong on a command line"),
            "{run:?}"
        );
    }
    for command in ["show", "list", "check"] {
        for option in ["--help", "--no-such-option"] {
            program.run(&[command, option]);
        }
    }
    // A store that repeats what it was sent.
    let said = format!("the key {SECRET_KEY} and the token T0KEN-T0KEN are no good");
    let server =
        Scripted::start(move |_, _| Reply::Send(s3_error("403 Forbidden", "InvalidToken", &said)))
            .await;
    let program = program
        .with("AWS_ENDPOINT_URL", &server.endpoint())
        .with("AWS_SESSION_TOKEN", "T0KEN-T0KEN");
    let place = "s3://data1/flink/chk-1";
    for more in [&[][..], &["--json"], &["--color", "always"]] {
        for run in each_command(&program, place, more) {
            assert_eq!(run.code, Some(6), "{run:?}");
            assert!(
                run.stderr.contains("the key *** and the token ***"),
                "{run:?}"
            );
        }
    }
    // Keys in front of the bucket, as old versions of Hadoop had them.
    let place = format!("s3a://{ACCESS_KEY}:{SECRET_KEY}@data1/flink/chk-1");
    for run in each_command(&program, &place, &[]) {
        assert!(run.error(6).contains("s3a://data1/flink"), "{run:?}");
    }
}

#[test]
#[should_panic(expected = "a secret was shown")]
fn a_secret_that_is_shown_would_be_noticed() {
    let program = Program::new().never_saying("Usage:");
    program.run(&["--help"]);
}
