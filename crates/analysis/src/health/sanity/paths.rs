//! Can Flink's `Path` take the paths that handles name? Its loader throws where it cannot.

/// For an absolute path of a file or directory (`Path(String)`).
pub(super) fn is_loadable(path: &[u8]) -> bool {
    let Some((scheme, rest)) = split_scheme(path) else {
        return !path.is_empty();
    };
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    let has_authority = rest.starts_with(b"//") && rest.len() > 2;
    let authority = rest
        .get(2..)
        .filter(|_| has_authority)
        .and_then(|rest| rest.split(|&byte| byte == b'/').next());
    // An open bracket is a broken IPv6 address.
    let is_broken = authority.is_some_and(|host| host.contains(&b'[') && !host.contains(&b']'));
    is_scheme && rest.starts_with(b"/") && !is_broken
}

/// For a path below the directory of the metadata (`Path(Path, String)`).
pub(super) fn is_loadable_below(path: &[u8]) -> bool {
    let names_something = path.iter().any(|&byte| byte != b'/');
    names_something && split_scheme(path).is_none()
}

/// What is before and behind a colon that stands before any slash.
fn split_scheme(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = path.iter().position(|&byte| byte == b':' || byte == b'/')?;
    let (scheme, rest) = path.split_at_checked(at)?;
    Some((scheme, rest.strip_prefix(b":")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Flink 1.13 to 2.3 answered.
    #[test]
    fn flink_takes_these_and_refuses_those() {
        for path in [
            "/data/x",
            "x",
            "file:/x",
            "file:///a b#%?/ä",
            "s3://b/k",
            "hdfs://nn:8020/x",
        ] {
            assert!(is_loadable(path.as_bytes()), "{path}");
        }
        for path in [
            "",
            ":",
            "://",
            "file:",
            "file:x",
            "hdfs:./x",
            "1:/x",
            "http://[bad",
        ] {
            assert!(!is_loadable(path.as_bytes()), "{path}");
        }
        assert!(is_loadable_below(b"6f2a-77"));
        for path in [
            "",
            "/",
            "//",
            "a:b",
            "foo://",
            "zz:/x",
            "s3://b/k",
            "file:/a b",
        ] {
            assert!(!is_loadable_below(path.as_bytes()), "{path}");
        }
    }
}
