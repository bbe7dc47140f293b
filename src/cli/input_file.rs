//! Files that are given by name on the command line, apart from locations: regular ones only, and none
//! of any size.

use std::fs::File;
use std::io::{self, Take};
use std::path::Path;

use statescope::storage::regular;

use crate::cli::error::CliError;

/// The whole content of a file that is text.
pub(crate) fn text(file: &Path, bytes_max: u64) -> Result<String, CliError> {
    regular::read_text(file, bytes_max).map_err(|error| unreadable(file, error))
}

/// A file that is read piece by piece, to the length that it has.
pub(crate) fn open_within(file: &Path, bytes_max: u64) -> Result<Take<File>, CliError> {
    regular::open_within(file, bytes_max).map_err(|error| unreadable(file, error))
}

pub(crate) fn unreadable(file: &Path, source: io::Error) -> CliError {
    let path = file.display().to_string();
    CliError::File { path, source }
}
