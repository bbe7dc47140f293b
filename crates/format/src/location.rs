//! Where things are: paths as Flink writes them.

mod flink_path;
mod place;
mod raw;
mod revision;
mod secrets;

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

pub use flink_path::as_flink_opens;
pub use place::{PlaceKey, PlaceParts, Scheme, place_key};
pub use revision::{FileIdentity, Revision};
pub use secrets::{in_words, shown, without_secrets};

use place::split_scheme;

/// A place given by a user: a path or URI of a file or directory, kept as it was typed.
///
/// It prints without credentials, signatures and tokens.
///
/// ```
/// use statescope_format::Location;
///
/// let savepoint = Location::new("s3://user:secret@bucket/savepoint-1a2b3c");
/// assert_eq!(savepoint.to_string(), "s3://bucket/savepoint-1a2b3c");
/// assert_eq!(savepoint.join("_metadata").to_string(), "s3://bucket/savepoint-1a2b3c/_metadata");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location(String);

impl Location {
    /// The place that `text` names. Any text is a place; whether it can be reached is found out
    /// by whoever reads it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(without_userinfo(text.into()))
    }

    /// The scheme, with local disk for plain paths.
    pub fn scheme(&self) -> Scheme {
        match split_scheme(self.0.as_bytes()) {
            // A colon in a plain file name is no scheme.
            Some((Scheme::Other, rest)) if !rest.starts_with(b"/") => Scheme::File,
            Some((scheme, _)) => scheme,
            None => Scheme::File,
        }
    }

    /// The place of a local path; `None` for a path that no text can stand for.
    pub fn of_path(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;

            let text = raw::to_text(path.as_os_str().as_bytes());
            Some(Self::new(text.into_owned()))
        }
        #[cfg(not(unix))]
        path.to_str().map(Self::new)
    }

    /// The path on local disk, where the scheme is local.
    pub fn local_path(&self) -> Option<Cow<'_, Path>> {
        if self.scheme() != Scheme::File {
            return None;
        }
        let path = match self.0.strip_prefix("file:") {
            Some(rest) => match rest.strip_prefix("//") {
                Some(local) if local.starts_with('/') => local,
                _ => rest,
            },
            None => &self.0,
        };
        #[cfg(unix)]
        if let Cow::Owned(name) = raw::to_bytes(path) {
            use std::os::unix::ffi::OsStringExt;

            return Some(Cow::Owned(std::ffi::OsString::from_vec(name).into()));
        }
        Some(Cow::Borrowed(Path::new(path)))
    }

    /// The place of that name below this one.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        match self.0.as_str() {
            "" => Self(name.to_owned()),
            directory if directory.ends_with('/') => Self(format!("{directory}{name}")),
            directory => Self(format!("{directory}/{name}")),
        }
    }

    /// The directory that this place is in; the empty text for a bare file name.
    #[must_use]
    pub fn parent(&self) -> Self {
        let trimmed = self.0.trim_end_matches('/');
        match trimmed.rsplit_once('/') {
            // A bucket or a host is in nothing.
            Some((scheme, _)) if scheme.ends_with(":/") => self.clone(),
            Some(("", _)) => Self("/".to_owned()),
            Some((parent, _)) => Self(parent.to_owned()),
            None => Self(String::new()),
        }
    }

    /// What is the same for all spellings of one place.
    pub fn place(&self) -> (Scheme, Vec<u8>) {
        let parts = PlaceParts::of(self.0.as_bytes());
        (parts.scheme, parts.rest.to_vec())
    }

    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        let trimmed = self.0.trim_end_matches('/');
        trimmed.rsplit_once('/').map_or(trimmed, |(_, name)| name)
    }

    /// The text, as it was typed except for userinfo. To show it to people, use [`fmt::Display`]:
    /// it also leaves out signatures, tokens and the userinfo of URLs in its path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, authority and path as they are written, where the text is a URI.
    pub fn parts(&self) -> Option<UriParts<'_>> {
        split_scheme(self.0.as_bytes())?;
        let (scheme, rest) = self.0.split_once(':')?;
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        Some(UriParts {
            scheme,
            authority,
            path,
        })
    }
}

/// A URI cut into its parts, each as it is written. Flink does not percent-encode paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UriParts<'a> {
    /// The scheme as it was written.
    pub scheme: &'a str,
    /// A bucket, a host with or without port, or empty.
    pub authority: &'a str,
    /// Begins with `/` unless it is empty.
    pub path: &'a str,
}

/// Drops `user:password@` from an authority.
fn without_userinfo(mut text: String) -> String {
    if let Some(userinfo) = secrets::userinfo_of_url(&text) {
        text.replace_range(userinfo, "");
    }
    text
}

/// A text as one word of a command line: names out of files may hold what a shell acts upon.
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":/@._-=[]".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

impl From<&str> for Location {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Location {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Any text is a place.
impl std::str::FromStr for Location {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// As it is shown: results must not hold signatures either.
impl serde::Serialize for Location {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Location {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", shown(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_paths_come_in_three_forms() {
        for (text, path) in [
            ("file:/data/x y", "/data/x y"),
            ("file:///data/%20", "/data/%20"),
            ("/data/a#b?c", "/data/a#b?c"),
            ("relative/x", "relative/x"),
            ("odd:name", "odd:name"),
        ] {
            let location = Location::new(text);
            assert_eq!(location.local_path().as_deref(), Some(Path::new(path)));
        }
        assert_eq!(Location::new("s3://b/x").local_path(), None);
    }

    #[test]
    fn parents_and_children() {
        let chk = Location::new("/data/chk-1");
        assert_eq!(chk.join("_metadata").parent(), chk);
        assert_eq!(
            Location::new("/data/chk-1/").join("x").as_str(),
            "/data/chk-1/x"
        );
        assert_eq!(Location::new("_metadata").parent().join("x").as_str(), "x");
        assert_eq!(Location::new("/x").parent().as_str(), "/");
        assert_eq!(Location::new("s3://b/x").parent().as_str(), "s3://b");
        assert_eq!(Location::new("s3://b").parent().as_str(), "s3://b");
    }

    #[test]
    fn userinfo_is_dropped_but_an_azure_container_stays() {
        let text = |text: &str| Location::new(text).to_string();
        assert_eq!(text("hdfs://me:pw@nn:8020/a@b"), "hdfs://nn:8020/a@b");
        assert_eq!(text("abfss://box@account/x"), "abfss://box@account/x");
        assert_eq!(text("/data/a@b"), "/data/a@b");
        assert_eq!(text("/data/a://me:pw@b/c"), "/data/a://me:pw@b/c");
        assert_eq!(text("s3n://key:se/cr/et@bucket/x"), "s3n://bucket/x");
        assert_eq!(text("hdfs://nn:8020/a@b"), "hdfs://nn:8020/a@b");
    }

    #[test]
    fn a_word_of_a_command_line_is_quoted_where_a_shell_would_act_on_it() {
        assert_eq!(shell_word("s3://b-1.x/y"), "s3://b-1.x/y");
        assert_eq!(shell_word("s3://$(rm x)"), "'s3://$(rm x)'");
        assert_eq!(shell_word("s3://a'b"), "'s3://a'\\''b'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn a_signature_in_a_url_is_kept_but_not_shown() {
        let signed = Location::new("https://host/x?X-Amz-Signature=abc");
        assert_eq!(signed.to_string(), "https://host/x?...");
        assert!(!format!("{signed:?}").contains("abc"));
        assert!(signed.as_str().ends_with("=abc"));
        assert_eq!(Location::new("s3://b/what?").to_string(), "s3://b/what?");
        let sas = Location::new("abfss://c@acc/x?sv=1&sig=abc");
        assert_eq!(sas.to_string(), "abfss://c@acc/x?...");
        assert_eq!(shown("s3n://key:secret@b/x"), "s3n://b/x");
        assert_eq!(shown("/data/a?sig=x"), "/data/a?sig=x");
    }

    #[test]
    fn uris_are_cut_without_decoding() {
        let cut = |text: &'static str| {
            let location = Location::new(text);
            location
                .parts()
                .map(|parts| [parts.scheme, parts.authority, parts.path].map(str::to_owned))
        };
        let parts = |parts: [&str; 3]| Some(parts.map(str::to_owned));
        assert_eq!(cut("s3://b/a%20#?"), parts(["s3", "b", "/a%20#?"]));
        assert_eq!(cut("hdfs:///x"), parts(["hdfs", "", "/x"]));
        assert_eq!(cut("hdfs:/x"), parts(["hdfs", "", "/x"]));
        assert_eq!(cut("s3://b"), parts(["s3", "b", ""]));
        assert_eq!(cut("/data/x"), None);
    }
}
