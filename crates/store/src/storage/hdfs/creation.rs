use std::time::Duration;

use bytes::Bytes;
use hdfs_native::{Client, WriteOptions};

use crate::storage::StorageError;
use crate::storage::call::Call;
use crate::storage::creation::unfinished_name;
use crate::storage::hdfs::classify;

/// Writes a file beside its name, and then gives it its name.
///
/// Not through the object store crate: it leaves behind what it could not finish, and asks for the
/// file once more at the end, which fails if another program has deleted it by then.
pub(crate) async fn write(
    call: &Call<'_>,
    client: &Client,
    key: &str,
    content: Bytes,
    patience: Duration,
) -> Result<(), StorageError> {
    let failed = |error| classify(&error, call);
    let path = format!("/{key}");
    let (directory, name) = path.rsplit_once('/').unwrap_or_default();
    let unfinished = format!("{directory}/{}", unfinished_name(name));
    let created = client.create(&unfinished, WriteOptions::default());
    let mut file = call.within(patience, created).await?.map_err(failed)?;
    let written = call.within(patience, async {
        file.write_bytes(content).await?;
        file.close().await?;
        client.rename(&unfinished, &path, true).await
    });
    let written = written.await.and_then(|done| done.map_err(failed));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = call
            .within(patience, client.delete(&unfinished, false))
            .await;
    }
    written
}
