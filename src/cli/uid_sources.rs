use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;
use statescope::Limits;
use statescope::finding::{Finding, FindingKind, Place};
use statescope::inspect::LoadedMetadata;
use statescope::model::checkpoint::OperatorId;
use statescope::snapshot::summary::SnapshotSummary;
use statescope::snapshot::uid::jar::{self, JarContents, JarLimits};
use statescope::snapshot::uid::{Dictionary, UidSource, list, plan};

use crate::cli::error::CliError;
use crate::cli::input_file;
use crate::cli::session::STDIN;

/// Where the uids of operators are known from, besides the metadata. For every command that shows
/// operators.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Uids of operators")]
pub(crate) struct UidSources {
    /// A list of uids, one per line, or - for standard input; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) uids: Vec<PathBuf>,
    /// A jar of the job: all its string constants are tried; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) jar: Vec<PathBuf>,
    /// A SQL plan of COMPILE PLAN: the uids of its nodes are tried; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Vec<PathBuf>,
}

impl UidSources {
    pub(crate) fn is_empty(&self) -> bool {
        self.uids.is_empty() && self.jar.is_empty() && self.plan.is_empty()
    }

    /// Names the operators of a snapshot that was read at `location`. Returns what to keep in mind
    /// with the names.
    pub(crate) fn name(
        &self,
        snapshot: &mut SnapshotSummary,
        location: &str,
    ) -> Result<(Dictionary, Vec<Finding>), CliError> {
        let ids = snapshot.operators.iter().map(|o| o.operator_id);
        let mut dictionary = Dictionary::of(ids);
        let notes = self.fill(&mut dictionary, location)?;
        snapshot.name_operators(&dictionary);
        snapshot.recognise_generated_ids();
        Ok((dictionary, notes))
    }

    /// The uids of a file's operators, as far as the file can be parsed.
    pub(crate) fn of_file(
        &self,
        loaded: &LoadedMetadata,
        location: &str,
    ) -> Result<(Dictionary, Vec<Finding>), CliError> {
        let mut ids: Vec<OperatorId> = Vec::new();
        if !self.is_empty() {
            // What is wrong with the file is for the caller to find and to tell.
            let _ = loaded.parse_each(&mut |operator| ids.push(operator.id));
        }
        let mut dictionary = Dictionary::of(ids);
        let notes = self.fill(&mut dictionary, location)?;
        Ok((dictionary, notes))
    }

    /// Offers everything that the files hold.
    pub(crate) fn fill(
        &self,
        dictionary: &mut Dictionary,
        location: &str,
    ) -> Result<Vec<Finding>, CliError> {
        let from_stdin = self.uids.iter().filter(|file| file.as_os_str() == STDIN);
        if from_stdin.count() + usize::from(location == STDIN) > 1 {
            return Err(CliError::Usage("standard input can be read only once"));
        }
        let mut notes = Vec::new();
        for file in &self.uids {
            let text = read_text(file)?;
            list::uids(&text, &mut |uid| dictionary.offer(uid, UidSource::Uids))
                .map_err(|error| malformed(file, error))?;
        }
        for file in &self.jar {
            let contents = offer_jar(file, dictionary)?;
            notes.extend(unread(file, contents));
        }
        for file in &self.plan {
            let bytes = input_file::bytes(file)?;
            plan::candidates(&bytes, &mut |uid| dictionary.offer(uid, UidSource::Plan))
                .map_err(|error| malformed(file, error))?;
        }
        Ok(notes)
    }
}

fn read_text(file: &Path) -> Result<String, CliError> {
    if file.as_os_str() != STDIN {
        return input_file::text(file, Limits::default().job_bytes);
    }
    let mut text = String::new();
    let limit = Limits::default().job_bytes;
    let mut input = io::stdin().lock().take(limit.saturating_add(1));
    let read = input.read_to_string(&mut text);
    read.map_err(|error| input_file::unreadable(file, error))?;
    if input.limit() == 0 {
        let words = format!("it has more than {limit} bytes: refused (docs/limits.md)");
        let error = io::Error::new(io::ErrorKind::FileTooLarge, words);
        return Err(input_file::unreadable(file, error));
    }
    Ok(text)
}

fn offer_jar(file: &Path, dictionary: &mut Dictionary) -> Result<JarContents, CliError> {
    let mut limits = JarLimits::default();
    if let Ok(threads) = thread::available_parallelism() {
        // Each holds a class, and the disk does not keep up with more of them.
        limits.threads = threads.min(NonZeroUsize::MIN.saturating_add(3));
    }
    let opened = input_file::open(file).map_err(|error| input_file::unreadable(file, error))?;
    jar::offer_strings(opened, &limits, dictionary).map_err(|error| malformed(file, error))
}

/// A class that was not read may hold the uid that is missed.
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
            path: Some(statescope::without_secrets(&file.display().to_string()).into_owned()),
            ..Place::default()
        },
    })
}

fn malformed(file: &Path, problem: impl std::fmt::Display) -> CliError {
    CliError::BadUidFile {
        path: file.display().to_string(),
        problem: problem.to_string(),
    }
}
