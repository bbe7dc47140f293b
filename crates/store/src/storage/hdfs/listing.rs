use std::time::{Duration, Instant, SystemTime};

use hdfs_native::client::FileStatus;
use hdfs_native::{Client, HdfsError};

use crate::storage::bounds::Listed;
use crate::storage::call::Call;
use crate::storage::hdfs::classify;
use crate::storage::level::check;
use crate::storage::{DirectoryInfo, Listing, ObjectInfo, StorageError, StorageErrorKind};
use statescope_format::location::{FileIdentity, Revision};

/// One level of the tree. The NameNode sends it in batches; each has its own time limit.
pub(crate) async fn list(
    call: &Call<'_>,
    client: &Client,
    key: &str,
    patience: Duration,
) -> Result<Listing, StorageError> {
    let directory = format!("/{key}");
    let statuses = client.list_status_iter(&directory, false);
    let mut listing = Listing::default();
    let mut listed = Listed::default();
    let begun = Instant::now();
    while let Some(status) = call.within(patience, statuses.next()).await? {
        let status = status.map_err(|error: HdfsError| classify(&error, call))?;
        listed.entries += 1;
        check(call, listed, begun.elapsed(), patience)?;
        // Listing a file gives the file.
        if !status.isdir && status.path == directory {
            return Err(call
                .error(StorageErrorKind::NotFound)
                .saying("it is a file, not a directory"));
        }
        let name = status.path.rsplit('/').next().unwrap_or_default();
        if name.is_empty() || name.contains(|c: char| c.is_ascii_control()) {
            listing.skipped += 1;
        } else if status.isdir {
            listing.directories.push(DirectoryInfo::named(name));
        } else {
            listing.files.push(info(call, name, &status));
        }
    }
    Ok(sorted(listing))
}

fn info(call: &Call<'_>, name: &str, status: &FileStatus) -> ObjectInfo {
    let since = Duration::from_millis(status.modification_time);
    let modified = SystemTime::UNIX_EPOCH.checked_add(since);
    ObjectInfo {
        location: call.location.join(name),
        size: status.length as u64,
        modified,
        settled: modified,
        etag: None,
        identity: None,
        revision: Some(revision(status)),
        link_target: None,
    }
}

/// HDFS tells neither the number of a file nor when its inode changed, but milliseconds.
fn revision(status: &FileStatus) -> Revision {
    let none = FileIdentity {
        device: 0,
        inode: 0,
    };
    let milliseconds = i64::try_from(status.modification_time).unwrap_or(i64::MAX);
    let modified = (milliseconds, 0);
    Revision::new(none, status.length as u64, modified, modified, false)
}

/// By name. HDFS has real directories, so no file is taken for the mark of one.
fn sorted(mut listing: Listing) -> Listing {
    listing
        .directories
        .sort_unstable_by(|a, b| a.name.cmp(&b.name));
    listing
        .files
        .sort_unstable_by(|a, b| a.location.as_str().cmp(b.location.as_str()));
    listing
}
