//! What changed inside the types of a state, as far as their serializers describe them.

use std::collections::BTreeMap;

use crate::restore::diff::{FieldChange, FieldValue};
use crate::snapshot::contents::StateSummary;
use statescope_format::state_file::serializer::{
    Detail, LogicalType, PojoField, SerializerSnapshot, describe,
};

/// Types inside types; deeper ones are compared as text.
const DEPTH: u32 = 16;

/// Where in a state's type a change is.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// The field that says that the type as a whole is another.
    field: &'static str,
    path: &'p str,
    depth: u32,
}

pub(super) fn compare(old: &StateSummary, new: &StateSummary, out: &mut Vec<FieldChange>) {
    let places = [
        ("key_type", "key"),
        ("namespace", "namespace"),
        ("user_key_type", "user key"),
        ("type", ""),
    ];
    let parts = old
        .serializers
        .parts()
        .into_iter()
        .zip(new.serializers.parts());
    for ((field, path), (before, after)) in places.into_iter().zip(parts) {
        if let (Some(before), Some(after)) = (before, after) {
            let place = Place {
                field,
                path,
                depth: DEPTH,
            };
            one(place, before, after, out);
        }
    }
}

fn one(
    place: Place<'_>,
    old: &SerializerSnapshot,
    new: &SerializerSnapshot,
    out: &mut Vec<FieldChange>,
) {
    let (old, new) = (unwrapped(old), unwrapped(new));
    let Some(depth) = place.depth.checked_sub(1) else {
        return;
    };
    let place = Place { depth, ..place };
    match (&old.detail, &new.detail) {
        (
            Detail::Pojo { class, fields, .. },
            Detail::Pojo {
                class: new_class,
                fields: new_fields,
                ..
            },
        ) if class == new_class => pojo(place, fields, new_fields, out),
        (
            Detail::Enum { class, constants },
            Detail::Enum {
                class: new_class,
                constants: new_constants,
            },
        ) if class == new_class => enumeration(place, constants, new_constants, out),
        (
            Detail::Kryo {
                class,
                registrations,
            },
            Detail::Kryo {
                class: new_class,
                registrations: new_registrations,
            },
        ) if class == new_class => kryo(place, registrations, new_registrations, out),
        (Detail::RowData { types }, Detail::RowData { types: new_types })
            if types.len() == new_types.len() =>
        {
            row(place, types, new_types, out);
        }
        _ => {
            let (old_text, new_text) = (describe(old), describe(new));
            let same_shell = old.serializer_class == new.serializer_class
                && old.nested.len() == new.nested.len()
                && std::mem::discriminant(&old.detail) == std::mem::discriminant(&new.detail);
            let before = out.len();
            if same_shell && !old.nested.is_empty() {
                let many = old.nested.len() > 1;
                for (at, (old, new)) in old.nested.iter().zip(&new.nested).enumerate() {
                    let name = if many {
                        format!("[{at}]")
                    } else {
                        "[]".to_owned()
                    };
                    let path = join(place.path, &name);
                    let path = &path;
                    one(Place { path, ..place }, old, new, out);
                }
            }
            if out.len() > before {
                return;
            }
            if old_text != new_text || is_other_class(old, new) {
                let text = |snapshot: &SerializerSnapshot, text: String, other: &str| {
                    match &snapshot.serializer_class {
                        // Of the same simple name: only the full one tells.
                        Some(class) if text == other => class.clone(),
                        _ => text,
                    }
                };
                let before = text(old, old_text.clone(), &new_text);
                let after = text(new, new_text, &old_text);
                push(place, place.field, Some(before), Some(after), out);
            }
        }
    }
}

/// Another serializer for a type of the same name.
fn is_other_class(old: &SerializerSnapshot, new: &SerializerSnapshot) -> bool {
    let classes = (old.serializer_class.as_ref()).zip(new.serializer_class.as_ref());
    classes.is_some_and(|(old, new)| old != new)
}

/// Without what surrounds the serializer of a value: time to live is compared by itself.
fn unwrapped(mut snapshot: &SerializerSnapshot) -> &SerializerSnapshot {
    const WRAPPERS: [&str; 2] = [
        ".TtlStateFactory$TtlSerializerSnapshot",
        ".TtlAwareSerializerSnapshot",
    ];
    while let (true, Some(inner)) = (
        WRAPPERS
            .iter()
            .any(|wrapper| snapshot.snapshot_class.ends_with(wrapper)),
        snapshot.nested.last(),
    ) {
        snapshot = inner;
    }
    snapshot
}

fn pojo(place: Place<'_>, old: &[PojoField], new: &[PojoField], out: &mut Vec<FieldChange>) {
    let (old, new) = (by_name(old), by_name(new));
    let type_of = |field: &PojoField| {
        let serializer = field.serializer.as_ref();
        serializer.map_or_else(|| "?".to_owned(), describe)
    };
    for (name, before) in &old {
        let path = join(place.path, name);
        let place = Place {
            path: &path,
            field: "pojo_field",
            ..place
        };
        match new.get(name) {
            None => push(place, "pojo_field", Some(type_of(before)), None, out),
            Some(after) => {
                if let Some((before, after)) =
                    before.serializer.as_ref().zip(after.serializer.as_ref())
                {
                    one(place, before, after, out);
                }
            }
        }
    }
    for (name, after) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let path = join(place.path, name);
        let path = &path;
        push(
            Place { path, ..place },
            "pojo_field",
            None,
            Some(type_of(after)),
            out,
        );
    }
}

fn by_name(fields: &[PojoField]) -> BTreeMap<&str, &PojoField> {
    let named = fields
        .iter()
        .filter_map(|field| Some((field.name.as_deref()?, field)));
    named.collect()
}

fn enumeration(place: Place<'_>, old: &[String], new: &[String], out: &mut Vec<FieldChange>) {
    if old == new {
        return;
    }
    let mut only = 0;
    for constant in old.iter().filter(|constant| !new.contains(constant)) {
        only += 1;
        push(place, "enum_constant", Some(constant.clone()), None, out);
    }
    for constant in new.iter().filter(|constant| !old.contains(constant)) {
        only += 1;
        push(place, "enum_constant", None, Some(constant.clone()), out);
    }
    if only == 0 {
        push(
            place,
            "enum_order",
            Some(old.join(", ")),
            Some(new.join(", ")),
            out,
        );
    }
}

/// Fields of a row by their places: SQL keeps no names. Whether a field can be null is a part of its
/// type.
fn row(place: Place<'_>, old: &[LogicalType], new: &[LogicalType], out: &mut Vec<FieldChange>) {
    for (at, (old, new)) in old.iter().zip(new).enumerate() {
        if old != new {
            let path = join(place.path, &format!("[{at}]"));
            let path = &path;
            let (old, new) = (old.to_string(), new.to_string());
            push(
                Place { path, ..place },
                place.field,
                Some(old),
                Some(new),
                out,
            );
        }
    }
}

/// Classes that are registered with Kryo, by name: what is behind a new one in the middle gets
/// another number.
fn kryo(place: Place<'_>, old: &[String], new: &[String], out: &mut Vec<FieldChange>) {
    if old == new {
        return;
    }
    let text = |these: &[String], others: &[String]| {
        const SAID: usize = 5;
        let only: Vec<_> = these
            .iter()
            .filter(|class| !others.contains(class))
            .collect();
        let said: Vec<_> = only.iter().take(SAID).map(|class| class.as_str()).collect();
        let more = match only.len().saturating_sub(SAID) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match only.is_empty() {
            true => format!("{} classes", these.len()),
            false => format!("{} classes, with {}{more}", these.len(), said.join(", ")),
        }
    };
    let (before, after) = (text(old, new), text(new, old));
    if before == after {
        let order = |classes: &[String]| Some(classes.join(", "));
        push(place, "kryo_order", order(old), order(new), out);
    } else {
        push(place, "kryo_registrations", Some(before), Some(after), out);
    }
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn push(
    place: Place<'_>,
    field: &'static str,
    old: Option<String>,
    new: Option<String>,
    out: &mut Vec<FieldChange>,
) {
    // The key's type as a whole needs no path.
    let is_whole = place.depth + 1 == DEPTH && field == place.field;
    out.push(FieldChange {
        part: (!is_whole && !place.path.is_empty()).then(|| place.path.to_owned()),
        ..FieldChange::of(field, old.map(FieldValue::Text), new.map(FieldValue::Text))
    });
}
