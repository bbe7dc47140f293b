//! HDFS, through a client that speaks the NameNode's protocol.

mod authority;
mod conf;
mod creation;
mod errors;
mod listing;
mod removal;

use hdfs_native::ClientBuilder;

use crate::storage::call::Call;
use crate::storage::objects::Objects;
use crate::storage::{StorageError, StorageErrorKind};

pub(super) use authority::Clusters;
use conf::HadoopConf;
pub(super) use creation::write;
pub(super) use errors::classify;
pub(super) use listing::list;
pub(super) use removal::{delete, move_file, remove_empty_directory};

/// Makes the client for a cluster. Nothing is sent yet.
pub(super) fn open(call: &Call<'_>) -> Result<Objects, StorageError> {
    let settings = call.settings;
    let mut conf = HadoopConf::of_settings(settings).map_err(|problem| {
        call.error(StorageErrorKind::BadSetting)
            .saying(problem)
            .hinting("check the files in HADOOP_CONF_DIR")
    })?;
    let authority = call.location.parts().map_or("", |parts| parts.authority);
    let url = authority::url(authority, &conf).map_err(|problem| {
        call.error(StorageErrorKind::BadSetting)
            .saying(problem)
            .hinting("write hdfs://host:port/path, or set HADOOP_CONF_DIR")
    })?;
    let timeout = u64::try_from(settings.timeout.as_millis()).unwrap_or(u64::MAX);
    conf.set_default("dfs.client.socket-timeout", &timeout.to_string());
    // The client's own default is to try for minutes, also where there is only one NameNode.
    let attempts = match conf.is_nameservice(url.trim_start_matches("hdfs://")) {
        true => "4",
        false => "1",
    };
    conf.set_default("dfs.client.failover.max.attempts", attempts);
    let mut builder = ClientBuilder::new()
        .with_url(url)
        // All that is in the files is given below. Without a directory the client would look
        // for one in the environment, so it gets one that is none.
        .with_config_dir("/dev/null")
        .with_config(conf.into_entries());
    if let Some(user) = settings
        .option(&["hdfs.user", "user"])
        .or_else(|| settings.variable("HADOOP_USER_NAME"))
    {
        builder = builder.with_user(user);
    }
    if let Some(principal) = settings.option(&["kerberos.principal"]) {
        builder = builder.with_kerberos_principal(principal);
    }
    if let Some(keytab) = settings.option(&["kerberos.keytab"]) {
        builder = builder.with_kerberos_keytab(keytab);
    }
    if let Some(cache) = settings.option(&["kerberos.cache"]) {
        builder = builder.with_kerberos_cache(cache);
    }
    let client = builder.build().map_err(|error| classify(&error, call))?;
    Ok(Objects::hdfs(client, settings))
}
