use std::fmt;

use crate::storage::hint;
use crate::storage::secret::blanked;
use statescope_format::location::Location;

/// What was asked of a store when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Request {
    /// The client for the store was being made; nothing was sent.
    Connect,
    /// The entries of a directory.
    List,
    /// The content of a file.
    Read,
    /// Size and time of a file.
    LookUp,
    /// A file is to be written.
    Write,
    /// A file or an empty directory is to be removed.
    Delete,
    /// A file is to be moved.
    Move,
}

impl Request {
    fn words(self) -> &'static str {
        match self {
            Self::Connect => "use",
            Self::List => "list",
            Self::Read => "read",
            Self::LookUp => "look up",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Move => "move",
        }
    }
}

/// What kind of failure it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StorageErrorKind {
    /// There is no such file or directory.
    NotFound,
    /// There is no such bucket or container.
    NoSuchBucket,
    /// The store knows who asks, and refuses.
    AccessDenied,
    /// The store does not accept the credentials, or there are none.
    BadCredentials,
    /// No answer in the time that the settings allow.
    Timeout,
    /// The store could not be connected to.
    Unreachable,
    /// The store is overloaded, or says so, after all retries.
    Throttled,
    /// The HDFS NameNode that answered is on standby.
    StandbyNameNode,
    /// HDFS wants Kerberos and there is no valid ticket.
    KerberosTicket,
    /// This build, or this program, cannot read the scheme.
    Unsupported {
        /// The scheme, without colon.
        scheme: String,
        /// The cargo feature that would add it, if there is one.
        feature: Option<&'static str>,
    },
    /// The content ended before the length that the store announced.
    Truncated,
    /// The file is larger than the settings allow.
    TooLarge {
        /// Bytes of the file, at least.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Nobody but a snapshot names the store, so nothing was sent to it.
    NotAsked {
        /// The store.
        store: String,
    },
    /// It is no place to look for snapshots in, or there is too much in it.
    NotSearched,
    /// It is no regular file: a device, a pipe, a socket, or what the kernel makes up.
    NotRegular(&'static str),
    /// A setting is wrong.
    BadSetting,
    /// The path cannot be one of this store's.
    BadPath,
    /// Anything else; the store's words say what.
    Other,
}

impl StorageErrorKind {
    fn write_words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not found",
            Self::NoSuchBucket => "there is no such bucket or container",
            Self::AccessDenied => "access denied",
            Self::BadCredentials => "credentials missing or not accepted",
            Self::Timeout => "no answer in time",
            Self::Unreachable => "the store cannot be reached",
            Self::Throttled => "the store is overloaded",
            Self::StandbyNameNode => "the NameNode is on standby",
            Self::KerberosTicket => "no valid Kerberos ticket",
            Self::Truncated => "the content ended early",
            Self::NotSearched => "it is not searched for snapshots",
            Self::BadSetting => "wrong setting",
            Self::BadPath => "not a path that this store can have",
            Self::Other => "the store failed",
            Self::Unsupported {
                scheme,
                feature: Some(feature),
            } => {
                return write!(
                    f,
                    "this build cannot read {scheme}: locations; its feature `{feature}` is off"
                );
            }
            Self::Unsupported {
                scheme,
                feature: None,
            } => return write!(f, "{scheme}: locations are not supported"),
            Self::NotAsked { store } => {
                return write!(f, "{store} was not asked: only a snapshot names it");
            }
            Self::NotRegular(what) => {
                return write!(f, "it is {what}, and only regular files are read");
            }
            Self::TooLarge { size, limit } => {
                return write!(f, "{size} bytes are more than the limit of {limit}");
            }
        })
    }
}

/// Why a store did not deliver. Holds no credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct StorageError(Box<Parts>);

#[derive(Clone, PartialEq, Eq)]
struct Parts {
    kind: StorageErrorKind,
    request: Request,
    location: Location,
    said: Option<String>,
    hint: Option<String>,
}

impl StorageError {
    pub(super) fn new(kind: StorageErrorKind, request: Request, location: &Location) -> Self {
        Self(Box::new(Parts {
            kind,
            request,
            location: location.clone(),
            said: None,
            hint: None,
        }))
    }

    /// A directory that is not searched for snapshots, and why.
    pub(crate) fn not_searched(location: &Location, why: &str) -> Self {
        Self::new(StorageErrorKind::NotSearched, Request::List, location).saying(why)
    }

    /// Adds what the store said; only the first line is kept.
    pub(super) fn saying(mut self, text: impl AsRef<str>) -> Self {
        self.0.said = first_line(&blanked(text.as_ref()));
        self
    }

    /// Replaces the hint that the kind gives.
    pub(super) fn hinting(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Blanks every occurrence of the given texts in what the store said, and cuts it.
    pub(super) fn without<'a>(mut self, secrets: impl Iterator<Item = &'a str>) -> Self {
        const SHOWN_MAX: usize = 300;
        if let Some(said) = &mut self.0.said {
            for secret in secrets {
                if said.contains(secret) {
                    *said = said.replace(secret, "***");
                }
            }
            if let Some((end, _)) = said.char_indices().nth(SHOWN_MAX) {
                said.truncate(end);
            }
        }
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> &StorageErrorKind {
        &self.0.kind
    }

    /// What was asked.
    pub fn request(&self) -> Request {
        self.0.request
    }

    /// The file or directory that was asked for.
    pub fn location(&self) -> &Location {
        &self.0.location
    }

    /// The first line of what the store, or its client, said.
    pub fn said(&self) -> Option<&str> {
        self.0.said.as_deref()
    }

    /// What was wrong, without the place: for messages that name it themselves.
    pub fn reason(&self) -> String {
        Reason(&self.0).to_string()
    }

    /// Whether the failure is only that there is no such file or directory.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == StorageErrorKind::NotFound
    }

    /// The store, where the failure is only that it was not asked.
    pub fn not_asked(&self) -> Option<&str> {
        match &self.0.kind {
            StorageErrorKind::NotAsked { store } => Some(store),
            _ => None,
        }
    }

    /// What to check next, where that can be said.
    pub fn hint(&self) -> Option<String> {
        if let Some(store) = self.not_asked() {
            return Some(hint::allowing(store));
        }
        self.0
            .hint
            .clone()
            .or_else(|| hint::for_kind(&self.0.kind, self.0.location.scheme()).map(str::to_owned))
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            request, location, ..
        } = &*self.0;
        write!(
            f,
            "cannot {} {location}: {}",
            request.words(),
            Reason(&self.0)
        )
    }
}

struct Reason<'e>(&'e Parts);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.kind.write_words(f)?;
        match &self.0.said {
            Some(said) => write!(f, ": {said}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StorageError")
            .field("kind", &self.0.kind)
            .field("request", &self.0.request)
            .field("location", &self.0.location)
            .field("said", &self.0.said)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for StorageError {}

/// The first line that says something, without control characters and not endless.
fn first_line(text: &str) -> Option<String> {
    /// What is shown is cut further when secrets have been blanked: half of one is none to be found.
    const CHARS_MAX: usize = 4_000;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(
        line.chars()
            .filter(|c| !c.is_control())
            .take(CHARS_MAX)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_without_java_stack_or_secret() {
        let error = StorageError::new(
            StorageErrorKind::AccessDenied,
            Request::List,
            &Location::new("hdfs://me:pw@nn:8020/x"),
        )
        .saying("\n Permission denied: token=s3cr3t\u{1b}[31m\n\tat org.apache.hadoop.X\n")
        .without(["s3cr3t"].into_iter());
        assert_eq!(
            error.to_string(),
            "cannot list hdfs://nn:8020/x: access denied: Permission denied: token=***[31m"
        );
    }

    #[test]
    fn an_unsupported_scheme_names_the_feature() {
        let kind = StorageErrorKind::Unsupported {
            scheme: "gs".to_owned(),
            feature: Some("gcs"),
        };
        let error = StorageError::new(kind, Request::Read, &Location::new("gs://b/x"));
        assert!(error.to_string().contains("feature `gcs` is off"));
    }
}
