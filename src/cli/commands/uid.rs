use clap::Args;
use serde::Serialize;
use statescope::report;
use statescope::uid::UidHash;

use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::session::{Answer, Session};

/// The operator ids that Flink makes of uids
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope uid my-keyed
  statescope uid 'Sink Committer: my-sink' --json")]
pub(crate) struct UidArgs {
    /// What the program gives to uid(...)
    #[arg(required = true)]
    uids: Vec<String>,
}

#[derive(Serialize)]
struct Uids {
    uids: Vec<UidHash>,
}

impl UidArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let data = Uids {
            uids: self.uids.into_iter().map(UidHash::of).collect(),
        };
        let answer = Answer {
            command: "uid",
            data: &data,
            warnings: &[],
        };
        session.answer(&answer, || report::uids(&data.uids))?;
        Ok(ExitStatus::Ok)
    }
}
