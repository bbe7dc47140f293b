//! The uids of operators, from lists, jars and SQL plans that lie beside the snapshot on this
//! machine's disk.

#[cfg(feature = "jar")]
use std::num::NonZeroUsize;
#[cfg(feature = "jar")]
use std::path::Path;
use std::path::PathBuf;

use crate::error::Error;
use crate::inspect::load::LoadedMetadata;
use crate::storage::regular;
use statescope_analysis::finding::Finding;
#[cfg(feature = "jar")]
use statescope_analysis::finding::{FindingKind, Place};
use statescope_analysis::snapshot::summary::SnapshotSummary;
#[cfg(feature = "jar")]
use statescope_analysis::snapshot::uid::jar::{self, JarContents, JarLimits};
#[cfg(feature = "plan")]
use statescope_analysis::snapshot::uid::plan;
use statescope_analysis::snapshot::uid::{Dictionary, UidSource, list};
use statescope_format::Limits;
use statescope_format::model::checkpoint::OperatorId;
#[cfg(feature = "jar")]
use statescope_format::without_secrets;

/// Where the uids of operators are known from, besides the metadata.
#[derive(Clone, Debug, Default)]
pub struct UidSources {
    /// Lists, one uid a line.
    pub lists: Vec<UidList>,
    /// Jars of the job: all their string constants are tried.
    #[cfg(feature = "jar")]
    pub jars: Vec<PathBuf>,
    /// Compiled SQL plans: the uids of their nodes are tried.
    #[cfg(feature = "plan")]
    pub plans: Vec<PathBuf>,
}

/// A list of uids.
#[derive(Clone, Debug)]
pub enum UidList {
    /// A file.
    File(PathBuf),
    /// Text that somebody has read, and what to call it.
    Text {
        /// Its name in messages.
        name: String,
        /// The lines.
        text: String,
    },
}

impl UidSources {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        let is_empty = self.lists.is_empty();
        #[cfg(feature = "jar")]
        let is_empty = is_empty && self.jars.is_empty();
        #[cfg(feature = "plan")]
        let is_empty = is_empty && self.plans.is_empty();
        is_empty
    }

    /// Names the operators of a snapshot. Returns all that is known of them, and what to keep in
    /// mind with the names.
    ///
    /// # Errors
    /// [`Error::File`] and [`Error::BadUids`].
    pub fn name(
        &self,
        snapshot: &mut SnapshotSummary,
    ) -> Result<(Dictionary, Vec<Finding>), Error> {
        let ids = snapshot.operators.iter().map(|o| o.operator_id);
        let mut dictionary = Dictionary::of(ids);
        let notes = self.fill(&mut dictionary)?;
        snapshot.name_operators(&dictionary);
        snapshot.recognise_generated_ids();
        Ok((dictionary, notes))
    }

    /// The uids of a file's operators, as far as the file can be parsed.
    ///
    /// # Errors
    /// As [`name`](Self::name).
    pub fn of_file(&self, loaded: &LoadedMetadata) -> Result<(Dictionary, Vec<Finding>), Error> {
        let mut ids: Vec<OperatorId> = Vec::new();
        // What is wrong with the file is for the caller to find and to tell.
        let _ = loaded.parse_each(&mut |operator| ids.push(operator.id));
        let mut dictionary = Dictionary::of(ids);
        let notes = self.fill(&mut dictionary)?;
        Ok((dictionary, notes))
    }

    /// Offers everything that the sources hold.
    ///
    /// # Errors
    /// As [`name`](Self::name).
    #[cfg_attr(
        not(feature = "jar"),
        expect(unused_mut, reason = "jars alone may be read in part")
    )]
    pub fn fill(&self, dictionary: &mut Dictionary) -> Result<Vec<Finding>, Error> {
        let mut notes = Vec::new();
        for source in &self.lists {
            let read;
            let (name, text) = match source {
                UidList::File(file) => {
                    read = regular::read_text(file, Limits::default().job_bytes)
                        .map_err(|source| Error::file(file, source))?;
                    (file.display().to_string(), &read)
                }
                UidList::Text { name, text } => (name.clone(), text),
            };
            list::uids(text, &mut |uid| dictionary.offer(uid, UidSource::Uids))
                .map_err(|problem| malformed(name, &problem))?;
        }
        #[cfg(feature = "jar")]
        for file in &self.jars {
            let contents = offer_jar(file, dictionary)?;
            notes.extend(unread(file, contents));
        }
        #[cfg(feature = "plan")]
        for file in &self.plans {
            let bytes = regular::read(file, Limits::default().job_bytes)
                .map_err(|source| Error::file(file, source))?;
            plan::candidates(&bytes, &mut |uid| dictionary.offer(uid, UidSource::Plan))
                .map_err(|problem| malformed(file.display().to_string(), &problem))?;
        }
        Ok(notes)
    }
}

#[cfg(feature = "jar")]
fn offer_jar(file: &Path, dictionary: &mut Dictionary) -> Result<JarContents, Error> {
    let mut limits = JarLimits::default();
    if let Ok(threads) = std::thread::available_parallelism() {
        // Each holds a class, and the disk does not keep up with more of them.
        limits.threads = threads.min(NonZeroUsize::MIN.saturating_add(3));
    }
    let opened = regular::open(file).map_err(|source| Error::file(file, source))?;
    jar::offer_strings(opened, &limits, dictionary)
        .map_err(|problem| malformed(file.display().to_string(), &problem))
}

/// A class that was not read may hold the uid that is missed.
#[cfg(feature = "jar")]
fn unread(file: &Path, contents: JarContents) -> Option<Finding> {
    let JarContents { classes, unread } = contents;
    (unread > 0).then(|| Finding {
        kind: FindingKind::NotRead {
            reason: format!(
                "{unread} of {} classes and inner jars",
                classes.saturating_add(unread)
            ),
        },
        place: Place {
            path: Some(without_secrets(&file.display().to_string()).into_owned()),
            ..Place::default()
        },
    })
}

fn malformed(path: String, problem: &dyn std::fmt::Display) -> Error {
    let problem = problem.to_string();
    Error::BadUids { path, problem }
}
