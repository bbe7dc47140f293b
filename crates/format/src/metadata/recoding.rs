//! What has happened to a `_metadata` file that can no longer be parsed: copied as text, packed,
//! written in other letters, or replaced by something else. Only asked about files that do not parse,
//! so that no real file is taken for one of these.

mod base64;

use crate::metadata::parse;

pub use base64::Base64;

/// Larger files are only looked at as they are: nothing is undone to see whether that helps.
const UNDONE_MAX: usize = 64 << 20;
/// Bytes that all attempts to undo a loss may read together.
const ATTEMPTS_MAX: usize = 64 << 20;
/// The first bytes of a metadata file of any version below 2^16, in several forms.
const MAGIC: &[u8] = b"\x49\x60\x67\x2d";
const REPLACEMENT: &[u8] = b"\xef\xbf\xbd";

/// What a file went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recoding {
    /// Bytes that are no UTF-8 were replaced by U+FFFD.
    Utf8Replaced,
    /// Bytes of no ASCII character were replaced by `?`.
    AsciiReplaced,
    /// Each byte was taken for a character of Latin-1 and written in UTF-8.
    Latin1ToUtf8,
    /// Line feeds became carriage return and line feed.
    LfToCrLf,
    /// Carriage return and line feed became line feeds.
    CrLfToLf,
    /// A byte order mark was put in front.
    ByteOrderMark,
    /// UTF-16.
    Utf16,
    /// Base64.
    Base64(Base64),
    /// Digits: a hex dump.
    Hex,
    /// A byte string as a program prints it, with `\x..`.
    Escaped,
    /// The bytes of each 32-bit word in the other order.
    SwappedBytes,
    /// Packed: gzip, zstd, ...
    Packed(&'static str),
    /// An archive: tar or zip.
    Archive(&'static str),
    /// A pointer of git-lfs or git-annex: the content is elsewhere.
    GitPointer(&'static str),
    /// A page for browsers, most likely with an error.
    Html,
    /// XML, most likely a store's error.
    Xml,
    /// JSON.
    Json,
}

impl Recoding {
    /// What a file that does not parse looks like; `None` where nothing is recognised.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(MAGIC) {
            return changed_inside(bytes);
        }
        by_first_bytes(bytes)
    }

    /// What happened, as the end of a sentence about the file.
    pub fn message(self) -> String {
        match self {
            Self::Utf8Replaced => "went through a text filter: bytes that are no UTF-8 were replaced \
                                   by EF BF BD, and are lost"
                .to_owned(),
            Self::AsciiReplaced => {
                "went through a text filter: bytes above 7F were replaced by `?`, and are lost"
                    .to_owned()
            }
            Self::Latin1ToUtf8 => "was taken for text in Latin-1 and written in UTF-8".to_owned(),
            Self::LfToCrLf => {
                "was copied as text: each line feed (0A) became carriage return and line feed (0D 0A)"
                    .to_owned()
            }
            Self::CrLfToLf => {
                "was copied as text: carriage returns before line feeds (0D 0A) were taken out"
                    .to_owned()
            }
            Self::ByteOrderMark => "was written as text: it begins with a byte order mark".to_owned(),
            Self::Utf16 => "was written as text in UTF-16".to_owned(),
            Self::Base64(_) => "is encoded in base64".to_owned(),
            Self::Hex => "is a hex dump".to_owned(),
            Self::Escaped => "is a byte string as a program prints it".to_owned(),
            Self::SwappedBytes => {
                "has the bytes of each word in the other order: a Java program wrote it with the wrong \
                 byte order, or a tool has swapped them"
                    .to_owned()
            }
            Self::Packed(how) => format!("is packed with {how}"),
            Self::Archive(how) => format!("is in a {how} archive"),
            Self::GitPointer(tool) => {
                format!("is a pointer of {tool}: the content is not in this file")
            }
            Self::Html => "is an HTML page, such as a server answers with in place of a file".to_owned(),
            Self::Xml => "is XML, such as a store answers with in place of a file".to_owned(),
            Self::Json => "is JSON, such as a server answers with in place of a file".to_owned(),
        }
    }

    /// How to get the original.
    pub fn hint(self) -> String {
        const AGAIN: &str = "copy the original again as binary data";
        match self {
            Self::Utf8Replaced | Self::AsciiReplaced => format!(
                "what was lost cannot be brought back: {AGAIN}, not through a console, an editor, \
                 kubectl cp/exec with a terminal, or a template"
            ),
            Self::Latin1ToUtf8 => {
                format!("undo it with `iconv -f UTF-8 -t ISO-8859-1`, or {AGAIN}")
            }
            Self::LfToCrLf => format!(
                "{AGAIN} (FTP in binary mode; in git, `*_metadata -text` in .gitattributes and \
                 core.autocrlf=false)"
            ),
            Self::CrLfToLf => format!(
                "{AGAIN}: where carriage returns were cannot be told (FTP in binary mode; in git, \
                 `*_metadata -text` in .gitattributes)"
            ),
            Self::ByteOrderMark => format!("{AGAIN}: more than the mark may have changed"),
            Self::Utf16 => {
                format!("{AGAIN}: a redirection in PowerShell writes text, for example")
            }
            Self::Base64(form) => format!("decode it: `{}`", form.command()),
            Self::Hex => {
                "turn it back: `xxd -r -p` for plain digits, `xxd -r` for a dump with offsets"
                    .to_owned()
            }
            Self::Escaped => format!("write the bytes and not their print; or {AGAIN}"),
            Self::SwappedBytes => AGAIN.to_owned(),
            Self::Packed(how) => match how {
                "gzip" => "unpack it: `gzip -dc FILE > _metadata`".to_owned(),
                "zstd" => "unpack it: `zstd -dc FILE > _metadata`".to_owned(),
                "xz" => "unpack it: `xz -dc FILE > _metadata`".to_owned(),
                "bzip2" => "unpack it: `bzip2 -dc FILE > _metadata`".to_owned(),
                "lz4" => "unpack it: `lz4 -dc FILE > _metadata`".to_owned(),
                _ => "unpack it first".to_owned(),
            },
            Self::Archive(_) => "unpack it and give the directory in it".to_owned(),
            Self::GitPointer("git-lfs") => "fetch the content: `git lfs pull`".to_owned(),
            Self::GitPointer(_) => "fetch the content: `git annex get`".to_owned(),
            Self::Html | Self::Xml | Self::Json => {
                "read the file to see what the server says: the download may have failed or need a \
                 login; then fetch the original again"
                    .to_owned()
            }
        }
    }
}

fn by_first_bytes(bytes: &[u8]) -> Option<Recoding> {
    const PACKED: [(&[u8], &str); 8] = [
        (b"\x1f\x8b", "gzip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\xfd7zXZ\0", "xz"),
        (b"BZh", "bzip2"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"\xff\x06\x00\x00sNaPpY", "snappy"),
        (b"\x82SNAPPY\0", "snappy"),
        (b"\x1f\x9d", "compress"),
    ];
    let packed = PACKED.iter().find(|(magic, _)| bytes.starts_with(magic));
    if let Some((_, how)) = packed {
        return Some(Recoding::Packed(how));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(Recoding::Archive("zip"));
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(Recoding::Archive("tar"));
    }
    if bytes.starts_with(b"\x2d\x67\x60\x49") {
        return Some(Recoding::SwappedBytes);
    }
    const UTF_16: [&[u8]; 4] = [
        b"\xff\xfe\x49\0\x60\0",
        b"\xfe\xff\0\x49\0\x60",
        b"\x49\0\x60\0\x67\0\x2d\0",
        b"\0\x49\0\x60\0\x67\0\x2d",
    ];
    if UTF_16.iter().any(|form| bytes.starts_with(form)) {
        return Some(Recoding::Utf16);
    }
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf");
    if marked.is_some_and(|rest| rest.starts_with(MAGIC)) {
        return Some(Recoding::ByteOrderMark);
    }
    if let Some(form) = Base64::of(bytes) {
        return Some(Recoding::Base64(form));
    }
    text(marked.unwrap_or(bytes))
}

/// Texts, by how they begin.
fn text(bytes: &[u8]) -> Option<Recoding> {
    const SAMPLE: usize = 512;
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let sample = sample.trim_ascii_start();
    let lower = sample.to_ascii_lowercase();
    if sample.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Some(Recoding::GitPointer("git-lfs"));
    }
    let first_line = sample.split(|&byte| byte == b'\n').next();
    if first_line.is_some_and(|line| contains(line, b"/annex/objects/")) {
        return Some(Recoding::GitPointer("git-annex"));
    }
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Some(Recoding::Html);
    }
    if lower.starts_with(b"<?xml") {
        let is_page = contains(&lower, b"<html");
        return Some(if is_page {
            Recoding::Html
        } else {
            Recoding::Xml
        });
    }
    if lower.starts_with(b"<error") || lower.starts_with(b"<response") {
        return Some(Recoding::Xml);
    }
    if lower.starts_with(b"<head") || lower.starts_with(b"<body") {
        return Some(Recoding::Html);
    }
    if is_hex(&lower) {
        return Some(Recoding::Hex);
    }
    const PRINTED: [&[u8]; 5] = [b"b'I`g-", b"b\"I`g-", b"I`g-\\x", b"I`g-\\0", b"\"I`g-"];
    if PRINTED.iter().any(|form| sample.starts_with(form)) {
        return Some(Recoding::Escaped);
    }
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    let is_json = matches!(sample.first(), Some(b'{' | b'[')) && sample.iter().all(is_text);
    is_json.then_some(Recoding::Json)
}

/// The magic number in hex digits, plain or behind an offset, with or without spaces.
fn is_hex(lower: &[u8]) -> bool {
    let plain = lower.strip_prefix(b"0x").or(lower.strip_prefix(b"\\x"));
    let plain = plain.unwrap_or(lower);
    let digits = |text: &[u8]| -> Vec<u8> {
        let digits = text.iter().copied().filter(u8::is_ascii_hexdigit);
        digits.take(8).collect()
    };
    if digits(plain) == b"4960672d" {
        return true;
    }
    // `00000000: 4960 672d` and `00000000  49 60 67 2d`; od writes words in the machine's order.
    let is_space = |byte: &u8| matches!(byte, b' ' | b':' | b'\t');
    let Some(end) = lower.iter().position(is_space) else {
        return false;
    };
    let (offset, rest) = lower.split_at(end);
    let is_offset = offset.len() >= 4 && offset.iter().all(|&byte| byte == b'0');
    is_offset && matches!(digits(rest).as_slice(), b"4960672d" | b"60492d67")
}

/// A file that begins as it should: it was changed further on.
fn changed_inside(bytes: &[u8]) -> Option<Recoding> {
    /// So many characters that a text filter leaves behind are no accident.
    const ENOUGH: usize = 3;
    let is_ascii = bytes.is_ascii();
    if let (false, Ok(text)) = (is_ascii, std::str::from_utf8(bytes)) {
        if text.contains('\u{fffd}') {
            return Some(Recoding::Utf8Replaced);
        }
        // A file whose bytes are all of valid UTF-8: ids alone hardly ever are.
        let is_narrow = text.chars().all(|c| u32::from(c) <= 0xFF);
        let wide = text.chars().filter(|c| !c.is_ascii()).count();
        if is_narrow && wide >= ENOUGH {
            return Some(Recoding::Latin1ToUtf8);
        }
    }
    if count(bytes, REPLACEMENT) >= ENOUGH {
        return Some(Recoding::Utf8Replaced);
    }
    const IDS: usize = 64;
    if is_ascii && bytes.len() >= IDS {
        let marks = bytes.iter().filter(|&&byte| byte == b'?').count();
        if marks >= ENOUGH {
            return Some(Recoding::AsciiReplaced);
        }
    }
    line_ends(bytes)
}

/// Whether the file parses once what happened to its line ends is undone.
fn line_ends(bytes: &[u8]) -> Option<Recoding> {
    if bytes.len() > UNDONE_MAX {
        return None;
    }
    let feeds: Vec<usize> = positions(bytes, b'\n');
    let parses = |bytes: &[u8]| parse(bytes).is_ok_and(|parsed| parsed.trailing_bytes == 0);
    let is_behind_return = |&at: &usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        before == Some(&b'\r')
    };
    if !feeds.is_empty() && feeds.iter().all(is_behind_return) {
        let returns: Vec<usize> = feeds.iter().filter_map(|at| at.checked_sub(1)).collect();
        /// Without any proof, so many are no accident.
        const MANY: usize = 4;
        if returns.len() >= MANY || parses(&without(bytes, &returns)) {
            return Some(Recoding::LfToCrLf);
        }
    }
    // The other way, something is lost: a carriage return is put back at each place in turn.
    let attempts = ATTEMPTS_MAX / bytes.len().max(1);
    let alone = feeds.iter().map(|&at| vec![at]);
    let pairs = feeds.iter().enumerate().flat_map(|(first, &one)| {
        let others = feeds.get(first + 1..).unwrap_or_default();
        others.iter().map(move |&other| vec![one, other])
    });
    let mut tries = std::iter::once(feeds.clone()).chain(alone).chain(pairs);
    let found = tries
        .by_ref()
        .filter(|places| !places.is_empty())
        .take(attempts.min(4096))
        .any(|places| parses(&with_returns(bytes, &places)));
    found.then_some(Recoding::CrLfToLf)
}

fn positions(bytes: &[u8], wanted: u8) -> Vec<usize> {
    let all = bytes.iter().enumerate();
    all.filter_map(|(at, &byte)| (byte == wanted).then_some(at))
        .collect()
}

/// Without the bytes at these places, which are in order.
fn without(bytes: &[u8], places: &[usize]) -> Vec<u8> {
    let mut left = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for &at in places {
        left.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        from = at + 1;
    }
    left.extend_from_slice(bytes.get(from..).unwrap_or_default());
    left
}

/// With a carriage return before each of these places, which are in order.
fn with_returns(bytes: &[u8], places: &[usize]) -> Vec<u8> {
    let mut more = Vec::with_capacity(bytes.len() + places.len());
    let mut from = 0;
    for &at in places {
        more.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        more.push(b'\r');
        from = at;
    }
    more.extend_from_slice(bytes.get(from..).unwrap_or_default());
    more
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn count(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes
        .windows(wanted.len())
        .filter(|window| *window == wanted)
        .count()
}
