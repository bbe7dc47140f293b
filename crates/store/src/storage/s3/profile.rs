//! The profile files of the AWS tools, `~/.aws/credentials` and `~/.aws/config`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use configparser::ini::Ini;

use crate::storage::{Secret, Settings, names_a_secret, regular};
use statescope_format::Limits;

/// The entries of the chosen profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    entries: BTreeMap<String, Secret>,
}

impl Profile {
    /// Reads the profile that the settings name, or the one called `default`.
    pub(super) fn load(settings: &Settings) -> Result<Self, String> {
        let named = settings.variable("AWS_PROFILE");
        let wanted = named
            .or(settings.variable("AWS_DEFAULT_PROFILE"))
            .unwrap_or("default");
        let read = |variable, name| {
            let path = match settings.variable(variable) {
                Some(path) => Some(PathBuf::from(path)),
                None => settings
                    .home
                    .as_ref()
                    .map(|home| home.join(".aws").join(name)),
            };
            path.map_or(Ok(String::new()), |path| read_if_there(&path))
        };
        let config = read("AWS_CONFIG_FILE", "config")?;
        let credentials = read("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        match (Self::parse(&config, &credentials, wanted)?, named) {
            (Some(profile), _) => Ok(profile),
            (None, None) => Ok(Self::default()),
            (None, Some(name)) => Err(format!("the AWS profile {name:?} is in no profile file")),
        }
    }

    /// Finds a profile in the texts of both files; where both have an entry, that of the
    /// credentials file counts.
    fn parse(config: &str, credentials: &str, wanted: &str) -> Result<Option<Self>, String> {
        let mut entries = BTreeMap::new();
        let mut found = false;
        let limit = Limits::default().conf_entries;
        for (text, what) in [(config, "config"), (credentials, "credentials")] {
            if text.lines().filter(|line| line.contains('=')).count() > limit {
                return Err(format!("the AWS {what} file has more than {limit} entries"));
            }
        }
        for (text, what, section) in [
            (config, "config", format!("profile {wanted}")),
            (config, "config", if_default(wanted)),
            (credentials, "credentials", wanted.to_owned()),
        ] {
            // What is wrong is not said: the line may hold a key.
            let sections = ini()
                .read(text.to_owned())
                .map_err(|_| format!("the AWS {what} file is no profile file"))?;
            let Some(section) = sections.get(&section) else {
                continue;
            };
            found = true;
            for (name, value) in section {
                if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                    entries.insert(name.to_ascii_lowercase(), Secret::new(value));
                }
            }
        }
        Ok(found.then_some(Self { entries }))
    }

    /// The value of an entry.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        Some(self.entries.get(name)?.reveal())
    }

    /// The name of the entry that has this value.
    pub(super) fn name_of(&self, value: &str) -> Option<&str> {
        let mut entries = self.entries.iter();
        let (name, _) = entries.find(|(_, known)| known.reveal() == value)?;
        Some(name)
    }

    /// The values that must not be shown.
    pub(super) fn secrets(self) -> Vec<Secret> {
        let entries = self.entries.into_iter();
        let secret = entries.filter(|(name, _)| names_a_secret(name));
        secret.map(|(_, value)| value).collect()
    }

    /// What of this profile would lead to credentials, but only in the AWS tools.
    pub(super) fn unsupported(&self) -> Option<&'static str> {
        [
            (
                "credential_process",
                "the AWS profile asks a program for credentials",
            ),
            ("sso_session", "the AWS profile signs in through SSO"),
            ("sso_start_url", "the AWS profile signs in through SSO"),
            ("role_arn", "the AWS profile assumes a role"),
        ]
        .into_iter()
        .find_map(|(entry, problem)| self.get(entry).map(|_| problem))
    }
}

/// In the config file, only the default profile is named without `profile`.
fn if_default(wanted: &str) -> String {
    match wanted {
        "default" => wanted.to_owned(),
        _ => String::new(),
    }
}

fn ini() -> Ini {
    let mut defaults = Ini::new_cs().defaults();
    defaults.delimiters = vec!['='];
    // Only whole lines: `#` and `;` may be part of a value.
    defaults.inline_comment_symbols = Some(Vec::new());
    Ini::new_from_defaults(defaults)
}

fn read_if_there(path: &Path) -> Result<String, String> {
    match regular::read_text(path, Limits::default().conf_bytes) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\ns3 =\n  addressing_style = path\n\
                          [profile ops]\nregion=us-west-2\nendpoint_url = http://minio:9000\n\
                          [profile sso]\nsso_session = corp\n[ops]\nregion = wrong\n";
    const CREDENTIALS: &str = "# mine\n[default]\naws_access_key_id = AKIA\n\
                               aws_secret_access_key = a/b+c=#;d\n\
                               [ops]\naws_access_key_id = OPS\naws_secret_access_key = x\n\
                               aws_session_token = t==\n";

    fn profile(name: &str) -> Profile {
        Profile::parse(CONFIG, CREDENTIALS, name).unwrap().unwrap()
    }

    #[test]
    fn the_default_profile() {
        let profile = profile("default");
        assert_eq!(profile.get("region"), Some("eu-west-1"));
        assert_eq!(profile.get("aws_secret_access_key"), Some("a/b+c=#;d"));
        assert_eq!(profile.get("addressing_style"), Some("path"));
    }

    #[test]
    fn a_named_profile_joins_both_files() {
        let profile = profile("ops");
        assert_eq!(profile.get("region"), Some("us-west-2"));
        assert_eq!(profile.get("endpoint_url"), Some("http://minio:9000"));
        assert_eq!(profile.get("aws_session_token"), Some("t=="));
        assert_eq!(profile.unsupported(), None);
    }

    #[test]
    fn what_only_the_aws_tools_can_do_is_said() {
        assert!(profile("sso").unsupported().unwrap().contains("SSO"));
        assert!(
            Profile::parse(CONFIG, CREDENTIALS, "none")
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_file_of_endless_entries_is_refused() {
        let endless = format!("[default]\n{}", "a = b\n".repeat(20_000));
        let error = Profile::parse(&endless, "", "default").unwrap_err();
        assert_eq!(error, "the AWS config file has more than 10000 entries");
        assert!(Profile::parse("", &endless, "default").is_err());
    }

    #[test]
    fn a_profile_that_was_asked_for_must_exist() {
        let settings = Settings::new().with_variables([("AWS_PROFILE", "nope")]);
        assert!(Profile::load(&settings).unwrap_err().contains("nope"));
        assert!(Profile::load(&Settings::new()).is_ok());
    }
}
