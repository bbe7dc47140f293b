//! Google Cloud Storage.

use object_store::gcp::GoogleCloudStorageBuilder;

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::{StorageError, StorageErrorKind, remote};

/// Makes the client for a bucket.
pub(super) fn open(call: &Call<'_>) -> Result<Objects, StorageError> {
    let settings = call.settings;
    let bucket = call.location.parts().map_or("", |parts| parts.authority);
    let mut builder = GoogleCloudStorageBuilder::new();
    let variables = settings.variables.iter();
    let variables = variables.filter(|(name, _)| name.starts_with("GOOGLE_"));
    for (name, value) in variables.chain(&settings.options) {
        // Options for other stores have names that this one does not know.
        if let Ok(key) = name.to_ascii_lowercase().parse() {
            builder = builder.with_config(key, value.reveal());
        }
    }
    if let (None, Some(home)) = (
        settings.variable("GOOGLE_APPLICATION_CREDENTIALS"),
        &settings.home,
    ) {
        let file = home.join(".config/gcloud/application_default_credentials.json");
        if let (true, Some(file)) = (file.is_file(), file.to_str()) {
            builder = builder.with_application_credentials(file);
        }
    }
    let mut options = remote::client_options(settings);
    if let Some(endpoint) = &settings.endpoint {
        options = options.with_allow_http(endpoint.starts_with("http://"));
        builder = builder.with_base_url(endpoint.trim_end_matches('/'));
    }
    if settings.anonymous {
        builder = builder.with_skip_signature(true);
    }
    let store = builder
        .with_bucket_name(bucket)
        .with_client_options(options)
        .with_retry(remote::retry(settings))
        .with_http_connector(remote::connector(settings))
        .build()
        .map_err(|error| {
            call.error(StorageErrorKind::BadSetting)
                .saying(error.to_string())
        })?;
    Ok(Objects::remote(store, settings))
}
