//! The strings of a jar: of all its classes, and of the jars inside it.

mod directory;
mod shared;
mod stream;

use std::io::{self, BufReader, Read, Seek};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use zip::ZipArchive;

use crate::snapshot::uid::{Dictionary, UidSource};
use statescope_format::class_file;
use statescope_format::reader::to_u64;

use shared::SharedFile;

/// Bounds on what is read of a jar: a few bytes can inflate to terabytes. Jars inside it are read
/// as they are inflated, and are never held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JarLimits {
    /// Bytes of one class, which each thread holds in memory. The largest that `javac` makes have a
    /// few MB. Default 8 MiB.
    pub class_bytes: u64,
    /// Bytes of the jar's own directory, which is in memory a few times as large, and 64 times the
    /// entries that it may have. A jar of 100,000 classes needs 10 MB. Default 16 MiB.
    pub directory_bytes: u64,
    /// Bytes that are inflated altogether: this bounds the time. Default 4 GiB.
    pub total_bytes: u64,
    /// Jars inside jars. Default 3.
    pub nesting: u32,
    /// How many threads share the work. Default 1.
    pub threads: NonZeroUsize,
}

impl Default for JarLimits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            class_bytes: 8 * MIB,
            directory_bytes: 16 * MIB,
            total_bytes: 4096 * MIB,
            nesting: 3,
            threads: NonZeroUsize::MIN,
        }
    }
}

/// What was in a jar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JarContents {
    /// Classes that were read.
    pub classes: u64,
    /// Classes and inner jars that were not, or not to their end: damaged, encrypted, or above a
    /// limit.
    pub unread: u64,
}

/// Why a jar could not be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JarError {
    /// It is no zip file.
    #[error("not a jar: {0}")]
    NotAJar(String),
    /// Its directory takes more bytes than [`JarLimits::directory_bytes`].
    #[error("its directory has more than {limit} bytes: refused (docs/limits.md)")]
    DirectoryTooLarge {
        /// The limit.
        limit: u64,
    },
    /// It inflates to more bytes than [`JarLimits::total_bytes`].
    #[error("it inflates to more than {limit} bytes: refused (docs/limits.md)")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
}

/// Offers every string constant and class name of a jar to `dictionary`.
///
/// # Errors
/// [`JarError`]. What is wrong with single classes is only counted.
pub fn offer_strings<R: Read + Seek + Send>(
    jar: R,
    limits: &JarLimits,
    dictionary: &mut Dictionary,
) -> Result<JarContents, JarError> {
    let archive = open(jar, limits.directory_bytes)?;
    let shared = Shared {
        limits,
        next_entry: AtomicUsize::new(0),
        inflated: AtomicU64::new(0),
        too_large: AtomicBool::new(false),
    };
    let parts = thread::scope(|scope| {
        let work = || {
            let mut reader = Reader {
                shared: &shared,
                found: dictionary.part(),
                contents: JarContents::default(),
                buffer: Vec::new(),
            };
            reader.outer(archive.clone());
            (reader.found, reader.contents)
        };
        let workers: Vec<_> = (1..limits.threads.get())
            .map(|_| scope.spawn(work))
            .collect();
        let mut parts = vec![Ok(work())];
        // A worker that fell over has left its entries unread: that is no result.
        let fallen = || JarError::NotAJar("a reader failed".to_owned());
        parts.extend(
            workers
                .into_iter()
                .map(|worker| worker.join().map_err(|_| fallen())),
        );
        parts
    });
    let mut contents = JarContents::default();
    let mut found = Vec::new();
    for part in parts {
        let (part, read) = part?;
        contents.classes += read.classes;
        contents.unread += read.unread;
        found.push(part);
    }
    if shared.too_large.load(Ordering::Relaxed) {
        let limit = limits.total_bytes;
        return Err(JarError::TooLarge { limit });
    }
    found.into_iter().for_each(|part| dictionary.merge(part));
    Ok(contents)
}

/// Reads the jar's directory.
fn open<R: Read + Seek>(mut jar: R, limit: u64) -> Result<ZipArchive<SharedFile<R>>, JarError> {
    /// Each entry takes 46 bytes and its name.
    const ENTRY_BYTES: u64 = 64;
    let counted = directory::has_at_most(&mut jar, limit / ENTRY_BYTES);
    if !counted.map_err(|error| JarError::NotAJar(error.to_string()))? {
        return Err(JarError::DirectoryTooLarge { limit });
    }
    let file = SharedFile::new(jar, limit);
    let left = file.limit();
    let archive = ZipArchive::new(file).map_err(|error| match error {
        zip::result::ZipError::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            JarError::DirectoryTooLarge { limit }
        }
        error => JarError::NotAJar(error.to_string()),
    })?;
    left.store(u64::MAX, Ordering::Relaxed);
    Ok(archive)
}

/// What the threads share.
struct Shared<'l> {
    limits: &'l JarLimits,
    /// The next entry of the outer jar that nobody has taken.
    next_entry: AtomicUsize,
    inflated: AtomicU64,
    too_large: AtomicBool,
}

impl Shared<'_> {
    fn is_too_large(&self) -> bool {
        self.too_large.load(Ordering::Relaxed)
    }
}

/// One thread's share of the work.
struct Reader<'s, 'l> {
    shared: &'s Shared<'l>,
    found: Dictionary,
    contents: JarContents,
    /// For one class.
    buffer: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Kind {
    Class,
    Jar,
}

impl Kind {
    /// By its name, as a class loader goes; everything else is not looked at.
    fn of(name: &str) -> Option<Self> {
        let has = |ending: &str| name.ends_with(ending);
        if has(".class") {
            Some(Self::Class)
        } else if has(".jar") || has(".war") || has(".zip") {
            Some(Self::Jar)
        } else {
            None
        }
    }
}

impl Reader<'_, '_> {
    fn outer<R: Read + Seek>(&mut self, mut archive: ZipArchive<R>) {
        loop {
            let index = self.shared.next_entry.fetch_add(1, Ordering::Relaxed);
            if index >= archive.len() || self.shared.is_too_large() {
                return;
            }
            let name = archive.name_for_index(index).and_then(Result::ok);
            let Some(kind) = name.and_then(|name| Kind::of(&name)) else {
                continue;
            };
            match archive.by_index(index) {
                Ok(mut entry) => self.entry(kind, &mut entry, 0),
                Err(_) => self.contents.unread += 1,
            }
        }
    }

    fn entry(&mut self, kind: Kind, content: &mut dyn Read, depth: u32) {
        let is_whole = match kind {
            Kind::Class => self.class(content),
            Kind::Jar => self.inner(content, depth + 1),
        };
        match (kind, is_whole) {
            (Kind::Class, true) => self.contents.classes += 1,
            (Kind::Jar, true) => {}
            (_, false) => self.contents.unread += 1,
        }
    }

    /// Whether the class could be read.
    fn class(&mut self, content: &mut dyn Read) -> bool {
        let limit = self.shared.limits.class_bytes;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        // One byte more tells "as long as allowed" from "longer".
        let read = (self.counted(content))
            .take(limit.saturating_add(1))
            .read_to_end(&mut buffer);
        let is_whole = read.is_ok() && to_u64(buffer.len()) <= limit && {
            let found = &mut self.found;
            class_file::strings(&buffer, &mut |text| found.offer(text, UidSource::Jar)).is_ok()
        };
        self.buffer = buffer;
        is_whole
    }

    /// Whether the jar could be read to its end.
    fn inner(&mut self, content: &mut dyn Read, depth: u32) -> bool {
        if depth > self.shared.limits.nesting {
            return false;
        }
        let shared = self.shared;
        let mut jar = BufReader::new(Counted { content, shared });
        let read = stream::entries(&mut jar, &mut |entry| {
            match (Kind::of(&entry.name), entry.content) {
                (Some(kind), Some(content)) => self.entry(kind, content, depth),
                (Some(_), None) => self.contents.unread += 1,
                (None, _) => {}
            }
            Ok(())
        });
        read.is_ok()
    }

    fn counted<'c>(&self, content: &'c mut dyn Read) -> Counted<'c, '_> {
        Counted {
            content,
            shared: self.shared,
        }
    }
}

/// Counts what is inflated, by all threads together, and ends at the limit.
struct Counted<'c, 's> {
    content: &'c mut dyn Read,
    shared: &'s Shared<'s>,
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        let before = (self.shared.inflated).fetch_add(to_u64(read), Ordering::Relaxed);
        if before.saturating_add(to_u64(read)) > self.shared.limits.total_bytes {
            self.shared.too_large.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(read)
    }
}
