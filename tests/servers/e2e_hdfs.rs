//! `show`, `list` and `check` on a real HDFS, whose address is in `STATESCOPE_TEST_HDFS`
//! (`tests/support/servers/hdfs.sh start DIR` prints it).

#![cfg(all(feature = "hdfs", feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "it is a test")]

use crate::compare;
use crate::program;
use crate::snapshots;

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use compare::Comparison;
use hdfs_native::{Client, ClientBuilder, WriteOptions};
use program::Program;
use snapshots::{Snapshots, WITH_FILES, time_of};

const VARIABLE: &str = "STATESCOPE_TEST_HDFS";
/// As long as what it stands for in the fixtures.
const ROOT: &str = "hdfs:///e2eflink";

/// The address, or a line that says that nothing was tested, past the test runner's capture.
fn address() -> Option<String> {
    let address = std::env::var(VARIABLE).ok();
    if address.is_none() {
        let line = format!("SKIPPED: {VARIABLE} is not set, so no HDFS was tested\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    address
}

fn client(address: &str) -> Client {
    let builder = ClientBuilder::new().with_url(address);
    builder.with_config_dir("/dev/null").build().unwrap()
}

/// Puts files below a directory that is emptied before.
async fn upload(address: &str, directory: &str, snapshots: &Snapshots) {
    let client = Arc::new(client(address));
    client.delete(directory, true).await.unwrap();
    let mut writes = tokio::task::JoinSet::new();
    for (key, content) in snapshots.files.clone() {
        let (client, path) = (Arc::clone(&client), format!("{directory}/{key}"));
        writes.spawn(async move {
            let options = WriteOptions::default().overwrite(true);
            let mut writer = client.create(&path, options).await.unwrap();
            writer.write_bytes(content.into()).await.unwrap();
            writer.close().await.unwrap();
            let since = time_of(&key).duration_since(SystemTime::UNIX_EPOCH);
            let millis = u64::try_from(since.unwrap().as_millis()).unwrap();
            client.set_times(&path, millis, millis).await.unwrap();
        });
        if writes.len() >= 16 {
            writes.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = writes.join_next().await {
        done.unwrap();
    }
}

/// What a client of a cluster has in `HADOOP_CONF_DIR`.
fn conf_directory(entries: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let properties: String = entries
        .iter()
        .map(|(name, value)| {
            format!("<property><name>{name}</name><value>{value}</value></property>")
        })
        .collect();
    let text = format!("<?xml version=\"1.0\"?><configuration>{properties}</configuration>");
    std::fs::write(directory.path().join("core-site.xml"), text).unwrap();
    directory
}

#[tokio::test(flavor = "multi_thread")]
async fn every_snapshot_looks_the_same_on_hdfs_as_on_local_disk() {
    let Some(address) = address() else { return };
    let conf = conf_directory(&[("fs.defaultFS", &address)]);
    let program = Program::new().with("HADOOP_CONF_DIR", conf.path().to_str().unwrap());
    for release in WITH_FILES {
        let snapshots = Snapshots::of_release(release);
        upload(&address, "/e2eflink", &snapshots.below(ROOT)).await;
        let comparison = Comparison::new(&snapshots, &program, ROOT);
        comparison.everything(&snapshots);
        // With the address in the location and not in the paths.
        let root = format!("{address}/e2eflink");
        for directory in snapshots.directories() {
            comparison.same_through(&root, "show", directory, &["--json"]);
        }
        comparison.same_through(&root, "list", "checkpoints", &["--json"]);
    }
    pointers(&address, &program).await;
}

async fn pointers(address: &str, program: &Program) {
    let snapshots = Snapshots::of_scenario("flink-2.3.0/checkpoint-rocksdb-incremental");
    upload(address, "/e2eflink", &snapshots.below(ROOT)).await;
    let comparison = Comparison::new(&snapshots, program, ROOT);
    for (pointer, found) in [
        ("checkpoints@latest", "chk-4"),
        ("@latest~1", "chk-3"),
        ("@chk-4", "chk-4"),
    ] {
        let show = comparison.same("show", pointer, &["--json"]).data(0);
        let directory = snapshots.directory(found);
        assert_eq!(show["location"], format!("{ROOT}/{directory}/_metadata"));
        comparison.same("check", pointer, &[]);
    }
    for key in ["checkpoints@latest~2", "nowhere@latest", "nowhere"] {
        for command in ["show", "check"] {
            comparison.same(command, key, &[]).error(5);
        }
    }
    comparison.same("list", "nowhere", &[]).error(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_with_the_address_in_them_need_no_configuration() {
    let Some(address) = address() else { return };
    // Each is as long as what it stands for, whatever the port.
    let place = |written: &str| {
        let mut place = format!("{address}/");
        assert!(place.len() < written.len(), "{address}");
        place.extend((place.len()..written.len()).map(|_| 'e'));
        place
    };
    let checkpoints = place("file:/data/flink/checkpoints");
    let original = Snapshots::of_scenario("flink-1.20.5/checkpoint-rocksdb-incremental");
    let mut snapshots =
        original.with_paths(&[("file:/data/flink/checkpoints", checkpoints.as_str())]);
    snapshots.files = snapshots
        .files
        .into_iter()
        .map(|(key, content)| (key.replacen("checkpoints/", "", 1), content))
        .collect();
    let directory = checkpoints.strip_prefix(&address).unwrap();
    upload(&address, directory, &snapshots).await;

    let program = Program::new();
    let check = program.run(&["check", &format!("{checkpoints}@latest"), "--json"]);
    let data = check.data(0);
    assert_eq!(data["verdict"], "restorable");
    assert!(data["files"]["present"].as_u64().unwrap() > 10, "{data}");
    assert_eq!(data["files"]["present"], data["files"]["needed"]);
    let list = program.run(&["list", &checkpoints, "--json"]).data(0);
    assert_eq!(list["snapshots"].as_array().unwrap().len(), 2);

    // One file less.
    let shared = snapshots.files.keys().find(|key| key.contains("/shared/"));
    let path = format!("{directory}/{}", shared.unwrap());
    client(&address).delete(&path, false).await.unwrap();
    let check = program.run(&["check", &format!("{checkpoints}@latest"), "--json"]);
    let data = check.data(1);
    assert_eq!(data["verdict"], "not_restorable");
    assert_eq!(data["files"]["missing"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_cluster_refuses_is_said_in_a_line_and_exits_with_6() {
    let Some(address) = address() else { return };
    let snapshots = Snapshots::of_scenario("flink-2.3.0/checkpoint-hashmap-inline");
    upload(&address, "/e2eclosed", &snapshots).await;
    let client = client(&address);
    client.set_permission("/e2eclosed", 0o700).await.unwrap();
    let place = format!("{address}/e2eclosed/{}", snapshots.directories()[0]);
    let stranger = Program::new().with("HADOOP_USER_NAME", "nobody-else");
    for command in ["show", "check", "list"] {
        let run = stranger.run(&[command, &place]);
        assert!(run.error(6).contains("access denied"), "{run:?}");
        assert!(run.stderr.contains("HADOOP_USER_NAME"), "{run:?}");
        let run = Program::new().run(&[command, "hdfs:///e2eclosed"]);
        assert!(run.error(2).contains("fs.defaultFS"), "{run:?}");
    }
    client.delete("/e2eclosed", true).await.unwrap();
}

/// Needs no cluster: there is none.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_node_and_a_silent_one_exit_with_6_in_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("hdfs://{}/flink", listener.local_addr().unwrap());
    for command in ["show", "check", "list"] {
        let run = Program::new().run(&[command, &silent, "--timeout", "2"]);
        assert!(run.error(6).contains("no answer in time"), "{run:?}");
        assert!(run.stderr.contains("HADOOP_CONF_DIR"), "{run:?}");
        assert!(run.took < Duration::from_secs(6), "{:?}", run.took);
    }
    drop(listener);
    for command in ["show", "check", "list"] {
        let run = Program::new().run(&[command, &silent, "--timeout", "5"]);
        assert!(run.error(6).contains("cannot be reached"), "{run:?}");
        assert!(run.took < Duration::from_secs(8), "{:?}", run.took);
    }
}
