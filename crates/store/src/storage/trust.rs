//! Which stores may be asked: those that the user named, and no others.
//!
//! A snapshot is a file that somebody wrote. The paths in it must not decide whom this machine
//! connects to, and even less who gets its user's name, a signature or a token. So whatever is not
//! named by the caller, by a setting or by Flink's configuration is not asked.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use statescope_format::location::{Location, Scheme};

/// A store by the name that decides about trust: all spellings of one store give one name.
///
/// An account alone or a cloud's domain is no store: bucket, container, account and address count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct StoreName(String);

impl StoreName {
    /// The store that a location is in; `None` for schemes that nobody can ask. `cluster` says
    /// which cluster the authority of an `hdfs:` location means.
    pub(super) fn of(
        location: &Location,
        cluster: impl FnOnce(&str) -> Option<String>,
    ) -> Option<Self> {
        let parts = location.parts();
        let (scheme, authority) = parts.map_or(("", ""), |parts| (parts.scheme, parts.authority));
        Some(Self(match location.scheme() {
            Scheme::File => "file:///".to_owned(),
            Scheme::S3 => format!("s3://{authority}"),
            Scheme::Gcs => format!("gs://{authority}"),
            Scheme::Memory => format!("memory://{authority}"),
            Scheme::Hdfs => match cluster(authority) {
                Some(cluster) => cluster,
                None => format!("hdfs://{}", authority.to_ascii_lowercase()),
            },
            Scheme::Azure => azure(authority),
            Scheme::Http => origin(scheme, authority),
            Scheme::Other => return None,
        }))
    }
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// No bucket and no host is longer; a name out of a file may be.
        const CHARS_MAX: usize = 300;
        match self.0.char_indices().nth(CHARS_MAX) {
            Some((end, _)) => write!(f, "{}...", self.0.get(..end).unwrap_or_default()),
            None => f.write_str(&self.0),
        }
    }
}

/// The two services of an account are one store, and hosts know no case.
fn azure(authority: &str) -> String {
    let Some((container, host)) = authority.split_once('@') else {
        return format!("abfss://{authority}");
    };
    let host = host.to_ascii_lowercase();
    let host = match host.split_once('.') {
        None => format!("{host}.dfs.core.windows.net"),
        Some((account, domain)) => match domain.strip_prefix("blob.") {
            Some(cloud) => format!("{account}.dfs.{cloud}"),
            None => host,
        },
    };
    format!("abfss://{container}@{host}")
}

/// Scheme, host and port, the port only where it is not the scheme's own.
fn origin(scheme: &str, authority: &str) -> String {
    let authority = authority.split(['?', '#']).next().unwrap_or_default();
    let authority = authority.to_ascii_lowercase();
    let own = match scheme {
        "https" => ":443",
        _ => ":80",
    };
    let host = authority.strip_suffix(own).unwrap_or(&authority);
    format!("{scheme}://{host}")
}

/// The stores that may be asked. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    stores: Arc<RwLock<BTreeSet<StoreName>>>,
}

impl Trust {
    /// Allows requests to a store from now on.
    pub(super) fn allow(&self, store: StoreName) {
        // A set stays whole whatever panics beside it.
        let mut stores = self.stores.write().unwrap_or_else(PoisonError::into_inner);
        stores.insert(store);
    }

    /// Whether a store may be asked.
    pub(super) fn allows(&self, store: &StoreName) -> bool {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        stores.contains(store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        StoreName::of(&Location::new(text), |_| None).map_or_else(String::new, |store| store.0)
    }

    #[test]
    fn spellings_of_one_store_have_one_name() {
        for same in [
            &["/a/b", "file:///c", "file:/d", "relative", "odd:name"][..],
            &["s3://b/x", "s3a://b/y", "s3n://key:secret@b", "s3p://b//"],
            &["hdfs://NN:8020/x", "hdfs://nn:8020"],
            &[
                "abfss://c@acc.dfs.core.windows.net/x",
                "wasb://c@ACC.blob.core.windows.net",
                "abfs://c@acc/y",
            ],
            &[
                "https://Host/x",
                "https://host:443",
                "https://me:pw@host/y?sig=1",
            ],
            &["http://host:80/x", "http://host?x"],
        ] {
            for other in same {
                assert_eq!(name(same[0]), name(other), "{other}");
            }
        }
    }

    #[test]
    fn another_bucket_account_container_host_port_or_scheme_is_another_store() {
        let all = [
            "/a",
            "s3://b/x",
            "s3://B/x",
            "s3://b.evil/x",
            "s3://b#x",
            "gs://b/x",
            "hdfs://b/x",
            "hdfs://b:8021/x",
            "hdfs:///x",
            "abfss://c@acc.dfs.core.windows.net/x",
            "abfss://d@acc.dfs.core.windows.net/x",
            "abfss://c@other.dfs.core.windows.net/x",
            "abfss://c@acc.dfs.core.chinacloudapi.cn/x",
            "abfss://c@acc.dfs.evil.example:8443/x",
            "abfss://c@acc.dfs.core.windows.net.evil.example/x",
            "http://host/x",
            "https://host/x",
            "http://host:8080/x",
            "http://host.evil/x",
            "http://host\\evil/x",
            "http:///host/x",
            "memory://b/x",
        ];
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert_ne!(name(one), name(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn an_hdfs_authority_is_the_cluster_that_the_configuration_makes_of_it() {
        let cluster = |authority: &str| {
            (authority.is_empty() || authority == "prod").then(|| "hdfs://prod".to_owned())
        };
        let name = |text| StoreName::of(&Location::new(text), cluster);
        assert_eq!(name("hdfs:///x"), name("hdfs://prod/y"));
        assert_ne!(name("hdfs:///x"), name("hdfs://other/y"));
    }

    #[test]
    fn only_what_was_allowed_is_allowed_and_schemes_that_nobody_reads_have_no_store() {
        let trust = Trust::default();
        let store = |text| StoreName::of(&Location::new(text), |_| None).unwrap();
        assert!(!trust.allows(&store("/x")));
        trust.clone().allow(store("s3://b/x"));
        assert!(trust.allows(&store("s3a://b/y")));
        assert!(!trust.allows(&store("s3://c/y")));
        assert_eq!(name("oss://b/x"), "");
    }

    #[test]
    fn an_endless_name_is_shown_in_short() {
        let long = StoreName(format!("s3://{}", "ä".repeat(10_000)));
        assert!(long.to_string().chars().count() < 310);
    }
}
