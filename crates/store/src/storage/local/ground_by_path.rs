//! A directory below which files are removed, where the system has no calls relative to an open one:
//! every part of a path is looked at before each step. Between the look and the step a link could still
//! be put there.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::storage::StorageErrorKind;
use crate::storage::local::Problem;
use crate::storage::local::facts::revision;
use statescope_format::location::FileIdentity;

/// A directory, by its path without links.
#[derive(Debug)]
pub(in crate::storage) struct Ground {
    path: PathBuf,
    given: PathBuf,
}

impl Ground {
    /// Finds a directory. Links in its own path are followed: it is the one that the user gave.
    pub(in crate::storage) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: fs::canonicalize(path)?,
            given: std::path::absolute(path)?,
        })
    }

    /// Finds a directory that may have to be made first.
    pub(in crate::storage) fn open_or_make(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Self::open(path)
    }

    /// Removes a file; one that is not there is gone already.
    pub(in crate::storage) fn remove_file(
        &self,
        file: &Path,
        _: Option<FileIdentity>,
        seen: Option<u64>,
    ) -> Result<(), Problem> {
        let removed = self
            .file(file, seen)
            .and_then(|file| Ok(fs::remove_file(file)?));
        match removed {
            Err(Problem::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// Removes a directory; false if something is in it.
    pub(in crate::storage) fn remove_directory(
        &self,
        directory: &Path,
        _: Option<FileIdentity>,
    ) -> Result<bool, Problem> {
        let removed = self
            .reach(directory, false)
            .and_then(|directory| Ok(fs::remove_dir(directory)?));
        match removed {
            Ok(()) => Ok(true),
            Err(Problem::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(Problem::Io(error)) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                Ok(false)
            }
            Err(problem) => Err(problem),
        }
    }

    /// Moves a file to a name below another ground that is not taken. Directories are made there.
    pub(in crate::storage) fn move_file(
        &self,
        file: &Path,
        _: Option<FileIdentity>,
        seen: Option<u64>,
        target: &Self,
        to: &Path,
    ) -> Result<(), Problem> {
        let from = self.file(file, seen)?;
        let to = target.reach(to, true)?;
        if fs::symlink_metadata(&to).is_ok() {
            return Err(Problem::Io(io::ErrorKind::AlreadyExists.into()));
        }
        Ok(fs::rename(from, to)?)
    }

    fn file(&self, file: &Path, seen: Option<u64>) -> Result<PathBuf, Problem> {
        let file = self.reach(file, false)?;
        let there = fs::symlink_metadata(&file)?;
        if !there.is_file() {
            return Err(replaced());
        }
        let is_it = |seen| revision(&there).is_some_and(|there| there.is(seen));
        match seen.is_none_or(is_it) {
            true => Ok(file),
            false => Err(Problem::file_changed()),
        }
    }

    /// The path of something below, after a look that no directory on the way is a link.
    fn reach(&self, path: &Path, make: bool) -> Result<PathBuf, Problem> {
        let outside = || Problem::Failed(StorageErrorKind::BadPath, "it is not below the base");
        let below = path.strip_prefix(&self.given).map_err(|_| outside())?;
        let mut reached = self.path.clone();
        let mut parts = below.components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else {
                return Err(outside());
            };
            reached.push(name);
            if parts.peek().is_none() {
                return Ok(reached);
            }
            if make && fs::symlink_metadata(&reached).is_err() {
                fs::create_dir(&reached)?;
            }
            if !fs::symlink_metadata(&reached)?.is_dir() {
                return Err(replaced());
            }
        }
        Err(outside())
    }
}

fn replaced() -> Problem {
    Problem::Failed(
        StorageErrorKind::Other,
        "a part of its path is not what it was when it was listed",
    )
}
