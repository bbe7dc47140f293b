//! Whom the program asks, and what it lets out: connections and credentials only to stores that the
//! user named, and no secret in any output.

#![cfg(all(
    feature = "azure",
    feature = "cli",
    feature = "gcs",
    feature = "hdfs",
    feature = "history",
    feature = "http",
    feature = "s3"
))]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::program;
#[allow(dead_code, reason = "each test uses some of it")]
use crate::servers::scripted;
use crate::shapes;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use program::{Program, Run};
use scripted::{Reply, Scripted, http, s3_error};
use shapes::files_of_operators::metadata;

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Accepts connections on loopback and keeps what came over them.
struct Guard {
    address: String,
    came: Arc<Mutex<Vec<String>>>,
}

impl Guard {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let came = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&came);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream
                    .set_read_timeout(Some(Duration::from_secs(1)))
                    .unwrap();
                let mut bytes = [0; 4096];
                let length = stream.read(&mut bytes).unwrap_or(0);
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                kept.lock().unwrap().push(text);
                let _ = stream.write_all(&http("404 Not Found", "", ""));
            }
        });
        Self { address, came }
    }

    /// What came since this was last asked: one entry for each connection.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.came.lock().unwrap())
    }
}

fn with_credentials() -> Program {
    Program::new()
        .with_secret("AWS_ACCESS_KEY_ID", "AKIAPLANTED")
        .with_secret("AWS_SECRET_ACCESS_KEY", "planted+secret/key")
        .with_secret("AWS_SESSION_TOKEN", "planted-session-token")
        .with("AWS_REGION", "us-east-1")
        .with_secret("AZURE_STORAGE_ACCOUNT_KEY", "cGxhbnRlZC1henVyZS1rZXk=")
        .with("GOOGLE_SKIP_SIGNATURE", "true")
        .with("HADOOP_USER_NAME", "planted-user")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn no_connection_and_no_credential_goes_to_a_store_that_only_a_snapshot_names() {
    let directory = tempfile::tempdir().unwrap();
    let guard = Guard::start();
    let address = &guard.address;
    // All but those with an address of their own are asked at `--endpoint`.
    let endpoint = format!("http://{address}");
    let stores = [
        format!("http://{address}"),
        format!("hdfs://{address}"),
        "s3://only-named".to_owned(),
        "gs://only-named".to_owned(),
        "abfss://only@named.dfs.core.windows.net".to_owned(),
    ];
    let base = directory.path().join("a".repeat(32));
    for (at, store) in stores.iter().enumerate() {
        let file = format!("{store}/x");
        let many: Vec<_> = (0..10).map(|n| format!("{store}/d/{n}")).collect();
        let files = std::iter::once(file.as_str()).chain(many.iter().map(String::as_str));
        let files: Vec<_> = files.collect();
        let name = format!("chk-{}/_metadata", at + 1);
        write(
            &base.join(name),
            &metadata(i64::try_from(at).unwrap() + 1, &files),
        );
    }
    let program = with_credentials();
    let run = |arguments: &[&str]| -> Run {
        let common = ["--endpoint", &endpoint, "--timeout", "2"];
        program.run(&[arguments, &common[..]].concat())
    };
    let base_text = text(&base).to_owned();
    for (at, store) in stores.iter().enumerate() {
        let snapshot = base.join(format!("chk-{}", at + 1));
        let snapshot = text(&snapshot);
        let other = base.join(format!("chk-{}", (at + 1) % stores.len() + 1));
        for arguments in [
            &["check", snapshot, "--json"][..],
            &["check", snapshot, "--against", text(&other), "--json"],
            &["show", snapshot, "--states", "--json"],
            &["show", snapshot, "--states", "--all-subtasks"],
            &["diff", snapshot, text(&other), "--json"],
            &["job", "from", snapshot],
        ] {
            let run = run(arguments);
            assert_eq!(run.code, Some(7), "{arguments:?} {run:?}");
            let words = format!("--allow-store {store}");
            let told = run.stdout.contains(&words) || run.stderr.contains(&words);
            assert!(told, "{arguments:?} {run:?}");
        }
        let checked = run(&["check", snapshot, "--json"]).data(7);
        assert!(checked["verdict"].is_null(), "{checked}");
        assert_eq!(checked["files"]["not_asked"], 11);
        let findings = checked["findings"].as_array().unwrap();
        let of_store: Vec<_> = findings
            .iter()
            .filter(|f| f["code"] == "not-asked")
            .collect();
        assert_eq!(of_store.len(), 1, "{findings:?}");
        assert_eq!(of_store[0]["path"], store.as_str());
    }
    assert_eq!(run(&["growth", &base_text, "--by", "state"]).code, Some(7));
    assert_eq!(run(&["list", &base_text]).code, Some(0));
    run(&["retention", "plan", &base_text, "--keep-last", "1"]);
    run(&["dump", text(&base.join("chk-1"))]);
    run(&["show", text(&base.join("chk-1")), "--files"]);
    assert_eq!(guard.take(), Vec::<String>::new());

    // Each would have been asked: what is allowed is.
    for (at, store) in stores.iter().enumerate() {
        let snapshot = base.join(format!("chk-{}", at + 1));
        let show = ["show", text(&snapshot), "--states", "--allow-store", store];
        run(&show);
        assert!(!guard.take().is_empty(), "{store}");
        let by_variable = program.clone().with("STATESCOPE_ALLOW_STORES", store);
        let show = ["show", text(&snapshot), "--states", "--endpoint", &endpoint];
        by_variable.run(&show);
        assert!(!guard.take().is_empty(), "{store}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_snapshot_opens_no_local_file_and_standard_input_names_no_store() {
    let directory = tempfile::tempdir().unwrap();
    let local = directory.path().join("local");
    write(&local, &[0; 100]);
    let local = format!("file://{}", text(&local));
    let snapshot = metadata(1, &[&local]);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
        snapshot.len()
    );
    let answer = [head.as_bytes(), &snapshot[..]].concat();
    let server = Scripted::start(move |_, _| Reply::Send(answer.clone())).await;
    let place = format!("{}/chk-1/_metadata", server.endpoint());
    let program = Program::new();
    let checked = program.run(&["check", &place, "--json"]).data(7);
    assert!(checked["verdict"].is_null(), "{checked}");
    assert_eq!(checked["files"]["not_asked"], 1, "{checked}");
    let shown = program.run(&["show", &place, "--states"]);
    assert_eq!(shown.code, Some(7), "{shown:?}");
    assert!(shown.stderr.contains("--allow-store file:///"), "{shown:?}");
    let allowed = program.run(&["check", &place, "--json", "--allow-store", "/"]);
    assert!(allowed.stdout.contains("\"present\": 1"), "{allowed:?}");
}

/// What a store can have got, or guessed.
const PLANTED_IN_SETTINGS: [&str; 6] = [
    "planted+secret/key",
    "planted-session-token",
    "cGxhbnRlZC1henVyZS1rZXk=",
    "planted-in-endpoint",
    "planted-in-flink-conf",
    "planted-in-profile",
];

/// What must never be seen, wherever it was put.
const PLANTED: [&str; 22] = [
    "planted+secret/key",
    "planted-session-token",
    "cGxhbnRlZC1henVyZS1rZXk=",
    "planted-in-endpoint",
    "planted-in-location",
    "planted-in-flink-conf",
    "planted-in-profile",
    "planted-in-path",
    "planted/in/old/path",
    "planted-signature",
    "planted-sas",
    "planted-bearer",
    "planted-goog",
    "planted-fragment",
    "planted-without-scheme",
    "planted-one-slash",
    "planted-parameter",
    "planted-inside",
    "planted-encoded",
    "planted@twice",
    "planted-plain-key",
    "planted-id",
];

/// Paths as people have written them into savepoints, and onto command lines.
const WITH_SECRETS: [&str; 16] = [
    "gs://bucket/y?X-Goog-Date=1&X-Goog-Credential=planted-id&X-Goog-Signature=planted-goog",
    "gs://bucket/y?GoogleAccessId=planted-id&Signature=planted-goog",
    "s3://bucket/y?AWSAccessKeyId=planted-id&Expires=1&Signature=planted-goog",
    "abfss://c@acc.dfs.core.windows.net/y#sig=planted-fragment",
    "https://host.invalid/y#planted-fragment",
    "//KEY:planted-without-scheme@host/y",
    "s3:/KEY:planted-one-slash@bucket/y",
    "hdfs:KEY:planted-one-slash@host/y",
    "s3://bucket/y;token=planted-parameter",
    "s3://bucket/a/https://KEY:planted-inside@h/y",
    "/data/a/https:/KEY:planted-inside@h/y",
    "s3://KEY%3Aplanted-encoded@bucket/y",
    "abfss://c@acc.dfs.core.windows.net/y?sv=1&%73IG=planted-encoded",
    "s3://KEY:planted@twice@bucket/y",
    "oss://KEY:planted-plain-key@bucket/y",
    "s3://bucket/y?access_key=planted-plain-key",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_command_shows_a_secret_in_any_format_or_file() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let base = root.join("in").join("a".repeat(32));
    let mut files = vec![
        "s3n://AKIAPLANTED:planted-in-path@bucket/x",
        "s3n://AKIAPLANTED:planted/in/old/path@bucket/x",
        "https://host.invalid/x?X-Amz-Signature=planted-signature",
        "abfss://c@acc.dfs.core.windows.net/x?sv=1&sig=planted-sas",
    ];
    // Flink refuses a path without a slash behind the scheme, and then nothing else is looked at.
    let (refused, others): (Vec<_>, Vec<_>) = WITH_SECRETS
        .into_iter()
        .partition(|path| path.starts_with("hdfs:KEY"));
    files.extend(others);
    let invalid = base.join("invalid/chk-9");
    write(&invalid.join("_metadata"), &metadata(9, &refused));
    let invalid = text(&invalid);
    for number in 1..=3 {
        let file = base.join(format!("chk-{number}/_metadata"));
        write(&file, &metadata(number, &files));
    }
    write(
        &root.join("in/conf/config.yaml"),
        b"s3.access-key: AKIAPLANTED\ns3.secret-key: planted-in-flink-conf\n",
    );
    write(
        &root.join("in/home/.aws/credentials"),
        b"[default]\naws_access_key_id = AKIAPLANTED\naws_secret_access_key = planted-in-profile\n",
    );
    // A store that repeats all it was ever told.
    let said = format!(
        "{} Authorization: Bearer planted-bearer https://h/x?sig=planted-sas&amp;X-Amz-Signature=planted-signature",
        PLANTED_IN_SETTINGS.join(" ")
    );
    let store =
        Scripted::start(move |_, _| Reply::Send(s3_error("403 Forbidden", "AccessDenied", &said)))
            .await;
    let endpoint = format!("http://me:planted-in-endpoint@{}", store.address());
    let mut program = with_credentials()
        .with("HOME", text(&root.join("in/home")))
        .with("FLINK_CONF_DIR", text(&root.join("in/conf")));
    for planted in PLANTED {
        program = program.never_saying(planted);
    }
    let out = root.join("out");
    fs::create_dir_all(&out).unwrap();
    let (plan, history) = (out.join("plan.json"), out.join("history"));
    let (snapshot, older) = (base.join("chk-3"), base.join("chk-2"));
    let (snapshot, older, base) = (text(&snapshot), text(&older), text(&base));
    let (plan, history) = (text(&plan), text(&history));
    let remote = "s3://me:planted-in-location@bucket/chk-1";
    let allow = "--allow-store=s3://bucket";
    let azure = "abfss://c@acc.dfs.core.windows.net/chk-1";
    let commands: &[&[&str]] = &[
        &["show", snapshot],
        &["show", snapshot, "--files"],
        &["show", snapshot, "--subtasks"],
        &["show", invalid, "--files"],
        &["check", invalid],
        &["dump", invalid],
        &["show", snapshot, "--states"],
        &["show", snapshot, "--states", allow],
        &["show", remote],
        &["show", azure],
        &["list", base],
        &["list", remote],
        &["diff", snapshot, older, allow],
        &["diff", snapshot, remote],
        &["check", snapshot],
        &["check", snapshot, allow],
        &["check", remote],
        &["growth", base, "--by", "state", allow],
        &["growth", base, "--record", history, "--history", history],
        &["growth", remote],
        &["history", "compact", history],
        &["history", "compact", remote],
        &[
            "retention",
            "plan",
            base,
            "--keep-last",
            "1",
            "--plan-out",
            plan,
            "--min-age",
            "0h",
            "--i-know",
        ],
        &["retention", "apply", plan, "--yes", "--i-know"],
        &["retention", "plan", remote, "--keep-last", "1"],
        &["job", "from", snapshot],
        &["job", "from", remote],
        &["dump", snapshot],
        &["dump", remote],
        &["uid", "x", "--from", snapshot],
        &["uid", "--from", remote],
        &["completions", "bash"],
        &["man"],
    ];
    let help = program.run(&["--help"]).stdout;
    let listed = help.split("Commands:").nth(1).unwrap();
    let listed = listed.split("\n\n").next().unwrap().lines();
    for line in listed.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        let is_tried = name == "help" || commands.iter().any(|command| command[0] == name);
        assert!(is_tried, "{name} is not tried");
    }
    for arguments in commands {
        for format in [
            "table",
            "json",
            "csv",
            "markdown",
            "html",
            "prometheus",
            "paths",
        ] {
            let file = out.join(format!("result.{format}"));
            let common = [
                "--endpoint",
                &endpoint,
                "--timeout",
                "5",
                "--format",
                format,
            ];
            for output in [&[][..], &["-o", text(&file)]] {
                program.run(&[arguments, &common[..], output].concat());
            }
        }
    }
    for place in WITH_SECRETS {
        let quick = ["--endpoint", &endpoint, "--timeout", "2"];
        let exclude = format!("--exclude={place}");
        for arguments in [
            &["show", place][..],
            &["show", snapshot, "--states", "--allow-store", place],
            &["check", snapshot, "--also", place],
            &["check", snapshot, "--against", place, "--json"],
            &["check", snapshot, "--path-map", &format!("{place}={place}")],
            &["list", place, "--json"],
            &["list", base, &exclude],
            &["growth", base, "--history", place],
            &["history", "compact", place],
            &["retention", "plan", place, "--keep-last", "1"],
            &[
                "retention",
                "plan",
                base,
                "--keep-last",
                "1",
                "--also",
                place,
            ],
            &["retention", "apply", place],
            &["retention", "restore", place],
            &["job", "from", place],
            &["dump", place],
            &["uid", "--from", place],
            &["uid", "x", "--uids", place],
            &["check", snapshot, "--job", place],
            &["check", snapshot, "--jar", place],
            &["check", snapshot, "--rest", place, "--job-id", "x"],
            &["check", snapshot, place, place],
            &["show", snapshot, "--sort", place],
            &["show", snapshot, "-o", place],
            &["show", snapshot, place],
            &["show", snapshot, "--endpoint", place],
            &[
                "show",
                "s3://bucket/x",
                "--endpoint",
                place,
                "--ca-file",
                place,
            ],
            &[place],
        ] {
            program.run(&[arguments, &quick[..]].concat());
        }
    }
    // Also in a mistake.
    program.run(&[
        "show",
        remote,
        "--endpoint",
        &endpoint.replace("http", "nonsense"),
    ]);
    program.run(&[
        "list",
        "s3://b",
        "--storage-option",
        "master_key=planted-sas",
    ]);
    let written = written(&out);
    assert!(written.len() > 5, "{written:?}");
    for file in written {
        let content = fs::read(&file).unwrap();
        for planted in PLANTED {
            let found = content
                .windows(planted.len())
                .any(|part| part == planted.as_bytes());
            assert!(!found, "{planted} in {}", file.display());
        }
    }
}

/// Every file below a directory.
fn written(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.append(&mut written(&path)),
            false => files.push(path),
        }
    }
    files
}

#[test]
fn a_secret_is_refused_as_an_option_under_each_of_its_names() {
    for name in [
        "azure_storage_master_key",
        "master_key",
        "aws_sse_customer_key_base64",
        "aws_session_token",
        "google_service_account_key",
        "sas_token",
        "AWS_SECRET_ACCESS_KEY",
        "fs.s3a.secret.key",
    ] {
        let option = format!("{name}=planted-value");
        let run = Program::new().never_saying("planted-value").run(&[
            "list",
            "/tmp",
            "--storage-option",
            &option,
        ]);
        assert!(run.error(2).contains("secrets do not belong"), "{name}");
    }
}

/// Where nothing listens, so that a client that got so far ends soon.
const NOBODY: [&str; 4] = ["--endpoint", "http://127.0.0.1:1", "--timeout", "1"];

fn list(program: &Program, store: &str) -> Run {
    let mut arguments = vec!["list", store];
    arguments.extend(NOBODY);
    program.run(&arguments)
}

#[test]
fn a_setting_that_no_header_can_carry_is_refused_by_its_name() {
    const AZURE: &str = "abfss://c@acc.dfs.core.windows.net/x";
    let odd = "planted\nsecond";
    for (name, store) in [
        ("AWS_ACCESS_KEY_ID", "s3://b/c"),
        ("AWS_SECRET_ACCESS_KEY", "s3://b/c"),
        ("AWS_SESSION_TOKEN", "s3://b/c"),
        ("AWS_REGION", "s3://b/c"),
        ("AWS_SSE_KMS_KEY_ID", "s3://b/c"),
        ("AZURE_STORAGE_TOKEN", AZURE),
        ("AZURE_STORAGE_ACCOUNT_KEY", AZURE),
        ("GOOGLE_BEARER_TOKEN", "gs://b/c"),
    ] {
        for value in [odd, "planted\tsecond", "planted\u{7f}second"] {
            let program = with_credentials().with_secret(name, value);
            let run = list(&program.never_saying("second"), store);
            let said = run.error(2);
            assert!(said.contains(name), "{name}: {said}");
            assert!(said.contains("control character"), "{name}: {said}");
        }
        // The end of a line after a value is common where it is kept in a file.
        let ended = list(&with_credentials().with(name, "cGxhbnRlZA==\n"), store);
        let said = ended.error(6);
        assert!(!said.contains("the value of"), "{name}: {said}");
    }
    let token = with_credentials().with("AWS_SESSION_TOKEN", "plant\u{e9}");
    assert!(list(&token, "s3://b/c").error(2).contains("is not ASCII"));
    let account = "abfss://c@a\nb.dfs.core.windows.net/x";
    list(&with_credentials(), account).error(6);
}

#[test]
fn an_aws_profile_with_a_value_that_no_header_can_carry_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let profile = directory.path().join("credentials");
    let entries = "[default]\naws_access_key_id = AKIA\naws_secret_access_key = x\nregion = r\n\
                   aws_session_token = planted\u{1}token\n";
    fs::write(&profile, entries).unwrap();
    let program = Program::new().with("AWS_SHARED_CREDENTIALS_FILE", text(&profile));
    let run = list(&program.never_saying("planted"), "s3://b/c");
    let said = run.error(2);
    assert!(
        said.contains("aws_session_token of the AWS profile"),
        "{said}"
    );
}

#[test]
fn a_file_of_a_token_is_looked_at_before_a_client_reads_it() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let huge = directory.path().join("huge");
    fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    let lines = directory.path().join("lines");
    fs::write(&lines, "planted\nsecond").unwrap();
    let with = |name: &str, file: &str| {
        Program::new()
            .with("AWS_REGION", "us-east-1")
            .with("AWS_ROLE_ARN", "arn:aws:iam::1:role/x")
            .with("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x")
            .with("AZURE_CLIENT_ID", "a")
            .with("AZURE_TENANT_ID", "b")
            .with(name, file)
            .never_saying("planted")
    };
    for (name, store) in [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "s3://b/c"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "s3://b/c"),
        (
            "AZURE_FEDERATED_TOKEN_FILE",
            "abfss://c@acc.dfs.core.windows.net/x",
        ),
        ("GOOGLE_APPLICATION_CREDENTIALS", "gs://b/c"),
        ("GOOGLE_SERVICE_ACCOUNT", "gs://b/c"),
    ] {
        for (file, words) in [
            (text(&fifo), "it is a pipe, and only regular files are read"),
            ("/dev/zero", "it is a device, and only regular files"),
            (text(&huge), "more than the limit of 4194304"),
        ] {
            let run = list(&with(name, file), store);
            let said = run.error(2);
            assert!(said.contains(name) && said.contains(words), "{said}");
        }
    }
    let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let run = list(&with(name, text(&lines)), "s3://b/c");
    assert!(run.error(2).contains("nothing else"));
    // Google's client looks into the home directory by itself.
    let home = directory.path().join(".config/gcloud");
    fs::create_dir_all(&home).unwrap();
    fs::rename(&fifo, home.join("application_default_credentials.json")).unwrap();
    let run = list(&with("HOME", text(directory.path())), "gs://b/c");
    assert!(run.error(2).contains("it is a pipe"));
}

/// Google's credentials that ask for a token at nobody's address, under the name of their owner.
fn service_account(path: &Path, owner: &str) {
    let account = serde_json::json!({
        "type": "service_account",
        "private_key": owner,
        "private_key_id": "x",
        "client_email": owner,
        "disable_oauth": true,
        "gcs_base_url": format!("http://127.0.0.1:1/{owner}"),
    });
    write(path, account.to_string().as_bytes());
}

/// Whoever says whose credentials are presented, an option comes before a variable, and both before
/// what a tool has left in the home directory.
#[tokio::test(flavor = "multi_thread")]
async fn an_option_says_whose_credentials_are_presented() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let home = root.join("home/.config/gcloud/application_default_credentials.json");
    write(&home, b"not JSON: left in the home directory");
    let bad = root.join("bad.json");
    write(&bad, b"not JSON either");
    let good = root.join("good.json");
    service_account(&good, "good");
    let server = Scripted::start(|_, _| Reply::Send(http("404 Not Found", "", ""))).await;
    let endpoint = server.endpoint();
    let list = |program: &Program, options: &[&str], store: &str| {
        let mut arguments = vec!["list", store, "--endpoint", &endpoint, "--timeout", "2"];
        for option in options {
            arguments.extend(["--storage-option", option]);
        }
        let before = server.requests();
        (program.run(&arguments), server.requests() - before)
    };
    let google = Program::new().with("HOME", text(&root.join("home")));
    // Without anything better, the file in the home directory is read.
    let (run, asked) = list(&google, &[], "gs://b/c");
    assert_eq!(asked, 0, "{run:?}");
    let good_account = format!("google_service_account={}", text(&good));
    let good_default = format!("google_application_credentials={}", text(&bad));
    for variable in [
        "GOOGLE_SERVICE_ACCOUNT",
        "GOOGLE_SERVICE_ACCOUNT_PATH",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ] {
        let program = google.clone().with(variable, text(&bad));
        let (run, asked) = list(&program, &[&good_account], "gs://b/c");
        assert!(asked > 0, "{variable}: {run:?}");
    }
    // A service account of the environment is not what the option names.
    let program = google.clone().with("GOOGLE_SERVICE_ACCOUNT", text(&good));
    let (run, asked) = list(&program, &[], "gs://b/c");
    assert!(asked > 0, "{run:?}");
    let (run, asked) = list(&program, &[&good_default], "gs://b/c");
    assert_eq!(asked, 0, "{run:?}");

    // A web identity that an option names, and keys of the environment.
    let token = root.join("token");
    write(&token, b"planted-web-identity");
    let keys = with_credentials().with("AWS_ROLE_ARN", "arn:aws:iam::1:role/x");
    let sent = |run: &Run| run.stdout.contains("AKIAPLANTED") || run.stderr.contains("AKIAPLANTED");
    let (run, asked) = list(&keys, &[], "s3://b/c");
    assert!(asked > 0 && !sent(&run), "{run:?}");
    let identity = format!("aws_web_identity_token_file={}", text(&token));
    let role = keys.with("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1");
    let (run, asked) = list(&role, &[&identity], "s3://b/c");
    assert_eq!(asked, 0, "{run:?}");

    // A federated token, and the key of an account: in the environment and in Flink's configuration.
    let azure = "abfss://c@acc.dfs.core.windows.net/x";
    write(
        &root.join("conf/config.yaml"),
        b"fs.azure.account.key.acc.dfs.core.windows.net: cGxhbnRlZA==\n",
    );
    let federated = format!("azure_federated_token_file={}", text(&token));
    for program in [
        with_credentials(),
        with_credentials().with("FLINK_CONF_DIR", text(&root.join("conf"))),
    ] {
        let program = program
            .with("AZURE_CLIENT_ID", "a")
            .with("AZURE_TENANT_ID", "b")
            .with("AZURE_AUTHORITY_HOST", "http://127.0.0.1:1");
        let (run, asked) = list(&program, &[], azure);
        assert!(asked > 0, "{run:?}");
        let (run, asked) = list(&program, &[&federated], azure);
        assert_eq!(asked, 0, "{run:?}");
    }
}
