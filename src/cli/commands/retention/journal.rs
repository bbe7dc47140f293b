use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use statescope::retention::{Journal, JournalEntry};

use crate::cli::error::CliError;

/// The journal of a plan: JSON lines, added to what earlier runs wrote.
pub(crate) struct JournalFile {
    file: File,
}

impl JournalFile {
    /// Opens the journal beside a plan.
    pub(crate) fn beside(plan: &Path) -> Result<Self, CliError> {
        let mut name: OsString = plan.as_os_str().to_owned();
        name.push(".journal");
        let opened = File::options().create(true).append(true).open(&name);
        let file = opened.map_err(|source| CliError::Output {
            to: Path::new(&name).display().to_string(),
            source,
        })?;
        Ok(Self { file })
    }
}

impl Journal for JournalFile {
    fn write(&mut self, entry: &JournalEntry<'_>) -> Result<(), String> {
        let mut line = serde_json::to_vec(entry).map_err(|error| error.to_string())?;
        line.push(b'\n');
        let written = self.file.write_all(&line);
        // Single files follow in great numbers; what frames them must survive a crash.
        let synced = match entry {
            JournalEntry::Deleted { .. } | JournalEntry::Failed { .. } => Ok(()),
            _ => self.file.sync_data(),
        };
        written.and(synced).map_err(|error| error.to_string())
    }
}
