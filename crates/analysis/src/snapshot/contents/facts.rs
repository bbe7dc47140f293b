//! What a head tells about a state (docs/state-files.md 2.3).

use std::sync::Arc;

use crate::snapshot::contents::{StateKind, StateSerializers};
use statescope_format::state_file::serializer::{SerializerSnapshot, describe};
use statescope_format::state_file::{
    BackendStateType, DISTRIBUTION_MODE, KEY_SERIALIZER, KEYED_STATE_TYPE, NAMESPACE_SERIALIZER,
    StateMetaInfoSnapshot, USER_KEY_SERIALIZER, VALUE_SERIALIZER,
};

/// Kind, types and serializers of a state.
#[derive(Clone, Debug, Default)]
pub(super) struct StateFacts {
    pub(super) kind: Option<StateKind>,
    pub(super) value_type: Option<String>,
    pub(super) key_type: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) ttl: Option<bool>,
    pub(super) generic: Option<bool>,
    pub(super) serializers: StateSerializers,
}

impl StateFacts {
    /// `key` is the serializer of the keys of the whole stream.
    pub(super) fn of(state: &StateMetaInfoSnapshot, key: Option<&Arc<SerializerSnapshot>>) -> Self {
        let kind = kind(state);
        let value = state.serializer(VALUE_SERIALIZER);
        let inner = value.map(|value| inside(value, kind));
        let is_broadcast = state.backend_state_type == BackendStateType::Broadcast;
        let user_key = match is_broadcast {
            true => state.serializer(KEY_SERIALIZER),
            false => state.serializer(USER_KEY_SERIALIZER),
        };
        let namespace = state.serializer(NAMESPACE_SERIALIZER);
        let job_key = key.filter(|_| !is_broadcast);
        Self {
            kind,
            value_type: value.map(|value| value_type(value, inner, user_key, kind)),
            key_type: job_key.map(Arc::as_ref).or(user_key).map(describe),
            namespace: namespace
                .filter(|namespace| !is_void(namespace))
                .map(describe),
            ttl: inner.filter(|inner| !inner.is_unread()).map(is_ttl),
            generic: value.and_then(|value| {
                let types = [Some(value), user_key, job_key.map(Arc::as_ref)];
                let types = || types.into_iter().flatten();
                let is_generic =
                    types().any(|part: &SerializerSnapshot| !part.kryo_types().is_empty());
                let is_known = types().all(SerializerSnapshot::is_read);
                (is_generic || is_known).then_some(is_generic)
            }),
            serializers: StateSerializers {
                key: job_key.cloned(),
                namespace: namespace.cloned(),
                user_key: user_key.cloned(),
                value: value.cloned(),
            },
        }
    }
}

fn kind(state: &StateMetaInfoSnapshot) -> Option<StateKind> {
    Some(match state.backend_state_type {
        BackendStateType::PriorityQueue => StateKind::Timers,
        BackendStateType::Broadcast => StateKind::Broadcast,
        BackendStateType::Operator => match state.option(DISTRIBUTION_MODE)? {
            "SPLIT_DISTRIBUTE" => StateKind::OperatorList,
            "UNION" => StateKind::Union,
            "BROADCAST" => StateKind::Broadcast,
            _ => return None,
        },
        BackendStateType::KeyValue | BackendStateType::KeyValueV2 => {
            match state.option(KEYED_STATE_TYPE)? {
                "VALUE" => StateKind::Value,
                "LIST" => StateKind::List,
                "MAP" => StateKind::Map,
                "REDUCING" => StateKind::Reducing,
                "AGGREGATING" => StateKind::Aggregating,
                "FOLDING" => StateKind::Folding,
                _ => return None,
            }
        }
    })
}

/// The serializer of one value: of a list's elements, of a map's values. State of the second form
/// (`KEY_VALUE_V2`) and operator state have it as it is.
fn inside(value: &SerializerSnapshot, kind: Option<StateKind>) -> &SerializerSnapshot {
    let class = value.serializer_class.as_deref().unwrap_or_default();
    let is = |name: &str| class.ends_with(&format!(".{name}"));
    let inner = match kind {
        Some(StateKind::List) if is("ListSerializer") || is("ArrayListSerializer") => {
            value.nested.first()
        }
        Some(StateKind::Map) if is("MapSerializer") => value.nested.get(1),
        _ => None,
    };
    inner.unwrap_or(value)
}

fn value_type(
    value: &SerializerSnapshot,
    inner: Option<&SerializerSnapshot>,
    user_key: Option<&SerializerSnapshot>,
    kind: Option<StateKind>,
) -> String {
    let inner = inner.unwrap_or(value);
    match (kind, user_key) {
        (Some(StateKind::Map | StateKind::Broadcast), Some(key)) => {
            format!("Map<{}, {}>", describe(key), describe(inner))
        }
        (Some(StateKind::List), _) if std::ptr::eq(inner, value) => {
            format!("List<{}>", describe(value))
        }
        // A timer's type repeats the key and the namespace; its element is a time.
        _ => describe(value),
    }
}

fn is_ttl(snapshot: &SerializerSnapshot) -> bool {
    snapshot
        .snapshot_class
        .ends_with(".TtlStateFactory$TtlSerializerSnapshot")
}

fn is_void(namespace: &SerializerSnapshot) -> bool {
    namespace.snapshot_class.contains("VoidNamespaceSerializer")
}
