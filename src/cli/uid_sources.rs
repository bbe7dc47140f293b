use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use statescope::Limits;
use statescope::inspect::{self, UidList};

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
    /// The sources, with what standard input says; `locations` are those of the snapshots, of which
    /// one may be standard input, too.
    pub(crate) fn open(&self, locations: &[&str]) -> Result<inspect::UidSources, CliError> {
        let from_stdin = self.uids.iter().filter(|file| file.as_os_str() == STDIN);
        let snapshots = locations.iter().filter(|location| **location == STDIN);
        if from_stdin.count() + snapshots.count() > 1 {
            return Err(CliError::Usage("standard input can be read only once"));
        }
        let lists = self
            .uids
            .iter()
            .map(|file| match file.as_os_str() == STDIN {
                true => Ok(UidList::Text {
                    name: STDIN.to_owned(),
                    text: read_stdin(file)?,
                }),
                false => Ok(UidList::File(file.clone())),
            });
        Ok(inspect::UidSources {
            lists: lists.collect::<Result<_, CliError>>()?,
            jars: self.jar.clone(),
            plans: self.plan.clone(),
        })
    }
}

fn read_stdin(file: &Path) -> Result<String, CliError> {
    let limit = Limits::default().job_bytes;
    let mut text = String::new();
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
