use std::cell::RefCell;
use std::fmt::Display;

use futures_util::{StreamExt, stream};

use crate::error::Error;
use crate::inspect::NoProgress;
use crate::inspect::load::{LoadedMetadata, fetch};
use crate::inspect::progress::Progress;
use crate::inspect::retention::listed::Listed;
use crate::inspect::verify::{is_savepoint, look_for};
use crate::inspect::walk::Bases;
use crate::storage::{ObjectInfo, Storage};
use statescope_analysis::health::files::{Needed, NeededFile, NeededFiles, Seen, judge};
use statescope_analysis::health::sanity::Validator;
use statescope_analysis::retention::{
    CLOCK_SKEW_MOST_SECONDS, CloseLook, FilePrint, Fingerprints, LedTo, Mentioned, Mentions,
    Reading, Refusal,
};
use statescope_analysis::snapshot::references::Base;
use statescope_format::layout::METADATA_FILE;
use statescope_format::location::Location;
use statescope_format::metadata::Outline;
use statescope_format::time::UtcSeconds;

/// Metadata files that are held in memory at a time.
const LOADED_MAX: usize = 16;
/// Files that ought to have been listed and were not, of which the store is asked.
const ABSENT_MAX: usize = 100;
/// Files outside the bases of one snapshot that are looked up.
const OUTSIDE_MAX: usize = 20_000;

/// What is needed to read what a snapshot mentions.
pub(super) struct Reader<'r> {
    pub(super) storage: &'r Storage,
    pub(super) prints: &'r Fingerprints,
    pub(super) bases: &'r Bases,
    /// What was listed, where a listing is to be checked against what is mentioned.
    pub(super) listed: Option<&'r Listed>,
}

/// Whether a file was listed.
enum Listing {
    Listed(u64),
    /// It would have been, if it were there.
    Not,
    Outside,
}

impl Reader<'_> {
    /// Reads the snapshots in these directories, a few at a time, and tells of each as it comes.
    pub(super) async fn read_each(
        &self,
        directories: &[(usize, Location)],
        progress: &dyn Progress,
        mut each: impl FnMut(usize, Reading),
    ) {
        let mut readings = stream::iter(directories)
            .map(|(at, directory)| async move { (*at, self.read(directory).await) })
            .buffer_unordered(LOADED_MAX);
        while let Some((at, reading)) = readings.next().await {
            each(at, reading);
            progress.step();
        }
    }

    /// Looks for every file of the snapshots in these directories.
    pub(super) async fn look_closely(
        &self,
        directories: &[(usize, Location)],
    ) -> Vec<(usize, CloseLook)> {
        stream::iter(directories)
            .map(|(at, directory)| async move { (*at, self.look_at(directory).await) })
            .buffer_unordered(LOADED_MAX)
            .collect()
            .await
    }

    /// Reads what the snapshot in a directory mentions.
    pub(super) async fn read(&self, directory: &Location) -> Reading {
        let file = directory.join(METADATA_FILE);
        let unreadable = |reason: String| {
            Reading::Refused(Refusal::UnreadableMetadata {
                location: file.clone(),
                reason,
            })
        };
        let loaded = match fetch(self.storage, file.clone()).await {
            Ok((loaded, _)) => loaded,
            Err(error) if error.is_not_found() => return Reading::Gone,
            Err(error) => return unreadable(error.to_string()),
        };
        let base = Base::new(Some(directory.clone()));
        let absent = RefCell::new(Vec::new());
        let outside = RefCell::new(Vec::new());
        let may_lead_here = self.bases.first().local_path().is_some();
        let mut note = |path: &str, print: FilePrint| {
            let mut absent = absent.borrow_mut();
            match self.listing(path, print) {
                Listing::Not if absent.len() < ABSENT_MAX => absent.push(Location::new(path)),
                Listing::Outside => {
                    if may_lead_here {
                        outside.borrow_mut().push(Location::new(path));
                    }
                    return self.listed.is_some();
                }
                Listing::Not | Listing::Listed(_) => {}
            }
            false
        };
        let mut mentions = Mentions::new(self.prints, &base, &mut note);
        let mut validator = Validator::default();
        let read = loaded.parse_each(&mut |operator| {
            validator.operator(&operator);
            mentions.operator(&operator);
        });
        let mut mentioned = mentions.finish();
        mentioned.content = Some(self.prints.content(loaded.bytes()));
        if may_lead_here {
            let led_to = self.led_to(&outside.into_inner(), &mentioned.merged).await;
            mentioned.led_to = Box::new(led_to);
        }
        match read {
            Ok(outline) => {
                let findings = validator.finish(&outline);
                if findings
                    .iter()
                    .any(|finding| finding.kind.refused_by_flink())
                {
                    // It counts for nothing as a snapshot to restore from, but its files stay.
                    mentioned.missing = Some(file.to_string());
                }
                self.look_for(absent.into_inner(), mentioned).await
            }
            Err(Error::Parse { source, .. }) => unreadable(source.to_string()),
            Err(error) => unreadable(error.to_string()),
        }
    }

    /// What is needed because files and directories of merged files outside the bases are links to it.
    async fn led_to(&self, files: &[Location], merged: &[String]) -> LedTo {
        let directories: Vec<Location> = merged.iter().map(Location::new).collect();
        let mut unresolved = Vec::new();
        let files = self.follow(files, &mut unresolved).await;
        let directories = self.follow(&directories, &mut unresolved).await;
        let (files, directories) = (files.iter(), directories.iter());
        LedTo {
            files: files.map(|to| self.prints.path(to.as_str())).collect(),
            directories: directories
                .map(|to| self.prints.directory(to.as_str()))
                .collect(),
            unresolved,
        }
    }

    async fn follow(&self, paths: &[Location], unresolved: &mut Vec<Refusal>) -> Vec<Location> {
        let mut refuse = |location: Location, reason: &dyn Display| {
            let reason = format!("a snapshot names it, and where it leads is not known: {reason}");
            unresolved.push(Refusal::PartialListing { location, reason });
        };
        let mut led_to = Vec::new();
        match self.storage.led_to(paths).await {
            Err(error) => refuse(error.location().clone(), &error),
            Ok(answers) => {
                for (from, to) in answers {
                    match to {
                        Ok(to) => led_to.push(to),
                        Err(reason) => refuse(from, &reason),
                    }
                }
            }
        }
        led_to
    }

    /// A file that was not listed where it should be is not there, or is new, or the listing is not
    /// whole.
    async fn look_for(&self, absent: Vec<Location>, mut mentioned: Mentioned) -> Reading {
        for location in absent {
            let reason = match self.storage.head(&location).await {
                Err(error) if error.is_not_found() => {
                    mentioned.missing = Some(location.to_string());
                    return Reading::Read(mentioned);
                }
                Ok(info) if self.is_new(&info) => continue,
                Ok(_) => "this file was not listed, but it is there".to_owned(),
                Err(error) => error.to_string(),
            };
            return Reading::Refused(Refusal::PartialListing { location, reason });
        }
        Reading::Read(mentioned)
    }

    /// Whether a file may have been written after its directory was listed.
    fn is_new(&self, info: &ObjectInfo) -> bool {
        let begun = self.listed.map(|listed| listed.begun);
        let written = info.modified.map(UtcSeconds::from);
        begun
            .zip(written)
            .is_some_and(|(begun, written)| written >= begun.minus(CLOCK_SKEW_MOST_SECONDS))
    }

    /// Looks for every file of the snapshot in a directory: below the bases in what was listed,
    /// elsewhere in the stores.
    async fn look_at(&self, directory: &Location) -> CloseLook {
        let file = directory.join(METADATA_FILE);
        let loaded = match fetch(self.storage, file.clone()).await {
            Ok((loaded, _)) => loaded,
            Err(error) if error.is_not_found() => return CloseLook::Gone,
            Err(_) => return CloseLook::Unknown,
        };
        let base = Base::new(Some(self.storage.absolute(directory)));
        let Ok((needed, outline)) = needed(&loaded, &base) else {
            return CloseLook::Unknown;
        };
        let of_savepoint = is_savepoint(&outline, &file);
        let mut elsewhere = Vec::new();
        for file in needed.files {
            let path = file.location.as_str();
            let seen = match self.listing(path, self.prints.path(path)) {
                Listing::Listed(bytes) => Seen::Present(bytes),
                Listing::Not | Listing::Outside => {
                    elsewhere.push(file);
                    continue;
                }
            };
            if judge(&file, &seen, of_savepoint).is_some() {
                return CloseLook::Lacks(file.location.to_string());
            }
        }
        if elsewhere.len() > OUTSIDE_MAX {
            return CloseLook::Unknown;
        }
        self.look_elsewhere(&elsewhere, of_savepoint).await
    }

    async fn look_elsewhere(&self, files: &[NeededFile], of_savepoint: bool) -> CloseLook {
        let (seen, _) = look_for(self.storage, files, &NoProgress).await;
        let mut is_known = true;
        for (file, seen) in files.iter().zip(&seen) {
            match seen {
                Seen::Unknown(_) | Seen::NotAsked(_) => is_known = false,
                seen if judge(file, seen, of_savepoint).is_some() => {
                    return CloseLook::Lacks(file.location.to_string());
                }
                _ => {}
            }
        }
        match is_known {
            true => CloseLook::Whole,
            false => CloseLook::Unknown,
        }
    }

    fn listing(&self, path: &str, print: FilePrint) -> Listing {
        let Some(listed) = self.listed else {
            return Listing::Outside;
        };
        if let Some(size) = listed.size(print.path) {
            return Listing::Listed(size);
        }
        if !self.bases.contain(path) {
            return Listing::Outside;
        }
        // It may be below another name of a directory.
        let print = self.prints.path(listed.listed_as(path).as_str());
        match listed.size(print.path) {
            Some(size) => Listing::Listed(size),
            None => Listing::Not,
        }
    }
}

fn needed<'l>(loaded: &'l LoadedMetadata, base: &Base) -> Result<(Needed, Outline<'l>), Error> {
    let mut needed = NeededFiles::new(base);
    let outline = loaded.parse_each(&mut |operator| needed.operator(&operator))?;
    Ok((needed.finish(), outline))
}
