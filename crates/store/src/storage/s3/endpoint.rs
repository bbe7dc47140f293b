//! Addresses of S3 stores.

/// The address with a scheme and without a slash at its end. Hadoop's clients allow addresses
/// without scheme, and then use TLS unless told otherwise.
pub(super) fn normal(endpoint: &str, tls: Option<bool>) -> String {
    let endpoint = endpoint.trim().trim_end_matches('/');
    match (endpoint.contains("://"), tls) {
        (true, _) => endpoint.to_owned(),
        (false, Some(false)) => format!("http://{endpoint}"),
        (false, _) => format!("https://{endpoint}"),
    }
}

/// The address of a bucket that is named in the host.
pub(super) fn for_bucket(endpoint: &str, bucket: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, host)) if !host.starts_with(&format!("{bucket}.")) => {
            format!("{scheme}://{bucket}.{host}")
        }
        _ => endpoint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_added_and_buckets_put_in_front() {
        assert_eq!(normal("http://minio:9000/", None), "http://minio:9000");
        assert_eq!(normal("minio:9000", Some(false)), "http://minio:9000");
        assert_eq!(normal("s3.example.com", None), "https://s3.example.com");
        assert_eq!(for_bucket("https://s3.x.com", "b"), "https://b.s3.x.com");
        assert_eq!(for_bucket("https://b.s3.x.com", "b"), "https://b.s3.x.com");
    }
}
