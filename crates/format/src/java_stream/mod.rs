//! A reader of Java object streams (`ObjectOutputStream`), as far as data goes: no class is
//! needed and nothing is executed (docs/format.md 7.1).
//!
//! Flink writes one at the end of `_metadata` since version 4, and inside some serializer
//! snapshots.

mod grammar;
mod model;
mod tags;

pub use grammar::parse;
pub(crate) use grammar::stream;
pub use model::{
    JavaArray, JavaClass, JavaElements, JavaEnum, JavaField, JavaItem, JavaObject, JavaRef,
    JavaStream, JavaValue,
};
