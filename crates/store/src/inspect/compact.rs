//! Merges the small files of a history (docs/history.md).

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::error::Error;
use crate::inspect::history::{files, invalid, not_read, read_rows, recorded_jobs};
use crate::inspect::progress::Progress;
use crate::storage::Storage;
use statescope_analysis::finding::Finding;
use statescope_analysis::growth::history::{Partition, compaction};
use statescope_format::Limits;
use statescope_format::location::Location;
use statescope_format::reader::to_u64;

/// Jobs that are worked on at a time.
const JOBS_AT_ONCE: usize = 4;

/// What a compaction did.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Compacted {
    /// Partitions whose files became one.
    pub partitions: u64,
    /// Files that are gone.
    pub files: u64,
    /// Files that could not be understood; their partitions stay as they are.
    #[serde(skip)]
    pub not_read: Vec<Finding>,
}

/// Makes one file of those of each partition. The new file is written before the others are deleted,
/// so that a crash at any moment loses nothing, and what is in two files counts once.
///
/// # Errors
/// When the history cannot be listed, read or written.
pub async fn compact(
    storage: &Storage,
    history: &Location,
    progress: &dyn Progress,
) -> Result<Compacted, Error> {
    let jobs = recorded_jobs(storage, history).await?;
    progress.expect(to_u64(jobs.len()));
    let mut work = stream::iter(jobs)
        .map(|job| async move {
            let [job, _] = Partition {
                job,
                date: String::new(),
            }
            .directories();
            let compacted = compact_job(storage, &history.join(&job)).await;
            progress.step();
            compacted
        })
        .buffer_unordered(JOBS_AT_ONCE);
    let mut all = Compacted::default();
    while let Some(compacted) = work.next().await {
        let mut compacted = compacted?;
        all.partitions += compacted.partitions;
        all.files += compacted.files;
        all.not_read.append(&mut compacted.not_read);
    }
    Ok(all)
}

async fn compact_job(storage: &Storage, directory: &Location) -> Result<Compacted, Error> {
    let mut compacted = Compacted::default();
    for date in storage.list(directory).await?.directory_names() {
        if Partition::date_of(date).is_some() {
            compact_partition(storage, &directory.join(date), &mut compacted).await?;
        }
    }
    Ok(compacted)
}

async fn compact_partition(
    storage: &Storage,
    directory: &Location,
    compacted: &mut Compacted,
) -> Result<(), Error> {
    let (mut all, mut count) = (Vec::new(), 0);
    for file in files(storage, directory).await? {
        match read_rows(storage, &file).await {
            Ok(Ok(rows)) => {
                count += rows.len();
                // Nobody could read the file that they make together.
                if count > Limits::default().history_rows {
                    return Ok(());
                }
                all.push((file.file_name().to_owned(), rows));
            }
            // What it holds is not known, so nothing here may be called superfluous.
            Ok(Err(damaged)) => {
                compacted
                    .not_read
                    .push(not_read(&file, damaged.to_string()));
                return Ok(());
            }
            // Another compaction is at work here.
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    let merged = compaction(all).map_err(|source| invalid(directory, &source))?;
    let Some(merged) = merged else {
        return Ok(());
    };
    let file = directory.join(&merged.name);
    storage.put(&file, Bytes::from(merged.content)).await?;
    let superfluous = merged.superfluous.iter();
    let superfluous: Vec<_> = superfluous.map(|name| directory.join(name)).collect();
    for deleted in storage.delete(&superfluous).await {
        deleted?;
    }
    compacted.partitions += 1;
    compacted.files += to_u64(superfluous.len());
    Ok(())
}
