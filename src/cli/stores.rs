//! How stores are reached: from flags, the environment, and Flink's own configuration.

use std::env::{self, VarError};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use statescope::Limits;
use statescope::storage::{FlinkConf, Settings, names_a_secret, regular};
use statescope::{Location, Scheme};

use crate::cli::args::StoreArgs;
use crate::cli::error::CliError;

/// Stores that are always allowed, separated by spaces or commas.
const ALLOW_STORES: &str = "STATESCOPE_ALLOW_STORES";

pub(crate) fn settings(args: &StoreArgs) -> Result<Settings, CliError> {
    let mut settings = Settings::new().with_variables(variables()?);
    for option in &args.storage_option {
        let (name, value) = option
            .split_once('=')
            .ok_or(CliError::Usage("--storage-option takes NAME=VALUE"))?;
        if names_a_secret(name) {
            return Err(CliError::Usage(
                "secrets do not belong on a command line, where others can read them: \
                 put them into the environment or a profile",
            ));
        }
        let bound = match name {
            "max_object_bytes" => &mut settings.max_object_bytes,
            "max_listing_entries" => &mut settings.max_listing_entries,
            _ => {
                settings = settings.with_option(name, value);
                continue;
            }
        };
        *bound = value.parse().map_err(|_| {
            CliError::Usage("max_object_bytes and max_listing_entries are whole numbers")
        })?;
    }
    settings.endpoint.clone_from(&args.endpoint);
    settings.home = env::home_dir();
    settings.flink = flink_conf(args)?;
    settings.allowed_stores = allowed_stores(args)?;
    settings.timeout = Duration::from_secs(args.timeout);
    settings.concurrency = args.concurrency.get();
    Ok(settings)
}

/// The environment, as far as it is text. What could be meant for a store must be.
fn variables() -> Result<Vec<(String, String)>, CliError> {
    const OF_PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
    let mut variables = Vec::new();
    for (name, value) in env::vars_os() {
        let Ok(name) = name.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => variables.push((name, value)),
            Err(_)
                if Settings::may_know(&name)
                    || OF_PROXIES.contains(&name.to_ascii_uppercase().as_str()) =>
            {
                return Err(not_text(&name));
            }
            Err(_) => {}
        }
    }
    Ok(variables)
}

fn not_text(variable: &str) -> CliError {
    CliError::NotText {
        what: format!("the value of the environment variable {variable}"),
    }
}

/// `--allow-store`, or what the environment allows always.
fn allowed_stores(args: &StoreArgs) -> Result<Vec<Location>, CliError> {
    let configured = match args.allow_store.is_empty() {
        true => match env::var(ALLOW_STORES) {
            Ok(stores) => stores,
            Err(VarError::NotPresent) => String::new(),
            Err(VarError::NotUnicode(_)) => return Err(not_text(ALLOW_STORES)),
        },
        false => String::new(),
    };
    let configured = configured.split([',', ' ']).filter(|text| !text.is_empty());
    let named = args.allow_store.iter().map(String::as_str);
    named
        .chain(configured)
        .map(|text| {
            let location = Location::new(text);
            match location.scheme() {
                Scheme::Other => Err(CliError::Usage(
                    "--allow-store takes the URL of a store that can be read, such as s3://bucket",
                )),
                _ if text.is_empty() => Err(CliError::Usage("--allow-store is empty")),
                _ => Ok(location),
            }
        })
        .collect()
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
    for name in FlinkConf::FILE_NAMES {
        let path = directory.join(name);
        let failed = |problem: String| CliError::FlinkConf {
            path: path.display().to_string(),
            problem,
        };
        match regular::read_text(&path, Limits::default().conf_bytes) {
            Ok(text) => {
                return FlinkConf::parse(name, &text, &Limits::default())
                    .map_err(|e| failed(e.to_string()));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error.to_string())),
        }
    }
    // A directory that was asked for must be right; one that is only usual need not be.
    match &args.flink_conf {
        None => Ok(FlinkConf::default()),
        Some(directory) => Err(CliError::FlinkConf {
            path: directory.display().to_string(),
            problem: format!("has no {}", FlinkConf::FILE_NAMES.join(" or ")),
        }),
    }
}

fn default_conf_directory() -> Option<PathBuf> {
    let from = |name| env::var_os(name).filter(|value| !value.is_empty());
    match from("FLINK_CONF_DIR") {
        Some(directory) => Some(directory.into()),
        None => Some(PathBuf::from(from("FLINK_HOME")?).join("conf")),
    }
}
