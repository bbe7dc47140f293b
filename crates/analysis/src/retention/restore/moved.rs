use std::collections::HashMap;

use serde::Deserialize;

use crate::retention::quarantine::{in_quarantine, path_below};
use crate::retention::restore::RestoreRefusal;
use statescope_format::layout::METADATA_FILE;
use statescope_format::location::Location;

/// A file that a journal says was moved, or was about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedFile {
    /// Where it was, and belongs.
    pub location: Location,
    /// Where it is in quarantine.
    pub quarantined: Location,
    /// Its size; `None` if the run ended before it could say.
    pub bytes: Option<u64>,
    /// Between which places it was moved, by position in [`MovedFiles::ways`].
    pub way: usize,
}

/// The places between which runs of a journal moved files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Below which files were.
    pub base: Location,
    /// Below which they are.
    pub quarantine: Location,
    /// The store of both.
    pub store: String,
}

impl MovedFile {
    /// Whether it makes its directory a snapshot.
    pub fn is_metadata(&self) -> bool {
        self.location.file_name() == METADATA_FILE
    }
}

/// What the runs of a journal moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MovedFiles {
    /// The places of each run that moved files, as the journal says them.
    pub ways: Vec<Way>,
    /// The files, in the order in which they were moved first.
    pub files: Vec<MovedFile>,
}

/// A line of a journal, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum JournalLine {
    /// A run begins.
    Begun {
        /// Below which files may go.
        base: Location,
        /// Where they are moved to.
        quarantine: Option<Location>,
        /// The store of both.
        store: Option<String>,
    },
    /// Files are about to go.
    Batch {
        /// Which, where they are moved.
        locations: Option<Vec<Location>>,
    },
    /// A file was moved.
    Moved {
        /// Where it was.
        location: Location,
        /// Its size.
        bytes: u64,
    },
    /// Others are of runs that deleted, or only for people.
    #[serde(other)]
    Other,
}

/// Reads a journal line by line. Where files are in quarantine follows from the begin of their run
/// alone, so a line cannot point anywhere else.
#[derive(Debug, Default)]
pub struct JournalReader {
    line: u64,
    /// The way of the run that the lines are of.
    way: Option<usize>,
    moved: MovedFiles,
    /// By place in quarantine.
    known: HashMap<String, usize>,
}

impl JournalReader {
    /// Takes the next line.
    ///
    /// # Errors
    /// When it makes no sense there, or names a place outside of its run's base.
    pub fn line(&mut self, line: JournalLine) -> Result<(), RestoreRefusal> {
        self.line += 1;
        match line {
            JournalLine::Begun {
                base,
                quarantine,
                store,
            } => {
                self.way = None;
                if let Some(quarantine) = quarantine {
                    let store = store
                        .ok_or_else(|| self.unknown("it does not say in which store".to_owned()))?;
                    let way = Way {
                        base,
                        quarantine,
                        store,
                    };
                    let known = self.moved.ways.iter().position(|known| *known == way);
                    self.way = Some(known.unwrap_or(self.moved.ways.len()));
                    if known.is_none() {
                        self.moved.ways.push(way);
                    }
                }
            }
            JournalLine::Batch { locations } => {
                for location in locations.into_iter().flatten() {
                    self.file(location, None)?;
                }
            }
            JournalLine::Moved { location, bytes } => self.file(location, Some(bytes))?,
            JournalLine::Other => {}
        }
        Ok(())
    }

    /// All that was read.
    ///
    /// # Errors
    /// When nothing was moved.
    pub fn finish(self) -> Result<MovedFiles, RestoreRefusal> {
        match self.moved.files.is_empty() {
            true => Err(RestoreRefusal::NothingMoved),
            false => Ok(self.moved),
        }
    }

    fn file(&mut self, location: Location, bytes: Option<u64>) -> Result<(), RestoreRefusal> {
        let run = self
            .way
            .and_then(|way| Some((way, self.moved.ways.get(way)?)));
        let Some((way, places)) = run else {
            return Err(self.unknown("a file was moved before a run began".to_owned()));
        };
        if path_below(&places.base, &location).is_none() {
            return Err(RestoreRefusal::OutsideBase { location });
        }
        let quarantined = in_quarantine(&places.quarantine, &places.base, &location);
        let files = &mut self.moved.files;
        let at = *self
            .known
            .entry(quarantined.as_str().to_owned())
            .or_insert_with(|| {
                files.push(MovedFile {
                    location,
                    quarantined,
                    bytes: None,
                    way,
                });
                files.len() - 1
            });
        if let Some(file) = files.get_mut(at) {
            file.bytes = bytes.or(file.bytes);
        }
        Ok(())
    }

    fn unknown(&self, reason: String) -> RestoreRefusal {
        let line = self.line;
        RestoreRefusal::UnknownJournal { line, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: &str = r#"{"event":"begun","time":"2026-01-01T00:00:00Z","store":"local disk","base":"/b","files":2,"quarantine":"/q"}"#;

    fn read(lines: &[&str]) -> Result<MovedFiles, RestoreRefusal> {
        let mut reader = JournalReader::default();
        for line in lines {
            reader.line(serde_json::from_str(line).expect("a line"))?;
        }
        reader.finish()
    }

    #[test]
    fn what_was_about_to_be_moved_counts_and_its_size_follows() {
        let batch =
            r#"{"event":"batch","files":2,"first":"/b/x","locations":["/b/x","/b/y/_metadata"]}"#;
        let moved =
            r#"{"event":"moved","location":"/b/x","to":"/elsewhere","class":"shared","bytes":7}"#;
        let moved = read(&[BEGUN, batch, moved]).expect("a journal");
        let file = |location, quarantined, bytes| MovedFile {
            location: Location::new(location),
            quarantined: Location::new(quarantined),
            bytes,
            way: 0,
        };
        let files = [
            file("/b/x", "/q/x", Some(7)),
            file("/b/y/_metadata", "/q/y/_metadata", None),
        ];
        assert_eq!(moved.files, files);
        assert!(!files[0].is_metadata() && files[1].is_metadata());
    }

    #[test]
    fn a_journal_of_deletions_has_nothing_to_bring_back() {
        let begun = BEGUN.replace(r#""/q""#, "null");
        let deleted = r#"{"event":"deleted","location":"/b/x","class":"shared","bytes":7}"#;
        assert_eq!(read(&[&begun, deleted]), Err(RestoreRefusal::NothingMoved));
    }

    #[test]
    fn places_outside_of_the_base_are_refused() {
        for place in ["/etc/passwd", "/b/../etc/passwd", "/b"] {
            let moved = format!(
                r#"{{"event":"moved","location":"{place}","to":"/q/x","class":"shared","bytes":7}}"#
            );
            let refused = read(&[BEGUN, &moved]).expect_err("refused");
            assert_eq!(refused.code(), "outside-base", "{place}");
        }
    }

    #[test]
    fn files_are_only_moved_by_a_run() {
        let moved = r#"{"event":"moved","location":"/b/x","to":"/q/x","class":"shared","bytes":7}"#;
        let refused = read(&[moved]).expect_err("refused");
        assert_eq!(refused.code(), "unknown-journal");
        assert!(read(&[BEGUN, r#"{"event":"ended","left":0}"#, moved]).is_ok());
    }
}
