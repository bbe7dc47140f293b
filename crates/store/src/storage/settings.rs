use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::storage::secret::{names_a_secret, password_of};
use crate::storage::{FlinkConf, RequestCounts, Secret};
use statescope_format::location::Location;

/// How to reach stores. Plain data: whoever makes it decides where each value comes from, for
/// this library does not read the environment.
///
/// Where several sources say different things, the first of these wins: the named fields and
/// options, the Flink configuration, the variables, the profile files in the home directory.
/// A key, its secret and its session token are always taken from one source together.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Environment variables by name: `AWS_*`, `AZURE_*`, `GOOGLE_*`, `HADOOP_CONF_DIR`, ...
    pub variables: BTreeMap<String, Secret>,
    /// Options by name, as docs/storage.md lists them.
    pub options: BTreeMap<String, Secret>,
    /// What a Flink cluster's configuration says.
    pub flink: FlinkConf,
    /// The address of the store, if it is not the cloud's own.
    pub endpoint: Option<String>,
    /// The region of an S3 bucket.
    pub region: Option<String>,
    /// Whether an S3 bucket's name goes into the path (true) or the host name (false).
    pub path_style: Option<bool>,
    /// Ask without credentials, for public buckets.
    pub anonymous: bool,
    /// Where `.aws` and the like are.
    pub home: Option<PathBuf>,
    /// How long a store may be silent.
    pub timeout: Duration,
    /// How many requests may be under way at once.
    pub concurrency: usize,
    /// How often a request is repeated after throttling, a server's failure or a broken
    /// connection.
    pub retries: usize,
    /// How long after the first attempt no further one is begun.
    pub retry_budget: Duration,
    /// The largest file that is read.
    pub max_object_bytes: u64,
    /// The longest listing of one directory that is read.
    pub max_listing_entries: u64,
    /// Files that lie elsewhere than their paths say, such as those of a copied checkpoint: the
    /// first of each pair is a directory as paths have it, the second where to look instead.
    pub relocations: Vec<(Location, Location)>,
    /// Places in stores that may be asked although no caller names them: a snapshot may have files
    /// there. Directories of Flink's configuration and those that files were moved to are among
    /// them in any case.
    pub allowed_stores: Vec<Location>,
    /// Whether those files will be at their own paths when a job needs them: a copy that will be put
    /// back. Nothing is looked for there in any case.
    pub assume_relocations: bool,
    /// Counts the requests.
    pub counts: RequestCounts,
}

impl Settings {
    /// The largest file that is read, unless the caller says otherwise: 4 GiB.
    pub const MAX_OBJECT_BYTES: u64 = 4 << 30;

    /// The longest listing of one directory that is read, unless the caller says otherwise.
    pub const MAX_LISTING_ENTRIES: u64 = 2_000_000;

    /// Settings without credentials or variables.
    pub fn new() -> Self {
        Self {
            variables: BTreeMap::new(),
            options: BTreeMap::new(),
            flink: FlinkConf::default(),
            endpoint: None,
            region: None,
            path_style: None,
            anonymous: false,
            home: None,
            timeout: Duration::from_secs(30),
            concurrency: 16,
            retries: 5,
            retry_budget: Duration::from_secs(60),
            max_object_bytes: Self::MAX_OBJECT_BYTES,
            max_listing_entries: Self::MAX_LISTING_ENTRIES,
            relocations: Vec::new(),
            allowed_stores: Vec::new(),
            assume_relocations: false,
            counts: RequestCounts::default(),
        }
    }

    /// Places whose stores the settings name: they may be asked.
    pub(super) fn named(&self) -> impl Iterator<Item = Location> {
        let moved = self.relocations.iter().map(|(_, to)| to.clone());
        moved
            .chain(self.allowed_stores.iter().cloned())
            .chain(self.flink.state_directories())
    }

    /// Adds environment variables; those with names that no store knows are not kept, so that it
    /// can be given all there are.
    #[must_use]
    pub fn with_variables<K: Into<String>, V: Into<Secret>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(name, _)| Self::may_know(name));
        self.variables.extend(variables);
        self
    }

    /// Whether a store may know an environment variable of that name.
    pub fn may_know(name: &str) -> bool {
        let prefixes = ["AWS_", "AZURE_", "GOOGLE_", "HADOOP_"];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    }

    /// Adds an option.
    #[must_use]
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// The value of an environment variable without blanks around it; an empty one counts as not set.
    #[cfg(any(feature = "azure", feature = "hdfs", feature = "s3"))]
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?.reveal().trim();
        (!value.is_empty()).then_some(value)
    }

    /// The value of an option, by the first of these names that is set.
    #[cfg(any(feature = "azure", feature = "hdfs", feature = "s3"))]
    pub(super) fn option(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| Some(self.options.get(*name)?.reveal().trim()))
    }

    /// The name of the setting that has this value.
    #[cfg(any(feature = "azure", feature = "s3"))]
    pub(super) fn name_of(&self, value: &str) -> Option<&str> {
        let known = self.options.iter().chain(self.flink.iter());
        let mut known = known.chain(&self.variables);
        let (name, _) = known.find(|(_, known)| known.reveal().trim() == value.trim())?;
        Some(name)
    }

    /// Texts that must not get into messages: every value that is long enough to be a key and
    /// belongs to a name that says so, and passwords in addresses.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        const KEY_MIN: usize = 8;
        let known = self.variables.iter().chain(&self.options);
        let known = known.chain(self.flink.iter());
        let by_name = known
            .clone()
            .filter(|(name, _)| names_a_secret(name))
            .map(|(_, value)| value.reveal().trim())
            .filter(|value| value.len() >= KEY_MIN);
        let addresses = known.map(|(_, value)| value.reveal());
        let addresses = addresses.chain(self.endpoint.as_deref());
        by_name.chain(addresses.filter_map(password_of))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The endpoint may hold a password.
        f.debug_struct("Settings")
            .field("variables", &self.variables.keys())
            .field("options", &self.options.keys())
            .field("flink", &self.flink)
            .field("endpoint", &self.endpoint.as_ref().map(|_| "set"))
            .field("region", &self.region)
            .field("path_style", &self.path_style)
            .field("anonymous", &self.anonymous)
            .field("timeout", &self.timeout)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
