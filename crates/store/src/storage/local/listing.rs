//! The entries of a directory, and what each of them is.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use crate::storage::call::Call;
use crate::storage::local::facts::{identity, info, mount};
use crate::storage::local::{Problem, bounded};
use crate::storage::{DirectoryInfo, Listing, StorageError};
use statescope_format::location::Location;

/// The entries of a directory.
pub(in crate::storage) async fn list(
    call: &Call<'_>,
    path: &Path,
) -> Result<Listing, StorageError> {
    call.count();
    let path = match path.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => path.to_owned(),
    };
    let location = call.location.clone();
    bounded(call, move || read(&location, &path)).await
}

/// What paths lead to that are symbolic links or, of directories, lead through some; `None` for all
/// others, and where nothing is. The error is of a path that cannot be followed.
pub(in crate::storage) async fn led_to(
    call: &Call<'_>,
    paths: Vec<PathBuf>,
) -> Result<Vec<io::Result<Option<PathBuf>>>, StorageError> {
    let follow = move || Ok(paths.iter().map(|path| followed(path)).collect());
    bounded(call, follow).await
}

fn followed(path: &Path) -> io::Result<Option<PathBuf>> {
    // No file can have such a name; the standard library does not even ask.
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Ok(None);
    }
    let target = match fs::symlink_metadata(path) {
        Ok(itself) if itself.is_file() => return Ok(None),
        Ok(_) => fs::canonicalize(path),
        // Nobody can open what has a longer name than the file system takes.
        Err(error) if error.kind() == io::ErrorKind::InvalidFilename => return Ok(None),
        Err(error) => Err(error),
    };
    match target {
        Ok(target) => Ok(Some(target).filter(|target| target != path)),
        Err(error) if leads_nowhere(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(location: &Location, path: &Path) -> Result<Listing, Problem> {
    let mut listing = Listing {
        identity: identity(&fs::metadata(path)?),
        mount: mount(path),
        ..Listing::default()
    };
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        match Location::of_path(Path::new(&name)) {
            Some(name) => listing.take(location, name.as_str(), &entry),
            None => listing.skipped += 1,
        }
    }
    // A directory that was replaced meanwhile is not the one whose entries these are.
    if identity(&fs::metadata(path)?) != listing.identity {
        return Err(Problem::Io(io::Error::other(
            "it was replaced while it was listed",
        )));
    }
    listing
        .directories
        .sort_unstable_by(|a, b| a.name.cmp(&b.name));
    listing
        .files
        .sort_unstable_by(|a, b| a.location.as_str().cmp(b.location.as_str()));
    listing.dangling.sort_unstable();
    listing.special.sort_unstable();
    Ok(listing)
}

impl Listing {
    /// Adds an entry. Of a symbolic link, what it leads to counts.
    fn take(&mut self, location: &Location, name: &str, entry: &DirEntry) {
        let mut unknown =
            |error: &io::Error| self.unknown.push((name.to_owned(), error.to_string()));
        let itself = match entry.metadata() {
            Ok(itself) => itself,
            // Deleted since its name was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return unknown(&error),
        };
        let is_link = itself.is_symlink();
        self.has_links |= is_link;
        let found = match is_link {
            false => itself,
            true => match fs::metadata(entry.path()) {
                Ok(found) => found,
                Err(error) if leads_nowhere(&error) => return self.dangling.push(name.to_owned()),
                Err(error) => return unknown(&error),
            },
        };
        if found.is_dir() {
            self.directories.push(DirectoryInfo {
                name: name.to_owned(),
                identity: identity(&found),
                is_link,
            });
        } else if found.is_file() {
            let mut info = info(location.join(name), &found);
            if is_link {
                match fs::canonicalize(entry.path()) {
                    Ok(target) => info.link_target = Location::of_path(&target),
                    Err(error) => return unknown(&error),
                }
            }
            self.files.push(info);
        } else {
            self.special.push(name.to_owned());
        }
    }
}

/// Whether a link has nothing behind it: its target is not there, is below a file, or is itself.
fn leads_nowhere(error: &io::Error) -> bool {
    #[cfg(unix)]
    let is_circle = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(not(unix))]
    let is_circle = false;
    is_circle
        || matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        )
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_no_file_can_have_leads_nowhere() {
        let directory = tempfile::tempdir().unwrap();
        let directory = fs::canonicalize(directory.path()).unwrap();
        fs::write(directory.join("file"), "x").unwrap();
        std::os::unix::fs::symlink("file", directory.join("link")).unwrap();
        let long = "n".repeat(5000);
        for name in [
            "not there",
            "a\0b",
            "file/below",
            "file",
            &long,
            &long[..300],
        ] {
            let to = followed(&directory.join(name)).unwrap();
            assert_eq!(to, None, "{name:?}");
        }
        let to = followed(&directory.join("link")).unwrap();
        assert_eq!(to, Some(directory.join("file")));
    }
}
