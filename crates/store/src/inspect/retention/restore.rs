use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::inspect::load::LoadedMetadata;
use crate::inspect::progress::{NoProgress, Progress};
use crate::inspect::verify::{look_for, needed};
use crate::storage::{Doomed, ObjectInfo, Removal, Storage, StorageError};
use statescope_analysis::health::files::{NeededFile, Seen, judge};
use statescope_analysis::retention::{
    MovedFile, MovedFiles, Restoration, RestoreRefusal, RestoreSelection, RestoreStep, Returned,
    Way,
};
use statescope_analysis::snapshot::references::Base;
use statescope_format::location::{Location, Scheme};
use statescope_format::reader::to_u64;

/// Files that are moved at a time.
const MOVES_AT_ONCE: usize = 16;
/// Files between two looks at what comes next.
const BATCH: usize = 256;

/// What came of bringing files back: the `data` of `retention restore` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Restored {
    /// Whether nothing was to be moved.
    pub dry_run: bool,
    /// Every file that was wanted, metadata last.
    pub objects: Vec<RestoredObject>,
    /// Bytes of the files that came back; in a dry run, of those that would.
    pub restored_bytes: u64,
    /// Why nothing was brought back.
    pub refusals: Vec<RestoreRefusal>,
}

/// A file that was wanted back, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RestoredObject {
    /// Where it belongs.
    pub location: Location,
    /// Where it was in quarantine.
    pub quarantined: Location,
    /// Its size, where the journal knows it.
    pub bytes: Option<u64>,
    /// What became of it.
    pub state: RestoredState,
    /// Why it is not back.
    pub error: Option<String>,
}

/// What became of a file that was wanted back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoredState {
    /// It would come back.
    Planned,
    /// It is back.
    Restored,
    /// It was there already.
    Present,
    /// It is not back.
    Left,
}

impl Restored {
    /// How many files are in that state.
    pub fn count(&self, state: RestoredState) -> u64 {
        let objects = self.objects.iter().filter(|object| object.state == state);
        to_u64(objects.count())
    }

    fn refused(dry_run: bool, refusal: RestoreRefusal) -> Self {
        Self {
            dry_run,
            objects: Vec::new(),
            restored_bytes: 0,
            refusals: vec![refusal],
        }
    }

    fn new(dry_run: bool, files: &[MovedFile], returned: &[Option<Returned>]) -> Self {
        let objects = files.iter().zip(returned).filter_map(|(file, returned)| {
            let (state, error) = match returned.as_ref()? {
                Returned::Restored if dry_run => (RestoredState::Planned, None),
                Returned::Restored => (RestoredState::Restored, None),
                Returned::Present => (RestoredState::Present, None),
                Returned::Not(reason) => (RestoredState::Left, Some(reason.clone())),
            };
            Some(RestoredObject {
                location: file.location.clone(),
                quarantined: file.quarantined.clone(),
                bytes: file.bytes,
                state,
                error,
            })
        });
        let mut objects: Vec<_> = objects.collect();
        objects.sort_by_key(|object| {
            object.location.file_name() == statescope_format::layout::METADATA_FILE
        });
        let back = objects.iter().filter(|object| {
            matches!(
                object.state,
                RestoredState::Planned | RestoredState::Restored
            )
        });
        let bytes = back.filter_map(|object| object.bytes);
        Self {
            dry_run,
            restored_bytes: bytes.fold(0, u64::saturating_add),
            objects,
            refusals: Vec::new(),
        }
    }
}

/// Brings back what runs with a quarantine moved, as far as it is wanted. Nothing is overwritten, and
/// metadata comes last, where all that it mentions is there. It can be interrupted and repeated.
///
/// # Errors
/// When the metadata of a wanted snapshot is in neither place.
pub async fn restore(
    storage: &Storage,
    moved: &MovedFiles,
    selection: &RestoreSelection,
    dry_run: bool,
    progress: &dyn Progress,
) -> Result<Restored, StorageError> {
    for Way { base, store, .. } in &moved.ways {
        let found = storage.identity(base);
        if found != *store {
            let recorded = store.clone();
            let refusal = RestoreRefusal::OtherStore { recorded, found };
            return Ok(Restored::refused(dry_run, refusal));
        }
        storage.trust(base);
    }
    let absolute =
        |places: &[Location]| places.iter().map(|place| storage.absolute(place)).collect();
    let selection = RestoreSelection {
        snapshots: absolute(&selection.snapshots),
        below: absolute(&selection.below),
    };
    let files = &moved.files;
    let mut run = Run {
        storage,
        files,
        dry_run,
        ways: Vec::new(),
        listed: HashSet::new(),
        to_come: HashSet::new(),
    };
    let mentioned = run.mentioned_by(&selection.snapshots).await?;
    let wanted = selection.pick(files, &mentioned);
    progress.expect(to_u64(wanted.len()));
    if !dry_run {
        run.open(&moved.ways).await?;
    }
    let mut restoration = Restoration::new(files, &wanted, BATCH);
    loop {
        match restoration.next_step() {
            RestoreStep::BringBack(batch) => {
                run.list(&batch).await;
                for (at, returned) in run.bring_back(&batch).await {
                    progress.step();
                    run.note(at, &returned);
                    restoration.record(at, returned);
                }
            }
            RestoreStep::LookForFiles(at) => {
                let lacks = run.lacks(at).await;
                restoration.looked(at, lacks);
            }
            RestoreStep::Done => break,
        }
    }
    let restored = Restored::new(dry_run, files, restoration.returned());
    run.clear_up(&restored).await;
    Ok(restored)
}

type PlaceKey = (Scheme, Vec<u8>);

struct Run<'r> {
    storage: &'r Storage,
    files: &'r [MovedFile],
    dry_run: bool,
    /// What moves files from below a quarantine to below its base: the way there, with its ends
    /// changed over. `None` where the quarantine is not there any more.
    ways: Vec<Option<Removal>>,
    /// Directories in quarantine that were listed.
    listed: HashSet<String>,
    /// In a dry run, the files that would be there.
    to_come: HashSet<PlaceKey>,
}

impl Run<'_> {
    async fn open(&mut self, ways: &[Way]) -> Result<(), StorageError> {
        for Way {
            base, quarantine, ..
        } in ways
        {
            self.ways
                .push(match self.storage.removal(quarantine).await {
                    Ok(mut removal) => {
                        removal.into_quarantine(base).await?;
                        Some(removal)
                    }
                    Err(error) if error.is_not_found() => None,
                    Err(error) => return Err(error),
                });
        }
        Ok(())
    }

    /// Lists the directories of files in quarantine: on local disk, files are moved only out of
    /// directories that were seen.
    async fn list(&mut self, batch: &[usize]) {
        for &at in batch {
            let Some(file) = self.files.get(at) else {
                continue;
            };
            let directory = file.quarantined.parent();
            if let Some(Some(removal)) = self.ways.get_mut(file.way)
                && self.listed.insert(directory.as_str().to_owned())
                // If it cannot be listed, moving its files fails and says so.
                && let Ok(listing) = self.storage.list(&directory).await
            {
                removal.listed(&directory, listing.identity);
            }
        }
    }

    /// The places of the files that snapshots mention, by their metadata in quarantine or, where
    /// they are back already, at their place.
    async fn mentioned_by(
        &self,
        snapshots: &[Location],
    ) -> Result<HashSet<PlaceKey>, StorageError> {
        let mut mentioned = HashSet::new();
        for snapshot in snapshots {
            let metadata = snapshot.join(statescope_format::layout::METADATA_FILE);
            let mut of_snapshot = (self.files.iter())
                .filter(|file| self.place(&file.location) == self.place(&metadata));
            let loaded = match of_snapshot.next_back() {
                Some(file) => self.load(file).await?,
                None => self.read_as(&metadata, &metadata).await?,
            };
            let base = Base::new(Some(snapshot.clone()));
            // What cannot be parsed is told when its turn comes.
            if let Ok((needed, _)) = needed(&loaded, &base) {
                let files = needed.files.iter();
                mentioned.extend(files.map(|file| self.place(&file.location)));
            }
        }
        Ok(mentioned)
    }

    async fn load(&self, file: &MovedFile) -> Result<LoadedMetadata, StorageError> {
        match self.read_as(&file.quarantined, &file.location).await {
            Err(error) if error.is_not_found() => {
                self.read_as(&file.location, &file.location).await
            }
            done => done,
        }
    }

    /// Metadata as it is, or will be, at its place.
    async fn read_as(
        &self,
        file: &Location,
        place: &Location,
    ) -> Result<LoadedMetadata, StorageError> {
        let bytes = self.storage.read(file).await?;
        Ok(LoadedMetadata::of_place(
            self.storage.absolute(place),
            bytes,
        ))
    }

    /// The first file that a snapshot would lack; `None` if its metadata may come back.
    async fn lacks(&self, at: usize) -> Option<String> {
        let file = self.files.get(at)?;
        let loaded = match self.load(file).await {
            Ok(loaded) => loaded,
            Err(error) if error.is_not_found() => return Some(NOWHERE.to_owned()),
            Err(error) => return Some(error.to_string()),
        };
        let needed = match needed(&loaded, loaded.base()) {
            Ok((needed, _)) => needed,
            Err(error) => return Some(format!("its files are not known: {error}")),
        };
        let mut files = needed.files;
        files.retain(|file| !self.to_come.contains(&self.place(&file.location)));
        let (seen, _) = look_for(self.storage, &files, &NoProgress).await;
        let why = |(file, seen): (&NeededFile, &Seen)| match seen {
            // Nobody knows whether it is there.
            Seen::NotAsked(store) => Some(format!(
                "{} was not asked for {}; --allow-store allows it",
                store, file.location
            )),
            // Of a savepoint or not changes what is said of a missing file, not whether it is missing.
            _ => judge(file, seen, true).map(|finding| {
                let place = finding.place.path.unwrap_or_default();
                format!("{place}: {}", finding.kind.code())
            }),
        };
        let why = files.iter().zip(&seen).find_map(why)?;
        Some(format!("the snapshot would not be whole: {why}"))
    }

    async fn bring_back(&self, batch: &[usize]) -> Vec<(usize, Returned)> {
        let files = batch
            .iter()
            .filter_map(|&at| Some((at, self.files.get(at)?)));
        let moves = files.map(|(at, file)| async move {
            let returned = self.bring_back_one(file).await;
            (
                at,
                returned.unwrap_or_else(|error| Returned::Not(error.to_string())),
            )
        });
        let moves: Vec<_> = moves.collect();
        stream::iter(moves).buffered(MOVES_AT_ONCE).collect().await
    }

    async fn bring_back_one(&self, file: &MovedFile) -> Result<Returned, StorageError> {
        let at_its_place = there(self.storage.head(&file.location).await)?;
        let in_quarantine = there(self.storage.head(&file.quarantined).await)?;
        match (at_its_place, in_quarantine) {
            (None, Some(_)) => {
                if let Some(Some(removal)) = self.ways.get(file.way) {
                    let moved = removal
                        .remove(&[Doomed {
                            location: file.quarantined.clone(),
                            seen: None,
                        }])
                        .await;
                    moved.into_iter().collect::<Result<(), _>>()?;
                } else if !self.dry_run {
                    return Ok(Returned::Not(NOWHERE.to_owned()));
                }
                Ok(Returned::Restored)
            }
            (None, None) => Ok(Returned::Not(NOWHERE.to_owned())),
            (Some(_), None) => Ok(Returned::Present),
            // A store that moves by copying may have been interrupted between copy and deletion.
            (Some(there), Some(kept)) => Ok(match self.is_same(file, &there, &kept).await? {
                true => Returned::Present,
                false => Returned::Not(
                    "there is another file at its place, which is not overwritten".to_owned(),
                ),
            }),
        }
    }

    /// Names that Flink draws at random are never given twice; `_metadata` is.
    async fn is_same(
        &self,
        file: &MovedFile,
        there: &ObjectInfo,
        kept: &ObjectInfo,
    ) -> Result<bool, StorageError> {
        if there.size != kept.size {
            return Ok(false);
        }
        if !file.is_metadata() {
            return Ok(true);
        }
        let there = self.storage.read(&file.location).await?;
        Ok(there == self.storage.read(&file.quarantined).await?)
    }

    fn note(&mut self, at: usize, returned: &Returned) {
        if let (true, Some(file), Returned::Restored) = (self.dry_run, self.files.get(at), returned)
        {
            self.to_come.insert(self.place(&file.location));
        }
    }

    /// Removes the directories that are empty now. One that is not, or not ours to remove, stays: it
    /// takes no room.
    async fn clear_up(&self, restored: &Restored) {
        if self.dry_run {
            return;
        }
        let back = restored.objects.iter();
        let back = back.filter(|object| object.state == RestoredState::Restored);
        let directories = back.map(|object| object.quarantined.parent());
        let mut directories: Vec<_> = directories.collect();
        directories
            .sort_by(|a, b| (b.as_str().len(), b.as_str()).cmp(&(a.as_str().len(), a.as_str())));
        directories.dedup();
        for directory in directories {
            for removal in self.ways.iter().flatten() {
                let _ = removal.remove_empty_directory(&directory).await;
            }
        }
    }

    fn place(&self, location: &Location) -> PlaceKey {
        self.storage.absolute(location).place()
    }
}

const NOWHERE: &str = "it is neither in quarantine nor at its place";

fn there(answer: Result<ObjectInfo, StorageError>) -> Result<Option<ObjectInfo>, StorageError> {
    match answer {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
