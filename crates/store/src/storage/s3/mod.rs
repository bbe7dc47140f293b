//! Amazon S3 and the stores that speak its protocol.

mod endpoint;
mod profile;
mod sources;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::remote::Roles;
use crate::storage::{Secret, Settings, StorageError, StorageErrorKind, remote};

use profile::Profile;
use sources::{Keys, Sources};

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
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_client_options(remote::client_options(call)?)
        .with_retry(remote::retry(settings))
        .with_http_connector(remote::connector(call)?);
    let roles = Roles {
        is_decided: sources::is_decided,
        says_who: sources::is_provider,
    };
    let configured = remote::configured(call, "AWS_", &roles)?;
    for (key, value) in configured.values {
        builder = builder.with_config(key, value);
    }
    builder = addressed(builder, &sources, call, bucket)?;
    let keys = match configured.option_says_who {
        true => sources.keys_of_options(),
        false => sources.keys(),
    };
    builder = signed(builder, &sources, keys, call)?;
    let store = builder.build().map_err(|error| {
        call.error(StorageErrorKind::BadSetting)
            .saying(error.to_string())
    })?;
    Ok(Objects::remote(store, settings))
}

/// The address that buckets are asked at, unless it is Amazon's.
pub(super) fn endpoint_of(settings: &Settings) -> Option<String> {
    let profile = Profile::load(settings).ok()?;
    let profile = &profile;
    let endpoint = Sources { settings, profile }.endpoint()?.to_owned();
    Some(endpoint::normal(&endpoint, settings.flink.s3_tls()))
}

/// Secrets of the profile, which the settings do not hold.
pub(super) fn secrets(settings: &Settings) -> Vec<Secret> {
    Profile::load(settings).map_or_else(|_| Vec::new(), Profile::secrets)
}

/// Sets where the bucket is.
fn addressed(
    mut builder: AmazonS3Builder,
    sources: &Sources<'_>,
    call: &Call<'_>,
    bucket: &str,
) -> Result<AmazonS3Builder, StorageError> {
    if let Some(region) = sources.region() {
        let region = sources.checked(call, "aws_region", region)?;
        builder = builder.with_region(region);
    }
    let virtual_hosted = sources.path_style() == Some(false);
    builder = builder.with_virtual_hosted_style_request(virtual_hosted);
    let Some(endpoint) = sources.endpoint() else {
        return Ok(builder);
    };
    let endpoint = sources.checked(call, "aws_endpoint", endpoint)?;
    let endpoint = endpoint::normal(endpoint, sources.settings.flink.s3_tls());
    if endpoint.starts_with("http://") {
        builder = builder.with_allow_http(true);
    }
    Ok(builder.with_endpoint(match virtual_hosted {
        true => endpoint::for_bucket(&endpoint, bucket),
        false => endpoint,
    }))
}

/// Sets who asks.
fn signed(
    builder: AmazonS3Builder,
    sources: &Sources<'_>,
    keys: Option<Keys<'_>>,
    call: &Call<'_>,
) -> Result<AmazonS3Builder, StorageError> {
    if sources.settings.anonymous || is_unsigned(&builder) {
        return Ok(builder.with_skip_signature(true));
    }
    if let Some(keys) = keys {
        let checked = |key, value| sources.checked(call, key, value);
        let builder = builder
            .with_access_key_id(checked("aws_access_key_id", keys.access)?)
            .with_secret_access_key(checked("aws_secret_access_key", keys.secret)?);
        return Ok(match keys.token {
            Some(token) => builder.with_token(checked("aws_session_token", token)?),
            None => builder,
        });
    }
    if has_provider(&builder) {
        return Ok(builder);
    }
    let none = call.error(StorageErrorKind::BadCredentials);
    if let Some(problem) = sources.profile.unsupported() {
        return Err(none.saying(problem).hinting(
            "run `aws configure export-credentials --format env` and set the variables it prints",
        ));
    }
    if sources.may_not_ask_machine() {
        return Err(none.saying("there are none, and AWS_EC2_METADATA_DISABLED is set"));
    }
    // What is left is the role of the machine, if it is one in the cloud.
    Ok(builder)
}

fn is_unsigned(builder: &AmazonS3Builder) -> bool {
    builder
        .get_config_value(&AmazonS3ConfigKey::SkipSignature)
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Whether a service is named that gives credentials.
fn has_provider(builder: &AmazonS3Builder) -> bool {
    (sources::PROVIDERS.iter()).any(|key| builder.get_config_value(key).is_some())
}
