//! Google Cloud Storage.

use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::remote::Roles;
use crate::storage::{StorageError, StorageErrorKind, remote};

/// Makes the client for a bucket.
pub(super) fn open(call: &Call<'_>) -> Result<Objects, StorageError> {
    let settings = call.settings;
    let bucket = call.location.parts().map_or("", |parts| parts.authority);
    let mut options = remote::client_options(call)?;
    if let Some(endpoint) = &settings.endpoint {
        options = options.with_allow_http(endpoint.starts_with("http://"));
    }
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_client_options(options)
        .with_retry(remote::retry(settings))
        .with_http_connector(remote::connector(call)?);
    let roles = Roles {
        is_decided: |_| false,
        says_who,
    };
    let configured = remote::configured(call, "GOOGLE_", &roles)?;
    let is_known = configured.values.iter().any(|(key, _)| says_who(key));
    for (key, value) in configured.values {
        builder = builder.with_config(key, value);
    }
    // What gcloud left there is for those who say nothing.
    if let (false, Some(home)) = (is_known, &settings.home) {
        let file = home.join(".config/gcloud/application_default_credentials.json");
        if let (true, Some(file)) = (file.exists(), file.to_str()) {
            let key = "google_application_credentials";
            let file = remote::value(call, key, "the home directory", file)?;
            builder = builder.with_application_credentials(file);
        }
    }
    if let Some(endpoint) = &settings.endpoint {
        let endpoint = remote::value(call, "google_base_url", "the endpoint", endpoint)?;
        builder = builder.with_base_url(endpoint.trim_end_matches('/'));
    }
    if settings.anonymous {
        builder = builder.with_skip_signature(true);
    }
    let store = builder.with_bucket_name(bucket).build().map_err(|error| {
        call.error(StorageErrorKind::BadSetting)
            .saying(error.to_string())
    })?;
    Ok(Objects::remote(store, settings))
}

/// Whether a value tells whose credentials are presented.
fn says_who(key: &GoogleConfigKey) -> bool {
    matches!(
        key,
        GoogleConfigKey::ServiceAccount
            | GoogleConfigKey::ServiceAccountKey
            | GoogleConfigKey::ApplicationCredentials
            | GoogleConfigKey::BearerToken
    )
}
