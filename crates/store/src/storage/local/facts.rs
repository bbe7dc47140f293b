//! What the file system says of a file.

use std::fs::Metadata;
use std::time::SystemTime;

use crate::storage::ObjectInfo;
use statescope_format::location::{FileIdentity, Location, Revision};

/// What is known of the file at `location`; of a link, of the file that it leads to.
pub(super) fn info(location: Location, metadata: &Metadata) -> ObjectInfo {
    ObjectInfo {
        location,
        size: metadata.len(),
        modified: metadata.modified().ok(),
        settled: settled(metadata),
        etag: None,
        identity: identity(metadata),
        revision: revision(metadata),
        link_target: None,
    }
}

/// The latest of all times that the file system keeps. Whoever copies a file can set the time of its
/// content, but not the time of the change of its inode, nor that of its birth.
fn settled(metadata: &Metadata) -> Option<SystemTime> {
    let known = [
        metadata.modified().ok(),
        metadata.created().ok(),
        changed(metadata),
    ];
    known.into_iter().max().flatten()
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt;
    use std::time::Duration;

    let seconds = u64::try_from(metadata.ctime()).ok()?;
    let nanos = u32::try_from(metadata.ctime_nsec()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> Option<SystemTime> {
    None
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "not every system has it")]
pub(super) fn identity(metadata: &Metadata) -> Option<FileIdentity> {
    use std::os::unix::fs::MetadataExt;

    Some(FileIdentity {
        device: metadata.dev(),
        inode: metadata.ino(),
    })
}

#[cfg(not(unix))]
pub(super) fn identity(_: &Metadata) -> Option<FileIdentity> {
    None
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "not every system has it")]
pub(super) fn revision(metadata: &Metadata) -> Option<Revision> {
    use std::os::unix::fs::MetadataExt;

    Some(Revision::new(
        identity(metadata)?,
        metadata.len(),
        (metadata.mtime(), metadata.mtime_nsec()),
        (metadata.ctime(), metadata.ctime_nsec()),
        metadata.nlink() > 1,
    ))
}

#[cfg(not(unix))]
pub(super) fn revision(metadata: &Metadata) -> Option<Revision> {
    let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
    let modified = since(metadata.modified().ok()?)?;
    let seconds = i64::try_from(modified.as_secs()).ok()?;
    let modified = (seconds, i64::from(modified.subsec_nanos()));
    let none = FileIdentity {
        device: 0,
        inode: 0,
    };
    Some(Revision::new(
        none,
        metadata.len(),
        modified,
        modified,
        false,
    ))
}

/// Which file or directory a path leads to now.
pub(in crate::storage) fn identity_at(path: &std::path::Path) -> Option<FileIdentity> {
    identity(&std::fs::metadata(path).ok()?)
}

/// The mount that a path is on. A directory that is mounted twice has one identity and two of these.
#[cfg(target_os = "linux")]
pub(super) fn mount(path: &std::path::Path) -> Option<u64> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

    mount_in(&statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID).ok()?)
}

/// The mount that an open file or directory is on.
#[cfg(target_os = "linux")]
pub(super) fn mount_of(file: impl std::os::fd::AsFd) -> Option<u64> {
    use rustix::fs::{AtFlags, StatxFlags, statx};

    mount_in(&statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?)
}

#[cfg(target_os = "linux")]
fn mount_in(found: &rustix::fs::Statx) -> Option<u64> {
    use rustix::fs::StatxFlags;

    let is_known = StatxFlags::from_bits_retain(found.stx_mask).contains(StatxFlags::MNT_ID);
    is_known.then_some(found.stx_mnt_id)
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn mount_of<F>(_: F) -> Option<u64> {
    None
}

#[cfg(not(target_os = "linux"))]
pub(super) fn mount(_: &std::path::Path) -> Option<u64> {
    None
}
