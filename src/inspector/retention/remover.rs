use std::time::Duration;

use futures_util::{StreamExt, stream};

use crate::location::Location;
use crate::storage::{Storage, StorageError, StorageErrorKind};

/// How often a file is tried again that an overloaded store did not delete.
const TRIES_AGAIN: u32 = 4;
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
    /// Deletes or moves files; those that an overloaded store did not take are tried again, later
    /// each time.
    pub(super) async fn remove(&self, files: &[Location]) -> Vec<Result<(), StorageError>> {
        let mut answers = self.delete_once(files).await;
        let mut pause = Duration::from_millis(200);
        for _ in 0..TRIES_AGAIN {
            let is_throttled = |answer: &Result<(), StorageError>| {
                let error = answer.as_ref().err();
                error.is_some_and(|error| *error.kind() == StorageErrorKind::Throttled)
            };
            let again: Vec<usize> = answers
                .iter()
                .enumerate()
                .filter(|(_, answer)| is_throttled(answer))
                .map(|(at, _)| at)
                .collect();
            if again.is_empty() {
                break;
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            let subset = again.iter().filter_map(|at| files.get(*at).cloned());
            let subset: Vec<Location> = subset.collect();
            for (at, answer) in again.into_iter().zip(self.delete_once(&subset).await) {
                if let Some(place) = answers.get_mut(at) {
                    *place = answer;
                }
            }
        }
        answers
    }

    async fn delete_once(&self, files: &[Location]) -> Vec<Result<(), StorageError>> {
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
