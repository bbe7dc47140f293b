//! Amazon S3 and the stores that speak its protocol.

mod endpoint;
mod profile;
mod sources;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::{StorageError, StorageErrorKind, remote};

use profile::Profile;
use sources::Sources;

/// Makes the client for a bucket.
pub(super) fn open(call: &Call<'_>) -> Result<Objects, StorageError> {
    let bucket = call.location.parts().map_or("", |parts| parts.authority);
    if bucket.is_empty() {
        return Err(call
            .error(StorageErrorKind::BadPath)
            .saying("it names no bucket"));
    }
    let settings = call.settings;
    let profile = Profile::load(settings)
        .map_err(|problem| call.error(StorageErrorKind::BadCredentials).saying(problem))?;
    let sources = Sources {
        settings,
        profile: &profile,
    };
    let mut builder = AmazonS3Builder::new();
    for (key, value) in sources.plain(call)? {
        builder = builder.with_config(key, value);
    }
    if let Some(region) = sources.region() {
        builder = builder.with_region(region);
    }
    let virtual_hosted = sources.path_style() == Some(false);
    builder = builder.with_virtual_hosted_style_request(virtual_hosted);
    if let Some(endpoint) = sources.endpoint() {
        let endpoint = endpoint::normal(&endpoint, settings.flink.s3_tls());
        builder = builder.with_allow_http(endpoint.starts_with("http://"));
        builder = builder.with_endpoint(match virtual_hosted {
            true => endpoint::for_bucket(&endpoint, bucket),
            false => endpoint,
        });
    }
    if settings.anonymous {
        builder = builder.with_skip_signature(true);
    } else if let Some(keys) = sources.keys() {
        builder = builder
            .with_access_key_id(keys.access)
            .with_secret_access_key(keys.secret);
        if let Some(token) = keys.token {
            builder = builder.with_token(token);
        }
    } else if let Some(problem) = profile.unsupported() {
        return Err(call
            .error(StorageErrorKind::BadCredentials)
            .saying(problem)
            .hinting(
                "run `aws configure export-credentials --format env` and set the variables it \
                 prints",
            ));
    } else if sources.has_no_credentials(&builder) {
        return Err(call
            .error(StorageErrorKind::BadCredentials)
            .saying("there are none, and AWS_EC2_METADATA_DISABLED is set"));
    }
    let store = builder
        .with_bucket_name(bucket)
        .with_client_options(remote::client_options(settings).with_allow_http(
            // Set again, for these options replace those of the builder.
            sources.endpoint().is_some_and(|endpoint| {
                endpoint::normal(&endpoint, settings.flink.s3_tls()).starts_with("http://")
            }),
        ))
        .with_retry(remote::retry(settings))
        .with_http_connector(remote::connector(settings))
        .build()
        .map_err(|error| {
            call.error(StorageErrorKind::BadSetting)
                .saying(error.to_string())
        })?;
    Ok(Objects::remote(store, settings))
}

/// Whether a builder has another source of credentials than the machine's own.
fn has_provider(builder: &AmazonS3Builder) -> bool {
    [
        AmazonS3ConfigKey::WebIdentityTokenFile,
        AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
        AmazonS3ConfigKey::ContainerCredentialsFullUri,
    ]
    .iter()
    .any(|key| builder.get_config_value(key).is_some())
}
