//! What a Flink cluster's configuration says about where snapshots are and how to reach them.

mod flattener;

use std::collections::BTreeMap;
use std::fmt;

use saphyr_parser::Parser;

use crate::storage::Secret;
use statescope_format::Limits;
use statescope_format::location::Location;

use flattener::Flattener;

/// The entries of a Flink configuration, by their full names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FlinkConf {
    entries: BTreeMap<String, Secret>,
}

/// A configuration file that is no YAML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct FlinkConfError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl FlinkConf {
    /// The names of the file in Flink's `conf` directory, the older one first: Flink 1.19 and
    /// 1.20 read it where both are there.
    pub const FILE_NAMES: [&str; 2] = ["flink-conf.yaml", "config.yaml"];

    /// Reads the text of a file with one of those names.
    ///
    /// # Errors
    /// When the text of a `config.yaml` is no YAML, or is above one of the limits.
    pub fn parse(file_name: &str, text: &str, limits: &Limits) -> Result<Self, FlinkConfError> {
        let conf = match file_name {
            "flink-conf.yaml" => Self::from_flink_conf_yaml(text),
            _ => Self::from_config_yaml_within(text, limits)?,
        };
        if conf.entries.len() > limits.conf_entries {
            return Err(too_many_entries(text.lines().count(), limits));
        }
        Ok(conf)
    }

    /// Reads `config.yaml` (Flink 1.19 and later): YAML, with keys nested, dotted, or both.
    ///
    /// # Errors
    /// When the text is no YAML, or is above one of the default limits.
    pub fn from_config_yaml(text: &str) -> Result<Self, FlinkConfError> {
        Self::from_config_yaml_within(text, &Limits::default())
    }

    fn from_config_yaml_within(text: &str, limits: &Limits) -> Result<Self, FlinkConfError> {
        let mut flattener = Flattener {
            limits: *limits,
            entered: 0,
            entries: BTreeMap::new(),
            open: Vec::new(),
        };
        // Events come one by one, so that a text that goes too deep is not read any further.
        for event in Parser::new_from_str(text) {
            let (event, place) = event.map_err(|error| FlinkConfError {
                line: error.marker().line(),
                problem: error.info().to_owned(),
            })?;
            flattener.take(event).map_err(|problem| FlinkConfError {
                line: place.start.line(),
                problem,
            })?;
        }
        Ok(Self {
            entries: flattener.entries,
        })
    }

    /// Reads `flink-conf.yaml` (before Flink 2): one `key: value` per line, which is not quite
    /// YAML. Lines that are neither that nor a comment are ignored, as Flink does.
    pub fn from_flink_conf_yaml(text: &str) -> Self {
        let entries = text
            .lines()
            .filter_map(|line| {
                let line = line.split('#').next().unwrap_or_default();
                let (key, value) = line.split_once(": ")?;
                let (key, value) = (key.trim(), value.trim());
                (!key.is_empty() && !value.is_empty()).then(|| (key.to_owned(), Secret::new(value)))
            })
            .collect();
        Self { entries }
    }

    /// The value of an entry.
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(self.entries.get(name)?.reveal())
    }

    /// The directory that checkpoints' metadata is written below: without the entropy marker,
    /// which Flink takes out of these paths (docs/format.md 9).
    pub fn checkpoint_directory(&self) -> Option<Location> {
        self.first(&["execution.checkpointing.dir", "state.checkpoints.dir"])
            .map(|path| Location::new(self.without_entropy_marker(path)))
    }

    /// The directory that savepoints are written to by default.
    pub fn savepoint_directory(&self) -> Option<Location> {
        self.first(&[
            "execution.checkpointing.savepoint-dir",
            "state.savepoints.dir",
        ])
        .map(|path| Location::new(self.without_entropy_marker(path)))
    }

    /// All directories that Flink writes snapshots and their files below.
    pub(super) fn state_directories(&self) -> Vec<Location> {
        const OTHERS: [&str; 4] = [
            "state.backend.fs.checkpointdir",
            "dstl.dfs.base-path",
            "state.backend.forst.primary-dir",
            "high-availability.storageDir",
        ];
        let others = OTHERS.iter().filter_map(|name| self.get(name));
        let known = [self.checkpoint_directory(), self.savepoint_directory()];
        let known = known.into_iter().flatten();
        known.chain(others.map(Location::new)).collect()
    }

    fn without_entropy_marker(&self, path: &str) -> String {
        match self.s3_entropy_key() {
            Some(marker) if path.contains(marker) => {
                let path = path.replacen(marker, "", 1);
                let (scheme, rest) = path.split_once("://").unwrap_or(("", &path));
                let rest = rest.replace("//", "/");
                if scheme.is_empty() {
                    rest
                } else {
                    format!("{scheme}://{rest}")
                }
            }
            _ => path.to_owned(),
        }
    }

    /// The address of the S3 store.
    pub fn s3_endpoint(&self) -> Option<&str> {
        self.s3(&["endpoint"])
    }

    /// The region of the S3 buckets.
    pub fn s3_region(&self) -> Option<&str> {
        self.s3(&["region", "endpoint.region"])
    }

    /// Whether S3 bucket names go into the path.
    pub fn s3_path_style(&self) -> Option<bool> {
        self.s3(&["path.style.access", "path-style-access"])
            .map(is_true)
    }

    /// Whether an S3 endpoint without scheme is reached through TLS.
    pub fn s3_tls(&self) -> Option<bool> {
        self.s3(&["connection.ssl.enabled", "ssl.enabled"])
            .map(is_true)
    }

    /// The marker in S3 paths that Flink replaces by random characters.
    pub fn s3_entropy_key(&self) -> Option<&str> {
        self.s3(&["entropy.key"])
    }

    /// The access key for S3.
    #[cfg(feature = "s3")]
    pub(super) fn s3_access_key(&self) -> Option<&str> {
        self.s3(&["access-key", "access.key"])
    }

    /// The secret key for S3.
    #[cfg(feature = "s3")]
    pub(super) fn s3_secret_key(&self) -> Option<&str> {
        self.s3(&["secret-key", "secret.key"])
    }

    /// The session token for S3.
    #[cfg(feature = "s3")]
    pub(super) fn s3_session_token(&self) -> Option<&str> {
        self.s3(&["session.token", "session-token"])
    }

    /// All entries.
    pub(super) fn iter(&self) -> std::collections::btree_map::Iter<'_, String, Secret> {
        self.entries.iter()
    }

    /// An entry of Flink's S3 file systems, under each of the prefixes that they accept.
    fn s3(&self, names: &[&str]) -> Option<&str> {
        ["s3.", "s3a.", "fs.s3a.", "presto.s3."]
            .iter()
            .find_map(|prefix| {
                names
                    .iter()
                    .find_map(|name| self.get(&format!("{prefix}{name}")))
            })
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }
}

impl fmt::Debug for FlinkConf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn too_many_entries(line: usize, limits: &Limits) -> FlinkConfError {
    FlinkConfError {
        line,
        problem: format!("more than {} entries", limits.conf_entries),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entropy_marker_is_taken_out_of_directories() {
        let conf = FlinkConf::from_flink_conf_yaml(
            "s3.entropy.key: _entropy_\n\
             state.checkpoints.dir: s3://b/_entropy_/checkpoints\n\
             state.savepoints.dir: s3://b/savepoints\n",
        );
        let text = |location: Option<Location>| location.map(|l| l.to_string());
        assert_eq!(
            text(conf.checkpoint_directory()).as_deref(),
            Some("s3://b/checkpoints")
        );
        assert_eq!(
            text(conf.savepoint_directory()).as_deref(),
            Some("s3://b/savepoints")
        );
    }

    #[test]
    fn nested_and_dotted_keys_are_one() {
        let conf = FlinkConf::from_config_yaml(
            "state:\n  checkpoints.dir: s3://b/c # here\n  savepoints:\n    dir: 's3://b/s'\n\
             s3.access-key: 0123\ns3:\n  path-style-access: True\n  endpoint: minio:9000\n\
             env.java.opts:\n  - -Xa\n  - -Xb\nempty: ~\n",
        )
        .unwrap();
        assert_eq!(conf.checkpoint_directory().unwrap().as_str(), "s3://b/c");
        assert_eq!(conf.savepoint_directory().unwrap().as_str(), "s3://b/s");
        assert_eq!(conf.get("s3.access-key"), Some("0123"));
        assert_eq!(conf.s3_path_style(), Some(true));
        assert_eq!(conf.s3_endpoint(), Some("minio:9000"));
        assert_eq!(conf.get("env.java.opts"), Some("-Xa;-Xb"));
        assert_eq!(conf.get("empty"), None);
    }

    #[test]
    fn the_newer_names_win() {
        let conf = FlinkConf::from_config_yaml(
            "{execution: {checkpointing: {dir: hdfs:///new}}, state.checkpoints.dir: hdfs:///old}",
        )
        .unwrap();
        assert_eq!(conf.checkpoint_directory().unwrap().as_str(), "hdfs:///new");
    }

    #[test]
    fn the_old_format_is_read_as_flink_does() {
        let conf = FlinkConf::from_flink_conf_yaml(
            "# comment\nstate.savepoints.dir: s3://b/s # c\nnonsense\n  fs.s3a.access.key:  a:b \n\
             s3.entropy.key: _entropy_\ns3.secret-key:\n",
        );
        assert_eq!(conf.savepoint_directory().unwrap().as_str(), "s3://b/s");
        assert_eq!(conf.get("fs.s3a.access.key"), Some("a:b"));
        assert_eq!(conf.get("s3.secret-key"), None);
        assert_eq!(conf.s3_entropy_key(), Some("_entropy_"));
    }

    #[test]
    fn what_is_no_yaml_is_an_error_with_its_line() {
        let error = FlinkConf::from_config_yaml("a: b\nc: [1\nd: }\n").unwrap_err();
        assert!(error.line >= 2, "{error}");
    }

    #[test]
    fn what_is_above_a_limit_is_refused_in_bounded_time() {
        let limits = Limits::default();
        let many = |text: &str, times: usize| text.repeat(times);
        let deep = "nested more than 32 deep";
        let long = many("a", 800);
        for (hostile, problem) in [
            (many("- ", 2_000_000), deep),
            (many("- - - - ", 500_000), deep),
            ((0..2000).map(|n| " ".repeat(n) + "a:\n").collect(), deep),
            (many("a: b\n", 700_000), "more than 10000 entries"),
            (
                format!("{long}:\n  {long}: b\n"),
                "a name of more than 1024 bytes",
            ),
            (format!("{long}: b\n"), ""),
        ] {
            let read = FlinkConf::parse("config.yaml", &hostile, &limits);
            let said = read.map_or_else(|error| error.problem, |_| String::new());
            assert_eq!(said, problem, "{}", &hostile[..20]);
        }
        let lines: String = (0..20_000).map(|n| format!("key{n}: value\n")).collect();
        let read = FlinkConf::parse("flink-conf.yaml", &lines, &limits);
        assert_eq!(read.unwrap_err().problem, "more than 10000 entries");
    }

    #[test]
    fn hostile_yaml_of_any_shape_ends() {
        let many = |text: &str, times: usize| text.repeat(times);
        for hostile in [
            many("[", 400_000),
            many("{a: ", 100_000),
            many("? ", 200_000),
            many("a", 400_000),
            many("\"", 400_000),
            many("a, ", 100_000),
            format!("[{}", many("a, ", 100_000)),
            format!("{{{}", many("a, ", 100_000)),
            many("&a ", 100_000),
            many("*a ", 100_000),
            many("!!a ", 100_000),
            many("%", 400_000),
            many("---\n", 100_000),
            many("#", 400_000),
            many("\n", 400_000),
            many(" ", 400_000),
            format!("|\n{}", many(" a\n", 100_000)),
            format!("- {}", many("\n- ", 100_000)),
            many("a: &a [*a]\n", 30_000),
        ] {
            // An answer of any sort: what is tested is that there is one.
            let _ = FlinkConf::from_config_yaml(&hostile);
        }
    }

    #[test]
    fn values_do_not_show() {
        let conf = FlinkConf::from_flink_conf_yaml("s3.secret-key: hunter22\n");
        assert_eq!(format!("{conf:?}"), r#"{"s3.secret-key"}"#);
    }
}
