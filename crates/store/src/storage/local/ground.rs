//! A directory that was opened once, and what is below it, reached from there name by name.
//!
//! A path is looked up anew with each call, and somebody may put a link into it meanwhile. From an open
//! directory, names lead nowhere but down: no link is followed, no other mount is entered, and each
//! directory must be the one that was listed. Whatever somebody does to the tree, nothing outside it is
//! touched.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, Stat, fstat, mkdirat, openat, renameat_with,
    statat, unlinkat,
};
use rustix::io::Errno;

use crate::storage::StorageErrorKind;
use crate::storage::local::Problem;
use crate::storage::local::facts::mount_of;
use statescope_format::location::{FileIdentity, Revision};

/// An open directory.
#[derive(Debug)]
pub(in crate::storage) struct Ground {
    directory: OwnedFd,
    path: PathBuf,
    device: u64,
    mount: Option<u64>,
}

/// A file or directory below a [`Ground`].
struct Entry<'p> {
    parent: OwnedFd,
    name: &'p OsStr,
}

impl Ground {
    /// Opens a directory. Links in its own path are followed: it is the one that the user gave.
    pub(in crate::storage) fn open(path: &Path) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        let directory = openat(
            CWD,
            &path,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let device = identity(&fstat(&directory)?).device;
        Ok(Self {
            mount: mount_of(&directory),
            directory,
            path,
            device,
        })
    }

    /// Opens a directory that may have to be made first.
    pub(in crate::storage) fn open_or_make(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Self::open(path)
    }

    /// Removes a file in the directory that was listed, if it is still the one that was `seen`; one
    /// that is not there is gone already.
    pub(in crate::storage) fn remove_file(
        &self,
        file: &Path,
        listed: Option<FileIdentity>,
        seen: Option<u64>,
    ) -> Result<(), Problem> {
        let removed = self.file(file, listed, seen).and_then(|entry| {
            Ok(unlinkat(&entry.parent, entry.name, AtFlags::empty()).map_err(io::Error::from)?)
        });
        match removed {
            Err(Problem::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// Removes a directory that was listed; false if something is in it.
    pub(in crate::storage) fn remove_directory(
        &self,
        directory: &Path,
        listed: Option<FileIdentity>,
    ) -> Result<bool, Problem> {
        let entry = match self.entry(directory, None) {
            Err(Problem::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            entry => entry?,
        };
        let there = match statat(&entry.parent, entry.name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(true),
            there => there.map_err(io::Error::from)?,
        };
        if listed != Some(identity(&there)) {
            return Err(replaced());
        }
        match unlinkat(&entry.parent, entry.name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(true),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
            Err(error) => Err(io::Error::from(error).into()),
        }
    }

    /// Moves a file from the directory that was listed to a name below another ground that is not
    /// taken. Directories are made there.
    pub(in crate::storage) fn move_file(
        &self,
        file: &Path,
        listed: Option<FileIdentity>,
        seen: Option<u64>,
        target: &Self,
        to: &Path,
    ) -> Result<(), Problem> {
        let from = self.file(file, listed, seen)?;
        let (directories, name) = target.names(to)?;
        let mut parent = target.itself()?;
        for directory in directories {
            match mkdirat(&parent, directory, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(io::Error::from(error).into()),
            }
            parent = step(&parent, directory)?;
        }
        Ok(rename_to_free_name(&from, &Entry { parent, name }).map_err(io::Error::from)?)
    }

    /// A regular file. A link or something else may have been put there since the file was listed,
    /// or a file that somebody needs.
    fn file<'p>(
        &self,
        file: &'p Path,
        listed: Option<FileIdentity>,
        seen: Option<u64>,
    ) -> Result<Entry<'p>, Problem> {
        // What was not listed on this disk cannot be compared, and stays.
        let listed = listed.ok_or_else(replaced)?;
        let entry = self.entry(file, Some(listed))?;
        let there = statat(&entry.parent, entry.name, AtFlags::SYMLINK_NOFOLLOW);
        let there = there.map_err(io::Error::from)?;
        match FileType::from_raw_mode(there.st_mode) {
            FileType::RegularFile => {}
            _ => return Err(replaced()),
        }
        match seen.is_none_or(|seen| revision(&there).is(seen)) {
            true => Ok(entry),
            false => Err(Problem::file_changed()),
        }
    }

    /// A name in the directory that was listed.
    fn entry<'p>(
        &self,
        path: &'p Path,
        listed: Option<FileIdentity>,
    ) -> Result<Entry<'p>, Problem> {
        let (directories, name) = self.names(path)?;
        let mut parent = self.itself()?;
        for directory in directories {
            parent = step(&parent, directory)?;
        }
        let found = identity(&fstat(&parent).map_err(io::Error::from)?);
        if listed.is_some_and(|listed| listed != found) {
            return Err(replaced());
        }
        let is_of_this_mount = match (self.mount, mount_of(&parent)) {
            (Some(this), Some(other)) => this == other,
            _ => self.device == found.device,
        };
        match is_of_this_mount {
            true => Ok(Entry { parent, name }),
            false => Err(Problem::Failed(
                StorageErrorKind::Other,
                "it is on another mount than BASE, where nothing is removed",
            )),
        }
    }

    /// The names of the directories on the way to a path below, and its last one.
    fn names<'p>(&self, path: &'p Path) -> Result<(Vec<&'p OsStr>, &'p OsStr), Problem> {
        let outside = || Problem::Failed(StorageErrorKind::BadPath, "it is not below the base");
        let below = path.strip_prefix(&self.path).map_err(|_| outside())?;
        let names = below.components().map(|part| match part {
            Component::Normal(name) => Some(name),
            _ => None,
        });
        let mut names: Vec<_> = names.collect::<Option<_>>().ok_or_else(outside)?;
        let last = names.pop().ok_or_else(outside)?;
        Ok((names, last))
    }

    fn itself(&self) -> Result<OwnedFd, Problem> {
        Ok(self.directory.try_clone()?)
    }
}

/// A directory in a directory, if it is one and no link.
fn step(parent: &OwnedFd, name: &OsStr) -> Result<OwnedFd, Problem> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // To look is enough; reading may not be allowed.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let flags = flags | OFlags::PATH;
    match openat(parent, name, flags, Mode::empty()) {
        Ok(directory) => Ok(directory),
        Err(Errno::LOOP | Errno::NOTDIR) => Err(replaced()),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_to_free_name(from: &Entry<'_>, to: &Entry<'_>) -> rustix::io::Result<()> {
    let flags = RenameFlags::NOREPLACE;
    match renameat_with(&from.parent, from.name, &to.parent, to.name, flags) {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link_and_unlink(from, to),
        done => done,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_to_free_name(from: &Entry<'_>, to: &Entry<'_>) -> rustix::io::Result<()> {
    link_and_unlink(from, to)
}

/// Gives a file a name that is not taken, and then takes its old one away.
fn link_and_unlink(from: &Entry<'_>, to: &Entry<'_>) -> rustix::io::Result<()> {
    let flags = AtFlags::empty();
    rustix::fs::linkat(&from.parent, from.name, &to.parent, to.name, flags)?;
    unlinkat(&from.parent, from.name, flags)
}

#[allow(
    clippy::unnecessary_cast,
    clippy::cast_sign_loss,
    reason = "the types of the fields depend on the system; std makes these numbers of them, too"
)]
fn identity(found: &Stat) -> FileIdentity {
    FileIdentity {
        device: found.st_dev as u64,
        inode: found.st_ino as u64,
    }
}

#[allow(
    clippy::unnecessary_cast,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "the same; std makes these numbers of them, too"
)]
fn revision(found: &Stat) -> Revision {
    Revision::new(
        identity(found),
        found.st_size as u64,
        (found.st_mtime as i64, found.st_mtime_nsec as i64),
        (found.st_ctime as i64, found.st_ctime_nsec as i64),
        found.st_nlink as u64 > 1,
    )
}

fn replaced() -> Problem {
    Problem::Failed(
        StorageErrorKind::Other,
        "a part of its path is not what it was when it was listed",
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn identity_of(path: &Path) -> Option<FileIdentity> {
        let found = fs::metadata(path).unwrap();
        Some(FileIdentity {
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// `base/a/b/file` and `outside/b/file`.
    fn tree() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let (base, outside) = (directory.path().join("base"), directory.path().join("out"));
        for place in [base.join("a"), outside.clone()] {
            fs::create_dir_all(place.join("b")).unwrap();
            fs::write(place.join("b/file"), "x").unwrap();
        }
        (directory, base, outside)
    }

    #[test]
    fn a_file_is_removed_from_the_directory_that_was_listed() {
        let (_directory, base, _) = tree();
        let ground = Ground::open(&base).unwrap();
        let listed = identity_of(&base.join("a/b"));
        ground
            .remove_file(&base.join("a/b/file"), listed, None)
            .unwrap();
        assert!(!base.join("a/b/file").exists());
        ground
            .remove_file(&base.join("a/b/file"), listed, None)
            .unwrap();
        assert!(matches!(
            ground.remove_directory(&base.join("a"), identity_of(&base.join("a"))),
            Ok(false)
        ));
        assert!(matches!(
            ground.remove_directory(&base.join("a/b"), listed),
            Ok(true)
        ));
        assert!(!base.join("a/b").exists());
        assert!(matches!(
            ground.remove_directory(&base.join("a/b"), listed),
            Ok(true)
        ));
    }

    #[test]
    fn nothing_is_reached_through_a_link_that_was_put_into_the_way() {
        for swapped in ["a", "a/b"] {
            let (_directory, base, outside) = tree();
            let ground = Ground::open(&base).unwrap();
            let listed = identity_of(&base.join("a/b"));
            fs::rename(base.join(swapped), base.join("moved")).unwrap();
            let target = match swapped {
                "a" => outside.clone(),
                _ => outside.join("b"),
            };
            symlink(&target, base.join(swapped)).unwrap();
            assert!(
                ground
                    .remove_file(&base.join("a/b/file"), listed, None)
                    .is_err()
            );
            // Not even if the listing was made through it.
            let through = identity_of(&outside.join("b"));
            assert!(
                ground
                    .remove_file(&base.join("a/b/file"), through, None)
                    .is_err()
            );
            assert!(ground.remove_directory(&base.join("a/b"), through).is_err());
            assert!(outside.join("b/file").exists(), "{swapped}");
        }
    }

    #[test]
    fn a_directory_that_was_replaced_by_another_is_left_alone() {
        let (_directory, base, outside) = tree();
        let ground = Ground::open(&base).unwrap();
        let listed = identity_of(&base.join("a/b"));
        fs::rename(base.join("a/b"), base.join("moved")).unwrap();
        fs::rename(outside.join("b"), base.join("a/b")).unwrap();
        assert!(
            ground
                .remove_file(&base.join("a/b/file"), listed, None)
                .is_err()
        );
        assert!(ground.remove_directory(&base.join("a/b"), listed).is_err());
        assert!(
            ground
                .remove_file(&base.join("a/b/file"), None, None)
                .is_err()
        );
        assert!(base.join("a/b/file").exists());
    }

    #[test]
    fn a_base_that_was_replaced_is_not_the_base() {
        let (_directory, base, outside) = tree();
        let ground = Ground::open(&base).unwrap();
        let listed = identity_of(&base.join("a/b"));
        fs::rename(&base, base.with_extension("moved")).unwrap();
        fs::create_dir(&base).unwrap();
        fs::rename(&outside, base.join("a")).unwrap();
        // What was opened is what files are removed from, wherever it is now.
        ground
            .remove_file(&base.join("a/b/file"), listed, None)
            .unwrap();
        assert!(base.join("a/b/file").exists());
        assert!(!base.with_extension("moved").join("a/b/file").exists());
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        let (_directory, base, outside) = tree();
        let ground = Ground::open(&base).unwrap();
        let listed = identity_of(&outside.join("b"));
        for path in [
            outside.join("b/file"),
            base.join("../out/b/file"),
            base.clone(),
        ] {
            assert!(
                ground.remove_file(&path, listed, None).is_err(),
                "{}",
                path.display()
            );
        }
        assert!(outside.join("b/file").exists());
    }

    #[test]
    fn a_file_that_is_not_the_one_that_was_seen_is_left_alone() {
        let meddle: [fn(&Path); 4] = [
            |file| {
                fs::write(file.with_extension("new"), "x").unwrap();
                fs::rename(file.with_extension("new"), file).unwrap();
            },
            |file| fs::write(file, "longer").unwrap(),
            // In place, of the same size, with its time set back.
            |file| {
                let modified = fs::metadata(file).unwrap().modified().unwrap();
                std::thread::sleep(std::time::Duration::from_millis(50));
                fs::write(file, "y").unwrap();
                let file = fs::File::options().append(true).open(file).unwrap();
                file.set_modified(modified).unwrap();
            },
            // Somebody has just given it another name.
            |file| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                fs::hard_link(file, file.with_extension("kept")).unwrap();
            },
        ];
        for (number, meddle) in meddle.into_iter().enumerate() {
            let (directory, base, _) = tree();
            let ground = Ground::open(&base).unwrap();
            let target = Ground::open_or_make(&directory.path().join("quarantine")).unwrap();
            let (file, listed) = (base.join("a/b/file"), identity_of(&base.join("a/b")));
            let seen = |file: &Path| {
                let metadata = fs::metadata(file).unwrap();
                Some(crate::storage::local::facts::revision(&metadata)?.lasting())
            };
            let before = seen(&file);
            meddle(&file);
            assert!(
                ground.remove_file(&file, listed, before).is_err(),
                "{number}"
            );
            let to = directory.path().join("quarantine/file");
            let moved = ground.move_file(&file, listed, before, &target, &to);
            assert!(moved.is_err() && file.exists(), "{number}");
            ground.remove_file(&file, listed, seen(&file)).unwrap();
            assert!(!file.exists(), "{number}");
        }
    }

    #[test]
    fn all_names_of_a_file_can_go_one_after_the_other() {
        let (_directory, base, _) = tree();
        let ground = Ground::open(&base).unwrap();
        let (one, other) = (base.join("a/b/file"), base.join("a/b/other"));
        fs::hard_link(&one, &other).unwrap();
        let listed = identity_of(&base.join("a/b"));
        let metadata = fs::metadata(&one).unwrap();
        let seen = crate::storage::local::facts::revision(&metadata).map(Revision::lasting);
        std::thread::sleep(std::time::Duration::from_millis(50));
        ground.remove_file(&one, listed, seen).unwrap();
        ground.remove_file(&other, listed, seen).unwrap();
        assert!(!one.exists() && !other.exists());
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_left_alone() {
        let (_directory, base, outside) = tree();
        let ground = Ground::open(&base).unwrap();
        let listed = identity_of(&base.join("a/b"));
        fs::remove_file(base.join("a/b/file")).unwrap();
        symlink(outside.join("b/file"), base.join("a/b/file")).unwrap();
        assert!(
            ground
                .remove_file(&base.join("a/b/file"), listed, None)
                .is_err()
        );
        assert!(base.join("a/b/file").exists());
    }

    #[test]
    fn a_file_is_moved_to_a_free_name_below_another_directory_and_nowhere_else() {
        let (directory, base, outside) = tree();
        let ground = Ground::open(&base).unwrap();
        let quarantine = directory.path().join("quarantine");
        let target = Ground::open_or_make(&quarantine).unwrap();
        let (file, listed) = (base.join("a/b/file"), identity_of(&base.join("a/b")));
        let to = quarantine.join("a/b/file");
        ground.move_file(&file, listed, None, &target, &to).unwrap();
        assert!(to.exists() && !file.exists());
        // The name is taken.
        fs::write(&file, "another").unwrap();
        let Err(Problem::Io(error)) = ground.move_file(&file, listed, None, &target, &to) else {
            panic!("it was moved");
        };
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&to).unwrap(), b"x");
        // Somebody has put a link into the quarantine.
        symlink(&outside, quarantine.join("c")).unwrap();
        let to = quarantine.join("c/new");
        assert!(ground.move_file(&file, listed, None, &target, &to).is_err());
        assert!(file.exists() && !outside.join("new").exists());
    }

    #[test]
    fn what_cannot_rename_to_a_free_name_links_and_unlinks() {
        let (_directory, base, _) = tree();
        let ground = Ground::open(&base).unwrap();
        let entry = |path: &'static str| {
            let path = Path::new(path);
            let parent = ground.entry(Box::leak(base.join(path).into_boxed_path()), None);
            parent.unwrap_or_else(|_| panic!("{}", path.display()))
        };
        fs::write(base.join("taken"), "mine").unwrap();
        let taken = link_and_unlink(&entry("a/b/file"), &entry("taken"));
        assert_eq!(taken, Err(Errno::EXIST));
        link_and_unlink(&entry("a/b/file"), &entry("free")).unwrap();
        assert_eq!(fs::read(base.join("free")).unwrap(), b"x");
        assert_eq!(fs::read(base.join("taken")).unwrap(), b"mine");
        assert!(!base.join("a/b/file").exists());
    }
}
