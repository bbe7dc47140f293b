//! What writing a file has to do in every store.

#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "it is a test")]

use bytes::Bytes;
use futures_util::future::{join, join_all};
use statescope::Location;
use statescope::storage::{ObjectInfo, Storage};

/// Several pieces on their way into any store.
const LARGE: usize = 1 << 20;

/// Writes into `base`, where nothing is yet. `names` are what files are called.
pub(crate) async fn run(storage: &Storage, base: &Location, names: &[&str]) {
    storage.trust(base);
    what_is_put_is_read_back(storage, base, names).await;
    nobody_sees_half_a_file(storage, base).await;
    many_may_write_the_same_at_once(storage, base).await;
    others_may_take_it_away_at_once(storage, base).await;
}

/// Several levels below what is there.
async fn what_is_put_is_read_back(storage: &Storage, base: &Location, names: &[&str]) {
    let directory = base.join("none/of these/is=there");
    let put = async |name: &str, content: &'static [u8]| {
        let file = directory.join(name);
        let content = Bytes::from_static(content);
        storage.put(&file, content.clone()).await.unwrap();
        assert_eq!(storage.read(&file).await.unwrap(), content, "{name}");
    };
    for content in [
        &b"first"[..],
        b"second, and longer",
        b"",
        b"third",
        b"third",
    ] {
        put("again", content).await;
    }
    for name in names {
        put(name, b"x").await;
    }
    let mut expected = [names, &["again"]].concat();
    expected.sort_unstable();
    assert_eq!(names_in(storage, &directory).await, expected);
}

async fn nobody_sees_half_a_file(storage: &Storage, base: &Location) {
    let directory = base.join("half");
    storage
        .put(&directory.join("first"), Bytes::from_static(b"x"))
        .await
        .unwrap();
    for number in 0..4_u8 {
        let file = directory.join(&number.to_string());
        let content = Bytes::from(vec![number; LARGE]);
        let written = storage.put(&file, content.clone());
        let looked = async {
            loop {
                let listing = storage.list(&directory).await.unwrap();
                let listed = listing.files.iter().find(|found| found.location == file);
                assert!(listed.is_none_or(|found| found.size == LARGE as u64));
                match storage.read(&file).await {
                    Ok(found) => break assert!(found == content, "{} bytes", found.len()),
                    Err(error) if error.is_not_found() => {}
                    Err(error) => panic!("{error}"),
                }
                tokio::task::yield_now().await;
            }
        };
        join(written, looked).await.0.unwrap();
    }
}

async fn many_may_write_the_same_at_once(storage: &Storage, base: &Location) {
    let directory = base.join("same");
    let file = directory.join("file");
    let content = Bytes::from(vec![7; LARGE]);
    for _ in 0..2 {
        let writers = (0..5).map(|_| storage.put(&file, content.clone()));
        for written in join_all(writers).await {
            written.unwrap();
        }
        assert!(storage.read(&file).await.unwrap() == content);
    }
    assert_eq!(names_in(storage, &directory).await, ["file"]);
}

/// As a compaction does, which has read it by then.
async fn others_may_take_it_away_at_once(storage: &Storage, base: &Location) {
    let directory = base.join("gone");
    for number in 0..20 {
        let file = directory.join(&number.to_string());
        let written = storage.put(&file, Bytes::from_static(b"x"));
        let taken = async {
            while storage.head(&file).await.is_err() {
                tokio::task::yield_now().await;
            }
            storage.delete(std::slice::from_ref(&file)).await
        };
        let (written, taken) = join(written, taken).await;
        written.unwrap();
        assert!(taken.into_iter().all(|deleted| deleted.is_ok()));
    }
}

/// Without anything that was left over by writing.
async fn names_in(storage: &Storage, directory: &Location) -> Vec<String> {
    let listing = storage.list(directory).await.unwrap();
    let names = listing.files.iter().map(ObjectInfo::name);
    names.map(str::to_owned).collect()
}
