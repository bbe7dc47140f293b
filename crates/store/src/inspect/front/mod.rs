//! The short way to a snapshot: [`open`], then ask what it is. What the use cases take as requests has
//! its usual values here; for anything else, call them with [`Snapshot::storage`] and
//! [`Snapshot::metadata`].

pub mod blocking;
mod snapshot;

pub use snapshot::Snapshot;

use crate::error::Error;
use crate::storage::{Settings, Storage};

/// Opens the snapshot that `place` means: its directory, its `_metadata` file, or a pointer such as
/// `s3://bucket/savepoints@latest`.
///
/// The library never reads the environment, so this has [`Settings::new`]: no credentials, no region,
/// no configuration of Hadoop or Flink. That is enough for local disk. [`open_with`] takes a [`Storage`]
/// with settings of your own.
///
/// ```no_run
/// # async fn example() -> Result<(), statescope_store::Error> {
/// let snapshot = statescope_store::inspect::front::open("/data/savepoints@latest").await?;
/// println!("{} has {} operators", snapshot.location(), snapshot.operators().len());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When there is no such snapshot, or its metadata cannot be read or parsed.
pub async fn open(place: &str) -> Result<Snapshot, Error> {
    open_with(&Storage::new(Settings::new()), place).await
}

/// The same with stores that are reached as the settings of `storage` say. Snapshots that are opened
/// with one storage share its connections and its bound on requests.
///
/// # Errors
/// As [`open`].
pub async fn open_with(storage: &Storage, place: &str) -> Result<Snapshot, Error> {
    Snapshot::open(storage.clone(), place).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use statescope_analysis::restore::job::{JobDescription, JobOperator};

    /// A savepoint of version 3, without operators.
    fn savepoint() -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        let mut bytes = vec![0x49, 0x60, 0x67, 0x2D, 0, 0, 0, 3];
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 42]);
        bytes.extend([0; 8]);
        let savepoint = directory.path().join("savepoint-1a2b3c-0123456789ab");
        std::fs::create_dir(&savepoint).expect("a directory");
        std::fs::write(savepoint.join("_metadata"), bytes).expect("a file");
        directory
    }

    #[tokio::test]
    async fn a_pointer_opens_and_blocking_works_inside_of_a_runtime() {
        let directory = savepoint();
        let place = format!("{}@latest", directory.path().display());
        let snapshot = open(&place).await.expect("a snapshot");
        assert_eq!(snapshot.summary().checkpoint_id, 42);
        let here = snapshot.check().await.expect("an answer");
        let waiting = blocking::open(&place).expect("a snapshot");
        assert_eq!(waiting.location(), snapshot.location());
        let checked = waiting.check().expect("an answer");
        assert_eq!(checked.check.verdict, here.check.verdict);
        assert!(checked.check.verdict.is_some());
    }

    #[test]
    fn a_description_that_no_job_can_have_is_refused() {
        let directory = savepoint();
        let place = format!("{}@latest", directory.path().display());
        let snapshot = blocking::open(&place).expect("a snapshot");
        let mut job = JobDescription {
            version: JobDescription::VERSION,
            ..JobDescription::default()
        };
        snapshot.check_against(&job).expect("an answer");
        job.operators.push(JobOperator::default());
        let refused = snapshot.check_against(&job);
        assert!(matches!(refused, Err(Error::Job(_))), "{refused:?}");
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let missing = blocking::open("/no/such/directory").expect_err("an error");
        assert!(matches!(missing, Error::Storage(_)), "{missing:?}");
    }
}
