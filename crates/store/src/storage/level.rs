//! One level of an object store's tree, page by page.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

use object_store::{ListResult, ObjectMeta};

use crate::storage::bounds::{Endless, Listed};
use crate::storage::call::Call;
use crate::storage::{DirectoryInfo, Listing, ObjectInfo, StorageError, StorageErrorKind};
use statescope_format::location::Location;

/// A level while it is being listed.
pub(super) struct Level<'a> {
    pub(super) call: &'a Call<'a>,
    /// The directory's key, with a slash at the end unless it is the root.
    pub(super) prefix: String,
    pub(super) listing: Listing,
    /// Whether an object marks the directory itself.
    pub(super) marked: bool,
    /// Positions of files by the hashes of their names: stores, or what they claim to be, may list a
    /// file twice.
    seen: HashMap<u64, u32>,
    hasher: foldhash::fast::RandomState,
    listed: Listed,
    begun: Instant,
}

impl<'a> Level<'a> {
    pub(super) fn new(call: &'a Call<'a>, key: &str) -> Self {
        Self {
            call,
            prefix: match key {
                "" => String::new(),
                key => format!("{key}/"),
            },
            listing: Listing::default(),
            marked: false,
            seen: HashMap::new(),
            hasher: foldhash::fast::RandomState::default(),
            listed: Listed::default(),
            begun: Instant::now(),
        }
    }

    /// Adds a page.
    ///
    /// # Errors
    /// When it holds what was not asked for, or contradicts the pages before, or the listing is too
    /// long.
    pub(super) fn take(
        &mut self,
        result: ListResult,
        patience: Duration,
    ) -> Result<(), StorageError> {
        for directory in result.common_prefixes {
            match self.name(directory.as_ref())? {
                Some(name) => self.directory(name),
                None => self.listing.skipped += 1,
            }
        }
        for object in result.objects {
            if format!("{}/", object.location) == self.prefix {
                self.marked = true;
                continue;
            }
            match self.name(object.location.as_ref())? {
                Some(name) => self.file(&name, object)?,
                None => self.listing.skipped += 1,
            }
        }
        self.listed.pages += 1;
        // What was left out has been sent, too.
        let skipped = self.listing.skipped;
        let listed = Listed {
            entries: self.listed.entries.saturating_add(skipped),
            ..self.listed
        };
        check(self.call, listed, self.begun.elapsed(), patience)
    }

    fn directory(&mut self, name: String) {
        // A store may name a directory on each page that has some of its files.
        let hash = self.hasher.hash_one(("directory", &name));
        if self.seen.insert(hash, u32::MAX).is_none() {
            self.listed.entries += 1;
            self.listing.directories.push(DirectoryInfo::named(name));
        }
    }

    fn file(&mut self, name: &str, object: ObjectMeta) -> Result<(), StorageError> {
        let file = info(self.call.location.join(name), object);
        let place = u32::try_from(self.listing.files.len()).unwrap_or(u32::MAX);
        match self.seen.entry(self.hasher.hash_one(("file", name))) {
            Entry::Vacant(vacant) => {
                vacant.insert(place);
            }
            Entry::Occupied(known) => {
                let known = usize::try_from(*known.get()).unwrap_or(usize::MAX);
                match self.listing.files.get(known) {
                    Some(known) if *known == file => return Ok(()),
                    Some(known) if known.location == file.location => {
                        return Err(self
                            .call
                            .error(StorageErrorKind::Other)
                            .saying(format!(
                                "the store lists {name} twice, with different facts"
                            ))
                            .hinting("the listing cannot be relied on; try again"));
                    }
                    _ => {}
                }
            }
        }
        self.listed.entries += 1;
        self.listing.files.push(file);
        Ok(())
    }

    /// The name of something directly in the directory; `None` for what is further below.
    fn name(&self, key: &str) -> Result<Option<String>, StorageError> {
        let Some(name) = key.strip_prefix(&self.prefix) else {
            let error = self.call.error(StorageErrorKind::Other);
            return Err(error.saying(format!("the store lists what was not asked for: {key}")));
        };
        Ok((!name.is_empty() && !name.contains('/')).then(|| name.to_owned()))
    }
}

/// Fails where a listing is too long, too slow, or brings nothing.
pub(super) fn check(
    call: &Call<'_>,
    listed: Listed,
    elapsed: Duration,
    patience: Duration,
) -> Result<(), StorageError> {
    let most = call.settings.max_listing_entries;
    listed.judge(elapsed, patience, most).map_err(|endless| {
        let kind = match endless {
            Endless::Slow { .. } => StorageErrorKind::Timeout,
            _ => StorageErrorKind::Other,
        };
        let error = call.error(kind).saying(endless.to_string());
        match endless {
            Endless::Entries { .. } => error.hinting(
                "give a directory further down, or allow more: \
                 --storage-option max_listing_entries=N",
            ),
            _ => error,
        }
    })
}

/// What is known of an object.
pub(super) fn info(location: Location, meta: ObjectMeta) -> ObjectInfo {
    let modified = Some(meta.last_modified.into());
    ObjectInfo {
        location,
        size: meta.size,
        modified,
        settled: modified,
        etag: meta.e_tag,
        identity: None,
        revision: None,
        link_target: None,
    }
}
