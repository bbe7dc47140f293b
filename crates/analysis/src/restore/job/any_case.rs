//! Names out of a fixed list, in upper or lower case: `ROCKSDB` is `rocksdb`.

use std::collections::BTreeSet;

use serde::de::value::{Error as Unknown, StringDeserializer};
use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer};

/// One of the names.
pub(super) fn one<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'n> Deserialize<'n>,
{
    name(&String::deserialize(deserializer)?)
}

/// One of the names, or null.
pub(super) fn option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: for<'n> Deserialize<'n>,
{
    Option::<String>::deserialize(deserializer)?
        .map(|text| name(&text))
        .transpose()
}

/// Several of the names, or null.
pub(super) fn set<'de, D, T>(deserializer: D) -> Result<Option<BTreeSet<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: for<'n> Deserialize<'n> + Ord,
{
    let names = Option::<Vec<String>>::deserialize(deserializer)?;
    names
        .map(|names| names.iter().map(|text| name(text)).collect())
        .transpose()
}

fn name<T, E>(text: &str) -> Result<T, E>
where
    T: for<'n> Deserialize<'n>,
    E: Error,
{
    let lower = text.to_ascii_lowercase().replace('-', "_");
    let lower: StringDeserializer<Unknown> = lower.into_deserializer();
    T::deserialize(lower).map_err(E::custom)
}
