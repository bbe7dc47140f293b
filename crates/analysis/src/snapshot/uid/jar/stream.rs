//! A zip file read from front to back (APPNOTE.TXT 4.3): for jars inside jars, which can then be
//! inflated and read at once, and need not be held in memory.

use std::io::{self, BufRead, Read};

use byteorder::{LittleEndian, ReadBytesExt};
use flate2::bufread::DeflateDecoder;

/// What stands before an entry.
const LOCAL_HEADER: u32 = 0x0403_4b50;
/// What may stand before the sizes that follow an entry.
const DESCRIPTOR: u32 = 0x0807_4b50;
/// What stands behind the last entry: more about all of them, the directory, or its end.
const BEHIND_ENTRIES: [u32; 4] = [0x0806_4b50, 0x0201_4b50, 0x0606_4b50, 0x0605_4b50];

const ENCRYPTED: u16 = 1;
/// The sizes stand behind the content.
const SIZES_FOLLOW: u16 = 1 << 3;

/// Sizes that are in the extra field of this tag.
const IN_EXTRA_FIELD: u32 = u32::MAX;
const ZIP64: u16 = 1;

/// An entry, with its content still to be read.
pub(super) struct Entry<'r> {
    pub(super) name: String,
    /// `None` where it is encrypted or compressed in a way that jars are not.
    pub(super) content: Option<&'r mut dyn Read>,
}

/// Hands over each entry, in order; what `each` leaves of a content is skipped.
///
/// Entries that were deleted by a change of the directory alone are handed over, too.
///
/// # Errors
/// When it is no zip file, or goes on in a way that cannot be told without its directory; and what
/// `each` says.
pub(super) fn entries(
    jar: &mut dyn BufRead,
    each: &mut dyn FnMut(Entry<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut behind_descriptor = false;
    loop {
        let mut signature = jar.read_u32::<LittleEndian>()?;
        if signature == 0 && behind_descriptor {
            // The upper half of the size of an empty entry.
            jar.read_u32::<LittleEndian>()?;
            signature = jar.read_u32::<LittleEndian>()?;
        }
        match signature {
            LOCAL_HEADER => {}
            _ if BEHIND_ENTRIES.contains(&signature) => return Ok(()),
            _ => return Err(broken("no entry where one should be")),
        }
        let Header {
            name,
            flags,
            method,
            compressed,
        } = header(jar)?;
        let sizes_follow = flags & SIZES_FOLLOW != 0;
        behind_descriptor = sizes_follow;
        match method {
            8 if flags & ENCRYPTED == 0 => {
                // Deflated content says where it ends.
                let limit = if sizes_follow { u64::MAX } else { compressed };
                let mut body = jar.take(limit);
                let mut content = DeflateDecoder::new(&mut body);
                each(Entry {
                    name,
                    content: Some(&mut content),
                })?;
                io::copy(&mut content, &mut io::sink())?;
                let inflated = content.total_out();
                if sizes_follow {
                    descriptor(jar, inflated)?;
                } else {
                    io::copy(&mut body, &mut io::sink())?;
                }
            }
            _ if sizes_follow && compressed == 0 => {
                return Err(broken("an entry without a length"));
            }
            method => {
                let mut body = jar.take(compressed);
                let is_plain = method == 0 && flags & ENCRYPTED == 0;
                each(Entry {
                    name,
                    content: is_plain.then_some(&mut body as &mut dyn Read),
                })?;
                io::copy(&mut body, &mut io::sink())?;
                if sizes_follow {
                    descriptor(jar, compressed)?;
                }
            }
        }
    }
}

struct Header {
    name: String,
    flags: u16,
    method: u16,
    compressed: u64,
}

fn header(jar: &mut dyn BufRead) -> io::Result<Header> {
    let _version = jar.read_u16::<LittleEndian>()?;
    let flags = jar.read_u16::<LittleEndian>()?;
    let method = jar.read_u16::<LittleEndian>()?;
    let _time_and_date = jar.read_u32::<LittleEndian>()?;
    let _checksum = jar.read_u32::<LittleEndian>()?;
    let compressed = jar.read_u32::<LittleEndian>()?;
    let inflated = jar.read_u32::<LittleEndian>()?;
    let name_length = jar.read_u16::<LittleEndian>()?;
    let extra_length = jar.read_u16::<LittleEndian>()?;
    let name = piece(jar, name_length)?;
    let extra = piece(jar, extra_length)?;
    let compressed = match compressed {
        IN_EXTRA_FIELD => {
            let before = if inflated == IN_EXTRA_FIELD { 8 } else { 0 };
            zip64_size(&extra, before)?
        }
        size => size.into(),
    };
    Ok(Header {
        name: String::from_utf8_lossy(&name).into_owned(),
        flags,
        method,
        compressed,
    })
}

fn piece(jar: &mut dyn BufRead, length: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length.into()];
    jar.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The compressed size, which stands behind `before` bytes of the field for large files.
fn zip64_size(mut extra: &[u8], before: u64) -> io::Result<u64> {
    loop {
        let tag = extra.read_u16::<LittleEndian>()?;
        let length = extra.read_u16::<LittleEndian>()?;
        let mut field = extra.take(length.into());
        if tag == ZIP64 {
            io::copy(&mut field.by_ref().take(before), &mut io::sink())?;
            return field.read_u64::<LittleEndian>();
        }
        io::copy(&mut field, &mut io::sink())?;
        extra = field.into_inner();
    }
}

/// The checksum and the sizes behind an entry, of 32 bits each or of 64.
fn descriptor(jar: &mut dyn BufRead, inflated: u64) -> io::Result<()> {
    if jar.read_u32::<LittleEndian>()? == DESCRIPTOR {
        jar.read_u32::<LittleEndian>()?;
    }
    jar.read_u32::<LittleEndian>()?;
    let second = jar.read_u32::<LittleEndian>()?;
    if u64::from(second) != inflated & u64::from(u32::MAX) {
        jar.read_u64::<LittleEndian>()?;
    }
    Ok(())
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
