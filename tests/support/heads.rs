//! Writes heads of state files, for tests that need what no fixture has.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

/// Text in the form of `DataOutput.writeUTF`; ASCII only.
pub fn utf(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("short");
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

fn int(value: usize) -> [u8; 4] {
    i32::try_from(value).expect("small").to_be_bytes()
}

/// A versioned snapshot: class, version, payload.
pub fn snapshot(class: &str, version: i32, payload: &[u8]) -> Vec<u8> {
    [&utf(class)[..], &version.to_be_bytes(), payload].concat()
}

/// A snapshot of Flink's own that holds nothing, such as `Long`.
pub fn basic(name: &str) -> Vec<u8> {
    let class = format!(
        "org.apache.flink.api.common.typeutils.base.{name}Serializer${name}SerializerSnapshot"
    );
    snapshot(&class, 3, b"")
}

/// A composite snapshot without an outer part.
pub fn composite(class: &str, nested: &[Vec<u8>]) -> Vec<u8> {
    outer_composite(class, b"", nested)
}

/// A composite snapshot.
pub fn outer_composite(class: &str, outer: &[u8], nested: &[Vec<u8>]) -> Vec<u8> {
    let mut payload = [&int(911_108)[..], &int(1), outer].concat();
    payload.extend(int(1_333_245));
    payload.extend(int(1));
    payload.extend(int(nested.len()));
    payload.extend(nested.concat());
    snapshot(class, 3, &payload)
}

/// `List<element>`.
pub fn list(element: Vec<u8>) -> Vec<u8> {
    let class = "org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot";
    composite(class, &[element])
}

/// `Map<key, value>`.
pub fn map(key: Vec<u8>, value: Vec<u8>) -> Vec<u8> {
    let class = "org.apache.flink.api.common.typeutils.base.MapSerializerSnapshot";
    composite(class, &[key, value])
}

/// A tuple.
pub fn tuple(fields: &[Vec<u8>]) -> Vec<u8> {
    let class = "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot";
    let tuple = format!("org.apache.flink.api.java.tuple.Tuple{}", fields.len());
    outer_composite(class, &utf(&tuple), fields)
}

const MAP_HEADER: i64 = 5_440_760_593_776;

/// A POJO with these fields.
pub fn pojo(class: &str, fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut payload = utf(class);
    payload.extend(MAP_HEADER.to_be_bytes());
    payload.extend(int(fields.len()));
    for (name, serializer) in fields {
        payload.extend(utf(name));
        let key = [utf(class), utf(name)].concat();
        for part in [&key, serializer] {
            payload.push(1);
            payload.extend(int(part.len()));
            payload.extend(part);
        }
    }
    for _ in 0..2 {
        payload.extend(MAP_HEADER.to_be_bytes());
        payload.extend(int(0));
    }
    let snapshot_class = "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot";
    snapshot(snapshot_class, 2, &payload)
}

/// The serializer of no namespace.
pub fn void() -> Vec<u8> {
    let class =
        "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot";
    snapshot(class, 3, b"")
}

/// A serializer in its proxy.
pub fn proxy(serializer: &[u8]) -> Vec<u8> {
    [&int(2)[..], serializer].concat()
}

/// A state's meta info; `kind` is an ordinal, with its option if it has one.
pub fn state(
    name: &str,
    kind: u8,
    option: Option<(&str, &str)>,
    serializers: &[(&str, &[u8])],
) -> Vec<u8> {
    let mut out = utf(name);
    out.extend(int(usize::from(kind)));
    out.extend(int(usize::from(option.is_some())));
    if let Some((key, value)) = option {
        out.extend(utf(key));
        out.extend(utf(value));
    }
    out.extend(int(serializers.len()));
    for (key, serializer) in serializers {
        out.extend(utf(key));
        out.extend(proxy(serializer));
    }
    out
}

/// Keyed value state without a namespace.
pub fn value_state(name: &str, value: &[u8]) -> Vec<u8> {
    let serializers = [
        ("NAMESPACE_SERIALIZER", &void()[..]),
        ("VALUE_SERIALIZER", value),
    ];
    state(name, 0, Some(("KEYED_STATE_TYPE", "VALUE")), &serializers)
}

/// List state of an operator.
pub fn operator_state(name: &str, value: &[u8]) -> Vec<u8> {
    let option = Some(("OPERATOR_STATE_DISTRIBUTION_MODE", "SPLIT_DISTRIBUTE"));
    state(name, 1, option, &[("VALUE_SERIALIZER", value)])
}

/// A keyed head.
pub fn keyed(key: &[u8], states: &[Vec<u8>]) -> Vec<u8> {
    let mut out = [&int(6)[..], &[0], &proxy(key)].concat();
    out.extend(u16::try_from(states.len()).expect("few").to_be_bytes());
    out.extend(states.concat());
    out
}

/// A head of operator state.
pub fn operator(lists: &[Vec<u8>], broadcasts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = int(5).to_vec();
    for states in [lists, broadcasts] {
        out.extend(u16::try_from(states.len()).expect("few").to_be_bytes());
        out.extend(states.concat());
    }
    out
}

/// Serializers as Flink 1.3 to 1.7 wrote them: each as a Java object of this class, and what it
/// wrote about itself.
pub fn old_serializers(serializers: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut offsets = Vec::new();
    let mut buffer = Vec::new();
    for (class, config) in serializers {
        offsets.extend(int(buffer.len()));
        let object = [
            &[0xAC, 0xED, 0, 5, 0x73, 0x72][..],
            &utf(class),
            &[0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0x78, 0x70],
        ]
        .concat();
        buffer.extend(int(1));
        buffer.extend(int(object.len()));
        buffer.extend(object);
        offsets.extend(int(buffer.len()));
        buffer.extend(config);
    }
    let count = int(serializers.len());
    [&count[..], &offsets, &int(buffer.len()), &buffer].concat()
}

/// What a serializer wrote about itself before Flink 1.7: a class, and something of its own.
pub fn old_config(class: &str, payload: &[u8]) -> Vec<u8> {
    [&int(1)[..], &utf(class), payload].concat()
}
