//! What kind of failure an error of the object store crate is.

use std::error::Error;

use crate::storage::call::Call;
use crate::storage::notes::Answer;
use crate::storage::{Request, StorageError, StorageErrorKind as Kind};
use statescope_format::location::Scheme;

/// Makes the caller's error from the crate's error and what the store answered.
pub(super) fn classify(
    error: &object_store::Error,
    answer: &Answer,
    call: &Call<'_>,
) -> StorageError {
    #[cfg(feature = "hdfs")]
    if let Some(hdfs) = find::<hdfs_native::HdfsError>(error) {
        return super::hdfs::classify(hdfs, call);
    }
    if let Some(status) = answer.status {
        return by_status(status, answer, call);
    }
    let deepest = deepest(error);
    #[cfg(feature = "remote")]
    if let Some(http) = find::<object_store::client::HttpError>(error) {
        return call.error(transport(http, call)).saying(deepest);
    }
    let kind = match error {
        object_store::Error::NotFound { .. } => return call.error(Kind::NotFound),
        object_store::Error::PermissionDenied { .. } => Kind::AccessDenied,
        object_store::Error::Unauthenticated { .. } => Kind::BadCredentials,
        object_store::Error::InvalidPath { .. } => Kind::BadPath,
        // In front of any request, the credentials are fetched.
        _ if !answer.asked && fetches_credentials(call) => Kind::BadCredentials,
        _ => Kind::Other,
    };
    call.error(kind).saying(deepest)
}

fn fetches_credentials(call: &Call<'_>) -> bool {
    matches!(
        call.location.scheme(),
        Scheme::S3 | Scheme::Gcs | Scheme::Azure
    )
}

fn by_status(status: u16, answer: &Answer, call: &Call<'_>) -> StorageError {
    let code = answer.code.as_deref().unwrap_or_default();
    let kind = match status {
        401 => Kind::BadCredentials,
        400 | 403 if is_about_credentials(code) => Kind::BadCredentials,
        403 => Kind::AccessDenied,
        200..300 if code == "AccessDenied" => Kind::AccessDenied,
        404 if matches!(code, "NoSuchBucket" | "ContainerNotFound") => Kind::NoSuchBucket,
        // Of the requests that are sent, only listing can fail so without naming the bucket.
        404 if call.request == Request::List && code.is_empty() => Kind::NoSuchBucket,
        404 => return call.error(Kind::NotFound),
        408 => Kind::Timeout,
        429 | 503 => Kind::Throttled,
        _ if matches!(code, "SlowDown" | "ServerBusy" | "RequestLimitExceeded") => Kind::Throttled,
        _ => Kind::Other,
    };
    let redirect = answer.redirect.as_ref();
    let redirect = redirect.map(|to| format!("it redirects to {to}, which is not followed"));
    let said = match (code, answer.message.as_deref().or(redirect.as_deref())) {
        ("", None) => format!("HTTP {status}"),
        ("", Some(message)) => format!("HTTP {status}: {message}"),
        (code, None) => format!("HTTP {status} {code}"),
        (code, Some(message)) => format!("HTTP {status} {code}: {message}"),
    };
    let error = call.error(kind).saying(said);
    match hint(status, code, answer, call) {
        Some(hint) => error.hinting(hint),
        None => error,
    }
}

fn is_about_credentials(code: &str) -> bool {
    matches!(
        code,
        "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "InvalidToken"
            | "TokenRefreshRequired"
            | "RequestTimeTooSkewed"
            | "AuthenticationFailed"
            | "InvalidAuthenticationInfo"
    )
}

fn hint(status: u16, code: &str, answer: &Answer, call: &Call<'_>) -> Option<String> {
    if let Some(region) = &answer.region
        && (matches!(status, 300..400) || code == "AuthorizationHeaderMalformed")
    {
        return Some(format!(
            "the bucket is in region {region}: set it, for example in AWS_REGION"
        ));
    }
    if answer.redirect.is_some() && call.location.scheme() != Scheme::S3 {
        return Some("give the address that it redirects to, if you trust that one".to_owned());
    }
    let hint = match (status, code) {
        (300..400, _) | (_, "AuthorizationHeaderMalformed") => {
            "the bucket is in another region, or the endpoint is not the store's: set AWS_REGION, \
             check the endpoint"
        }
        (_, "RequestTimeTooSkewed") => "set this machine's clock",
        (_, "ExpiredToken" | "TokenRefreshRequired") => {
            "the session token has expired: get a new one"
        }
        (_, "SignatureDoesNotMatch") => {
            "the secret key does not belong to the access key, or is mistyped"
        }
        (_, "InvalidAccessKeyId") => {
            "the access key is unknown to this store: check it, and the endpoint"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What broke between here and the store.
#[cfg(feature = "remote")]
fn transport(error: &object_store::client::HttpError, call: &Call<'_>) -> Kind {
    use object_store::client::HttpErrorKind;
    if find::<super::remote::TimedOut>(error).is_some() {
        return Kind::Timeout;
    }
    match error.kind() {
        HttpErrorKind::Timeout => Kind::Timeout,
        HttpErrorKind::Connect => Kind::Unreachable,
        // The connection was there and broke.
        _ if call.request == Request::Read => Kind::Truncated,
        HttpErrorKind::Request | HttpErrorKind::Interrupted => Kind::Unreachable,
        _ => Kind::Other,
    }
}

/// The error of that type, or the first such among its causes.
#[cfg(any(feature = "hdfs", feature = "remote"))]
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref::<T>())
}

/// The words of the innermost cause: the outer ones repeat it, with addresses that may be signed.
fn deepest(error: &(dyn Error + 'static)) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// An error and what led to it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
