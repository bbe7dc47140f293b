use std::path::Path;
use std::time::Duration;

use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use reqwest::Certificate;

use crate::storage::call::Call;
use crate::storage::remote::client::Own;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
use crate::storage::remote::setting;
use crate::storage::remote::wire::Wire;
use crate::storage::{Settings, StorageError, StorageErrorKind, regular};
use statescope_format::Limits;

/// How the HTTP client behaves, as far as the object store crate sets it.
pub(crate) fn client_options(call: &Call<'_>) -> Result<ClientOptions, StorageError> {
    let own = own(call)?;
    Ok(ClientOptions::new()
        .with_timeout_disabled()
        .with_read_timeout(own.read_timeout)
        .with_connect_timeout(own.connect_timeout))
}

/// Time limits are for silence, not for the whole answer: a large file may take its time.
fn own(call: &Call<'_>) -> Result<Own, StorageError> {
    /// A host that is there accepts sooner than it answers.
    const CONNECT_MAX: Duration = Duration::from_secs(10);
    let timeout = call.settings.timeout;
    Ok(Own {
        certificates: certificates(call)?,
        read_timeout: timeout,
        connect_timeout: timeout.min(CONNECT_MAX),
    })
}

/// Certificates to trust besides those of the system, for stores with their own authority.
fn certificates(call: &Call<'_>) -> Result<Vec<Certificate>, StorageError> {
    let settings = call.settings;
    let option = settings.options.get("ca_bundle");
    let file = option.or_else(|| settings.variables.get("AWS_CA_BUNDLE"));
    let Some(path) = file
        .map(|file| file.reveal().trim())
        .filter(|path| !path.is_empty())
    else {
        return Ok(Vec::new());
    };
    regular::read(Path::new(path), Limits::default().conf_bytes)
        .map_err(|error| error.to_string())
        .and_then(|pem| Certificate::from_pem_bundle(&pem).map_err(|error| error.to_string()))
        .map_err(|problem| {
            call.error(StorageErrorKind::BadSetting)
                .saying(format!("the certificates in {path}: {problem}"))
        })
}

/// Repeats what failed by overload or a broken connection, with growing pauses.
pub(crate) fn retry(settings: &Settings) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: settings.retries,
        retry_timeout: settings.retry_budget,
    }
}

/// The HTTP client that counts, takes notes, filters listings and follows no redirect elsewhere.
pub(crate) fn connector(call: &Call<'_>) -> Result<Wire, StorageError> {
    Ok(Wire::new(call.settings.counts.clone(), own(call)?))
}

/// What of the settings a store's builder gets.
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
pub(crate) struct Configured<'a, K> {
    /// In the order in which the builder must get them: later ones win.
    pub(crate) values: Vec<(K, &'a str)>,
    /// Whether an option says who asks. Nothing else may then.
    #[cfg(any(feature = "azure", feature = "s3"))]
    pub(crate) option_says_who: bool,
}

/// Which of the values that a builder knows are not its own matter.
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
pub(crate) struct Roles<K> {
    /// These are chosen elsewhere.
    pub(crate) is_decided: fn(&K) -> bool,
    /// By these it chooses who asks, and it has an order of its own among them.
    pub(crate) says_who: fn(&K) -> bool,
}

/// The values that a store's builder knows: of the environment's variables with that prefix, then
/// of the options, which win: where one of them says who asks, no variable does. An option that no
/// store can know is an error, and so is a value that the client cannot take.
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
pub(crate) fn configured<'a, K: std::str::FromStr + AsRef<str>>(
    call: &Call<'a>,
    prefix: &str,
    roles: &Roles<K>,
) -> Result<Configured<'a, K>, StorageError> {
    let is_set = |key: &K, value: &str| !(roles.is_decided)(key) && !value.trim().is_empty();
    let mut options = Vec::new();
    for (name, value) in &call.settings.options {
        let (name, value) = (name.to_ascii_lowercase(), value.reveal());
        match name.parse() {
            Ok(key) if is_set(&key, value) => {
                let value = setting::value(call, key.as_ref(), &name, value)?;
                options.push((key, value));
            }
            Ok(_) => {}
            Err(_) if is_for_others(&name, prefix) => {}
            Err(_) => {
                return Err(call
                    .error(StorageErrorKind::BadSetting)
                    .saying(format!("there is no storage option {name}")));
            }
        }
    }
    let is_off = |value: &str| value.eq_ignore_ascii_case("false");
    let option_says_who =
        (options.iter()).any(|(key, value)| (roles.says_who)(key) && !is_off(value));
    let mut values = Vec::new();
    for (name, value) in &call.settings.variables {
        // The environment has more variables with that prefix than are meant for this.
        if name.starts_with(prefix)
            && let Ok(key) = name.to_ascii_lowercase().parse()
            && is_set(&key, value.reveal())
            && !(option_says_who && (roles.says_who)(&key))
        {
            let value = setting::value(call, key.as_ref(), name, value.reveal())?;
            values.push((key, value));
        }
    }
    values.append(&mut options);
    Ok(Configured {
        values,
        #[cfg(any(feature = "azure", feature = "s3"))]
        option_says_who,
    })
}

/// Whether an option is for another store than that with the prefix, or for all.
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
fn is_for_others(name: &str, prefix: &str) -> bool {
    let others = ["aws_", "azure_", "google_"];
    others
        .iter()
        .any(|other| name.starts_with(other) && !other.eq_ignore_ascii_case(prefix))
        // Those of Hadoop.
        || name.contains('.')
        || matches!(name, "ca_bundle" | "user" | "hadoop_conf_dir")
}
