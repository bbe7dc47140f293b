//! What is special about local disk: links, several names of one file, files that are none.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use statescope::storage::{Listing, Settings, Storage, StorageErrorKind};
use statescope::{FileIdentity, Location};

fn storage() -> Storage {
    let storage = Storage::new(Settings::new());
    storage.trust(&Location::new("/"));
    storage
}

fn location(path: &Path) -> Location {
    Location::new(path.to_str().unwrap())
}

async fn list(directory: &Path) -> Listing {
    storage().list(&location(directory)).await.unwrap()
}

fn fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

fn identity_of(listing: &Listing, name: &str) -> Option<FileIdentity> {
    let directory = listing.directories.iter().find(|found| found.name == name);
    let file = listing.files.iter().find(|file| file.name() == name);
    directory
        .map(|directory| directory.identity)
        .or_else(|| file.map(|file| file.identity))
        .unwrap()
}

#[tokio::test]
async fn a_listing_tells_what_each_entry_is_and_where_links_lead() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("real")).unwrap();
    fs::write(at("real/file"), b"four").unwrap();
    symlink("real", at("to-directory")).unwrap();
    symlink("to-directory/file", at("to-file")).unwrap();
    symlink("/nowhere/at/all", at("dangling")).unwrap();
    symlink("circle", at("circle")).unwrap();
    symlink("real/file/below", at("below-a-file")).unwrap();
    fs::hard_link(at("real/file"), at("hard")).unwrap();
    fifo(&at("fifo"));
    symlink("fifo", at("to-fifo")).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();

    let listing = list(directory.path()).await;
    let names: Vec<_> = listing.files.iter().map(|file| file.name()).collect();
    assert_eq!(names, ["hard", "to-file"]);
    assert!(listing.directory_names().eq(["real", "to-directory"]));
    let links: Vec<_> = listing.directories.iter().map(|d| d.is_link).collect();
    assert_eq!(links, [false, true]);
    assert_eq!(listing.dangling, ["below-a-file", "circle", "dangling"]);
    assert_eq!(listing.special, ["fifo", "socket", "to-fifo"]);
    assert_eq!(listing.skipped, 0);
    assert_eq!(listing.unknown, []);

    let real = list(&at("real")).await;
    let same = identity_of(&real, "file");
    assert!(same.is_some());
    assert_eq!(identity_of(&listing, "hard"), same);
    assert_eq!(identity_of(&listing, "to-file"), same);
    assert_eq!(identity_of(&listing, "real"), real.identity);
    assert_eq!(identity_of(&listing, "to-directory"), real.identity);
    assert_ne!(listing.identity, real.identity);
    let target = fs::canonicalize(at("real/file")).unwrap();
    let targets: Vec<_> = listing
        .files
        .iter()
        .map(|f| f.link_target.clone())
        .collect();
    assert_eq!(targets, [None, Some(location(&target))]);
}

#[tokio::test]
async fn a_file_is_as_new_as_the_latest_of_its_times() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy");
    let before = SystemTime::now() - Duration::from_secs(2);
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = fs::File::create(&path).unwrap();
    file.set_modified(old).unwrap();
    let listing = list(directory.path()).await;
    let looked_up = storage().head(&location(&path)).await.unwrap();
    for info in [&listing.files[0], &looked_up] {
        assert_eq!(info.modified, Some(old));
        assert!(info.settled.unwrap() >= before, "{info:?}");
    }
    let future = SystemTime::now() + Duration::from_secs(100_000);
    file.set_modified(future).unwrap();
    let info = storage().head(&location(&path)).await.unwrap();
    assert_eq!(info.settled, Some(future));
    assert_eq!(info.settled, info.modified);
}

/// What a name may lead to that is no regular file, with the word for it.
fn no_regular_files(directory: &Path) -> Vec<(Location, &'static str)> {
    let at = |name: &str| directory.join(name);
    fifo(&at("fifo"));
    symlink("fifo", at("to-fifo")).unwrap();
    symlink("/dev/zero", at("to-device")).unwrap();
    let mut all = vec![
        (location(&at("fifo")), "a pipe"),
        (location(&at("to-fifo")), "a pipe"),
        (location(&at("to-device")), "a device"),
        (Location::new("file:///dev/zero"), "a device"),
        (Location::new("/dev/full"), "a device"),
    ];
    if cfg!(target_os = "linux") {
        all.push((Location::new("/proc/self/maps"), "made up by the kernel"));
        all.push((
            Location::new("/sys/kernel/uevent_seqnum"),
            "made up by the kernel",
        ));
    }
    all
}

#[tokio::test]
async fn what_is_no_regular_file_is_not_read_and_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let begun = std::time::Instant::now();
    for (place, what) in no_regular_files(directory.path()) {
        let storage = storage();
        let read = storage.read(&place).await.unwrap_err();
        let part = storage.read_range(&place, 50..60).await.unwrap_err();
        for error in [read, part] {
            assert_eq!(*error.kind(), StorageErrorKind::NotRegular(what), "{error}");
        }
        if what != "made up by the kernel" {
            let error = storage.head(&place).await.unwrap_err();
            assert_eq!(*error.kind(), StorageErrorKind::NotRegular(what), "{error}");
        }
    }
    // A pipe without a writer was once waited for until the time-out of 30 seconds.
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn local_disk_is_not_looked_at_for_what_only_a_snapshot_elsewhere_names() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, b"x").unwrap();
    let storage = Storage::new(Settings::new());
    storage.trust(&Location::new("s3://bucket/checkpoints"));
    for place in [
        location(&path),
        Location::new(format!("file://{}", path.display())),
    ] {
        let store = "file:///".to_owned();
        let kind = StorageErrorKind::NotAsked { store };
        assert_eq!(*storage.read(&place).await.unwrap_err().kind(), kind);
        assert_eq!(*storage.head(&place).await.unwrap_err().kind(), kind);
        assert_eq!(
            *storage.list(&place.parent()).await.unwrap_err().kind(),
            kind
        );
    }
}

#[tokio::test]
async fn names_that_are_no_text_are_read_as_others_are() {
    let directory = tempfile::tempdir().unwrap();
    let odd = directory.path().join(OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join(OsStr::from_bytes(b"\xff\xfe")), b"content").unwrap();
    // A name with one of the characters that stand for bytes.
    fs::write(odd.join("a\u{10FFE9}"), b"another").unwrap();

    let storage = storage();
    let base = location(directory.path());
    let listing = storage.list(&base).await.unwrap();
    assert_eq!(listing.skipped, 0);
    let name = &listing.directories[0].name;
    assert_eq!(name, "caf\u{10FFE9}");
    let inside = storage.list(&base.join(name)).await.unwrap();
    let mut contents = Vec::new();
    for file in &inside.files {
        // What is printed can be given as a location.
        let again = Location::new(file.location.to_string());
        contents.push(storage.read(&again).await.unwrap());
    }
    contents.sort();
    assert_eq!(contents, ["another", "content"]);
}
