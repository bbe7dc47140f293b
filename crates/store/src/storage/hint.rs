//! What to check next after a failure.

use crate::storage::StorageErrorKind as Kind;
use statescope_format::location::{Scheme, shell_word};

/// How a store is allowed.
pub(super) fn allowing(store: &str) -> String {
    let store = shell_word(store);
    format!("if the store is yours, allow it: --allow-store {store}")
}

/// The advice that follows from the kind of failure and the store alone.
pub(super) fn for_kind(kind: &Kind, scheme: Scheme) -> Option<&'static str> {
    Some(match (kind, scheme) {
        (Kind::NotFound, Scheme::File) => "check the path; is the file system mounted here?",
        (Kind::NotFound, _) => {
            "check the path: the checkpoint may have been subsumed, or the directory misspelt"
        }
        (Kind::NoSuchBucket, _) => {
            "check the bucket's name, and that the endpoint is the right one"
        }
        (Kind::AccessDenied, Scheme::File) => {
            "check the permissions of the file and its directories"
        }
        (Kind::AccessDenied, Scheme::S3) => {
            "the policy must allow s3:ListBucket on the bucket and s3:GetObject on its objects; \
             for a public bucket try anonymous access"
        }
        (Kind::AccessDenied, Scheme::Hdfs) => {
            "check the user: HADOOP_USER_NAME without Kerberos, `klist` with it"
        }
        (Kind::AccessDenied, _) => "check which identity is used and what it may read",
        (Kind::BadCredentials, Scheme::S3) => {
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; keys of another \
             store need its endpoint; a session token may have expired"
        }
        (Kind::BadCredentials, Scheme::Gcs) => {
            "set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`"
        }
        (Kind::BadCredentials, Scheme::Azure) => {
            "set AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or the AZURE_* of a service \
             principal"
        }
        (Kind::BadCredentials, _) => "check the credentials",
        (Kind::Timeout, Scheme::Hdfs) => {
            "is the port the NameNode's RPC port, is a NameNode active, and does HADOOP_CONF_DIR \
             hold the cluster's core-site.xml and hdfs-site.xml?"
        }
        (Kind::Timeout, _) => "check the endpoint and the network, or allow more time",
        (Kind::Unreachable, Scheme::Hdfs) => {
            "check host and port (8020 unless the location names one) and HADOOP_CONF_DIR"
        }
        (Kind::Unreachable, _) => "check the endpoint's host, port and scheme (http or https)",
        (Kind::Throttled, _) => "try again later, or with less concurrency",
        (Kind::StandbyNameNode, _) => {
            "use the nameservice of the cluster instead of one NameNode, with HADOOP_CONF_DIR set"
        }
        (Kind::KerberosTicket, _) => {
            "run `kinit`, and set HADOOP_CONF_DIR to the cluster's configuration"
        }
        (
            Kind::Unsupported {
                feature: Some(_), ..
            },
            _,
        ) => "install a build that has the feature",
        (Kind::Truncated, Scheme::File) => {
            "the file is still being written, or the disk is failing"
        }
        (Kind::Truncated, _) => "the connection broke repeatedly; try again",
        (Kind::NotRegular(_), _) => "what a program writes can be read from standard input, as `-`",
        (Kind::TooLarge { .. }, _) => {
            "raise the limit if the file is to be trusted: --storage-option max_object_bytes=N"
        }
        (Kind::BadPath, _) => "check the path for `//`, `.`, `..` and control characters",
        _ => return None,
    })
}
