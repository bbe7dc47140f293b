//! What is secret: by the names of settings, and by what texts look like.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// A text that may be a password or key: it cannot be shown by accident, for it has no `Display`
/// and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever has to present it to a store.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Whether the value of a setting of that name is a secret: of a variable, an option, an entry of
/// Flink's or Hadoop's configuration. A name that is not known counts as secret if it sounds so.
///
/// ```
/// use statescope_store::storage::names_a_secret;
///
/// assert!(names_a_secret("AZURE_STORAGE_MASTER_KEY"));
/// assert!(names_a_secret("fs.s3a.secret.key"));
/// assert!(!names_a_secret("aws_web_identity_token_file"));
/// ```
pub fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    sounds_secret(&name) || full_names(&name).iter().any(|full| sounds_secret(full))
}

fn sounds_secret(name: &str) -> bool {
    const PARTS: [&str; 8] = [
        "secret",
        "token",
        "key",
        "password",
        "passwd",
        "passphrase",
        "sas",
        "credential",
    ];
    /// These say where a secret is, or how one is used.
    const ENDS: [&str; 13] = [
        "_file",
        "_path",
        "_uri",
        "_url",
        "_endpoint",
        "_provider",
        "_type",
        "_enable",
        "_enabled",
        "_interval",
        "_length",
        "_lifetime",
        "application_credentials",
    ];
    /// A file of keys, a name of a key, and words that hold one of the parts by chance.
    const HARMLESS: [&str; 3] = ["keytab", "kms_key_id", "entropy_key"];
    let mut name = Cow::Borrowed(name);
    for harmless in HARMLESS {
        if name.contains(harmless) {
            name = Cow::Owned(name.replace(harmless, ""));
        }
    }
    PARTS.iter().any(|part| name.contains(part)) && !ENDS.iter().any(|end| name.ends_with(end))
}

/// The names under which the stores' clients know a setting of that name: some have short ones.
fn full_names(
    #[cfg_attr(
        not(any(feature = "azure", feature = "gcs", feature = "s3")),
        allow(unused_variables)
    )]
    name: &str,
) -> Vec<String> {
    #[allow(unused_mut, reason = "a build without stores knows none")]
    let mut names = Vec::new();
    #[cfg(feature = "s3")]
    names.extend(full::<object_store::aws::AmazonS3ConfigKey>(name));
    #[cfg(feature = "azure")]
    names.extend(full::<object_store::azure::AzureConfigKey>(name));
    #[cfg(feature = "gcs")]
    names.extend(full::<object_store::gcp::GoogleConfigKey>(name));
    names
}

#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
fn full<K: std::str::FromStr + AsRef<str>>(name: &str) -> Option<String> {
    let key: K = name.parse().ok()?;
    Some(key.as_ref().to_owned())
}

/// The password in front of the host of an address.
pub(super) fn password_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let (userinfo, _) = rest.split('/').next()?.rsplit_once('@')?;
    let (_, password) = userinfo.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

/// A text without what looks like userinfo, a signature or a token of anybody's, such as in an address
/// that a store repeats.
pub(super) fn blanked(text: &str) -> Cow<'_, str> {
    let mut secrets = statescope_format::location::in_words(text);
    secrets.extend(behind_words(text));
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_by_key(|range| range.start);
    let mut result = String::new();
    let mut from = 0;
    for secret in secrets {
        if secret.end <= from {
            continue;
        }
        result.push_str(text.get(from..secret.start).unwrap_or_default());
        result.push_str("***");
        from = secret.end;
    }
    Cow::Owned(result + text.get(from..).unwrap_or_default())
}

/// Where secrets are that follow a word, as in a header.
fn behind_words(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut secrets = Vec::new();
    let mut from = 0;
    while let Some(secret) = next_secret(&lower, from) {
        from = secret.end;
        secrets.push(secret);
    }
    secrets
}

/// Where the next secret begins and ends.
fn next_secret(lower: &str, from: usize) -> Option<Range<usize>> {
    const BEFORE: [&str; 6] = [
        "bearer ",
        "sharedkey ",
        "x-amz-security-token:",
        "x-goog-iam-authorization-token:",
        "x-auth-token:",
        "basic ",
    ];
    let rest = lower.get(from..)?;
    let found = BEFORE.iter().filter_map(|word| {
        let at = rest.find(word)?;
        Some(from + at + word.len())
    });
    let mut start = found.min()?;
    start += lower.get(start..)?.len() - lower.get(start..)?.trim_start().len();
    let ends = |c: char| c.is_whitespace() || "&,;\"'<>)".contains(c);
    let length = lower.get(start..)?.find(ends);
    Some(start..length.map_or(lower.len(), |length| start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(
            format!("{:?}", Some(Secret::new("wJalrXUt"))),
            "Some(Secret(..))"
        );
    }

    #[test]
    fn names_of_flinks_and_hadoops_settings_are_told_apart() {
        for secret in [
            "s3.access-key",
            "fs.s3a.secret.key",
            "presto.s3.secret-key",
            "s3.session.token",
            "fs.azure.account.key.acc.dfs.core.windows.net",
            "fs.azure.sas.c.acc.blob.core.windows.net",
            "fs.azure.account.oauth2.client.secret",
            "security.ssl.rest.keystore-password",
            "AWS_SECRET_ACCESS_KEY",
            "some.passphrase",
        ] {
            assert!(names_a_secret(secret), "{secret}");
        }
        for open in [
            "kerberos.keytab",
            "security.kerberos.login.keytab",
            "s3.entropy.key",
            "hadoop.security.key.provider.path",
            "dfs.block.access.token.enable",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "user",
            "region",
            "ca_bundle",
            "dfs.client.socket-timeout",
            "max_listing_entries",
        ] {
            assert!(!names_a_secret(open), "{open}");
        }
    }

    /// All names that the clients know, as their documentation lists them; what is no secret is
    /// marked, so that a new name is secret until somebody says otherwise.
    #[cfg(all(feature = "s3", feature = "azure", feature = "gcs"))]
    #[test]
    fn every_key_of_the_clients_that_holds_a_secret_is_known_under_all_its_names() {
        use object_store::aws::AmazonS3ConfigKey as S3;
        use object_store::azure::AzureConfigKey as Azure;
        use object_store::gcp::GoogleConfigKey as Google;
        let secret = [
            S3::SecretAccessKey.as_ref(),
            S3::AccessKeyId.as_ref(),
            S3::Token.as_ref(),
            "aws_sse_customer_key_base64",
            Azure::AccessKey.as_ref(),
            Azure::ClientSecret.as_ref(),
            Azure::SasKey.as_ref(),
            Azure::Token.as_ref(),
            Azure::FabricSessionToken.as_ref(),
            Azure::EncryptionKey.as_ref(),
            Google::ServiceAccountKey.as_ref(),
            Google::BearerToken.as_ref(),
        ]
        .map(str::to_owned);
        let aliases = [
            "access_key_id",
            "secret_access_key",
            "session_token",
            "aws_token",
            "token",
            "sse_customer_key_base64",
            "azure_storage_access_key",
            "azure_storage_master_key",
            "master_key",
            "account_key",
            "access_key",
            "client_secret",
            "azure_client_secret",
            "azure_storage_sas_key",
            "azure_storage_sas_token",
            "sas_key",
            "sas_token",
            "azure_storage_token",
            "bearer_token",
            "fabric_session_token",
            "encryption_key",
            "service_account_key",
        ]
        .map(str::to_owned);
        for name in secret.iter().chain(&aliases) {
            assert!(names_a_secret(name), "{name}");
            assert!(names_a_secret(&name.to_uppercase()), "{name}");
        }
        let open = [
            S3::DefaultRegion.as_ref(),
            S3::Region.as_ref(),
            S3::Bucket.as_ref(),
            S3::Endpoint.as_ref(),
            S3::S3Endpoint.as_ref(),
            S3::VirtualHostedStyleRequest.as_ref(),
            S3::S3Express.as_ref(),
            S3::ImdsV1Fallback.as_ref(),
            S3::MetadataEndpoint.as_ref(),
            S3::UnsignedPayload.as_ref(),
            S3::Checksum.as_ref(),
            S3::ContainerCredentialsRelativeUri.as_ref(),
            S3::ContainerCredentialsFullUri.as_ref(),
            S3::ContainerAuthorizationTokenFile.as_ref(),
            S3::WebIdentityTokenFile.as_ref(),
            S3::RoleArn.as_ref(),
            S3::RoleSessionName.as_ref(),
            S3::StsEndpoint.as_ref(),
            S3::SkipSignature.as_ref(),
            S3::CopyIfNotExists.as_ref(),
            S3::ConditionalPut.as_ref(),
            S3::DisableTagging.as_ref(),
            S3::DisableBulkDelete.as_ref(),
            S3::RequestPayer.as_ref(),
            "aws_server_side_encryption",
            "aws_sse_kms_key_id",
            "aws_sse_bucket_key_enabled",
            Azure::AccountName.as_ref(),
            Azure::ClientId.as_ref(),
            Azure::AuthorityId.as_ref(),
            Azure::AuthorityHost.as_ref(),
            Azure::UseEmulator.as_ref(),
            Azure::Endpoint.as_ref(),
            Azure::MsiEndpoint.as_ref(),
            Azure::ObjectId.as_ref(),
            Azure::MsiResourceId.as_ref(),
            Azure::FederatedTokenFile.as_ref(),
            Azure::UseFabricEndpoint.as_ref(),
            Azure::UseAzureCli.as_ref(),
            Azure::SkipSignature.as_ref(),
            Azure::ContainerName.as_ref(),
            Azure::DisableTagging.as_ref(),
            Azure::FabricTokenServiceUrl.as_ref(),
            Azure::FabricWorkloadHost.as_ref(),
            Azure::FabricClusterIdentifier.as_ref(),
            Azure::CredentialType.as_ref(),
            Google::ServiceAccount.as_ref(),
            Google::Bucket.as_ref(),
            Google::BaseUrl.as_ref(),
            Google::ApplicationCredentials.as_ref(),
            Google::SkipSignature.as_ref(),
        ]
        .map(str::to_owned);
        for name in open {
            assert!(!names_a_secret(&name), "{name}");
        }
    }

    #[test]
    fn passwords_are_found_in_addresses() {
        assert_eq!(password_of("http://me:pw@host:9000/x"), Some("pw"));
        assert_eq!(password_of("http://me:p:w@x@host"), Some("p:w@x"));
        for none in [
            "http://host:9000",
            "http://me@host",
            "host",
            "http://h/a:b@c",
        ] {
            assert_eq!(password_of(none), None, "{none}");
        }
    }

    #[test]
    fn signatures_and_tokens_are_blanked_wherever_they_stand() {
        for (text, expected) in [
            (
                "GET /x?sv=1&sig=abc%2B&se=2 failed",
                "GET /x?sv=1&sig=***&se=2 failed",
            ),
            ("X-Amz-Signature=abc", "X-Amz-Signature=***"),
            (
                "sent Authorization: Bearer abc.def, sorry",
                "sent Authorization: Bearer ***, sorry",
            ),
            ("token Bearer abc", "token Bearer ***"),
            ("GET https://u:p@h/x failed", "GET https://***h/x failed"),
            (
                "for url (http://h/x?%53ig=ab)",
                "for url (http://h/x?%53ig=***)",
            ),
            ("X-Goog-Credential=a/b, no", "X-Goog-Credential=***, no"),
            ("nothing of the sort", "nothing of the sort"),
            ("ends with sig=", "ends with sig=***"),
        ] {
            assert_eq!(blanked(text), expected);
        }
    }
}
