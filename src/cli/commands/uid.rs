use clap::Args;
use serde::Serialize;
use statescope::finding::Finding;
use statescope::inspect;
use statescope::output;
use statescope::report;
use statescope::snapshot::summary::{Detail, OperatorOrder, Selection};
use statescope::snapshot::uid::{Dictionary, UidEntry, list};

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
            Some(location) => self.of_snapshot(session, location)?,
            None if self.texts.is_empty() => self.of_sources()?,
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

    /// Known uids in their order, then the other operators by id: a list that changes little.
    fn of_snapshot(
        &self,
        session: &Session,
        location: &str,
    ) -> Result<(Vec<UidEntry>, Vec<Finding>), CliError> {
        let (loaded, chosen) = session.load(location, &self.job_choice.choice())?;
        let (mut snapshot, _) = inspect::summarize(&loaded, Detail::Operators)?;
        let (_, mut notes) = self.sources.name(&mut snapshot, location)?;
        notes.extend(chosen);
        snapshot.select(&Selection {
            order: OperatorOrder::Name,
            ..Selection::default()
        });
        let operators = snapshot.operators.into_iter().map(|operator| UidEntry {
            uid: operator.uid,
            operator_id: operator.operator_id,
            uid_source: operator.uid_source,
            auto_generated_id: operator.auto_generated_id,
            name: operator.name,
        });
        Ok((operators.collect(), notes))
    }

    fn of_sources(&self) -> Result<(Vec<UidEntry>, Vec<Finding>), CliError> {
        let mut dictionary = Dictionary::all();
        let notes = self.sources.fill(&mut dictionary, "")?;
        let entries = dictionary.entries().into_iter();
        let uids = entries.map(|(_, known)| UidEntry {
            uid_source: Some(known.source),
            ..UidEntry::of(&known.uid)
        });
        Ok((uids.collect(), notes))
    }
}
