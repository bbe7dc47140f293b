//! Retention on an S3 server: batches, partial failures, throttling.

#![cfg(all(feature = "s3", feature = "cli", unix))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::program;
use crate::servers;
use crate::snapshots;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use program::{Program, Run};
use servers::s3::{ACCESS_KEY, S3Server, SECRET_KEY};
use servers::scripted::{Reply, Scripted, http, s3_error};
use snapshots::Snapshots;
use statescope::Location;
use statescope::storage::{RequestKind, Storage, StorageErrorKind};

/// As long as what it stands for in the fixtures.
const ROOT: &str = "s3://data1/flink";
const INCREMENTAL: &str = "flink-2.3.0/checkpoint-rocksdb-incremental";
const NOW: [&str; 2] = ["--now", "2036-01-01T00:00:00Z"];

/// A server with snapshots in it, and a directory for plans.
struct Lake {
    server: S3Server,
    snapshots: Snapshots,
    plans: tempfile::TempDir,
}

impl Lake {
    async fn new() -> Self {
        let server = S3Server::start().await;
        let bucket = server.make_bucket("data1");
        let snapshots = Snapshots::of_scenario(INCREMENTAL);
        snapshots.below(ROOT).write(&bucket.join("flink"));
        Self {
            server,
            snapshots,
            plans: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        let bucket = self.server.bucket().with_file_name("data1");
        bucket.join("flink").join(self.snapshots.directory(name))
    }

    fn file(&self, name: &str) -> String {
        self.plans.path().join(name).to_str().unwrap().to_owned()
    }

    async fn run(&self, arguments: &[&str]) -> Run {
        let program = Program::new()
            .with("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .with("AWS_REGION", "eu-central-1")
            .with_secret("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .with("AWS_ENDPOINT_URL", &self.server.endpoint());
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        let run = move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            program.run(&arguments)
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    async fn plan(&self) -> serde_json::Value {
        let (base, plan) = (format!("{ROOT}/checkpoints"), self.file("plan"));
        let rules = ["--keep-last", "1", "--plan-out", &plan, "--json"];
        let run = [&["retention", "plan", &base], &rules[..], &NOW].concat();
        self.run(&run).await.data(0)
    }

    async fn apply(&self, more: &[&str]) -> Run {
        let plan = self.file("plan");
        let apply = ["retention", "apply", &plan, "--json"];
        self.run(&[&apply[..], &NOW, more].concat()).await
    }

    async fn chk_4_is_whole(&self) {
        let place = format!("{ROOT}/{}", self.snapshots.directory("chk-4"));
        let check = self.run(&["check", &place, "--json"]).await.data(0);
        assert_eq!(check["files"]["missing"], 0);
        assert_eq!(check["verdict"], "restorable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_carried_out_in_batches() {
    let lake = Lake::new().await;
    let plan = lake.plan().await;
    let planned = plan["objects"].as_array().unwrap();
    assert!(planned.len() > 2);
    lake.server.guard().take_seen();
    let dry = lake.apply(&["--dry-run"]).await.data(0);
    assert_eq!(dry["objects"].as_array().unwrap().len(), planned.len());
    assert!(
        !lake
            .server
            .guard()
            .take_seen()
            .iter()
            .any(|op| op.contains("Delete"))
    );
    let applied = lake.apply(&["--yes"]).await.data(0);
    let states = applied["objects"].as_array().unwrap();
    assert!(
        states.iter().all(|object| object["state"] == "deleted"),
        "{applied}"
    );
    let deletions = lake.server.guard().take_seen();
    let deletions = deletions.iter().filter(|op| *op == "DeleteObjects").count();
    assert_eq!(deletions, 3, "one request for each class");
    assert!(!lake.path("chk-3").join("_metadata").exists());
    lake.chk_4_is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_refuses_to_delete_leaves_every_snapshot_whole() {
    let lake = Lake::new().await;
    lake.plan().await;
    lake.server
        .guard()
        .allow(|operation, _| operation != "DeleteObjects");
    let applied = lake.apply(&["--yes"]).await.data(9);
    let states: Vec<_> = applied["objects"].as_array().unwrap().iter().collect();
    assert_eq!(states[0]["class"], "metadata");
    assert_eq!(states[0]["state"], "failed");
    assert!(
        states[0]["error"]
            .as_str()
            .unwrap()
            .contains("access denied"),
        "{}",
        states[0]
    );
    // With its metadata still there, the old checkpoint keeps its files.
    assert!(
        states[1..].iter().all(|object| object["state"] == "spared"),
        "{applied}"
    );
    assert!(lake.path("chk-3").join("_metadata").exists());
    let journal = fs::read_to_string(lake.file("plan.journal")).unwrap();
    assert!(journal.contains("\"event\":\"failed\""));
    assert!(!journal.contains("\"event\":\"deleted\""));

    lake.server.guard().allow(|_, _| true);
    let applied = lake.apply(&["--yes"]).await.data(0);
    let states = applied["objects"].as_array().unwrap();
    assert!(
        states.iter().all(|object| object["state"] == "deleted"),
        "{applied}"
    );
    lake.chk_4_is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_in_the_middle_can_be_finished() {
    let lake = Lake::new().await;
    lake.plan().await;
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    // The metadata goes, nothing after it does.
    lake.server.guard().allow(move |operation, _| {
        operation != "DeleteObjects" || count.fetch_add(1, Ordering::SeqCst) == 0
    });
    let applied = lake.apply(&["--yes"]).await.data(9);
    let objects = applied["objects"].as_array().unwrap();
    let of = |state: &str| {
        objects
            .iter()
            .filter(|object| object["state"] == state)
            .count()
    };
    assert_eq!(of("deleted"), 1);
    assert_eq!(of("failed"), objects.len() - 1);
    lake.chk_4_is_whole().await;
    lake.server.guard().allow(|_, _| true);
    let again = lake.apply(&["--yes"]).await.data(0);
    let again = again["objects"].as_array().unwrap();
    assert_eq!(
        again
            .iter()
            .filter(|object| object["state"] == "gone")
            .count(),
        1
    );
    assert!(again.iter().all(|object| object["state"] != "failed"));
    lake.chk_4_is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_in_the_bucket_takes_the_files() {
    let lake = Lake::new().await;
    let plan = lake.plan().await;
    let quarantine = format!("{ROOT}/quarantine");
    let applied = lake
        .apply(&["--yes", "--quarantine", &quarantine])
        .await
        .data(0);
    assert_eq!(applied["quarantine"], quarantine);
    let bucket = lake
        .server
        .bucket()
        .with_file_name("data1")
        .join("flink/quarantine");
    for object in plan["objects"].as_array().unwrap() {
        let path = object["location"].as_str().unwrap();
        let below = path.strip_prefix(&format!("{ROOT}/checkpoints/")).unwrap();
        assert!(bucket.join(below).exists(), "{path}");
    }
    lake.chk_4_is_whole().await;
}

/// Answers to a batch in which one file is refused.
fn partly(head: &str) -> Reply {
    assert!(head.starts_with("POST"), "{head}");
    Reply::Send(http(
        "200 OK",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\"?><DeleteResult><Deleted><Key>a</Key></Deleted>\
         <Error><Key>b</Key><Code>AccessDenied</Code><Message>locked</Message></Error></DeleteResult>",
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_of_a_batch_has_its_own_answer() {
    let server = Scripted::start(|_, head| partly(head)).await;
    let storage = Storage::new(servers::s3::settings(&server.endpoint()));
    let files = ["s3://flink/a", "s3a://flink/b", "s3://flink/c"].map(Location::new);
    storage.trust(&files[0]);
    let answers = storage.delete(&files).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    let error = answers[1].as_ref().unwrap_err();
    assert_eq!(*error.kind(), StorageErrorKind::AccessDenied);
    assert_eq!(error.location(), &files[1]);
    assert_eq!(server.requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out() {
    let server = Scripted::start(|number, _| match number {
        0 | 1 => Reply::Send(s3_error("503 Slow Down", "SlowDown", "reduce your rate")),
        _ => Reply::Send(http(
            "200 OK",
            "content-type: application/xml\r\n",
            "<?xml version=\"1.0\"?><DeleteResult><Deleted><Key>a</Key></Deleted></DeleteResult>",
        )),
    })
    .await;
    let settings = servers::s3::settings(&server.endpoint());
    let counts = settings.counts.clone();
    let storage = Storage::new(settings);
    let file = Location::new("s3://flink/a");
    storage.trust(&file);
    let answers = storage.delete(&[file]).await;
    assert!(answers[0].is_ok(), "{answers:?}");
    assert_eq!(server.requests(), 3);
    assert_eq!(counts.of(RequestKind::Delete), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_as_a_whole_deletes_nothing_as_far_as_is_known() {
    let denied = |_: usize, _: &str| {
        Reply::Send(s3_error(
            "403 Forbidden",
            "AccessDenied",
            "no s3:DeleteObject",
        ))
    };
    let server = Scripted::start(denied).await;
    let storage = Storage::new(servers::s3::settings(&server.endpoint()));
    let files = ["s3://flink/a", "s3://flink/b"].map(Location::new);
    storage.trust(&files[0]);
    for answer in storage.delete(&files).await {
        assert_eq!(*answer.unwrap_err().kind(), StorageErrorKind::AccessDenied);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_of_the_store_is_noted() {
    let server = Scripted::start(|_, _| {
        Reply::Send(http(
            "404 Not Found",
            "date: Thu, 01 Jan 1970 00:10:00 GMT\r\n",
            "",
        ))
    })
    .await;
    let storage = Storage::new(servers::s3::settings(&server.endpoint()));
    assert_eq!(storage.clock_ahead_seconds(), None);
    let file = Location::new("s3://flink/a");
    storage.trust(&file);
    let _ = storage.head(&file).await;
    assert!(storage.clock_ahead_seconds().unwrap() < -1_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_moved_comes_back_metadata_last() {
    let lake = Lake::new().await;
    let planned = lake.plan().await["objects"].as_array().unwrap().len();
    let quarantine = format!("{ROOT}/quarantine");
    let applied = lake.apply(&["--yes", "--quarantine", &quarantine]).await;
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let metadata = lake.path("chk-3").join("_metadata");
    assert!(!metadata.exists());
    let journal = format!("{}.journal", lake.file("plan"));
    let restore = ["retention", "restore", &journal, "--json"];
    // The store refuses what is not metadata: then the metadata stays away, too.
    lake.server
        .guard()
        .allow(|operation, key| operation != "CopyObject" || key.ends_with("_metadata"));
    let refused = lake.run(&restore).await;
    assert_eq!(refused.code, Some(9), "{refused:?}");
    assert!(!metadata.exists());
    lake.server.guard().allow(|_, _| true);
    let place = format!("{ROOT}/{}", lake.snapshots.directory("chk-3"));
    let one = lake
        .run(&[&restore[..], &["--snapshot", &place]].concat())
        .await;
    assert_eq!(one.code, Some(0), "{one:?}");
    let all = lake.run(&restore).await.data(0);
    let objects = all["objects"].as_array().unwrap();
    assert_eq!(objects.len(), planned);
    assert!(metadata.exists());
    for name in ["chk-3", "chk-4"] {
        let place = format!("{ROOT}/{}", lake.snapshots.directory(name));
        let check = lake.run(&["check", &place, "--json"]).await.data(0);
        assert_eq!(check["verdict"], "restorable", "{name}");
    }
}
