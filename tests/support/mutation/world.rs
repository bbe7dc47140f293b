use std::path::Path;
use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use statescope::Location;
use statescope::storage::{Settings, Storage};

use super::script::{Mutant, Script};
use super::{Fixture, fixture};

/// Where the jobs of the fixtures wrote, and where that is in the directory of a scenario.
const MOVED: [(&str, &str); 2] = [
    ("file:/data/flink/checkpoints", ""),
    ("file:/data/flink/changelog", "changelog"),
];

/// A snapshot in a store.
pub struct World {
    pub storage: Storage,
    /// Its metadata.
    pub location: Location,
}

impl World {
    /// The fixture of a number as Flink wrote it.
    pub async fn of_fixture(number: usize) -> Self {
        let files = fixture(number).files.iter();
        let files = files.map(|(path, bytes)| (path.as_str(), Some(bytes.as_slice())));
        Self::of(fixture(number), "memory://fixture", files).await
    }

    /// What a script made of its fixture.
    pub async fn of_mutant(script: &Script, mutant: &Mutant) -> Self {
        let files = mutant.files.iter();
        let files = files.map(|(path, bytes)| (path.as_str(), bytes.as_deref()));
        Self::of(fixture(script.fixture), "memory://mutant", files).await
    }

    async fn of<'a>(
        fixture: &Fixture,
        root: &str,
        files: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>,
    ) -> Self {
        let root = Location::new(root);
        let store = Arc::new(InMemory::new());
        for (path, bytes) in files {
            if let Some(bytes) = bytes {
                let path = object_store::path::Path::from(path);
                let written = store.put(&path, bytes.to_vec().into()).await;
                written.expect("memory takes it");
            }
        }
        let mut settings = Settings::new();
        settings.relocations = MOVED
            .iter()
            .map(|(from, to)| (Location::new(*from), root.join(to)))
            .collect();
        let storage = Storage::new(settings);
        storage.set_store(&root, store as Arc<dyn ObjectStore>);
        let metadata = &fixture.files[fixture.metadata].0;
        Self {
            storage,
            location: root.join(metadata),
        }
    }
}

impl Mutant {
    /// Names of the files that are gone or shorter than Flink wrote them, with how many bytes are
    /// left.
    pub fn damaged(&self, script: &Script) -> Vec<(String, u64)> {
        let before = fixture(script.fixture).files.iter();
        let both = before.zip(&self.files);
        both.filter_map(|((path, before), (_, after))| {
            let left = after.as_ref().map_or(0, Vec::len);
            let name = Path::new(path).file_name()?.to_str()?.to_owned();
            (left < before.len()).then_some((name, u64::try_from(left).ok()?))
        })
        .collect()
    }
}
