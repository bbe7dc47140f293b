//! A real HDFS, whose address is in `STATESCOPE_TEST_HDFS`
//! (`tests/support/servers/hdfs.sh start DIR` prints it).

#![cfg(feature = "hdfs")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "it is a test")]

use crate::put_suite;
use crate::store_suite;

use hdfs_native::{Client, ClientBuilder, HdfsError, WriteOptions};
use statescope::Location;
use statescope::storage::{Settings, Storage, StorageErrorKind as Kind};
use std::io::Write;
use store_suite::{ODD_NAMES, Store};

const VARIABLE: &str = "STATESCOPE_TEST_HDFS";

/// The address, or a line that says that nothing was tested, past the test runner's capture.
fn address() -> Option<String> {
    let address = std::env::var(VARIABLE).ok();
    if address.is_none() {
        let line = format!("SKIPPED: {VARIABLE} is not set, so no HDFS was tested\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    address
}

/// A client that owns what it writes, whoever runs the test.
fn client(address: &str) -> Client {
    let builder = ClientBuilder::new().with_url(address);
    builder.with_config_dir("/dev/null").build().unwrap()
}

/// The client does not wait for a block to be reported before it asks for the next.
async fn put(client: &Client, path: &str, content: Vec<u8>, block_size: u64) {
    const TRIES: u32 = 50;
    let content = bytes::Bytes::from(content);
    for _ in 0..TRIES {
        match try_put(client, path, content.clone(), block_size).await {
            Err(HdfsError::RPCError(class, _)) if class.ends_with("NotReplicatedYetException") => {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            done => return done.unwrap(),
        }
    }
    panic!("{path} was not replicated in time");
}

async fn try_put(
    client: &Client,
    path: &str,
    content: bytes::Bytes,
    block_size: u64,
) -> Result<(), HdfsError> {
    let options = WriteOptions::default()
        .overwrite(true)
        .block_size(block_size);
    let mut writer = client.create(path, options).await?;
    writer.write_bytes(content).await?;
    writer.close().await
}

#[tokio::test]
async fn hdfs() {
    let Some(address) = address() else { return };
    let client = client(&address);
    // No name in HDFS has a colon.
    let suite = Store {
        impossible: &["a:b@c"],
        has_empty_directory: true,
        ..Store::default()
    };
    client.delete("/suite", true).await.unwrap();
    let mut writes = tokio::task::JoinSet::new();
    for file in suite.tree() {
        let client = client.clone();
        writes.spawn(async move {
            let path = format!("/suite/{}", file.key);
            // The large file has several blocks.
            put(&client, &path, file.content, 16_384).await;
        });
        if writes.len() >= 32 {
            writes.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = writes.join_next().await {
        done.unwrap();
    }
    client.mkdirs("/suite/nothing", 0o755, true).await.unwrap();

    let base = Location::new(format!("{address}/suite"));
    suite.run(Settings::new(), &base).await;
    default_cluster(&address, &suite).await;
    name_service(&address).await;
    no_permission(&client, &address).await;
}

#[tokio::test]
async fn files_are_written_as_a_whole_or_not_at_all() {
    let Some(address) = address() else { return };
    let client = client(&address);
    client.delete("/put", true).await.unwrap();
    // No name in HDFS has a colon.
    let names: Vec<_> = ODD_NAMES
        .into_iter()
        .filter(|&name| name != "a:b@c")
        .collect();
    let base = Location::new(format!("{address}/put"));
    put_suite::run(&Storage::new(Settings::new()), &base, &names).await;
    refuses_to_write(&client, &address).await;
    client.delete("/put", true).await.unwrap();
}

/// `hdfs:///path` is in the cluster of the configuration.
async fn default_cluster(address: &str, suite: &Store) {
    let directory = conf_directory(&[("fs.defaultFS", address)]);
    let settings =
        Settings::new().with_variables([("HADOOP_CONF_DIR", directory.path().to_str().unwrap())]);
    suite.run(settings, &Location::new("hdfs:///suite")).await;
}

/// A name for two NameNodes, of which the first is not there.
async fn name_service(address: &str) {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead_address = dead.local_addr().unwrap().to_string();
    drop(dead);
    let directory = conf_directory(&[
        ("dfs.nameservices", "prod"),
        ("dfs.ha.namenodes.prod", "nn1,nn2"),
        ("dfs.namenode.rpc-address.prod.nn1", &dead_address),
        (
            "dfs.namenode.rpc-address.prod.nn2",
            address.trim_start_matches("hdfs://"),
        ),
    ]);
    let settings =
        Settings::new().with_variables([("HADOOP_CONF_DIR", directory.path().to_str().unwrap())]);
    let storage = Storage::new(settings);
    let flat = Location::new("hdfs://prod/suite/flat");
    storage.trust(&flat);
    let flat = storage.list(&flat).await;
    assert_eq!(flat.unwrap().files.len(), 3);
}

/// As `no_permission`, for writing; and what a path cannot be.
async fn refuses_to_write(client: &Client, address: &str) {
    client.mkdirs("/put/closed", 0o700, true).await.unwrap();
    let settings = Settings::new().with_variables([("HADOOP_USER_NAME", "nobody-else")]);
    let storage = Storage::new(settings);
    storage.trust(&Location::new(address));
    for name in ["closed/file", "closed/none/file"] {
        let file = Location::new(format!("{address}/put/{name}"));
        let error = storage.put(&file, "x".into()).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::AccessDenied, "{error}");
        let expected = format!("cannot write {file}: access denied: ");
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert!(error.hint().unwrap().contains("HADOOP_USER_NAME"));
    }
    let storage = Storage::new(Settings::new());
    let file = Location::new(format!("{address}/put/same/file"));
    storage.trust(&file);
    for place in [file.join("below-a-file"), file.parent()] {
        let error = storage.put(&place, "x".into()).await.unwrap_err();
        let expected = format!("cannot write {place}: ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    // What was begun is gone.
    let listing = storage.list(&file.parent().parent()).await.unwrap();
    assert!(listing.files.is_empty(), "{listing:?}");
}

async fn no_permission(client: &Client, address: &str) {
    client.mkdirs("/suite/closed", 0o700, true).await.unwrap();
    put(client, "/suite/closed/_metadata", b"x".to_vec(), 16_384).await;
    let settings = Settings::new().with_variables([("HADOOP_USER_NAME", "nobody-else")]);
    let storage = Storage::new(settings);
    let closed = Location::new(format!("{address}/suite/closed"));
    storage.trust(&closed);
    for error in [
        storage.list(&closed).await.unwrap_err(),
        storage.read(&closed.join("_metadata")).await.unwrap_err(),
    ] {
        assert_eq!(*error.kind(), Kind::AccessDenied, "{error}");
        assert!(error.said().unwrap().contains("nobody-else"), "{error}");
        assert!(!error.to_string().contains("\tat "), "{error}");
        assert!(error.hint().unwrap().contains("HADOOP_USER_NAME"));
    }
    client.delete("/suite/closed", true).await.unwrap();
}

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
