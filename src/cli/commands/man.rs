use clap::{Args, CommandFactory};

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::session::Session;

/// The manual page, for man(1)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope man > statescope.1
  statescope man show | man -l -")]
pub(crate) struct ManArgs {
    /// The page of one command instead of the overview
    command: Option<String>,
}

impl ManArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let mut overview = Cli::command();
        overview.build();
        let (title, page) = match &self.command {
            None => ("statescope".to_owned(), overview),
            Some(name) => {
                let page = overview.find_subcommand(name).cloned();
                let page = page.ok_or(CliError::Usage(
                    "there is no such command; see statescope --help",
                ))?;
                let page = page.version(env!("CARGO_PKG_VERSION"));
                (format!("statescope-{name}"), page)
            }
        };
        session.write(|out| clap_mangen::Man::new(page).title(title).render(out))?;
        Ok(ExitStatus::Ok)
    }
}
