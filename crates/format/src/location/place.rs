use crate::location::Location;

/// The file system behind a path's scheme. Schemes that name the same store are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Local disk: `file:` or no scheme.
    File,
    /// `s3:`, `s3a:`, `s3p:` and `s3n:`, which differ only in the client that Flink uses.
    S3,
    /// `hdfs:`.
    Hdfs,
    /// `gs:`.
    Gcs,
    /// `abfs:`, `abfss:`, `wasb:` and `wasbs:`.
    Azure,
    /// `http:` and `https:`.
    Http,
    /// `memory:`, a store inside this process.
    Memory,
    /// Any other; never taken for the same place as a path of another scheme.
    Other,
}

/// What is the same for all spellings of a place.
pub type PlaceKey = (Scheme, Vec<u8>);

/// The place of a directory. Several slashes count as one, and those at the end not at all, as when
/// it is opened.
pub fn place_key(location: &Location) -> PlaceKey {
    let (scheme, path) = location.place();
    let mut plain = Vec::with_capacity(path.len());
    for (at, name) in path.split(|&byte| byte == b'/').enumerate() {
        if at == 0 {
            plain.extend(name);
        } else if !name.is_empty() {
            plain.push(b'/');
            plain.extend(name);
        }
    }
    (scheme, plain)
}

/// A path cut into the parts that decide whether two paths are one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceParts<'a> {
    /// The kind of store.
    pub scheme: Scheme,
    /// Authority and path: `bucket/key`, `host:port/path`, or the path of a local file.
    /// For [`Scheme::Other`], the whole text.
    pub rest: &'a [u8],
}

impl<'a> PlaceParts<'a> {
    /// Cuts a path as Flink writes it. `file:/x`, `file:///x` and `/x` give the same, and so do
    /// `s3://b/x` and `s3a://b/x`.
    pub fn of(path: &'a [u8]) -> Self {
        let whole = Self {
            scheme: Scheme::File,
            rest: path,
        };
        let Some((scheme, rest)) = split_scheme(path) else {
            return whole;
        };
        match scheme {
            Scheme::File => Self {
                scheme,
                rest: match rest.strip_prefix(b"//") {
                    Some(local @ [b'/', ..]) => local,
                    _ => rest,
                },
            },
            Scheme::Other => Self { scheme, rest: path },
            _ => Self {
                scheme,
                rest: rest.strip_prefix(b"//").unwrap_or(rest),
            },
        }
    }
}

/// The scheme before the first `:`, if there is one, and what follows the `:`.
pub(super) fn split_scheme(path: &[u8]) -> Option<(Scheme, &[u8])> {
    /// Longer than any scheme that is known.
    const SCHEME_MAX: usize = 16;
    let colon = path
        .iter()
        .take(SCHEME_MAX)
        .position(|&byte| byte == b':')?;
    let (scheme, rest) = path.split_at_checked(colon)?;
    let rest = rest.get(1..)?;
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    if !is_scheme {
        return None;
    }
    let scheme = match scheme {
        b"file" => Scheme::File,
        b"s3" | b"s3a" | b"s3p" | b"s3n" => Scheme::S3,
        b"hdfs" => Scheme::Hdfs,
        b"gs" => Scheme::Gcs,
        b"abfs" | b"abfss" | b"wasb" | b"wasbs" => Scheme::Azure,
        b"http" | b"https" => Scheme::Http,
        b"memory" => Scheme::Memory,
        _ => Scheme::Other,
    };
    Some((scheme, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_place_have_the_same_parts() {
        for same in [
            &["/data/x", "file:/data/x", "file:///data/x"][..],
            &["s3://b/x", "s3a://b/x", "s3p://b/x", "s3n://b/x"],
            &["abfs://c@a/x", "abfss://c@a/x", "wasbs://c@a/x"],
        ] {
            let parts: Vec<_> = same.iter().map(|p| PlaceParts::of(p.as_bytes())).collect();
            assert!(parts.windows(2).all(|pair| pair[0] == pair[1]), "{parts:?}");
        }
    }

    #[test]
    fn names_of_different_places_differ() {
        let all = [
            "/b/x",
            "s3://b/x",
            "hdfs://b/x",
            "gs://b/x",
            "oss://b/x",
            "cos://b/x",
        ];
        for (i, one) in all.iter().enumerate() {
            for other in &all[i + 1..] {
                assert_ne!(
                    PlaceParts::of(one.as_bytes()),
                    PlaceParts::of(other.as_bytes())
                );
            }
        }
    }
}
