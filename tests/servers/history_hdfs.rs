//! A history on a real HDFS, whose address is in `STATESCOPE_TEST_HDFS`
//! (`tests/support/servers/hdfs.sh start DIR` prints it).

#![cfg(all(feature = "hdfs", feature = "history", feature = "cli", unix))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "it is a test")]

use crate::history_suite;
use crate::program;
use crate::series;

use std::io::Write;
use std::time::SystemTime;

use hdfs_native::{Client, ClientBuilder, WriteOptions};
use program::Program;

const VARIABLE: &str = "STATESCOPE_TEST_HDFS";
const DIRECTORY: &str = "/history-test";

async fn upload(client: &Client) {
    client.delete(DIRECTORY, true).await.unwrap();
    for checkpoint in series::real_checkpoints() {
        let path = format!("{DIRECTORY}/checkpoints/{}/_metadata", checkpoint.directory);
        let options = WriteOptions::default();
        let mut writer = client.create(&path, options).await.unwrap();
        writer.write_bytes(checkpoint.content.into()).await.unwrap();
        writer.close().await.unwrap();
        let since = checkpoint.time.duration_since(SystemTime::UNIX_EPOCH);
        let millis = u64::try_from(since.unwrap().as_millis()).unwrap();
        client.set_times(&path, millis, millis).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_on_hdfs_is_read_back_and_compacted() {
    let Ok(address) = std::env::var(VARIABLE) else {
        // Past the test runner's capture.
        let line = format!("SKIPPED: {VARIABLE} is not set, so no HDFS was tested\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let builder = ClientBuilder::new().with_url(&address);
    let client = builder.with_config_dir("/dev/null").build().unwrap();
    upload(&client).await;
    let place = |name: &str| format!("{address}{DIRECTORY}/{name}");
    history_suite::run(&Program::new(), &place("checkpoints"), &place("history"));
    client.delete(DIRECTORY, true).await.unwrap();
}
