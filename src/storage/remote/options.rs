use std::time::Duration;

use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use crate::storage::Settings;
use crate::storage::remote::wire::Wire;

/// Time limits are for silence, not for the whole answer: a large file may take its time.
pub(crate) fn client_options(settings: &Settings) -> ClientOptions {
    /// A host that is there accepts sooner than it answers.
    const CONNECT_MAX: Duration = Duration::from_secs(10);
    ClientOptions::new()
        .with_timeout_disabled()
        .with_read_timeout(settings.timeout)
        .with_connect_timeout(settings.timeout.min(CONNECT_MAX))
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

/// The HTTP client that counts, takes notes and filters listings.
pub(crate) fn connector(settings: &Settings) -> Wire {
    Wire::new(settings.counts.clone())
}
