use std::ops::Range;

use super::decoded::Decoded;

/// A URL, which may be inside another or in a path.
pub(super) struct Url {
    pub(super) starts_at: usize,
    /// `None` where only `//` tells that an authority follows.
    pub(super) scheme: Option<Range<usize>>,
    /// With the `@` behind it.
    pub(super) userinfo: Option<Range<usize>>,
}

/// All URLs in a text, each with where its userinfo is.
pub(super) fn authorities(text: &Decoded) -> Vec<Url> {
    let bytes = text.bytes();
    let mut urls = Vec::new();
    let slashes = bytes.iter().take_while(|byte| is_slash(**byte)).count();
    if (1..=2).contains(&slashes) {
        let userinfo = Authority::of(text, None, slashes, slashes).userinfo();
        // Of two slashes, one may have been left out as in a path.
        if slashes == 2 || userinfo.is_some() {
            urls.push(Url {
                starts_at: 0,
                scheme: None,
                userinfo,
            });
        }
    }
    let mut from = 0;
    let colons = bytes.iter().enumerate().filter(|(_, byte)| **byte == b':');
    for colon in colons.map(|(at, _)| at) {
        // Inside the userinfo that was found.
        if colon < from {
            continue;
        }
        let Some(scheme) = scheme_before(bytes, from, colon) else {
            continue;
        };
        let behind = bytes.get(colon + 1..).unwrap_or_default();
        let slashes = behind.iter().take_while(|byte| is_slash(**byte)).count();
        let name = bytes.get(scheme.clone()).unwrap_or_default();
        let is_url = match slashes {
            0 => scheme.start == 0 && is_store(name),
            // Of a local path, `file:/x`.
            1 => !name.eq_ignore_ascii_case(b"file"),
            2 => true,
            _ => is_store(name),
        };
        if !is_url {
            continue;
        }
        let begin = colon + 1 + slashes;
        let userinfo = Authority::of(text, Some(name), slashes, begin).userinfo();
        from = userinfo.as_ref().map_or(begin, |range| range.end);
        urls.push(Url {
            starts_at: scheme.start,
            scheme: Some(scheme),
            userinfo,
        });
    }
    urls
}

/// What follows the slashes of a URL.
struct Authority<'a> {
    text: &'a Decoded,
    scheme: Option<&'a [u8]>,
    /// Without exactly two slashes, it may be no authority but a path.
    is_certain: bool,
    begin: usize,
    end: usize,
}

impl<'a> Authority<'a> {
    fn of(text: &'a Decoded, scheme: Option<&'a [u8]>, slashes: usize, begin: usize) -> Self {
        let rest = text.bytes().get(begin..).unwrap_or_default();
        let is_http = scheme.is_some_and(is_http);
        // In a URL that is encoded as a whole, slashes are, too; in others they are part of a name.
        let ends_encoded = slashes > 0 && !text.is_literal(begin - 1);
        let length = rest.iter().enumerate().position(|(at, &byte)| {
            is_slash(byte) && (ends_encoded || text.is_literal(begin + at))
                || is_http && b"?#".contains(&byte)
        });
        Self {
            text,
            scheme,
            is_certain: slashes == 2 && scheme.is_some(),
            begin,
            end: begin + length.unwrap_or(rest.len()),
        }
    }

    fn userinfo(&self) -> Option<Range<usize>> {
        let authority = self.text.bytes().get(self.begin..self.end)?;
        let Some(at) = authority.iter().rposition(|&byte| byte == b'@') else {
            // Secret keys were once put in front of the bucket with their slashes not encoded.
            if !self.has_password(authority) {
                return None;
            }
            let rest = self.text.bytes().get(self.end..)?;
            let at = rest.iter().position(|&byte| byte == b'@')?;
            return Some(self.begin..self.end + at + 1);
        };
        let userinfo = authority.get(..at)?;
        // In abfs URIs the part before the @ is the container.
        let is_container = self.scheme.is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            name.starts_with(b"abfs") || name.starts_with(b"wasb")
        });
        let is_plain = !userinfo.iter().any(|byte| b":@".contains(byte));
        let is_kept = is_plain && (is_container || !self.is_certain);
        (!is_kept).then_some(self.begin..self.begin + at + 1)
    }

    /// Whether what follows the `:` can be no port.
    fn has_password(&self, authority: &[u8]) -> bool {
        if authority.starts_with(b"[") || self.scheme.is_none() {
            return false;
        }
        let Some(colon) = authority.iter().position(|&byte| byte == b':') else {
            return false;
        };
        let port = authority.get(colon + 1..).unwrap_or_default();
        // Buckets have no port.
        self.scheme.is_some_and(is_bucket) || !port.iter().all(u8::is_ascii_digit)
    }
}

/// The scheme that ends at a colon.
fn scheme_before(bytes: &[u8], from: usize, colon: usize) -> Option<Range<usize>> {
    let before = bytes.get(from..colon)?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let length = before.iter().rev().take_while(|byte| is_part(byte)).count();
    let name = before.get(before.len() - length..)?;
    let skipped = name.iter().position(u8::is_ascii_alphabetic)?;
    // One letter is a drive of Windows.
    (length - skipped > 1).then_some(colon - length + skipped..colon)
}

fn is_slash(byte: u8) -> bool {
    b"/\\".contains(&byte)
}

fn is_http(scheme: &[u8]) -> bool {
    scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https")
}

fn is_bucket(scheme: &[u8]) -> bool {
    let scheme = scheme.to_ascii_lowercase();
    [&b"s3"[..], b"s3a", b"s3n", b"s3p", b"gs", b"oss", b"cosn"].contains(&&scheme[..])
}

fn is_store(scheme: &[u8]) -> bool {
    let name = scheme.to_ascii_lowercase();
    is_bucket(scheme)
        || is_http(scheme)
        || name == b"hdfs"
        || name.starts_with(b"abfs")
        || name.starts_with(b"wasb")
}
