use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use statescope::Limits;
use statescope::output;
use statescope::retention::{Journal, JournalEntry, JournalReader, MovedFiles, RestoreRefusal};
use statescope::storage::sync_directory;

use crate::cli::error::CliError;
use crate::cli::input_file;
use crate::cli::output_file::spare_snapshots;

/// The journal of a plan: JSON lines, added to what earlier runs wrote.
pub(crate) struct JournalFile {
    file: File,
    /// Where the next line begins.
    end: u64,
}

impl JournalFile {
    /// Opens the journal beside a plan. One run at a time writes to it.
    pub(crate) fn beside(plan: &Path) -> Result<Self, CliError> {
        let mut name: OsString = plan.as_os_str().to_owned();
        name.push(".journal");
        let path = Path::new(&name);
        spare_snapshots(path)?;
        Self::open(path).map_err(|source| CliError::Output {
            to: path.display().to_string(),
            source,
        })
    }

    fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        let mut file = options.create(true).read(true).append(true).open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another run is writing to it"));
            }
            // Not all network file systems have locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let length = file.metadata()?.len();
        let end = end_of_lines(&mut file, length)?;
        if end < length {
            // Of a run that was interrupted, or whose disk was full.
            file.set_len(end)?;
        }
        let directory = path.parent().filter(|path| !path.as_os_str().is_empty());
        sync_directory(directory.unwrap_or(Path::new(".")))?;
        Ok(Self { file, end })
    }
}

impl Journal for JournalFile {
    fn write(&mut self, entry: &JournalEntry<'_>) -> Result<(), String> {
        let mut line = Vec::new();
        output::write_json_line(entry, &mut line).map_err(|error| error.to_string())?;
        if let Err(error) = self.file.write_all(&line) {
            // A part of the line may have found room. If it cannot be cut off, the next run does it.
            let _ = self.file.set_len(self.end);
            return Err(error.to_string());
        }
        self.end += line.len() as u64;
        // Single files follow in great numbers; what frames them must survive a crash.
        let synced = match entry {
            JournalEntry::Deleted { .. }
            | JournalEntry::Moved { .. }
            | JournalEntry::Failed { .. } => Ok(()),
            _ => self.file.sync_data(),
        };
        synced.map_err(|error| error.to_string())
    }
}

/// Where the last whole line ends.
fn end_of_lines(file: &mut File, length: u64) -> io::Result<u64> {
    const PIECE: u64 = 64 << 10;
    if length == 0 {
        return Ok(0);
    }
    file.rewind()?;
    let mut first = [0];
    file.read_exact(&mut first)?;
    if first != *b"{" {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            "there is a file that is no journal",
        ));
    }
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        let mut piece = Vec::new();
        Read::by_ref(file)
            .take(end - start)
            .read_to_end(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// Reads which files the runs of a journal moved, or why it tells nothing.
pub(super) fn moved_files(path: &Path) -> Result<Result<MovedFiles, RestoreRefusal>, CliError> {
    let limits = Limits::default();
    let line_max = limits.journal_line_bytes;
    let file = input_file::open_within(path, limits.journal_bytes)?;
    let mut file = BufReader::new(file);
    let mut reader = JournalReader::default();
    for number in 1.. {
        let mut line = Vec::new();
        let piece = Read::by_ref(&mut file)
            .take(line_max)
            .read_until(b'\n', &mut line);
        let length = piece.map_err(|error| input_file::unreadable(path, error))?;
        if length == 0 {
            break;
        }
        let is_cut = line.last() != Some(&b'\n');
        if is_cut && length as u64 >= line_max {
            // The lines after it count, so it is not the end of an interrupted run.
            let reason = format!("it has more than {line_max} bytes");
            let line = number;
            return Ok(Err(RestoreRefusal::UnknownJournal { line, reason }));
        }
        let read = match serde_json::from_slice(&line) {
            Ok(line) => reader.line(line),
            // Of a run that was interrupted: the lines before say what was about to be moved.
            Err(error) if is_cut && number > 1 && error.is_eof() => break,
            Err(error) => Err(RestoreRefusal::UnknownJournal {
                line: number,
                reason: error.to_string(),
            }),
        };
        if let Err(refusal) = read {
            return Ok(Err(refusal));
        }
    }
    Ok(reader.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(left: u64) -> JournalEntry<'static> {
        JournalEntry::Ended {
            time: std::time::SystemTime::UNIX_EPOCH.into(),
            deleted: 0,
            moved: 0,
            left,
        }
    }

    #[test]
    fn a_cut_line_is_taken_off_before_the_next_run_writes() {
        let directory = tempfile::tempdir().expect("a directory");
        let plan = directory.path().join("plan");
        let path = directory.path().join("plan.journal");
        JournalFile::beside(&plan)
            .expect("opened")
            .write(&ended(1))
            .expect("written");
        let whole = std::fs::read(&path).expect("a journal");
        for end in 0..whole.len() {
            let mut cut = whole.clone();
            cut.extend(whole.iter().take(end));
            std::fs::write(&path, cut).expect("cut");
            JournalFile::beside(&plan)
                .expect("opened")
                .write(&ended(1))
                .expect("written");
            assert_eq!(std::fs::read(&path).expect("a journal"), whole.repeat(2));
        }
    }

    #[test]
    fn two_runs_do_not_write_at_once_and_other_files_stay() {
        let directory = tempfile::tempdir().expect("a directory");
        let plan = directory.path().join("plan");
        let first = JournalFile::beside(&plan).expect("opened");
        assert!(JournalFile::beside(&plan).is_err());
        drop(first);
        let path = directory.path().join("plan.journal");
        std::fs::write(&path, "no journal").expect("written");
        assert!(JournalFile::beside(&plan).is_err());
        assert_eq!(std::fs::read(&path).expect("a file"), b"no journal");
    }

    #[test]
    fn a_cut_last_line_is_left_out_and_a_damaged_one_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("journal");
        let begun = r#"{"event":"begun","store":"local disk","base":"/b","quarantine":"/q"}"#;
        let moved = r#"{"event":"moved","location":"/b/x","to":"/q/x","class":"shared","bytes":7}"#;
        for end in 0..moved.len() {
            let cut = moved.get(..end).expect("a part");
            std::fs::write(&path, format!("{begun}\n{moved}\n{cut}")).expect("written");
            let read = moved_files(&path).expect("read").expect("a journal");
            assert_eq!(read.files.len(), 1, "{cut}");
        }
        for damaged in [
            format!("{begun}\n{{\"event\":\"mo\n{moved}\n"),
            "{\"plan".to_owned(),
        ] {
            std::fs::write(&path, damaged).expect("written");
            let refused = moved_files(&path).expect("read").expect_err("refused");
            assert_eq!(refused.code(), "unknown-journal");
        }
    }
}
