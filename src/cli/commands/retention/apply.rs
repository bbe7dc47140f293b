use std::io::{self, BufRead, IsTerminal, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use statescope::inspect::retention::{self, Applied, ApplyRequest, State};
use statescope::output::plain;
use statescope::report;
use statescope::retention::{Journal, NoJournal, Plan, Refusal};
use statescope::{Limits, Location, UtcSeconds};

use crate::cli::args::Format;
use crate::cli::commands::retention::journal::JournalFile;
use crate::cli::commands::retention::refused;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::input_file;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};

/// Deletes what a plan says, after everything that it relies on was checked again
///
/// Metadata goes first, then the files of single snapshots, then shared ones: wherever it stops, no
/// snapshot is left with its metadata and without its files. It can be run again. What was deleted
/// is written to PLAN.journal.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope retention apply plan.json --dry-run
  statescope retention apply plan.json
  statescope retention apply plan.json --yes --rate 200
  statescope retention apply plan.json --quarantine s3://bucket/quarantine/2026-01-31

Exit status: 0 ok, 2 usage, 5 not found, 6 storage, 8 refused by a safety rule, nothing deleted
(docs/retention.md), 9 not everything was deleted: run it again.")]
pub(crate) struct ApplyArgs {
    /// A file written by `retention plan --plan-out`
    plan: PathBuf,
    /// Check everything and say what would go, in the same words
    #[arg(long)]
    dry_run: bool,
    /// Do not ask; needed where there is no terminal
    #[arg(long)]
    yes: bool,
    /// Move files below DIR, in the same store, in place of deleting them
    #[arg(value_parser = PLACE, long, value_name = "DIR")]
    quarantine: Option<String>,
    /// At most N files per second
    #[arg(long, value_name = "N", default_value = "1000")]
    rate: NonZeroU32,
    /// A minimum age below an hour is meant
    #[arg(long)]
    i_know: bool,
    /// Count ages from this time instead of now
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<UtcSeconds>,
}

impl ApplyArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let plan = match self.read()? {
            Ok(plan) => plan,
            Err(reason) => return Ok(refused(session, &[Refusal::UnknownPlan { reason }])),
        };
        let bases: Vec<_> = std::iter::once(&plan.base).chain(&plan.also).collect();
        session.can_answer_of(&bases, None)?;
        if !self.dry_run && !self.is_confirmed(&plan)? {
            return Err(CliError::NotConfirmed);
        }
        let request = ApplyRequest {
            dry_run: self.dry_run,
            quarantine: self.quarantine.as_ref().map(Location::new),
            rate: self.rate,
            knows: self.i_know,
            now: self
                .now
                .unwrap_or_else(|| std::time::SystemTime::now().into()),
        };
        let mut journal: Box<dyn Journal> = match self.dry_run {
            true => Box::new(NoJournal),
            false => Box::new(JournalFile::beside(&self.plan)?),
        };
        let storage = session.storage()?;
        let progress = session.progress();
        let applied = retention::apply(&storage, &plan, &request, &mut *journal, &progress);
        let applied = session.wait(applied)?;
        progress.finish();
        if !applied.refusals.is_empty() && applied.count(State::Deleted) == 0 {
            return Ok(refused(session, &applied.refusals));
        }
        print(session, &applied)?;
        refused(session, &applied.refusals);
        let whole = applied.dry_run || applied.left() == 0;
        Ok(match whole && applied.refusals.is_empty() {
            true => ExitStatus::Ok,
            false => ExitStatus::PartlyDeleted,
        })
    }

    /// The plan, or why it is none.
    fn read(&self) -> Result<Result<Plan, String>, CliError> {
        /// What every version of a plan has.
        #[derive(serde::Deserialize)]
        struct Versioned {
            plan_version: u32,
        }
        let text = input_file::text(&self.plan, Limits::default().retention_plan_bytes)?;
        let version = match serde_json::from_str::<Versioned>(&text) {
            Ok(versioned) => versioned.plan_version,
            Err(error) => return Ok(Err(format!("it is no plan: {error}"))),
        };
        if version != statescope::retention::PLAN_VERSION {
            return Ok(Err(format!("its version is {version}")));
        }
        Ok(serde_json::from_str(&text).map_err(|error| error.to_string()))
    }

    fn is_confirmed(&self, plan: &Plan) -> Result<bool, CliError> {
        if self.yes {
            return Ok(true);
        }
        if !io::stdin().is_terminal() {
            return Err(CliError::Usage("without a terminal, --yes is needed"));
        }
        let bytes: u64 = plan.freed.iter().map(|freed| freed.bytes).sum();
        let files = plan.objects.len();
        // A closed stderr leaves the question unasked, and the answer is then no.
        let _ = write!(
            io::stderr().lock(),
            "delete {files} files, {bytes} bytes, below {}? [y/N] ",
            plain(&plan.base.to_string())
        );
        let mut answer = String::new();
        io::stdin()
            .lock()
            .read_line(&mut answer)
            .map_err(|source| CliError::Input { source })?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

fn print(session: &Session, applied: &Applied) -> Result<(), CliError> {
    if session.format() == Format::Paths {
        let wanted = match applied.dry_run {
            true => State::Planned,
            false => State::Deleted,
        };
        let objects = applied.objects.iter();
        let objects = objects.filter(|object| object.state == wanted);
        return session.paths(objects.map(|object| object.location.as_str()));
    }
    let answer = Answer {
        command: "retention apply",
        data: applied,
        warnings: &[],
    };
    session.answer(&answer, || report::retention_applied(applied))
}
