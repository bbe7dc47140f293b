//! The same for programs without an asynchronous runtime: each snapshot brings its own. It works inside
//! of another runtime, too, and blocks the thread there.
//!
//! ```no_run
//! use statescope_store::inspect::front::blocking;
//!
//! let snapshot = blocking::open("/data/savepoints@latest")?;
//! let checked = snapshot.check()?;
//! println!("{}", checked.check.verdict.map_or("unknown", |verdict| verdict.label()));
//! # Ok::<(), statescope_store::Error>(())
//! ```

use std::panic;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::error::Error;
use crate::inspect::check::Checked;
use crate::inspect::front;
use crate::inspect::load::LoadedMetadata;
use crate::inspect::show::Shown;
use crate::storage::{Settings, Storage};
use statescope_analysis::finding::Finding;
use statescope_analysis::health::files::FileCheck;
use statescope_analysis::restore::job::JobDescription;
use statescope_analysis::snapshot::summary::{OperatorSummary, SnapshotSummary};
use statescope_format::location::Location;

/// As [`front::open`], with the same plain settings.
///
/// # Errors
/// As [`front::open`], and [`Error::Runtime`].
pub fn open(place: &str) -> Result<Snapshot, Error> {
    open_with(Settings::new(), place)
}

/// As [`front::open_with`]; it takes the settings, since connections live in the runtime that opened
/// them.
///
/// # Errors
/// As [`front::open`], and [`Error::Runtime`].
pub fn open_with(settings: Settings, place: &str) -> Result<Snapshot, Error> {
    let runtime = Waiting::new()?;
    let storage = Storage::new(settings);
    let snapshot = runtime.wait(|| front::open_with(&storage, place))?;
    Ok(Snapshot { snapshot, runtime })
}

/// A [`front::Snapshot`] whose methods wait.
#[derive(Debug)]
pub struct Snapshot {
    snapshot: front::Snapshot,
    runtime: Waiting,
}

impl Snapshot {
    /// The metadata file.
    pub fn location(&self) -> &Location {
        self.snapshot.location()
    }

    /// The metadata as it was read: its bytes, and the parsed model.
    pub fn metadata(&self) -> &LoadedMetadata {
        self.snapshot.metadata()
    }

    /// What the metadata says, with Flink's own sizes.
    pub fn summary(&self) -> &SnapshotSummary {
        self.snapshot.summary()
    }

    /// The operators, most state first; those of unknown size before all.
    pub fn operators(&self) -> &[OperatorSummary] {
        self.snapshot.operators()
    }

    /// As [`front::Snapshot::findings`].
    pub fn findings(&self) -> &[Finding] {
        self.snapshot.findings()
    }

    /// As [`front::Snapshot::states`].
    ///
    /// # Errors
    /// The same.
    pub fn states(&self) -> Result<Shown, Error> {
        self.runtime.wait(|| self.snapshot.states())
    }

    /// As [`front::Snapshot::files`].
    ///
    /// # Errors
    /// The same.
    pub fn files(&self) -> Result<(FileCheck, Vec<Finding>), Error> {
        self.runtime.wait(|| self.snapshot.files())
    }

    /// As [`front::Snapshot::check`].
    ///
    /// # Errors
    /// The same.
    pub fn check(&self) -> Result<Checked, Error> {
        self.runtime.wait(|| self.snapshot.check())
    }

    /// As [`front::Snapshot::check_against`].
    ///
    /// # Errors
    /// The same.
    pub fn check_against(&self, job: &JobDescription) -> Result<Checked, Error> {
        self.runtime.wait(|| self.snapshot.check_against(job))
    }
}

/// A runtime until it is dropped, when reads that hang in the file system are left behind.
#[derive(Debug)]
struct Waiting(Option<Runtime>);

impl Waiting {
    fn new() -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Self(Some(runtime.map_err(Error::Runtime)?)))
    }

    /// Waits on a thread of its own: the caller's may belong to another runtime, where waiting panics.
    fn wait<T: Send, W: Future<Output = Result<T, Error>>>(
        &self,
        work: impl FnOnce() -> W + Send,
    ) -> Result<T, Error> {
        let runtime = self.0.as_ref().ok_or_else(Error::no_runtime)?;
        thread::scope(|scope| {
            let waiting = thread::Builder::new().spawn_scoped(scope, || runtime.block_on(work()));
            let done = waiting.map_err(Error::Runtime)?.join();
            done.unwrap_or_else(|panicked| panic::resume_unwind(panicked))
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
