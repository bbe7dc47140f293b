//! The files that hold state: what their first bytes tell about the states inside (names, types,
//! serializers), and how large each state is, without a JVM and without the job's classes
//! (docs/state-files.md). No I/O: callers feed the bytes.

pub mod body;
mod committables;
mod grammar;
mod head;
mod legacy;
mod masked_crc;
mod meta_info;
mod resume;
pub mod serializer;
mod snappy;
pub mod sst;
mod ttl_config;

pub use committables::{COMMITTABLES_HEAD, CommittablesForm, committables_form};
pub use head::{HeadKind, StateFileHead, keyed_head, operator_head};
pub use meta_info::{
    BackendStateType, DISTRIBUTION_MODE, KEY_SERIALIZER, KEYED_STATE_TYPE, NAMESPACE_SERIALIZER,
    StateMetaInfoSnapshot, USER_KEY_SERIALIZER, VALUE_SERIALIZER, meta_info,
};
pub use ttl_config::{TtlConfigForm, ttl_config_form};
