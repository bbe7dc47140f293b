//! Files on web servers, which have no common way to list directories.

use object_store::http::HttpBuilder;

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::{StorageError, StorageErrorKind, remote};

/// Makes the client for a server, or for one signed address.
pub(super) fn open(call: &Call<'_>) -> Result<Objects, StorageError> {
    let settings = call.settings;
    let parts = call.location.parts();
    let (scheme, authority) = parts.map_or(("", ""), |parts| (parts.scheme, parts.authority));
    let query = match call.location.as_str().split_once('?') {
        Some((_, query)) => format!("?{query}"),
        None => String::new(),
    };
    let store = HttpBuilder::new()
        .with_url(format!("{scheme}://{authority}/{query}"))
        .with_client_options(remote::client_options(call)?.with_allow_http(scheme == "http"))
        .with_retry(remote::retry(settings))
        .with_http_connector(remote::connector(call)?)
        .build()
        .map_err(|_| call.error(StorageErrorKind::BadPath))?;
    Ok(Objects::web(store, settings))
}
