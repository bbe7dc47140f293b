//! The stores that need no server outside this process.

#![allow(clippy::unwrap_used, reason = "it is a test")]

#[cfg(unix)]
mod local_disk;
use crate::put_suite;
use crate::servers;
use crate::store_suite;

use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use statescope::Location;
use statescope::storage::{Settings, Storage, StorageErrorKind};
use store_suite::{ODD_NAMES, Store};

#[tokio::test]
async fn memory() {
    let store = InMemory::new();
    let suite = Store::default();
    for file in suite.tree() {
        let path = Path::parse(format!("base/{}", file.key)).unwrap();
        store.put(&path, file.content.into()).await.unwrap();
    }
    let storage = Storage::new(Settings::new());
    let base = Location::new("memory:///base");
    storage.set_store(&base, Arc::new(store) as Arc<dyn ObjectStore>);
    suite.run_with(&storage, &base).await;
    put_suite::run(&storage, &base.join("put"), &ODD_NAMES).await;
}

#[tokio::test]
async fn local() {
    let directory = tempfile::tempdir().unwrap();
    let suite = Store {
        has_empty_directory: true,
        ..Store::default()
    };
    for file in suite.tree() {
        put_file(directory.path(), &file.key, &file.content);
    }
    std::fs::create_dir(directory.path().join("nothing")).unwrap();
    let path = directory.path().to_str().unwrap();
    for base in [
        path.to_owned(),
        format!("file:{path}"),
        format!("file://{path}"),
    ] {
        suite.run(Settings::new(), &Location::new(base)).await;
    }
    let storage = Storage::new(Settings::new());
    let base = Location::new(path);
    put_suite::run(&storage, &base.join("put"), &ODD_NAMES).await;
    let below_a_file = base.join("large").join("file");
    let error = storage.put(&below_a_file, "x".into()).await.unwrap_err();
    let expected = format!("cannot write {below_a_file}: ");
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[cfg(feature = "s3")]
#[tokio::test]
async fn s3() {
    let server = servers::s3::S3Server::start().await;
    let suite = suite_for_s3();
    for file in suite.tree() {
        server.put(&format!("base/{}", file.key), &file.content);
    }
    for scheme in ["s3", "s3a"] {
        let base = Location::new(format!("{scheme}://flink/base"));
        suite.run(server.settings(), &base).await;
    }
    let storage = Storage::new(server.settings());
    let base = Location::new("s3://flink/put");
    storage.trust(&base);
    put_suite::run(&storage, &base, &ODD_NAMES).await;
    s3_refuses_to_write(&server).await;
}

#[cfg(feature = "s3")]
async fn s3_refuses_to_write(server: &servers::s3::S3Server) {
    let storage = Storage::new(server.settings());
    let put = async |place| {
        let place = Location::new(place);
        storage.trust(&place);
        storage.put(&place, "x".into()).await
    };
    let error = put("s3://nothing/base/file").await.unwrap_err();
    assert_eq!(*error.kind(), StorageErrorKind::NoSuchBucket, "{error}");
    let expected = "cannot write s3://nothing/base/file: there is no such bucket";
    assert!(error.to_string().starts_with(expected), "{error}");
    server
        .guard()
        .allow(|operation, _| operation != "PutObject");
    let error = put("s3://flink/closed/file").await.unwrap_err();
    assert_eq!(*error.kind(), StorageErrorKind::AccessDenied, "{error}");
    let expected = "cannot write s3://flink/closed/file: access denied";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert!(error.hint().is_some());
    assert!(!server.bucket().join("closed").exists());
}

/// The reading side of the client for Google's store, which speaks S3's protocol too.
#[cfg(all(feature = "gcs", feature = "s3"))]
#[tokio::test]
async fn gcs() {
    let server = servers::s3::S3Server::start_public().await;
    let suite = suite_for_s3();
    for file in suite.tree() {
        server.put(&format!("base/{}", file.key), &file.content);
    }
    let mut settings = Settings::new();
    settings.endpoint = Some(server.endpoint());
    settings.anonymous = true;
    suite.run(settings, &Location::new("gs://flink/base")).await;
}

#[cfg(feature = "s3")]
#[tokio::test]
async fn requests_are_counted() {
    use statescope::storage::RequestKind;
    let server = servers::s3::S3Server::start().await;
    for number in 0..1_100 {
        server.put(&format!("dir/{number}"), b"x");
    }
    let settings = server.settings();
    let counts = settings.counts.clone();
    let storage = Storage::new(settings);
    let directory = Location::new("s3://flink/dir");
    storage.trust(&directory);
    storage.list(&directory).await.unwrap();
    assert_eq!(counts.of(RequestKind::List), 2, "two pages");
    storage.read(&directory.join("7")).await.unwrap();
    storage.head(&directory.join("7")).await.unwrap();
    assert_eq!(counts.of(RequestKind::Get), 1);
    assert_eq!(counts.of(RequestKind::Head), 1);
    // Only an empty listing costs a further request.
    storage.list(&directory.join("x")).await.unwrap_err();
    assert_eq!(counts.of(RequestKind::List), 3);
    assert_eq!(counts.of(RequestKind::Head), 2);
    assert_eq!(counts.total(), 6);
}

#[tokio::test]
async fn schemes_that_cannot_be_read_are_named() {
    let storage = Storage::new(Settings::new());
    for (place, words) in [
        ("oss://b/x", "oss: locations are not supported"),
        ("viewfs://c/x", "viewfs: locations are not supported"),
        #[cfg(not(feature = "s3"))]
        ("s3a://b/x", "feature `s3` is off"),
        #[cfg(not(feature = "hdfs"))]
        ("hdfs:///x", "feature `hdfs` is off"),
        #[cfg(not(feature = "gcs"))]
        ("gs://b/x", "feature `gcs` is off"),
        #[cfg(not(feature = "azure"))]
        ("wasbs://c@a/x", "feature `azure` is off"),
        #[cfg(not(feature = "http"))]
        ("https://h/x", "feature `http` is off"),
    ] {
        let error = storage.read(&Location::new(place)).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// The server keeps objects as files, so it has directories where S3 has none.
#[cfg(feature = "s3")]
fn suite_for_s3() -> Store {
    Store {
        fails_on_directories: true,
        ..Store::default()
    }
}

fn put_file(directory: &std::path::Path, key: &str, content: &[u8]) {
    let path = directory.join(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
