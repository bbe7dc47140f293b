//! Values of settings as the stores' clients take them. The clients put them into headers and
//! addresses, and panic over a value that does not fit there.

use std::io;
use std::path::Path;

use crate::storage::call::Call;
use crate::storage::{StorageError, StorageErrorKind, regular};
use statescope_format::Limits;

/// What a value may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// What a header can carry: ASCII without control characters.
    Header,
    /// One line in any script: paths, and passwords that are sent encoded.
    Line,
    /// Any text: JSON and certificates have several lines.
    Text,
}

/// Settings whose values are the names of files that a client reads by itself.
const FILES: [&str; 5] = [
    "aws_web_identity_token_file",
    CONTAINER_TOKEN,
    "azure_federated_token_file",
    "google_application_credentials",
    "google_service_account",
];

/// Its content becomes a header.
const CONTAINER_TOKEN: &str = "aws_container_authorization_token_file";

impl Form {
    /// By the full name of a setting.
    fn of(key: &str) -> Self {
        match key {
            "google_service_account_key" | "proxy_ca_certificate" => Self::Text,
            "aws_secret_access_key" | "azure_storage_client_secret" => Self::Line,
            file if FILES.contains(&file) => Self::Line,
            _ => Self::Header,
        }
    }

    /// What of the value does not fit.
    fn problem(self, value: &str) -> Option<&'static str> {
        match self {
            Self::Text => None,
            _ if value.contains(char::is_control) => {
                Some("has a control character, such as the end of a line, in the middle")
            }
            Self::Header if !value.is_ascii() => Some("has a character that is not ASCII"),
            Self::Header | Self::Line => None,
        }
    }
}

/// The value of the setting that is called `key` in full and was found under `name`, without blanks
/// and ends of lines around it, which secrets out of files often have.
pub(crate) fn value<'a>(
    call: &Call<'_>,
    key: &str,
    name: &str,
    value: &'a str,
) -> Result<&'a str, StorageError> {
    let value = value.trim();
    let wrong = |problem: &str| {
        let error = call.error(StorageErrorKind::BadSetting);
        Err(error.saying(format!("the value of {name} {problem}")))
    };
    if let Some(problem) = Form::of(key).problem(value) {
        return wrong(problem);
    }
    if FILES.contains(&key)
        && let Some(problem) = file_problem(Path::new(value), key == CONTAINER_TOKEN)
    {
        return wrong(&format!("names the file {value}: {problem}"));
    }
    Ok(value)
}

/// Why a client must not be told to read a file. Of one that cannot be opened it says so itself, if
/// it needs it.
fn file_problem(path: &Path, is_header: bool) -> Option<String> {
    let content = match regular::read(path, Limits::default().conf_bytes) {
        Ok(content) => content,
        Err(error) => {
            let refused = [io::ErrorKind::InvalidInput, io::ErrorKind::FileTooLarge];
            return refused.contains(&error.kind()).then(|| error.to_string());
        }
    };
    let fits = |byte: &u8| *byte == b' ' || byte.is_ascii_graphic();
    (is_header && !content.iter().all(fits)).then(|| {
        "it must hold the token and nothing else, without the end of a line after it".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_client_can_send_is_handed_to_it() {
        let fits = |key: &str, value: &str| Form::of(key).problem(value).is_none();
        for key in [
            "aws_access_key_id",
            "aws_session_token",
            "aws_region",
            "azure_storage_token",
            "google_bearer_token",
            "user_agent",
        ] {
            assert!(fits(key, "a/b+c=#;d e"));
            for odd in ["a\nb", "a\tb", "a\0b", "a\u{7f}b", "a\u{e9}b"] {
                assert!(!fits(key, odd), "{key} {odd:?}");
            }
        }
        assert!(fits("aws_secret_access_key", "\u{e9}"));
        assert!(fits("aws_web_identity_token_file", "/\u{e9}/token"));
        assert!(!fits("aws_web_identity_token_file", "/a\nb"));
        assert!(fits("google_service_account_key", "{\n}\n"));
        assert!(fits("proxy_ca_certificate", "-----\nAA==\n"));
    }

    #[test]
    fn the_names_of_files_are_those_of_the_clients() {
        #[cfg(feature = "s3")]
        for key in [FILES[0], FILES[1], "aws_secret_access_key"] {
            let known: object_store::aws::AmazonS3ConfigKey = key.parse().unwrap();
            assert_eq!(known.as_ref(), key);
        }
        #[cfg(feature = "azure")]
        for key in [FILES[2], "azure_storage_client_secret"] {
            let known: object_store::azure::AzureConfigKey = key.parse().unwrap();
            assert_eq!(known.as_ref(), key);
        }
        #[cfg(feature = "gcs")]
        for key in [FILES[3], FILES[4], "google_service_account_key"] {
            let known: object_store::gcp::GoogleConfigKey = key.parse().unwrap();
            assert_eq!(known.as_ref(), key);
        }
    }
}
