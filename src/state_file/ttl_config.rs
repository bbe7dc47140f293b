use crate::java_stream::{self, JavaValue};
use crate::parse::Limits;

/// Whether the time-to-live settings in a changelog are in the form of Flink 1.15 to 1.18, which 1.19
/// and later do not read: the class of a field changed.
///
/// `rest` is what follows a state's meta info in a changelog's metadata record: a flag, and behind a
/// set one a `StateTtlConfig` as a Java object (docs/state-files.md, "Changelog").
pub fn has_old_ttl_config(rest: &[u8]) -> bool {
    const OLD: &str = "Lorg/apache/flink/api/common/time/Time;";
    let Some((&[1], config)) = rest.split_first_chunk::<1>() else {
        return false;
    };
    let Ok((config, _)) = java_stream::parse(config, Limits::default()) else {
        return false;
    };
    let class = config.object(config.root()).map(|object| object.class);
    let class = class.and_then(|class| config.class(class));
    let mut fields = class.into_iter().flat_map(|class| &class.fields);
    let ttl = fields.find(|field| field.name.as_bytes() == b"ttl");
    let signature = ttl.and_then(|field| config.string(JavaValue::Ref(field.signature?)));
    signature.is_some_and(|signature| signature.as_bytes() == OLD.as_bytes())
}
