use serde::Serialize;

use crate::storage::StorageError;
use statescope_analysis::retention::{Class, Outcome, Plan, Refusal};
use statescope_format::location::Location;

/// What came of carrying out a plan: the `data` of `retention apply` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Applied {
    /// Below which files may go.
    pub base: Location,
    /// Whether nothing was to be deleted.
    pub dry_run: bool,
    /// Where files were moved to, if they were not deleted.
    pub quarantine: Option<Location>,
    /// Every file of the plan, in the order of deletion.
    pub objects: Vec<AppliedObject>,
    /// Empty directories that were removed.
    pub directories: Vec<Location>,
    /// Bytes of the files that are gone; in a dry run, of those that would go.
    pub freed_bytes: u64,
    /// Why nothing, or nothing more, was deleted.
    pub refusals: Vec<Refusal>,
}

/// A file of the plan and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppliedObject {
    /// Where it is, or was.
    pub location: Location,
    /// Why it goes.
    pub class: Class,
    /// Its size.
    pub bytes: u64,
    /// What became of it.
    pub state: State,
    /// Why it is still there.
    pub error: Option<String>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is still there; its turn did not come.
    Planned,
    /// It was gone before.
    Gone,
    /// It was deleted, or moved.
    Deleted,
    /// The store did not delete it.
    Failed,
    /// It stays, for the metadata of a snapshot that needs it could not be deleted.
    Spared,
}

/// Why a plan could not be carried out to its end, besides refusals.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The store did not deliver what is needed to check the plan.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Files cannot be moved there.
    #[error("the quarantine cannot be used: {0}")]
    Quarantine(&'static str),
    /// The journal could not be written; nothing was deleted after that.
    #[error("the journal cannot be written: {0}")]
    Journal(String),
}

impl Applied {
    pub(super) fn new(plan: &Plan, dry_run: bool, quarantine: Option<&Location>) -> Self {
        let objects = plan.objects.iter().map(|object| AppliedObject {
            location: object.location.clone(),
            class: object.class,
            bytes: object.bytes,
            state: State::Planned,
            error: None,
        });
        Self {
            base: plan.base.clone(),
            dry_run,
            quarantine: quarantine.cloned(),
            objects: objects.collect(),
            directories: Vec::new(),
            freed_bytes: 0,
            refusals: Vec::new(),
        }
    }

    pub(super) fn refused(mut self, refusals: Vec<Refusal>) -> Self {
        self.refusals = refusals;
        self
    }

    /// Notes which files are still there, by position; all others are gone.
    pub(super) fn confirmed(&mut self, confirmed: &[usize]) {
        for object in &mut self.objects {
            object.state = State::Gone;
        }
        for &at in confirmed {
            if let Some(object) = self.objects.get_mut(at) {
                object.state = State::Planned;
            }
        }
        if self.dry_run {
            self.freed_bytes = self.bytes_of(State::Planned);
        }
    }

    pub(super) fn outcomes(&mut self, outcomes: &[Option<Outcome>]) {
        for (object, outcome) in self.objects.iter_mut().zip(outcomes) {
            match outcome {
                // What is tried again was not tried to the end.
                None | Some(Outcome::Busy(_) | Outcome::NotTried) => {}
                Some(Outcome::Deleted) => object.state = State::Deleted,
                Some(Outcome::Spared) => object.state = State::Spared,
                Some(Outcome::Failed(reason)) => {
                    object.state = State::Failed;
                    object.error = Some(reason.clone());
                }
            }
        }
        self.freed_bytes = self.bytes_of(State::Deleted);
    }

    /// How many files are in that state.
    pub fn count(&self, state: State) -> u64 {
        let objects = self.objects.iter().filter(|object| object.state == state);
        statescope_format::reader::to_u64(objects.count())
    }

    /// How many files of the plan are still there although they were to go.
    pub fn left(&self) -> u64 {
        self.count(State::Planned) + self.count(State::Failed) + self.count(State::Spared)
    }

    fn bytes_of(&self, state: State) -> u64 {
        let objects = self.objects.iter().filter(|object| object.state == state);
        objects.fold(0, |sum, object| sum.saturating_add(object.bytes))
    }
}
