mod check;
mod completions;
mod diff;
mod dump;
mod job;
mod list;
mod man;
mod retention;
mod show;
mod uid;

use clap::Subcommand;

use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(show::ShowArgs),
    List(list::ListArgs),
    Diff(diff::DiffArgs),
    Check(check::CheckArgs),
    Retention(retention::RetentionArgs),
    Job(job::JobArgs),
    Dump(dump::DumpArgs),
    Uid(uid::UidArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Command {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        match self {
            Self::Show(args) => args.run(session),
            Self::List(args) => args.run(session),
            Self::Diff(args) => args.run(session),
            Self::Check(args) => args.run(session),
            Self::Retention(args) => args.run(session),
            Self::Job(args) => args.run(session),
            Self::Dump(args) => args.run(session),
            Self::Uid(args) => args.run(session),
            Self::Completions(args) => args.run(session),
            Self::Man(args) => args.run(session),
        }
    }
}
