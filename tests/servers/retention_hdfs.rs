//! Retention on a real HDFS, whose address is in `STATESCOPE_TEST_HDFS`
//! (`tests/support/servers/hdfs.sh start DIR` prints it).

#![cfg(all(feature = "hdfs", feature = "cli", unix))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::program;
use crate::snapshots;

use std::io::Write;
use std::time::SystemTime;

use hdfs_native::{Client, ClientBuilder, WriteOptions};
use program::{Program, Run};
use snapshots::{Snapshots, time_of};

const VARIABLE: &str = "STATESCOPE_TEST_HDFS";
/// As long as what it stands for in the fixtures.
const ROOT: &str = "hdfs:///retflink";
const DIRECTORY: &str = "/retflink";
const NOW: [&str; 2] = ["--now", "2036-01-01T00:00:00Z"];

struct Cluster {
    address: String,
    client: Client,
    conf: tempfile::TempDir,
    snapshots: Snapshots,
}

impl Cluster {
    /// With two real checkpoints in it; none where there is no cluster.
    async fn with_snapshots() -> Option<Self> {
        let Ok(address) = std::env::var(VARIABLE) else {
            let line = format!("SKIPPED: {VARIABLE} is not set, so no HDFS was tested\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return None;
        };
        let builder = ClientBuilder::new().with_url(&address);
        let client = builder.with_config_dir("/dev/null").build().unwrap();
        let conf = tempfile::tempdir().unwrap();
        let text = format!(
            "<?xml version=\"1.0\"?><configuration><property><name>fs.defaultFS</name>\
             <value>{address}</value></property></configuration>"
        );
        std::fs::write(conf.path().join("core-site.xml"), text).unwrap();
        let cluster = Self {
            address,
            client,
            conf,
            snapshots: Snapshots::of_scenario("flink-2.3.0/checkpoint-rocksdb-incremental"),
        };
        cluster.upload().await;
        Some(cluster)
    }

    async fn upload(&self) {
        self.client.delete(DIRECTORY, true).await.unwrap();
        for (key, content) in self.snapshots.below(ROOT).files {
            let path = format!("{DIRECTORY}/{key}");
            let options = WriteOptions::default().overwrite(true);
            let mut writer = self.client.create(&path, options).await.unwrap();
            writer.write_bytes(content.into()).await.unwrap();
            writer.close().await.unwrap();
            let since = time_of(&key).duration_since(SystemTime::UNIX_EPOCH);
            let millis = u64::try_from(since.unwrap().as_millis()).unwrap();
            self.client.set_times(&path, millis, millis).await.unwrap();
        }
    }

    async fn run(&self, arguments: &[&str]) -> Run {
        let conf = self.conf.path().to_str().unwrap();
        let program = Program::new().with("HADOOP_CONF_DIR", conf);
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        let run = move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            program.run(&arguments)
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    async fn exists(&self, path: &str) -> bool {
        self.client.get_file_info(path).await.is_ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_carried_out_and_nothing_else_goes() {
    let Some(cluster) = Cluster::with_snapshots().await else {
        return;
    };
    let plan = cluster.conf.path().join("plan");
    let plan = plan.to_str().unwrap();
    let apply = [&["retention", "apply", plan, "--json"][..], &NOW].concat();
    let old = format!("{DIRECTORY}/{}", cluster.snapshots.directory("chk-3"));
    // By the name of the cluster, and by its address, which the paths in the metadata do not have.
    for (base, more) in [
        (
            ROOT.to_owned(),
            &["--quarantine", "hdfs:///retquarantine"][..],
        ),
        (ROOT.to_owned(), &[]),
        (format!("{}{DIRECTORY}", cluster.address), &[]),
    ] {
        cluster.upload().await;
        cluster.client.delete("/retquarantine", true).await.unwrap();
        let base = format!("{base}/checkpoints");
        let planning = [
            "retention",
            "plan",
            &base,
            "--keep-last",
            "1",
            "--plan-out",
            plan,
        ];
        let planned = cluster
            .run(&[&planning[..], &["--json"], &NOW].concat())
            .await
            .data(0);
        let planned = planned["objects"].as_array().unwrap().len();
        assert!(planned > 2);
        let applied = cluster
            .run(&[&apply[..], &["--yes"], more].concat())
            .await
            .data(0);
        let objects = applied["objects"].as_array().unwrap();
        assert_eq!(objects.len(), planned);
        assert!(
            objects.iter().all(|object| object["state"] == "deleted"),
            "{applied}"
        );
        assert!(!cluster.exists(&old).await, "its empty directory goes too");
        let place = format!("{ROOT}/{}", cluster.snapshots.directory("chk-4"));
        let check = cluster.run(&["check", &place, "--json"]).await.data(0);
        assert_eq!(check["verdict"], "restorable");
        if !more.is_empty() {
            let below = old
                .strip_prefix(&format!("{DIRECTORY}/checkpoints"))
                .unwrap();
            let moved = format!("/retquarantine{below}/_metadata");
            assert!(cluster.exists(&moved).await, "{moved}");
        }
        // Again: all is gone, which is no problem.
        let again = cluster
            .run(&[&apply[..], &["--yes"]].concat())
            .await
            .data(0);
        assert!(
            again["objects"]
                .as_array()
                .unwrap()
                .iter()
                .all(|object| object["state"] == "gone")
        );
    }
    only_empty_directories_are_removed(&cluster).await;
}

async fn only_empty_directories_are_removed(cluster: &Cluster) {
    cluster.upload().await;
    let mut settings = statescope::storage::Settings::new();
    settings.timeout = std::time::Duration::from_secs(10);
    let storage = statescope::storage::Storage::new(settings);
    let old = cluster.snapshots.directory("chk-3");
    let location = format!("{}{DIRECTORY}/{old}", cluster.address);
    let location = statescope::Location::new(location);
    storage.trust(&location);
    assert_eq!(storage.remove_empty_directory(&location).await, Ok(false));
    assert!(
        cluster
            .exists(&format!("{DIRECTORY}/{old}/_metadata"))
            .await
    );
    // A directory is no file: nothing of it goes.
    assert!(storage.delete(&[location]).await[0].is_err());
    assert!(
        cluster
            .exists(&format!("{DIRECTORY}/{old}/_metadata"))
            .await
    );
}
