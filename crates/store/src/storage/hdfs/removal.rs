use std::time::Duration;

use hdfs_native::{Client, HdfsError};

use crate::storage::call::Call;
use crate::storage::hdfs::classify;
use crate::storage::{StorageError, StorageErrorKind};

/// Removes files, one by one: the NameNode knows no batches. One that is not there is gone already.
pub(crate) async fn delete(
    client: &Client,
    files: &[(Call<'_>, &str)],
    patience: Duration,
) -> Vec<Result<(), StorageError>> {
    let mut answers = Vec::with_capacity(files.len());
    for (call, key) in files {
        call.count();
        let path = format!("/{key}");
        let done = call.within(patience, client.delete(&path, false)).await;
        answers.push(match done {
            Ok(Ok(_) | Err(HdfsError::FileNotFound(_))) => Ok(()),
            Ok(Err(error)) => Err(classify(&error, call)),
            Err(silence) => Err(silence),
        });
    }
    answers
}

/// Moves a file to a name that is not taken.
pub(crate) async fn move_file(
    call: &Call<'_>,
    client: &Client,
    from: &str,
    to: &str,
    patience: Duration,
) -> Result<(), StorageError> {
    const PERMISSIONS: u32 = 0o755;
    let (from, to) = (format!("/{from}"), format!("/{to}"));
    let directory = to.rsplit_once('/').map_or("/", |(directory, _)| directory);
    let failed = |error: HdfsError| classify(&error, call);
    if !directory.is_empty() {
        let made = client.mkdirs(directory, PERMISSIONS, true);
        call.within(patience, made).await?.map_err(failed)?;
    }
    let moved = client.rename(&from, &to, false);
    call.within(patience, moved).await?.map_err(failed)
}

/// Removes a directory; false if something is in it.
pub(crate) async fn remove_empty_directory(
    call: &Call<'_>,
    client: &Client,
    key: &str,
    patience: Duration,
) -> Result<bool, StorageError> {
    let path = format!("/{key}");
    match call.within(patience, client.delete(&path, false)).await? {
        // One that is not there is gone already.
        Ok(_) => Ok(true),
        Err(HdfsError::RPCError(class, _))
            if class.ends_with("PathIsNotEmptyDirectoryException") =>
        {
            Ok(false)
        }
        Err(error) => {
            let error = classify(&error, call);
            match error.kind() {
                StorageErrorKind::NotFound => Ok(true),
                _ => Err(error),
            }
        }
    }
}
