use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::session::Session;

/// Completions for a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope completions bash > ~/.local/share/bash-completion/completions/statescope
  statescope completions zsh > \"${fpath[1]}/_statescope\"")]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

impl CompletionsArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        // Into memory first: the generator panics when the reader goes away.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "statescope", &mut script);
        session.write(|out| out.write_all(&script))?;
        Ok(ExitStatus::Ok)
    }
}
