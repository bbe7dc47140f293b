use std::path::PathBuf;

use clap::Args;
use statescope::Location;
use statescope::inspect::retention::{self, Restored, RestoredState};
use statescope::report;
use statescope::retention::{RestoreRefusal, RestoreSelection};

use crate::cli::args::Format;
use crate::cli::commands::retention::journal::moved_files;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};

/// Brings back what `retention apply --quarantine` moved
///
/// Each file returns to where it was; nothing is overwritten. Metadata comes last, and only where all
/// files that it mentions are there: wherever it stops, no snapshot is left with its metadata and
/// without its files. It can be run again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope retention restore plan.json.journal --dry-run
  statescope retention restore plan.json.journal
  statescope retention restore plan.json.journal --snapshot s3://bucket/checkpoints/0123456789abcdef0123456789abcdef/chk-42
  statescope retention restore plan.json.journal --under s3://bucket/checkpoints/0123456789abcdef0123456789abcdef

Exit status: 0 ok, 2 usage, 5 not found, 6 storage, 8 refused, nothing moved (docs/retention.md),
9 not everything came back: run it again.")]
pub(crate) struct RestoreArgs {
    /// The journal that `retention apply` wrote beside its plan
    journal: PathBuf,
    /// Only this snapshot: its directory, and the files that it mentions elsewhere; may be repeated
    #[arg(value_parser = PLACE, long, value_name = "LOCATION")]
    snapshot: Vec<String>,
    /// Only what was below PREFIX; may be repeated
    #[arg(value_parser = PLACE, long, value_name = "PREFIX")]
    under: Vec<String>,
    /// Look at both places and say what would come back, in the same words
    #[arg(long)]
    dry_run: bool,
}

impl RestoreArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        if self
            .snapshot
            .iter()
            .chain(&self.under)
            .any(String::is_empty)
        {
            return Err(CliError::Usage("a location is empty"));
        }
        let moved = match moved_files(&self.journal)? {
            Ok(moved) => moved,
            Err(refusal) => return Ok(refused(session, &[refusal])),
        };
        let directory = |text: &String| {
            let location = Location::new(text);
            match location.file_name() {
                "_metadata" => location.parent(),
                _ => location,
            }
        };
        let selection = RestoreSelection {
            snapshots: self.snapshot.iter().map(directory).collect(),
            below: self.under.iter().map(Location::new).collect(),
        };
        let storage = session.storage()?;
        let progress = session.progress();
        let restored = retention::restore(&storage, &moved, &selection, self.dry_run, &progress);
        let restored = session.wait(restored)?;
        progress.finish();
        if !restored.refusals.is_empty() {
            return Ok(refused(session, &restored.refusals));
        }
        print(session, &restored)?;
        Ok(match restored.count(RestoredState::Left) {
            0 => ExitStatus::Ok,
            _ => ExitStatus::PartlyDeleted,
        })
    }
}

fn print(session: &Session, restored: &Restored) -> Result<(), CliError> {
    if session.format() == Format::Paths {
        let wanted = match restored.dry_run {
            true => RestoredState::Planned,
            false => RestoredState::Restored,
        };
        let objects = restored.objects.iter();
        let objects = objects.filter(|object| object.state == wanted);
        return session.paths(objects.map(|object| object.location.as_str()));
    }
    let answer = Answer {
        command: "retention restore",
        data: restored,
        warnings: &[],
    };
    session.answer(&answer, || report::retention_restored(restored))
}

fn refused(session: &Session, refusals: &[RestoreRefusal]) -> ExitStatus {
    for refusal in refusals {
        session.messages().not_restored(refusal);
    }
    ExitStatus::Refused
}
