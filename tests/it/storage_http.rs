//! Files on a web server.

#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, reason = "it is a test")]

use crate::servers;

use servers::scripted::{Reply, Scripted, http};
use statescope::Location;
use statescope::storage::{Settings, Storage, StorageErrorKind as Kind};

async fn server() -> Scripted {
    Scripted::start(|_, head| {
        let target = head.split(' ').nth(1).unwrap_or_default();
        Reply::Send(match target {
            "/a%20b/100%25/_metadata" => http("200 OK", "", "plain"),
            "/signed/_metadata?X-Amz-Signature=5ecre7" => http("200 OK", "", "signed"),
            "/denied?X-Amz-Signature=5ecre7" => http("403 Forbidden", "", "5ecre7"),
            _ => http("404 Not Found", "", "<html>"),
        })
    })
    .await
}

#[tokio::test]
async fn addresses_are_encoded_and_may_be_signed() {
    let server = server().await;
    let storage = Storage::new(Settings::new());
    let place = |path: &str| Location::new(format!("{}{path}", server.endpoint()));
    storage.trust(&place("/"));
    for (path, content) in [
        ("/a%20b/100%25/_metadata", &b"plain"[..]),
        ("/signed/_metadata?X-Amz-Signature=5ecre7", b"signed"),
    ] {
        let read = storage.read(&place(path)).await;
        assert_eq!(read.unwrap(), content, "{path}");
    }
}

#[tokio::test]
async fn failures() {
    let server = server().await;
    let storage = Storage::new(Settings::new());
    let place = |path: &str| Location::new(format!("{}{path}", server.endpoint()));
    storage.trust(&place("/"));
    let error = storage.read(&place("/nowhere")).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let error = storage.list(&place("/signed")).await.unwrap_err();
    assert!(error.hint().unwrap().contains("_metadata"), "{error}");
    let denied = place("/denied?X-Amz-Signature=5ecre7");
    let error = storage.read(&denied).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::AccessDenied, "{error}");
    assert!(!format!("{error} {error:?}").contains("5ecre7"), "{error}");
}
