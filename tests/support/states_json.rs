//! What Flink read from the files of a snapshot's state (`states.json`), compared with what we do.

use serde_json::Value;
use statescope::state_file::StateFileHead;
use statescope::state_file::serializer::{Detail, SerializerSnapshot};

/// Compares a head; says where it differs.
pub(crate) fn compare_head(flink: &Value, ours: &StateFileHead) -> Result<(), String> {
    same("proxy version", &flink["proxy_version"], ours.version)?;
    if !flink["compressed"].is_null() {
        same("compression", &flink["compressed"], ours.compressed)?;
    }
    if !flink["key_serializer"].is_null() {
        let key = ours.key_serializer.as_ref().ok_or("no key serializer")?;
        compare(&flink["key_serializer"], key).map_err(|why| format!("key serializer: {why}"))?;
    }
    let states = flink["states"].as_array().expect("states");
    same("states", &Value::from(states.len()), ours.states.len())?;
    for state in states {
        let name = text(&state["name"]);
        let mut named = ours.states.iter().filter(|ours| ours.name == name);
        let ours = named.next().ok_or(format!("no state {name}"))?;
        let said = |why| format!("state {name}: {why}");
        let kind = serde_json::to_value(ours.backend_state_type).expect("a name");
        if state["backend_state_type"] != kind {
            return Err(said(format!(
                "{kind}, Flink {}",
                state["backend_state_type"]
            )));
        }
        let options = state["options"].as_object().expect("options");
        same("options", &Value::from(options.len()), ours.options.len()).map_err(said)?;
        for (option, value) in options {
            if ours.option(option) != value.as_str() {
                return Err(said(format!("option {option}: {:?}", ours.option(option))));
            }
        }
        let serializers = state["serializers"].as_object().expect("serializers");
        same(
            "serializers",
            &Value::from(serializers.len()),
            ours.serializers.len(),
        )
        .map_err(said)?;
        for (key, tree) in serializers {
            let ours = ours.serializer(key).ok_or(said(format!("no {key}")))?;
            compare(tree, ours).map_err(|why| said(format!("{key}: {why}")))?;
        }
    }
    Ok(())
}

/// Compares a snapshot and all those inside it.
fn compare(flink: &Value, ours: &SerializerSnapshot) -> Result<(), String> {
    let class = &ours.snapshot_class;
    same("snapshot class", &flink["snapshot_class"], class.as_str())?;
    let said = |why: String| format!("{class}: {why}");
    match &ours.serializer_class {
        Some(serializer) => {
            same(
                "serializer",
                &flink["serializer_class"],
                serializer.as_str(),
            )
            .map_err(said)?;
        }
        None if ours.is_unread() => return Ok(()),
        None => return Err(said("serializer not known".to_owned())),
    }
    compare_detail(flink, &ours.detail).map_err(said)?;
    let nested = flink["nested"].as_array().map_or(&[][..], Vec::as_slice);
    same("nested", &Value::from(nested.len()), ours.nested.len()).map_err(said)?;
    for (flink, ours) in nested.iter().zip(&ours.nested) {
        compare(flink, ours).map_err(said)?;
    }
    Ok(())
}

fn compare_detail(flink: &Value, ours: &Detail) -> Result<(), String> {
    match ours {
        Detail::None => {
            // What Flink's snapshot knows and ours does not would go unseen otherwise.
            let silent = [
                "snapshot_class",
                "serializer_class",
                "nested",
                "comparator",
                "unrestorable",
            ];
            let known = flink.as_object().expect("a snapshot").iter();
            let known = known.filter(|(_, value)| !value.is_null());
            let more: Vec<_> = known
                .map(|(key, _)| key)
                .filter(|key| !silent.contains(&key.as_str()))
                .collect();
            more.is_empty()
                .then_some(())
                .ok_or(format!("Flink also has {more:?}"))
        }
        Detail::Class { class } => {
            let keys = [
                "tuple_class",
                "case_class",
                "array_component_class",
                "type_class",
            ];
            let flink = keys
                .iter()
                .map(|key| &flink[key])
                .find(|value| !value.is_null());
            same("class", flink.ok_or("Flink has no class")?, class.as_str())
        }
        Detail::Pojo {
            class,
            fields,
            registered_subclasses,
            non_registered_subclasses,
        } => {
            let flink = &flink["pojo"];
            same("class", &flink["class"], class.as_str())?;
            let theirs = flink["fields"].as_array().expect("fields");
            same("fields", &Value::from(theirs.len()), fields.len())?;
            for (flink, ours) in theirs.iter().zip(fields) {
                let name = ours.name.as_deref().unwrap_or("?");
                same("field", &flink["name"], name)?;
                let declaring = ours.declaring_class.as_deref().unwrap_or("?");
                same("declaring class", &flink["declaring_class"], declaring)?;
                let serializer = ours.serializer.as_ref().ok_or("a field without type")?;
                compare(&flink["type"], serializer)
                    .map_err(|why| format!("field {name}: {why}"))?;
            }
            for (key, ours) in [
                ("registered_subclasses", registered_subclasses),
                ("non_registered_subclasses", non_registered_subclasses),
            ] {
                let theirs = flink[key].as_array().map_or(&[][..], Vec::as_slice);
                same(key, &Value::from(theirs.len()), ours.len())?;
                for (flink, ours) in theirs.iter().zip(ours) {
                    same(key, &flink["class"], ours.class.as_str())?;
                    if let (false, Some(ours)) = (flink["type"].is_null(), &ours.serializer) {
                        compare(&flink["type"], ours)?;
                    }
                }
            }
            Ok(())
        }
        Detail::Kryo {
            class,
            registrations,
        } => {
            let flink = &flink["kryo"];
            same("class", &flink["class"], class.as_str())?;
            same(
                "registrations",
                &flink["registrations"],
                registrations.clone(),
            )
        }
        Detail::Enum { class, constants } => {
            let flink = &flink["enum"];
            same("class", &flink["class"], class.as_str())?;
            same("constants", &flink["constants"], constants.clone())
        }
        Detail::RowData { types } => {
            let types: Vec<_> = types.iter().map(ToString::to_string).collect();
            same("types", &flink["logical_types"], types)
        }
        Detail::ArrayData { element } => {
            same("element", &flink["array_element_type"], element.as_str())
        }
        Detail::MapData { key, value } => {
            same("key", &flink["map_key_type"], key.as_str())?;
            same("value", &flink["map_value_type"], value.as_str())
        }
        Detail::Decimal { precision, scale } => {
            same("decimal", &flink["decimal"], vec![*precision, *scale])
        }
        Detail::Timestamp { precision } => {
            same("precision", &flink["timestamp_precision"], *precision)
        }
        Detail::BinaryRow { fields } => same("fields", &flink["binary_row_fields"], *fields),
        Detail::Nullable { padding } => same("padding", &flink["null_padding"], *padding),
        Detail::Flag { on } => {
            let keys = ["row_supports_kind", "has_null_mask", "is_internal_input"];
            let flink = keys
                .iter()
                .map(|key| &flink[key])
                .find(|value| !value.is_null());
            same("flag", flink.ok_or("Flink has no flag")?, *on)
        }
        Detail::Avro { .. } | Detail::Unread => Err("not seen from Flink".to_owned()),
    }
}

fn same(what: &str, flink: &Value, ours: impl Into<Value>) -> Result<(), String> {
    let ours = ours.into();
    if *flink == ours {
        Ok(())
    } else {
        Err(format!("{what}: {ours}, Flink says {flink}"))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
