//! How stores are reached: from flags, the environment, and Flink's own configuration.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use statescope::storage::{FlinkConf, Settings};

use crate::cli::args::StoreArgs;
use crate::cli::error::CliError;

/// Prefixes of the variables that stores understand; no other is looked at.
const VARIABLES: [&str; 6] = ["AWS_", "AZURE_", "GOOGLE_", "HADOOP_", "KRB5", "HTTP"];

pub(crate) fn settings(args: &StoreArgs) -> Result<Settings, CliError> {
    let mut settings = Settings::new().with_variables(env::vars().filter(|(name, _)| {
        let name = name.to_ascii_uppercase();
        VARIABLES.iter().any(|prefix| name.starts_with(prefix))
    }));
    for option in &args.storage_option {
        let (name, value) = option
            .split_once('=')
            .ok_or(CliError::Usage("--storage-option takes NAME=VALUE"))?;
        if is_secret(name) {
            return Err(CliError::Usage(
                "secrets do not belong on a command line, where others can read them: \
                 put them into the environment or a profile",
            ));
        }
        settings = settings.with_option(name, value);
    }
    settings.endpoint.clone_from(&args.endpoint);
    settings.home = env::home_dir();
    settings.flink = flink_conf(args)?;
    settings.timeout = Duration::from_secs(args.timeout.get());
    settings.concurrency = args.concurrency.get();
    Ok(settings)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "secret",
        "password",
        "token",
        "access_key",
        "access-key",
        "account_key",
        "sas",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// `--flink-conf`, or what Flink's own scripts would use.
fn flink_conf(args: &StoreArgs) -> Result<FlinkConf, CliError> {
    let directory = match &args.flink_conf {
        Some(directory) => directory.clone(),
        None => match default_conf_directory() {
            Some(directory) => directory,
            None => return Ok(FlinkConf::default()),
        },
    };
    let unreadable = |path: &Path, problem: String| CliError::FlinkConf {
        path: path.display().to_string(),
        problem,
    };
    let new = directory.join("config.yaml");
    if new.is_file() {
        let text = std::fs::read_to_string(&new).map_err(|e| unreadable(&new, e.to_string()))?;
        return FlinkConf::from_config_yaml(&text).map_err(|e| unreadable(&new, e.to_string()));
    }
    let old = directory.join("flink-conf.yaml");
    match std::fs::read_to_string(&old) {
        Ok(text) => Ok(FlinkConf::from_flink_conf_yaml(&text)),
        // A directory that was asked for must be right; one that is only usual need not be.
        Err(_) if args.flink_conf.is_none() => Ok(FlinkConf::default()),
        Err(error) => Err(unreadable(&old, error.to_string())),
    }
}

fn default_conf_directory() -> Option<PathBuf> {
    let from = |name| env::var_os(name).filter(|value| !value.is_empty());
    match from("FLINK_CONF_DIR") {
        Some(directory) => Some(directory.into()),
        None => Some(PathBuf::from(from("FLINK_HOME")?).join("conf")),
    }
}
