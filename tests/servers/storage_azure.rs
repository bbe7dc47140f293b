//! The Azure emulator, whose address is in `STATESCOPE_TEST_AZURE`
//! (`tests/support/servers/azurite.sh start DIR` prints it).

#![cfg(feature = "azure")]
#![allow(clippy::unwrap_used, reason = "it is a test")]

use crate::put_suite;
use crate::store_suite;

use std::io::Write;
use std::sync::Arc;

use object_store::ObjectStoreExt;
use object_store::azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder};
use object_store::path::Path;
use statescope::Location;
use statescope::storage::{Settings, Storage, StorageErrorKind as Kind};
use store_suite::{ODD_NAMES, Store};

const VARIABLE: &str = "STATESCOPE_TEST_AZURE";
const ACCOUNT: &str = "devstoreaccount1";
/// The key that the emulator's documentation gives for its only account.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// The address, or a line that says that nothing was tested, past the test runner's capture.
fn address() -> Option<String> {
    let address = std::env::var(VARIABLE).ok();
    if address.is_none() {
        let line = format!("SKIPPED: {VARIABLE} is not set, so no Azure emulator was tested\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    address
}

fn endpoint(address: &str) -> String {
    format!("{address}/{ACCOUNT}")
}

fn client(address: &str) -> MicrosoftAzure {
    // The storage chooses for its own clients; this one is the test's.
    drop(rustls::crypto::ring::default_provider().install_default());
    MicrosoftAzureBuilder::new()
        .with_account(ACCOUNT)
        .with_access_key(KEY)
        .with_container_name("flink")
        .with_endpoint(endpoint(address))
        .with_config(AzureConfigKey::DisableTagging, "true")
        .with_allow_http(true)
        .build()
        .unwrap()
}

fn settings(address: &str) -> Settings {
    let mut settings = Settings::new().with_variables([("AZURE_STORAGE_ACCOUNT_KEY", KEY)]);
    settings.endpoint = Some(endpoint(address));
    settings
}

#[tokio::test]
async fn azure() {
    let Some(address) = address() else { return };
    let client = Arc::new(client(&address));
    let suite = Store::default();
    let mut writes = tokio::task::JoinSet::new();
    for file in suite.tree() {
        let client = Arc::clone(&client);
        writes.spawn(async move {
            let path = Path::parse(format!("base/{}", file.key)).unwrap();
            client.put(&path, file.content.into()).await.unwrap();
        });
        if writes.len() >= 16 {
            writes.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = writes.join_next().await {
        done.unwrap();
    }
    for scheme in ["abfs", "abfss", "wasb", "wasbs"] {
        let host = "devstoreaccount1.dfs.core.windows.net";
        let base = Location::new(format!("{scheme}://flink@{host}/base"));
        suite.run(settings(&address), &base).await;
    }
    // The emulator keeps what earlier runs wrote.
    let run = std::process::id();
    let base = Location::new(format!(
        "abfss://flink@devstoreaccount1.dfs.core.windows.net/put-{run}"
    ));
    put_suite::run(&Storage::new(settings(&address)), &base, &ODD_NAMES).await;
    failures(&address).await;
}

async fn failures(address: &str) {
    let list = async |settings, place: &str| {
        let storage = Storage::new(settings);
        let place = Location::new(place);
        storage.trust(&place);
        let error = storage.list(&place).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("Eby8"), "{error}");
        error
    };
    let place = "abfss://nothing@devstoreaccount1.dfs.core.windows.net/base";
    let error = list(settings(address), place).await;
    assert_eq!(*error.kind(), Kind::NoSuchBucket, "{error}");

    let wrong = settings(address).with_variables([("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmc=")]);
    let place = "abfss://flink@devstoreaccount1.dfs.core.windows.net/base";
    let error = list(wrong, place).await;
    // The service has a code of its own for this, the emulator has not.
    let kinds = [Kind::BadCredentials, Kind::AccessDenied];
    assert!(kinds.contains(error.kind()), "{error}");
}
