use clap::Args;
use serde::Serialize;
use statescope::inspect;
use statescope::output;
use statescope::report;
use statescope::snapshot::uid::{UidEntry, list};

use crate::cli::args::{Format, JobChoiceArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};
use crate::cli::uid_sources::UidSources;

/// The operator ids that Flink makes of uids, and the uids of a snapshot's operators
///
/// With --from, the operators of a snapshot, as a list that --uids reads: keep it beside the job.
/// The uids are those that the file holds and those found with --uids, --jar and --plan. Without
/// --from, everything that these hold.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope uid my-keyed
  statescope uid 'Sink Committer: my-sink' --json
  statescope uid --from chk-42 --jar my-job.jar > uids.txt
  statescope uid --plan plan.json")]
pub(crate) struct UidArgs {
    /// What the program gives to uid(...)
    #[arg(
        value_name = "UID",
        required_unless_present_any = ["from", "uids", "jar", "plan"],
        conflicts_with_all = ["from", "uids", "jar", "plan"]
    )]
    texts: Vec<String>,
    /// A snapshot: a directory, a _metadata file, BASE@latest, or - for standard input
    #[arg(value_parser = PLACE, long, value_name = "LOCATION")]
    from: Option<String>,
    #[command(flatten)]
    job_choice: JobChoiceArgs,
    #[command(flatten)]
    sources: UidSources,
}

#[derive(Serialize)]
struct Uids {
    uids: Vec<UidEntry>,
}

impl UidArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        if self.job_choice.job_id.is_some() && self.from.is_none() {
            return Err(CliError::Usage("--job-id needs --from"));
        }
        let (uids, notes) = match &self.from {
            Some(location) => {
                let (loaded, chosen) = session.load(location, &self.job_choice.choice())?;
                let (uids, mut notes) =
                    inspect::uids_of(&loaded, &self.sources.open(&[location])?)?;
                notes.extend(chosen);
                (uids, notes)
            }
            None if self.texts.is_empty() => inspect::uids_in(&self.sources.open(&[])?)?,
            None => (self.texts.iter().map(UidEntry::of).collect(), Vec::new()),
        };
        let data = Uids { uids };
        if self.from.is_some() && session.format() == Format::Table {
            let list = list::write(&data.uids);
            let list = output::lines(&list);
            session.write(|out| out.write_all(list.as_bytes()))?;
        } else {
            let answer = Answer {
                command: "uid",
                data: &data,
                warnings: &notes,
            };
            session.answer(&answer, || report::uids(&data.uids))?;
        }
        session.messages().findings(&notes);
        Ok(ExitStatus::Ok)
    }
}
