//! From a location to its store.

use std::borrow::Cow;
use std::sync::Arc;

use object_store::memory::InMemory;

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::{Request, Settings, StorageError, StorageErrorKind};
use statescope_format::location::{Location, Scheme};

/// Where a location is.
pub(super) enum Place<'a> {
    /// On local disk.
    Local(Cow<'a, std::path::Path>),
    /// In a store, under a key.
    Object(Arc<Objects>, Cow<'a, str>),
}

/// Locations with equal keys are in the same store.
pub(super) type StoreKey = (Scheme, String);

/// The store that a location is in, unless it is on local disk or of an unknown scheme.
pub(super) fn key(location: &Location) -> Option<StoreKey> {
    let parts = location.parts()?;
    let authority = match location.scheme() {
        Scheme::File | Scheme::Other => return None,
        Scheme::Http => match location.as_str().split_once('?') {
            // A signature is for one URL.
            Some(_) => location.as_str().to_owned(),
            None => format!("{}://{}", parts.scheme, parts.authority),
        },
        _ => parts.authority.to_owned(),
    };
    Some((location.scheme(), authority))
}

/// The path inside the store, without slashes around it. Several slashes count as one, as in
/// Flink.
pub(super) fn path(location: &Location) -> Cow<'_, str> {
    let path = location.parts().map_or("", |parts| parts.path);
    let path = path.trim_matches('/');
    match location.scheme() {
        // Web addresses are encoded; paths of stores are not.
        Scheme::Http => {
            let path = path.split_once('?').map_or(path, |(path, _)| path);
            object_store::path::Path::from_url_path(path)
                .map_or(Cow::Borrowed(path), |path| Cow::Owned(path.into()))
        }
        _ if path.contains("//") => {
            let names: Vec<_> = path.split('/').filter(|name| !name.is_empty()).collect();
            Cow::Owned(names.join("/"))
        }
        _ => Cow::Borrowed(path),
    }
}

/// Makes the client for a location's store. Nothing is sent yet.
pub(super) fn open(call: &Call<'_>) -> Result<Objects, StorageError> {
    let call = &Call {
        request: Request::Connect,
        ..*call
    };
    match call.location.scheme() {
        Scheme::Memory => Ok(Objects::plain(Arc::new(InMemory::new()), call.settings)),
        #[cfg(feature = "s3")]
        Scheme::S3 => super::s3::open(call),
        #[cfg(feature = "hdfs")]
        Scheme::Hdfs => super::hdfs::open(call),
        #[cfg(feature = "gcs")]
        Scheme::Gcs => super::gcs::open(call),
        #[cfg(feature = "azure")]
        Scheme::Azure => super::azure::open(call),
        #[cfg(feature = "http")]
        Scheme::Http => super::http::open(call),
        _ => Err(unsupported(call)),
    }
}

/// Whether this build has a client for a scheme.
pub(super) fn is_supported(scheme: Scheme) -> bool {
    match scheme {
        Scheme::File | Scheme::Memory => true,
        Scheme::S3 => cfg!(feature = "s3"),
        Scheme::Hdfs => cfg!(feature = "hdfs"),
        Scheme::Gcs => cfg!(feature = "gcs"),
        Scheme::Azure => cfg!(feature = "azure"),
        Scheme::Http => cfg!(feature = "http"),
        Scheme::Other => false,
    }
}

/// The address that the clients of a location's store are given, if it is not the cloud's own.
pub(super) fn endpoint(settings: &Settings, location: &Location) -> Option<String> {
    match location.scheme() {
        #[cfg(feature = "s3")]
        Scheme::S3 => super::s3::endpoint_of(settings),
        _ => settings.endpoint.clone(),
    }
    .map(|endpoint| Location::new(endpoint).to_string())
}

/// The error for a scheme that this build, or this program, cannot read.
pub(super) fn unsupported(call: &Call<'_>) -> StorageError {
    let feature = match call.location.scheme() {
        Scheme::S3 => Some("s3"),
        Scheme::Hdfs => Some("hdfs"),
        Scheme::Gcs => Some("gcs"),
        Scheme::Azure => Some("azure"),
        Scheme::Http => Some("http"),
        Scheme::File | Scheme::Memory | Scheme::Other => None,
    };
    let scheme = call.location.parts().map_or("", |parts| parts.scheme);
    call.error(StorageErrorKind::Unsupported {
        scheme: scheme.to_owned(),
        feature,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> (Option<StoreKey>, String) {
        let location = Location::new(text);
        (key(&location), path(&location).into_owned())
    }

    #[test]
    fn s3_schemes_share_their_stores_and_keys_are_raw() {
        let (store, path) = place("s3://b/a%20b/#?ü/");
        assert_eq!(path, "a%20b/#?ü");
        assert_eq!(place("s3a://b/x").0, store);
        assert_ne!(place("s3a://c/x").0, store);
    }

    #[test]
    fn web_addresses_are_decoded() {
        assert_eq!(place("https://h/a%20b/_metadata?sig=1").1, "a b/_metadata");
    }

    #[test]
    fn hdfs_paths_begin_after_the_authority() {
        assert_eq!(place("hdfs://nn:8020/flink/chk-1").1, "flink/chk-1");
        assert_eq!(place("hdfs:///flink").1, "flink");
        assert_eq!(place("hdfs:/flink").1, "flink");
        assert_eq!(place("s3://b").1, "");
        assert_eq!(place("s3://b//x///y//").1, "x/y");
    }
}
