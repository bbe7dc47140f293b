//! What kind of failure an error of the HDFS client is.

use std::io;

use hdfs_native::HdfsError;

use crate::storage::call::Call;
use crate::storage::{StorageError, StorageErrorKind as Kind};

/// Makes the caller's error from the client's.
pub(crate) fn classify(error: &HdfsError, call: &Call<'_>) -> StorageError {
    let (kind, said) = match error {
        HdfsError::FileNotFound(_) => return call.error(Kind::NotFound),
        // The file is there: it must not be taken for one that is not.
        HdfsError::BlocksNotFound(_) => (Kind::Truncated, error.to_string()),
        HdfsError::IsADirectoryError(_) => {
            return call
                .error(Kind::NotFound)
                .saying("it is a directory, not a file");
        }
        // What the NameNode said before it hung up, the client does not tell.
        HdfsError::IOError(error) if error.kind() == io::ErrorKind::ConnectionAborted => {
            return call
                .error(Kind::Unreachable)
                .saying("the NameNode closed the connection without an answer")
                .hinting(
                    "if the cluster uses Kerberos, set HADOOP_CONF_DIR to its configuration; \
                     else check that the port is the NameNode's RPC port",
                );
        }
        HdfsError::IOError(error) => (io_kind(error), error.to_string()),
        HdfsError::RPCError(class, text) | HdfsError::FatalRPCError(class, text) => {
            let kind = match java_kind(class) {
                // So it says that a part of the path is a file.
                Kind::AccessDenied if text.contains("(is not a directory)") => Kind::NotFound,
                Kind::AccessDenied if text.contains("SIMPLE authentication is not enabled") => {
                    Kind::KerberosTicket
                }
                kind => kind,
            };
            (kind, text.clone())
        }
        HdfsError::GSSAPIError(_, _, text) => (Kind::KerberosTicket, text.clone()),
        HdfsError::SASLError(text) => (Kind::BadCredentials, text.clone()),
        HdfsError::NoSASLMechanism => (
            Kind::KerberosTicket,
            "the cluster and this machine have no way to authenticate in common".to_owned(),
        ),
        HdfsError::DataTransferError(text) if text.contains("All DataNodes failed") => {
            return call
                .error(Kind::Unreachable)
                .saying("no DataNode delivers its content")
                .hinting("check that the DataNodes are up and can be reached from this machine");
        }
        HdfsError::DataTransferError(text) => (Kind::Truncated, text.clone()),
        HdfsError::ChecksumError => (Kind::Truncated, error.to_string()),
        HdfsError::UrlParseError(_) | HdfsError::InvalidPath(_) => {
            (Kind::BadPath, error.to_string())
        }
        HdfsError::InvalidArgument(text) => (Kind::BadSetting, text.clone()),
        HdfsError::XmlParseError(_) => (Kind::BadSetting, error.to_string()),
        _ => (Kind::Other, error.to_string()),
    };
    let denied = matches!(kind, Kind::AccessDenied).then(|| denied_hint(&said));
    let made = call.error(kind).saying(said);
    match denied.flatten() {
        Some(hint) => made.hinting(hint),
        None => made,
    }
}

/// Of `Permission denied: user=…, access=READ, inode="/x":owner:group:-rw-------`: whose the file or
/// directory is.
fn denied_hint(said: &str) -> Option<String> {
    let (_, inode) = said.split_once("inode=\"")?;
    let (_, whose) = inode.split_once("\":")?;
    let whose = whose.split_whitespace().next()?;
    let mut parts = whose.splitn(3, ':');
    let (owner, group, mode) = (parts.next()?, parts.next()?, parts.next()?);
    let is_plain = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    [owner, group, mode].iter().all(is_plain).then(|| {
        format!(
            "it has owner {owner}, group {group}, mode {mode}: run as a user who may read it, as \
             Flink's own must (HADOOP_USER_NAME without Kerberos, `klist` with it)"
        )
    })
}

fn io_kind(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::TimedOut => Kind::Timeout,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Kind::Truncated,
        _ => Kind::Unreachable,
    }
}

/// Names of the exceptions that a NameNode sends.
fn java_kind(class: &str) -> Kind {
    match class.rsplit('.').next().unwrap_or(class) {
        "StandbyException" | "ObserverRetryOnActiveException" => Kind::StandbyNameNode,
        "AccessControlException" => Kind::AccessDenied,
        "AuthorizationException" | "AuthenticationException" | "SecretManager$InvalidToken" => {
            Kind::BadCredentials
        }
        "SaslException" | "GSSException" => Kind::KerberosTicket,
        "FileNotFoundException" => Kind::NotFound,
        "InvalidPathException" => Kind::BadPath,
        "RetriableException" | "SafeModeException" | "RetryStartFileException" => Kind::Throttled,
        "ServerTooBusyException" => Kind::Throttled,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Request, Settings};
    use statescope_format::location::Location;

    #[test]
    fn who_owns_what_is_denied_is_in_the_hint() {
        let denied = "Permission denied: user=flink, access=READ, \
                      inode=\"/checkpoints/a:b/chk-1\":hdfs:supergroup:-rw-------\n\tat x";
        let hint = denied_hint(denied).unwrap_or_default();
        assert!(
            hint.starts_with("it has owner hdfs, group supergroup, mode -rw-------: run as"),
            "{hint}"
        );
        for other in [
            "denied",
            "inode=\"/x",
            "inode=\"/x\":a:b",
            "inode=\"/x\":a\u{1b}[31m:b:-rw-------",
            "inode=\"/x\":",
        ] {
            assert_eq!(denied_hint(other), None, "{other}");
        }
    }

    #[test]
    fn what_a_name_node_says_is_sorted() {
        let settings = Settings::new();
        let location = Location::new("hdfs://nn/x");
        let call = Call {
            settings: &settings,
            location: &location,
            request: Request::List,
        };
        let rpc = |class: &str, text: &str| HdfsError::RPCError(class.to_owned(), text.to_owned());
        for (error, kind) in [
            (
                rpc("org.apache.hadoop.ipc.StandbyException", "READ\n\tat x"),
                Kind::StandbyNameNode,
            ),
            (
                rpc(
                    "org.apache.hadoop.security.AccessControlException",
                    "denied",
                ),
                Kind::AccessDenied,
            ),
            (
                rpc(
                    "org.apache.hadoop.security.AccessControlException",
                    "/a/file (is not a directory)",
                ),
                Kind::NotFound,
            ),
            (
                HdfsError::FatalRPCError(
                    "org.apache.hadoop.security.AccessControlException".to_owned(),
                    "SIMPLE authentication is not enabled.  Available:[TOKEN, KERBEROS]".to_owned(),
                ),
                Kind::KerberosTicket,
            ),
            (HdfsError::NoSASLMechanism, Kind::KerberosTicket),
            (
                HdfsError::IOError(io::ErrorKind::ConnectionRefused.into()),
                Kind::Unreachable,
            ),
            (
                HdfsError::IOError(io::ErrorKind::ConnectionAborted.into()),
                Kind::Unreachable,
            ),
            (HdfsError::FileNotFound("/x".to_owned()), Kind::NotFound),
        ] {
            let made = classify(&error, &call);
            assert_eq!(*made.kind(), kind, "{made}");
            assert!(!made.to_string().contains("\tat"));
        }
    }
}
