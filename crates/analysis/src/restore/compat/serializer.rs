use std::collections::HashMap;

use crate::restore::compat::Compatibility::{self, AfterMigration, Incompatible, Same, Unknown};
use statescope_format::state_file::serializer::{Detail, PojoField, SerializerSnapshot, describe};

/// How a serializer goes together with the one that wrote the state
/// (`TypeSerializerSnapshot.resolveSchemaCompatibility`).
pub fn serializer(old: &SerializerSnapshot, new: &SerializerSnapshot) -> Compatibility {
    if old.is_unread() || new.is_unread() {
        // The program's own classes decide, even about each other.
        return Unknown;
    }
    if old.snapshot_class != new.snapshot_class {
        return if family(old) == family(new) {
            nested(old, new)
        } else {
            Incompatible
        };
    }
    detail(&old.detail, &new.detail).and(nested(old, new))
}

/// Where exactly two incompatible serializers part: `score: Double, now String`; `None` where no
/// such place can be named.
pub fn first_clash(old: &SerializerSnapshot, new: &SerializerSnapshot) -> Option<String> {
    if serializer(old, new) != Incompatible {
        return None;
    }
    if let (
        Detail::Pojo {
            class: old_class,
            fields: old_fields,
            ..
        },
        Detail::Pojo {
            class: new_class,
            fields: new_fields,
            ..
        },
    ) = (&old.detail, &new.detail)
        && old_class == new_class
    {
        return old_fields.iter().find_map(|field| {
            let same = new_fields.iter().find(|new| new.name == field.name)?;
            let inner = first_clash(field.serializer.as_ref()?, same.serializer.as_ref()?)?;
            Some(format!("{}: {inner}", field.name.as_deref()?))
        });
    }
    if let (
        Detail::Enum { constants: old, .. },
        Detail::Enum {
            constants: new,
            class,
        },
    ) = (&old.detail, &new.detail)
        && let Some(gone) = old.iter().find(|constant| !new.contains(constant))
    {
        return Some(format!("{class} has no {gone} any more"));
    }
    let pairs = old.nested.iter().zip(&new.nested);
    let same_shape =
        old.snapshot_class == new.snapshot_class && old.nested.len() == new.nested.len();
    let inner = pairs
        .filter(|_| same_shape)
        .find_map(|(old, new)| first_clash(old, new));
    inner.or_else(|| Some(format!("{}, now {}", describe(old), describe(new))))
}

/// How many classes each side registers with Kryo, at the first place where they are not the same:
/// Kryo writes their numbers, so both must be.
pub fn kryo_registrations(
    old: &SerializerSnapshot,
    new: &SerializerSnapshot,
) -> Option<(usize, usize)> {
    if let (
        Detail::Kryo {
            registrations: old, ..
        },
        Detail::Kryo {
            registrations: new, ..
        },
    ) = (&old.detail, &new.detail)
    {
        return (old != new).then_some((old.len(), new.len()));
    }
    if let (Detail::Pojo { fields: old, .. }, Detail::Pojo { fields: new, .. }) =
        (&old.detail, &new.detail)
    {
        return old.iter().find_map(|field| {
            let same = new.iter().find(|new| new.name == field.name)?;
            kryo_registrations(field.serializer.as_ref()?, same.serializer.as_ref()?)
        });
    }
    let mut pairs = old.nested.iter().zip(&new.nested);
    pairs.find_map(|(old, new)| kryo_registrations(old, new))
}

/// What takes part in the comparison of classes: some were renamed between releases.
fn family(snapshot: &SerializerSnapshot) -> &str {
    let class = snapshot
        .serializer_class
        .as_deref()
        .unwrap_or(&snapshot.snapshot_class);
    match class.rsplit('.').next().unwrap_or(class) {
        "BaseRowSerializer" => "RowDataSerializer",
        "BinaryStringSerializer" => "StringDataSerializer",
        _ => class,
    }
}

fn nested(old: &SerializerSnapshot, new: &SerializerSnapshot) -> Compatibility {
    if old.nested.len() != new.nested.len() {
        return Incompatible;
    }
    let pairs = old.nested.iter().zip(&new.nested);
    let each = pairs.map(|(old, new)| serializer(old, new));
    each.fold(Same, Compatibility::and)
}

fn detail(old: &Detail, new: &Detail) -> Compatibility {
    match (old, new) {
        (
            Detail::Pojo {
                class: old_class,
                fields: old_fields,
                ..
            },
            Detail::Pojo {
                class: new_class,
                fields: new_fields,
                ..
            },
        ) => match old_class == new_class {
            true => pojo_fields(old_fields, new_fields),
            false => Incompatible,
        },
        (Detail::Kryo { class: old, .. }, Detail::Kryo { class: new, .. }) => match old == new {
            // What the class looks like is not recorded.
            true => Unknown,
            false => Incompatible,
        },
        (
            Detail::Enum {
                class: old_class,
                constants: old,
            },
            Detail::Enum {
                class: new_class,
                constants: new,
            },
        ) => enums((old_class, old), (new_class, new)),
        (Detail::Avro { schema: old, .. }, Detail::Avro { schema: new, .. }) => match old == new {
            true => Same,
            // Avro has rules of its own for what one schema reads of another.
            false => Unknown,
        },
        // Rows learned to carry their kind, lists to carry a mask of nulls.
        (Detail::None, Detail::Flag { on: true })
        | (Detail::Flag { on: false }, Detail::Flag { on: true }) => AfterMigration,
        (Detail::None, Detail::Flag { on: false }) | (Detail::Flag { on: false }, Detail::None) => {
            Same
        }
        _ if old == new => Same,
        _ => Incompatible,
    }
}

/// Constants may come and may change places, but none may go.
fn enums(old: (&str, &[String]), new: (&str, &[String])) -> Compatibility {
    let ((old_class, old), (new_class, new)) = (old, new);
    if old_class != new_class || old.iter().any(|constant| !new.contains(constant)) {
        return Incompatible;
    }
    if old == new { Same } else { AfterMigration }
}

/// Fields may come and go; one that stays must keep its type (`PojoSerializerSnapshot`).
fn pojo_fields(old: &[PojoField], new: &[PojoField]) -> Compatibility {
    let by_name = |fields: &'_ [PojoField]| -> HashMap<String, usize> {
        let named = fields.iter().enumerate();
        named
            .filter_map(|(at, field)| Some((field.name.clone()?, at)))
            .collect()
    };
    let (old_names, new_names) = (by_name(old), by_name(new));
    let mut result = match old_names.len() == old.len() && old_names.len() == new_names.len() {
        true => Same,
        false => AfterMigration,
    };
    for (name, &at) in &old_names {
        let new_field = new_names.get(name).and_then(|&at| new.get(at));
        let Some(new_field) = new_field else {
            result = result.and(AfterMigration);
            continue;
        };
        let old_type = old.get(at).and_then(|field| field.serializer.as_ref());
        result = result.and(match (old_type, &new_field.serializer) {
            (Some(old), Some(new)) => serializer(old, new),
            _ => Unknown,
        });
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(class: &str, detail: Detail) -> SerializerSnapshot {
        SerializerSnapshot {
            snapshot_class: format!("org.apache.flink.{class}Snapshot"),
            serializer_class: Some(format!("org.apache.flink.{class}")),
            version: 3,
            detail,
            nested: vec![],
        }
    }

    fn pojo(fields: &[(&str, SerializerSnapshot)]) -> SerializerSnapshot {
        let fields = fields.iter().map(|(name, serializer)| PojoField {
            name: Some((*name).to_owned()),
            declaring_class: None,
            serializer: Some(serializer.clone()),
        });
        let detail = Detail::Pojo {
            class: "com.acme.Order".to_owned(),
            fields: fields.collect(),
            registered_subclasses: vec![],
            non_registered_subclasses: vec![],
        };
        of("PojoSerializer", detail)
    }

    fn kryo(class: &str) -> SerializerSnapshot {
        let class = class.to_owned();
        let registrations = vec![];
        of(
            "KryoSerializer",
            Detail::Kryo {
                class,
                registrations,
            },
        )
    }

    fn enumeration(constants: &[&str]) -> SerializerSnapshot {
        let constants = constants.iter().map(|&text| text.to_owned()).collect();
        let class = "com.acme.Color".to_owned();
        of("EnumSerializer", Detail::Enum { class, constants })
    }

    #[test]
    fn pojo_fields_may_come_and_go_but_not_change_their_type() {
        let (long, string) = (
            of("LongSerializer", Detail::None),
            of("StringSerializer", Detail::None),
        );
        let old = pojo(&[("a", long.clone()), ("b", string.clone())]);
        assert_eq!(serializer(&old, &old), Same);
        assert_eq!(
            serializer(&old, &pojo(&[("b", string.clone()), ("a", long.clone())])),
            Same
        );
        assert_eq!(
            serializer(&old, &pojo(&[("a", long.clone())])),
            AfterMigration
        );
        let more = pojo(&[
            ("a", long.clone()),
            ("b", string.clone()),
            ("c", long.clone()),
        ]);
        assert_eq!(serializer(&old, &more), AfterMigration);
        let renamed = pojo(&[("a", long.clone()), ("x", string.clone())]);
        assert_eq!(serializer(&old, &renamed), AfterMigration);
        let changed = pojo(&[("a", string.clone()), ("b", string)]);
        assert_eq!(serializer(&old, &changed), Incompatible);
    }

    #[test]
    fn enum_constants_may_come_but_not_go() {
        let old = enumeration(&["RED", "BLUE"]);
        assert_eq!(serializer(&old, &old), Same);
        assert_eq!(
            serializer(&old, &enumeration(&["BLUE", "RED", "GREEN"])),
            AfterMigration
        );
        assert_eq!(serializer(&old, &enumeration(&["RED"])), Incompatible);
    }

    #[test]
    fn what_only_the_program_knows_is_never_called_the_same() {
        let old = kryo("com.acme.Order");
        assert_eq!(serializer(&old, &old), Unknown);
        assert_eq!(serializer(&old, &kryo("com.acme.Other")), Incompatible);
        assert_eq!(serializer(&old, &pojo(&[])), Incompatible);
        let mut custom = of("x", Detail::Unread);
        custom.snapshot_class = "com.acme.MySnapshot".to_owned();
        assert_eq!(serializer(&custom, &custom), Unknown);
        assert_eq!(serializer(&old, &custom), Unknown);
        // Known to fail stays known to fail.
        let mixed = pojo(&[
            ("a", old.clone()),
            ("b", of("LongSerializer", Detail::None)),
        ]);
        let other = pojo(&[("a", old), ("b", of("IntSerializer", Detail::None))]);
        assert_eq!(serializer(&mixed, &other), Incompatible);
    }
}
