use std::ops::Range;

use super::decoded::Decoded;
use super::userinfo::Url;

/// What stands between parameters, wherever in a URL they are.
const DELIMITERS: &[u8] = b"?&#;";

/// Where the parameters of a path begin, if they hold a secret. All of an `http:` URL may be one.
pub(super) fn beginning(text: &Decoded, urls: &[Url]) -> Option<usize> {
    let url = urls.first()?;
    let from = match &url.userinfo {
        Some(userinfo) => userinfo.end,
        None => url.starts_at,
    };
    let bytes = text.bytes();
    let rest = || bytes.iter().enumerate().skip(from);
    let is_http = urls
        .iter()
        .filter_map(|url| url.scheme.clone())
        .any(|name| {
            let name = bytes.get(name).unwrap_or_default();
            name.eq_ignore_ascii_case(b"http") || name.eq_ignore_ascii_case(b"https")
        });
    let query = rest().position(|(_, byte)| b"?#".contains(byte));
    let query = query.filter(|_| is_http).map(|at| from + at);
    let secret = rest()
        .filter(|(_, byte)| DELIMITERS.contains(byte))
        .find(|(at, _)| {
            let parameter = bytes.get(at + 1..).unwrap_or_default();
            let ends = |byte: &u8| DELIMITERS.contains(byte) || b"=/".contains(byte);
            let length = parameter.iter().position(ends);
            length.is_some_and(|length| {
                let (name, rest) = parameter.split_at(length);
                rest.starts_with(b"=") && names_a_secret(&String::from_utf8_lossy(name))
            })
        });
    let secret = secret.map(|(at, _)| {
        let first = rest().position(|(_, byte)| b"?#;".contains(byte));
        first.map_or(at, |first| at.min(from + first))
    });
    query.into_iter().chain(secret).min()
}

/// Where the values of secret parameters are.
pub(super) fn values(text: &Decoded) -> Vec<Range<usize>> {
    let bytes = text.bytes();
    let mut values = Vec::new();
    let mut from = 0;
    let signs = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'=');
    for sign in signs.map(|(at, _)| at) {
        let Some(before) = bytes.get(from..sign) else {
            continue;
        };
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let length = before.iter().rev().take_while(|byte| is_part(byte)).count();
        let name = before.get(before.len() - length..).unwrap_or_default();
        if !names_a_secret(&String::from_utf8_lossy(name)) {
            continue;
        }
        let value = bytes.get(sign + 1..).unwrap_or_default();
        let ends = |byte: &u8| DELIMITERS.contains(byte) || b",\"'<>)".contains(byte);
        let length = value.iter().position(ends).unwrap_or(value.len());
        from = sign + 1 + length;
        values.push(sign + 1..from);
    }
    values
}

/// Whether the value of a parameter of that name gives access to something.
fn names_a_secret(name: &str) -> bool {
    const NAMES: [&str; 7] = ["sig", "sas", "pw", "pwd", "pass", "auth", "jwt"];
    const PARTS: [&str; 10] = [
        "signature",
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "credential",
        "authorization",
        "accessid",
        "keyid",
    ];
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    NAMES.contains(&name.as_str())
        || PARTS.iter().any(|part| name.contains(part))
        // As an account key; but a key of something may have that name alone.
        || name.len() > 3 && name.ends_with("key")
}
