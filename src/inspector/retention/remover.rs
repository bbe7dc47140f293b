use futures_util::{StreamExt, stream};

use crate::location::Location;
use crate::storage::{Storage, StorageError};

/// Files that are moved at a time.
const MOVES_AT_ONCE: usize = 16;

/// Gets files out of the way.
pub(super) struct Remover<'r> {
    pub(super) storage: &'r Storage,
    /// Below which the files are.
    pub(super) base: &'r Location,
    /// Below which they are moved to, if they are not to be deleted.
    pub(super) quarantine: Option<&'r Location>,
}

impl Remover<'_> {
    /// How many files to remove before the time since the last look is looked at.
    pub(super) fn at_once(&self) -> usize {
        match self.quarantine {
            Some(_) => MOVES_AT_ONCE,
            None => self.storage.deleted_at_once(self.base),
        }
    }

    /// Deletes or moves files.
    pub(super) async fn remove(&self, files: &[Location]) -> Vec<Result<(), StorageError>> {
        let Some(quarantine) = self.quarantine else {
            return self.storage.delete(files).await;
        };
        let moves = files.iter().map(|file| async move {
            let to = in_quarantine(quarantine, self.base, file);
            self.storage.move_file(file, &to).await
        });
        stream::iter(moves).buffered(MOVES_AT_ONCE).collect().await
    }
}

/// The place of a file in quarantine: its path below the base.
fn in_quarantine(quarantine: &Location, base: &Location, file: &Location) -> Location {
    let path = file.as_str();
    let base = base.as_str().trim_end_matches('/');
    let below = path.strip_prefix(base).unwrap_or(path);
    quarantine.join(below.trim_start_matches('/'))
}
