use crate::java_stream::{self, JavaValue};
use crate::reader::Limits;

/// In which form a changelog holds time-to-live settings: the class of a field changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TtlConfigForm {
    /// With Flink's own `Time`, as Flink 1.15 to 1.18 write and read it.
    Time,
    /// With `java.time.Duration`, as Flink 1.19 and later do.
    Duration,
}

impl TtlConfigForm {
    /// The class of the field.
    pub fn class(self) -> &'static str {
        match self {
            Self::Time => "org.apache.flink.api.common.time.Time",
            Self::Duration => "java.time.Duration",
        }
    }
}

/// The form of a state's time-to-live settings; `None` where there are none.
///
/// `rest` is what follows a state's meta info in a changelog's metadata record: a flag, and behind a
/// set one a `StateTtlConfig` as a Java object (docs/state-files.md, "Changelog").
pub fn ttl_config_form(rest: &[u8]) -> Option<TtlConfigForm> {
    let Some((&[1], config)) = rest.split_first_chunk::<1>() else {
        return None;
    };
    let (config, _) = java_stream::parse(config, Limits::default()).ok()?;
    let class = config.class(config.object(config.root())?.class)?;
    let mut fields = class.fields.iter();
    let ttl = fields.find(|field| field.name.as_bytes() == b"ttl")?;
    let signature = config.string(JavaValue::Ref(ttl.signature?))?;
    match signature.as_bytes() {
        b"Lorg/apache/flink/api/common/time/Time;" => Some(TtlConfigForm::Time),
        b"Ljava/time/Duration;" => Some(TtlConfigForm::Duration),
        _ => None,
    }
}
