//! Which of several sources says how to reach S3.

use object_store::aws::AmazonS3ConfigKey;

use crate::storage::call::Call;
use crate::storage::s3::profile::Profile;
use crate::storage::{Settings, StorageError, remote};

/// Everything that may say something, strongest first: options and fields of the settings, the
/// Flink configuration, the environment, the profile.
pub(super) struct Sources<'a> {
    pub(super) settings: &'a Settings,
    pub(super) profile: &'a Profile,
}

/// A key with what belongs to it.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) access: &'a str,
    pub(super) secret: &'a str,
    pub(super) token: Option<&'a str>,
}

impl<'a> Keys<'a> {
    fn of(
        access: Option<&'a str>,
        secret: Option<&'a str>,
        token: Option<&'a str>,
    ) -> Option<Self> {
        Some(Self {
            access: access?,
            secret: secret?,
            token,
        })
    }
}

impl<'a> Sources<'a> {
    /// Access key, secret and token, all from one source.
    pub(super) fn keys(&self) -> Option<Keys<'a>> {
        let Self { settings, profile } = *self;
        let variable = |name: &str| settings.variable(&format!("AWS_{name}"));
        self.keys_of_options()
            .or_else(|| {
                Keys::of(
                    settings.flink.s3_access_key(),
                    settings.flink.s3_secret_key(),
                    settings.flink.s3_session_token(),
                )
            })
            .or_else(|| {
                Keys::of(
                    variable("ACCESS_KEY_ID"),
                    variable("SECRET_ACCESS_KEY"),
                    variable("SESSION_TOKEN"),
                )
            })
            .or_else(|| {
                // A token of this machine's role comes before the profile files.
                if variable("WEB_IDENTITY_TOKEN_FILE").is_some() {
                    return None;
                }
                Keys::of(
                    profile.get("aws_access_key_id"),
                    profile.get("aws_secret_access_key"),
                    profile.get("aws_session_token"),
                )
            })
    }

    /// Those that the options have.
    pub(super) fn keys_of_options(&self) -> Option<Keys<'a>> {
        let option = |name: &str| {
            let names = [&format!("aws_{name}"), name];
            self.settings.option(&names)
        };
        Keys::of(
            option("access_key_id"),
            option("secret_access_key"),
            option("session_token").or(option("token")),
        )
    }

    /// The address of the store.
    pub(super) fn endpoint(&self) -> Option<&'a str> {
        let Self { settings, profile } = *self;
        settings
            .endpoint
            .as_deref()
            .or_else(|| {
                settings.option(&[
                    "aws_endpoint_url_s3",
                    "aws_endpoint_url",
                    "aws_endpoint",
                    "endpoint_url",
                    "endpoint",
                ])
            })
            .or_else(|| settings.flink.s3_endpoint())
            .or_else(|| settings.variable("AWS_ENDPOINT_URL_S3"))
            .or_else(|| settings.variable("AWS_ENDPOINT_URL"))
            .or_else(|| settings.variable("AWS_ENDPOINT"))
            .or_else(|| profile.get("endpoint_url"))
    }

    /// The region of the bucket.
    pub(super) fn region(&self) -> Option<&'a str> {
        let Self { settings, profile } = *self;
        settings
            .region
            .as_deref()
            .or_else(|| settings.option(&["aws_region", "region", "aws_default_region"]))
            .or_else(|| settings.flink.s3_region())
            .or_else(|| settings.variable("AWS_REGION"))
            .or_else(|| settings.variable("AWS_DEFAULT_REGION"))
            .or_else(|| profile.get("region"))
    }

    /// Whether the bucket's name goes into the path, where anything says so.
    pub(super) fn path_style(&self) -> Option<bool> {
        let Self { settings, profile } = *self;
        let names = [
            "aws_virtual_hosted_style_request",
            "virtual_hosted_style_request",
        ];
        let hosted = |text: &str| text.eq_ignore_ascii_case("true");
        settings
            .path_style
            .or_else(|| settings.option(&names).map(|text| !hosted(text)))
            .or_else(|| settings.flink.s3_path_style())
            .or_else(|| {
                settings
                    .variable("AWS_VIRTUAL_HOSTED_STYLE_REQUEST")
                    .map(|text| !hosted(text))
            })
            .or_else(|| match profile.get("addressing_style")? {
                "path" => Some(true),
                "virtual" => Some(false),
                _ => None,
            })
    }

    /// A value that was found here, as the client takes it.
    pub(super) fn checked(
        &self,
        call: &Call<'_>,
        key: &str,
        value: &'a str,
    ) -> Result<&'a str, StorageError> {
        let name = match self.settings.name_of(value) {
            Some(name) => name.to_owned(),
            None => match self.profile.name_of(value) {
                Some(name) => format!("{name} of the AWS profile"),
                None => key.to_owned(),
            },
        };
        remote::value(call, key, &name, value)
    }

    /// Whether the machine's own role is not to be used.
    pub(super) fn may_not_ask_machine(&self) -> bool {
        self.settings
            .variable("AWS_EC2_METADATA_DISABLED")
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}

/// Services that give credentials.
pub(super) const PROVIDERS: [AmazonS3ConfigKey; 3] = [
    AmazonS3ConfigKey::WebIdentityTokenFile,
    AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
    AmazonS3ConfigKey::ContainerCredentialsFullUri,
];

pub(super) fn is_provider(key: &AmazonS3ConfigKey) -> bool {
    PROVIDERS.contains(key)
}

/// Whether a value is chosen among the sources here, and not by the client's builder.
pub(super) fn is_decided(key: &AmazonS3ConfigKey) -> bool {
    matches!(
        key,
        AmazonS3ConfigKey::AccessKeyId
            | AmazonS3ConfigKey::SecretAccessKey
            | AmazonS3ConfigKey::Token
            | AmazonS3ConfigKey::Endpoint
            | AmazonS3ConfigKey::S3Endpoint
            | AmazonS3ConfigKey::Region
            | AmazonS3ConfigKey::DefaultRegion
            | AmazonS3ConfigKey::VirtualHostedStyleRequest
            | AmazonS3ConfigKey::Bucket
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::FlinkConf;

    fn env() -> Settings {
        Settings::new().with_variables([
            ("AWS_ACCESS_KEY_ID", "env"),
            ("AWS_SECRET_ACCESS_KEY", "envsecret"),
            ("AWS_SESSION_TOKEN", "envtoken"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://env"),
        ])
    }

    fn decided(settings: &Settings) -> (String, Option<String>, Option<String>) {
        let profile = Profile::default();
        let sources = Sources {
            settings,
            profile: &profile,
        };
        let keys = sources.keys().unwrap();
        (
            keys.access.to_owned(),
            keys.token.map(str::to_owned),
            sources.endpoint().map(str::to_owned),
        )
    }

    #[test]
    fn keys_are_never_mixed() {
        let mut settings = env();
        let endpoint = Some("http://env".to_owned());
        assert_eq!(
            decided(&settings),
            ("env".to_owned(), Some("envtoken".to_owned()), endpoint)
        );
        settings.flink = FlinkConf::from_flink_conf_yaml(
            "s3.access-key: flink\ns3.secret-key: s\ns3.endpoint: http://flink\n",
        );
        let endpoint = Some("http://flink".to_owned());
        assert_eq!(decided(&settings), ("flink".to_owned(), None, endpoint));
        settings.endpoint = Some("http://flag".to_owned());
        assert_eq!(decided(&settings).2.as_deref(), Some("http://flag"));
    }

    #[test]
    fn half_a_key_is_no_key() {
        let settings = env().with_option("aws_access_key_id", "half");
        assert_eq!(decided(&settings).0, "env");
    }
}
