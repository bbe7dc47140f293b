use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use statescope_format::reader::to_u64;

/// How much is read from the file at a time.
const PIECE: usize = 32 << 10;

/// One file for several threads: each clone is at a place of its own.
pub(super) struct SharedFile<R> {
    file: Arc<Mutex<R>>,
    /// Bytes that may still be read, by all clones together.
    left: Arc<AtomicU64>,
    at: u64,
    /// What was read last, and where that begins.
    piece: Vec<u8>,
    from: u64,
}

impl<R> SharedFile<R> {
    /// At most `left` bytes may be read, until [`limit`](Self::limit) says otherwise.
    pub(super) fn new(file: R, left: u64) -> Self {
        Self {
            file: Arc::new(Mutex::new(file)),
            left: Arc::new(AtomicU64::new(left)),
            at: 0,
            piece: Vec::new(),
            from: 0,
        }
    }

    /// How much may still be read by this file and all its clones.
    pub(super) fn limit(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.left)
    }
}

impl<R> Clone for SharedFile<R> {
    fn clone(&self) -> Self {
        Self {
            file: Arc::clone(&self.file),
            left: Arc::clone(&self.left),
            at: self.at,
            piece: Vec::new(),
            from: 0,
        }
    }
}

impl<R: Read + Seek> Read for SharedFile<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let known = self.at.checked_sub(self.from);
        let known = known.and_then(|skip| self.piece.get(usize::try_from(skip).ok()?..));
        if known.is_none_or(<[u8]>::is_empty) {
            self.fill()?;
        }
        let skip = usize::try_from(self.at - self.from).unwrap_or(usize::MAX);
        let count = self.piece.get(skip..).unwrap_or_default().read(buffer)?;
        self.at += to_u64(count);
        Ok(count)
    }
}

impl<R: Read + Seek> SharedFile<R> {
    fn fill(&mut self) -> io::Result<()> {
        self.piece.resize(PIECE, 0);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(&mut self.piece)?;
        self.piece.truncate(read);
        self.from = self.at;
        let take = |left: u64| left.checked_sub(to_u64(read));
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(())
    }
}

impl<R: Seek> Seek for SharedFile<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(_) => {
                let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
                Some(file.seek(to)?)
            }
        };
        self.at = moved.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn clones_read_at_places_of_their_own() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * PIECE).collect();
        let mut one = SharedFile::new(Cursor::new(bytes.clone()), u64::MAX);
        let mut read = [0; 4];
        one.seek(SeekFrom::Start(10)).unwrap();
        let mut other = one.clone();
        one.read_exact(&mut read).unwrap();
        assert_eq!(read, [10, 11, 12, 13]);
        other.seek(SeekFrom::End(-2)).unwrap();
        let mut rest = Vec::new();
        other.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, [254, 255]);
        one.seek(SeekFrom::Current(-4)).unwrap();
        let mut all = Vec::new();
        one.read_to_end(&mut all).unwrap();
        assert_eq!(all, bytes[10..]);
    }

    #[test]
    fn no_more_is_read_than_is_allowed() {
        let mut file = SharedFile::new(Cursor::new(vec![0; 4 * PIECE]), 2 * to_u64(PIECE));
        let error = io::copy(&mut file, &mut io::sink()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        file.limit().store(u64::MAX, Ordering::Relaxed);
        file.rewind().unwrap();
        assert_eq!(
            io::copy(&mut file, &mut io::sink()).unwrap(),
            4 * to_u64(PIECE)
        );
    }
}
