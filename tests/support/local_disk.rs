//! What is special about local disk: links, several names of one file, files that are none.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use statescope::storage::{Listing, Settings, Storage};
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
    fs::write(at("").join(OsStr::from_bytes(b"odd\xff")), b"x").unwrap();

    let listing = list(directory.path()).await;
    let names: Vec<_> = listing.files.iter().map(|file| file.name()).collect();
    assert_eq!(names, ["hard", "to-file"]);
    assert!(listing.directory_names().eq(["real", "to-directory"]));
    let links: Vec<_> = listing.directories.iter().map(|d| d.is_link).collect();
    assert_eq!(links, [false, true]);
    assert_eq!(listing.dangling, ["below-a-file", "circle", "dangling"]);
    assert_eq!(listing.special, ["fifo", "socket", "to-fifo"]);
    assert_eq!(listing.skipped, 1);
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
