mod check;
mod completions;
mod diff;
mod dump;
mod growth;
mod history;
mod job;
mod list;
mod man;
mod retention;
mod show;
mod uid;

use clap::Subcommand;

use crate::cli::args::Format;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(show::ShowArgs),
    List(list::ListArgs),
    Diff(diff::DiffArgs),
    Check(check::CheckArgs),
    Growth(growth::GrowthArgs),
    History(history::HistoryArgs),
    Retention(retention::RetentionArgs),
    Job(job::JobArgs),
    Dump(dump::DumpArgs),
    Uid(uid::UidArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Command {
    /// Refuses a format that the command does not have, before any work is done.
    fn must_have(&self, format: Format) -> Result<(), CliError> {
        if format == Format::Prometheus && !matches!(self, Self::Growth(_)) {
            return Err(CliError::Usage("only growth can be written as metrics"));
        }
        Ok(())
    }

    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        self.must_have(session.format())?;
        match self {
            Self::Show(args) => args.run(session),
            Self::List(args) => args.run(session),
            Self::Diff(args) => args.run(session),
            Self::Check(args) => args.run(session),
            Self::Growth(args) => args.run(session),
            Self::History(args) => args.run(session),
            Self::Retention(args) => args.run(session),
            Self::Job(args) => args.run(session),
            Self::Dump(args) => args.run(session),
            Self::Uid(args) => args.run(session),
            Self::Completions(args) => args.run(session),
            Self::Man(args) => args.run(session),
        }
    }
}
