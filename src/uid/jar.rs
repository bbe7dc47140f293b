//! The strings of a jar: of all its classes, and of the jars inside it.

use std::io::{self, Cursor, Read, Seek};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use zip::ZipArchive;

use crate::parse::to_u64;
use crate::uid::class_file;
use crate::uid::{Dictionary, UidSource};

/// Bounds on what is read of a jar: a few bytes can inflate to terabytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JarLimits {
    /// Bytes of one class. The largest that `javac` makes have a few MB. Default 64 MiB.
    pub class_bytes: u64,
    /// Bytes of one jar inside a jar, which is held in memory. Default 256 MiB.
    pub nested_bytes: u64,
    /// Bytes of all classes and inner jars together. Default 8 GiB.
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
            class_bytes: 64 * MIB,
            nested_bytes: 256 * MIB,
            total_bytes: 8192 * MIB,
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
pub enum JarError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] io::Error),
    /// It is no zip file.
    #[error("not a jar: {0}")]
    NotAJar(String),
    /// Its classes take more bytes than [`JarLimits::total_bytes`].
    #[error("more than {limit} bytes of classes: refused, see JarLimits")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
}

/// Offers every string constant and class name of a jar to `dictionary`. `open` is called once by
/// each thread.
///
/// # Errors
/// [`JarError`]. What is wrong with single classes is only counted.
pub fn offer_strings<R: Read + Seek>(
    open: &(impl Fn() -> io::Result<R> + Sync),
    limits: &JarLimits,
    dictionary: &mut Dictionary,
) -> Result<JarContents, JarError> {
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
            };
            let archive = archive(open()?)?;
            reader.outer(archive);
            Ok::<_, JarError>((reader.found, reader.contents))
        };
        let workers: Vec<_> = (1..limits.threads.get())
            .map(|_| scope.spawn(work))
            .collect();
        let mut parts = vec![work()];
        // A worker that fell over has left its entries unread: that is no result.
        let fallen = || JarError::NotAJar("a reader failed".to_owned());
        parts.extend(
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or_else(|_| Err(fallen()))),
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

fn archive<R: Read + Seek>(reader: R) -> Result<ZipArchive<R>, JarError> {
    ZipArchive::new(reader).map_err(|error| JarError::NotAJar(error.to_string()))
}

/// What the threads share.
struct Shared<'l> {
    limits: &'l JarLimits,
    /// The next entry of the outer jar that nobody has taken.
    next_entry: AtomicUsize,
    inflated: AtomicU64,
    too_large: AtomicBool,
}

/// One thread's share of the work.
struct Reader<'s, 'l> {
    shared: &'s Shared<'l>,
    found: Dictionary,
    contents: JarContents,
}

#[derive(Clone, Copy)]
enum Kind {
    Class,
    Jar,
}

impl Kind {
    /// By its name, as a class loader goes; everything else is not even inflated.
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
        let mut buffer = Vec::new();
        loop {
            let index = self.shared.next_entry.fetch_add(1, Ordering::Relaxed);
            if index >= archive.len() {
                return;
            }
            self.entry(&mut archive, index, 0, &mut buffer);
        }
    }

    fn inner(&mut self, jar: &[u8], depth: u32) {
        let archive = (depth <= self.shared.limits.nesting).then(|| archive(Cursor::new(jar)));
        let Some(Ok(mut archive)) = archive else {
            self.contents.unread += 1;
            return;
        };
        let mut buffer = Vec::new();
        for index in 0..archive.len() {
            self.entry(&mut archive, index, depth, &mut buffer);
        }
    }

    fn entry<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        index: usize,
        depth: u32,
        buffer: &mut Vec<u8>,
    ) {
        if self.shared.too_large.load(Ordering::Relaxed) {
            return;
        }
        let name = archive.name_for_index(index).and_then(Result::ok);
        let Some(kind) = name.and_then(|name| Kind::of(&name)) else {
            return;
        };
        let limits = self.shared.limits;
        let limit = match kind {
            Kind::Class => limits.class_bytes,
            Kind::Jar => limits.nested_bytes,
        };
        buffer.clear();
        let whole = match archive.by_index(index) {
            // One byte more tells "as long as allowed" from "longer".
            Ok(entry) => entry
                .take(limit.saturating_add(1))
                .read_to_end(buffer)
                .is_ok(),
            Err(_) => false,
        };
        let inflated = to_u64(buffer.len());
        let total = self.shared.inflated.fetch_add(inflated, Ordering::Relaxed);
        if total.saturating_add(inflated) > limits.total_bytes {
            self.shared.too_large.store(true, Ordering::Relaxed);
        }
        if !whole || inflated > limit {
            self.contents.unread += 1;
            return;
        }
        match kind {
            Kind::Jar => self.inner(buffer, depth + 1),
            Kind::Class => {
                let found = &mut self.found;
                let read =
                    class_file::strings(buffer, &mut |text| found.offer(text, UidSource::Jar));
                match read {
                    Ok(()) => self.contents.classes += 1,
                    Err(_) => self.contents.unread += 1,
                }
            }
        }
    }
}
