//! Azure Blob Storage and Data Lake Storage.

use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::remote::Roles;
use crate::storage::{StorageError, StorageErrorKind, remote};

/// Makes the client for a container.
pub(super) fn open(call: &Call<'_>) -> Result<Objects, StorageError> {
    let settings = call.settings;
    let authority = call.location.parts().map_or("", |parts| parts.authority);
    let place = Container::of(authority).filter(Container::can_be);
    let Some(place) = place else {
        return Err(call
            .error(StorageErrorKind::BadPath)
            .saying("it is not of the form abfss://container@account.dfs.core.windows.net/path"));
    };
    let mut builder = MicrosoftAzureBuilder::new()
        .with_client_options(remote::client_options(call)?)
        .with_retry(remote::retry(settings))
        .with_http_connector(remote::connector(call)?);
    let roles = Roles {
        is_decided: |_| false,
        says_who,
    };
    let configured = remote::configured(call, "AZURE_", &roles)?;
    let flink_key = place.flink_key(call);
    let flink_key = flink_key.filter(|_| !configured.option_says_who);
    for (key, value) in configured.values {
        // The configuration comes before the variables.
        if flink_key.is_none() || !says_who(&key) {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(key) = flink_key {
        let name = settings.name_of(key).unwrap_or("fs.azure.account.key");
        let key = remote::value(call, "azure_storage_account_key", name, key)?;
        builder = builder.with_access_key(key);
    }
    let endpoint = settings
        .endpoint
        .clone()
        .or_else(|| {
            settings
                .option(&["azure_storage_endpoint", "azure_endpoint"])
                .or_else(|| settings.variable("AZURE_STORAGE_ENDPOINT"))
                .map(str::to_owned)
        })
        .or_else(|| place.endpoint());
    if let Some(endpoint) = endpoint {
        let name = settings.name_of(&endpoint).unwrap_or("the endpoint");
        let endpoint = remote::value(call, "azure_storage_endpoint", name, &endpoint)?;
        if endpoint.starts_with("http://") {
            builder = builder.with_allow_http(true);
        }
        builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
    }
    if settings.anonymous {
        builder = builder.with_skip_signature(true);
    }
    let store = builder
        .with_account(place.account)
        .with_container_name(place.container)
        .build()
        .map_err(|error| {
            call.error(StorageErrorKind::BadSetting)
                .saying(error.to_string())
        })?;
    Ok(Objects::remote(store, settings))
}

/// Whether a value tells with whose credentials, and not only which of several.
fn says_who(key: &AzureConfigKey) -> bool {
    matches!(
        key,
        AzureConfigKey::AccessKey
            | AzureConfigKey::ClientSecret
            | AzureConfigKey::FabricSessionToken
            | AzureConfigKey::FederatedTokenFile
            | AzureConfigKey::SasKey
            | AzureConfigKey::Token
            | AzureConfigKey::UseAzureCli
    )
}

/// A container as locations name it.
#[derive(Debug, PartialEq, Eq)]
struct Container<'a> {
    container: &'a str,
    account: &'a str,
    /// What follows the account's name in the host.
    domain: &'a str,
}

impl<'a> Container<'a> {
    fn of(authority: &'a str) -> Option<Self> {
        let (container, host) = authority.split_once('@')?;
        let (account, domain) = host.split_once('.').unwrap_or((host, ""));
        let complete = !container.is_empty() && !account.is_empty();
        complete.then_some(Self {
            container,
            account,
            domain,
        })
    }

    /// Whether it can be in a header, as the account's name is.
    fn can_be(&self) -> bool {
        [self.container, self.account, self.domain]
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_graphic()))
    }

    /// The address, where it is not in the public cloud.
    fn endpoint(&self) -> Option<String> {
        let Self {
            account, domain, ..
        } = self;
        let cloud = domain
            .strip_prefix("dfs.")
            .or(domain.strip_prefix("blob."))?;
        (cloud != "core.windows.net").then(|| format!("https://{account}.blob.{cloud}"))
    }

    /// The account's key, as Flink's configuration names it.
    fn flink_key<'b>(&self, call: &'b Call<'_>) -> Option<&'b str> {
        let Self {
            account, domain, ..
        } = self;
        let cloud = domain
            .strip_prefix("dfs.")
            .or(domain.strip_prefix("blob."))
            .unwrap_or("core.windows.net");
        ["dfs", "blob"].iter().find_map(|service| {
            let name = format!("fs.azure.account.key.{account}.{service}.{cloud}");
            call.settings.flink.get(&name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_in_front_of_the_account() {
        let place = Container::of("box@acc.dfs.core.windows.net").unwrap();
        assert_eq!((place.container, place.account), ("box", "acc"));
        assert_eq!(place.endpoint(), None);
        let china = Container::of("box@acc.dfs.core.chinacloudapi.cn").unwrap();
        assert_eq!(
            china.endpoint().unwrap(),
            "https://acc.blob.core.chinacloudapi.cn"
        );
        assert_eq!(Container::of("acc.dfs.core.windows.net"), None);
        assert_eq!(Container::of("@acc"), None);
    }
}
