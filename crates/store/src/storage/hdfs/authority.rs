//! Which NameNode, or group of NameNodes, a location means.

use crate::storage::Settings;
use crate::storage::hdfs::conf::HadoopConf;
use statescope_format::location::Location;

/// Which cluster each authority means, as the configuration says.
pub(crate) struct Clusters(HadoopConf);

impl Clusters {
    /// As the settings say. What is wrong with them is told by whoever opens the store.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self(HadoopConf::of_settings(settings).unwrap_or_default())
    }

    /// One name for all spellings of a cluster; `None` where nothing names one.
    pub(crate) fn name(&self, authority: &str) -> Option<String> {
        let url = url(authority, &self.0).ok()?;
        match self.0.is_nameservice(url.trim_start_matches("hdfs://")) {
            true => Some(url),
            false => Some(url.to_ascii_lowercase()),
        }
    }
}

/// The NameNode's RPC port where nothing says otherwise.
const DEFAULT_PORT: u16 = 8020;

/// The address that the client has to use: `hdfs://host:port` or `hdfs://nameservice`.
pub(super) fn url(authority: &str, conf: &HadoopConf) -> Result<String, String> {
    if !authority.is_empty() {
        return Ok(format!("hdfs://{}", with_port(authority, conf)));
    }
    // `hdfs:///path` is in the cluster that the configuration calls its own.
    let default = conf
        .get("fs.defaultFS")
        .or(conf.get("fs.default.name"))
        .ok_or("the location names no host, and no configuration names one in fs.defaultFS")?;
    let default = Location::new(default);
    match default.parts() {
        Some(parts) if parts.scheme == "hdfs" && !parts.authority.is_empty() => {
            Ok(format!("hdfs://{}", with_port(parts.authority, conf)))
        }
        _ => Err(format!(
            "the location names no host, and fs.defaultFS is {default}"
        )),
    }
}

fn with_port(authority: &str, conf: &HadoopConf) -> String {
    let host_end = authority.rfind(']').unwrap_or(0);
    let has_port = authority
        .get(host_end..)
        .is_some_and(|rest| rest.contains(':'));
    match has_port || conf.is_nameservice(authority) {
        true => authority.to_owned(),
        false => format!("{authority}:{DEFAULT_PORT}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_get_a_port_and_nameservices_do_not() {
        let conf = HadoopConf::of(&[("dfs.ha.namenodes.prod", "nn1,nn2")]);
        let url = |authority| url(authority, &conf).unwrap();
        assert_eq!(url("nn"), "hdfs://nn:8020");
        assert_eq!(url("nn:9000"), "hdfs://nn:9000");
        assert_eq!(url("[::1]"), "hdfs://[::1]:8020");
        assert_eq!(url("[::1]:9000"), "hdfs://[::1]:9000");
        assert_eq!(url("prod"), "hdfs://prod");
    }

    #[test]
    fn spellings_of_a_cluster_have_one_name_and_a_nameservice_is_no_host() {
        let clusters = Clusters(HadoopConf::of(&[
            ("dfs.ha.namenodes.Prod", "nn1,nn2"),
            ("fs.defaultFS", "hdfs://Prod"),
        ]));
        assert_eq!(clusters.name("").as_deref(), Some("hdfs://Prod"));
        assert_eq!(clusters.name("Prod").as_deref(), Some("hdfs://Prod"));
        assert_eq!(clusters.name("prod").as_deref(), Some("hdfs://prod:8020"));
        assert_eq!(clusters.name("NN"), clusters.name("nn:8020"));
        assert_eq!(Clusters(HadoopConf::default()).name(""), None);
    }

    #[test]
    fn no_host_means_the_default_cluster() {
        let with = |default| HadoopConf::of(&[("fs.defaultFS", default)]);
        assert_eq!(url("", &with("hdfs://nn/")).unwrap(), "hdfs://nn:8020");
        assert_eq!(url("", &with("hdfs://nn:9000")).unwrap(), "hdfs://nn:9000");
        assert!(url("", &with("s3a://b")).unwrap_err().contains("s3a://b"));
        assert!(url("", &HadoopConf::default()).is_err());
    }
}
