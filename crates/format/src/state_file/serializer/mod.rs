//! Serializer snapshots: how Flink describes the type of a state (docs/state-files.md 3).

mod blocks;
mod classes;
mod describe;
mod enums;

mod kryo;
mod layout;
mod logical_type;
mod pojo;
mod snapshot;
mod string_value;

pub(super) use blocks::looks_like_snapshot;
pub use describe::describe;
pub use layout::entry_layout;
pub use logical_type::LogicalType;
pub(super) use snapshot::serializer_snapshot;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What one serializer wrote about itself (`TypeSerializerSnapshot`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerializerSnapshot {
    /// Binary name of the snapshot's class; empty for those that could not be found behind one that
    /// is not known.
    pub snapshot_class: String,
    /// Binary name of the serializer's class, where the snapshot's class tells it; `None` for
    /// classes that are not Flink's.
    pub serializer_class: Option<String>,
    /// Version of the snapshot, as written.
    pub version: i32,
    /// What it holds besides other snapshots.
    pub detail: Detail,
    /// The snapshots of the serializers it is made of: elements, keys and values, fields.
    pub nested: Vec<SerializerSnapshot>,
}

/// What a snapshot holds besides other snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// A class: of a tuple, a case class, an array's elements, a value type.
    Class {
        /// Its binary name.
        class: String,
    },
    /// A POJO (`PojoSerializerSnapshot`).
    Pojo {
        /// Its class.
        class: String,
        /// Its fields, in the order of the file; their types are in `nested`.
        fields: Vec<PojoField>,
        /// Registered subclasses.
        registered_subclasses: Vec<Subclass>,
        /// Subclasses seen without being registered.
        non_registered_subclasses: Vec<Subclass>,
    },
    /// A generic type (`KryoSerializerSnapshot`).
    Kryo {
        /// Its class.
        class: String,
        /// Classes registered with Kryo, in the order of their ids.
        registrations: Vec<String>,
    },
    /// An enum.
    Enum {
        /// Its class.
        class: String,
        /// Its constants, in the order of their ordinals.
        constants: Vec<String>,
    },
    /// An Avro type.
    Avro {
        /// The class read into; unknown in the first version.
        class: Option<String>,
        /// The schema, as JSON text.
        schema: String,
    },
    /// A row of SQL.
    RowData {
        /// The types of its fields; their names are not recorded.
        types: Vec<LogicalType>,
    },
    /// An array of SQL.
    ArrayData {
        /// The type of its elements.
        element: LogicalType,
    },
    /// A map of SQL.
    MapData {
        /// The type of its keys.
        key: LogicalType,
        /// The type of its values.
        value: LogicalType,
    },
    /// A decimal of SQL.
    Decimal {
        /// Digits.
        precision: i32,
        /// Digits behind the point.
        scale: i32,
    },
    /// A timestamp of SQL.
    Timestamp {
        /// Digits of a second's fraction.
        precision: i32,
    },
    /// A row in binary form.
    BinaryRow {
        /// How many fields.
        fields: i32,
    },
    /// A value that can be null.
    Nullable {
        /// Bytes written in place of a null.
        padding: i32,
    },
    /// A switch: rows with their kind, lists with a mask of nulls, and the like.
    Flag {
        /// Whether it is on.
        on: bool,
    },
    /// A snapshot of a class that this build does not know: what it holds has no length and could
    /// not be read.
    Unread,
}

/// A field of a POJO.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PojoField {
    /// Its name; `None` where the class had lost it when the snapshot was written.
    pub name: Option<String>,
    /// The class that declares it.
    pub declaring_class: Option<String>,
    /// How it is serialized; `None` where that is not recorded.
    pub serializer: Option<SerializerSnapshot>,
}

/// A subclass of a POJO.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subclass {
    /// Its name.
    pub class: String,
    /// How it is serialized; `None` where that is not recorded.
    pub serializer: Option<SerializerSnapshot>,
}

impl SerializerSnapshot {
    /// Calls `each` for this snapshot and for all inside it: nested ones, fields, subclasses.
    pub fn visit<'s>(&'s self, each: &mut dyn FnMut(&'s Self)) {
        each(self);
        self.nested.iter().for_each(|inner| inner.visit(each));
        if let Detail::Pojo {
            fields,
            registered_subclasses,
            non_registered_subclasses,
            ..
        } = &self.detail
        {
            let fields = fields.iter().map(|field| &field.serializer);
            let subclasses = registered_subclasses
                .iter()
                .chain(non_registered_subclasses);
            let subclasses = subclasses.map(|subclass| &subclass.serializer);
            for inner in fields.chain(subclasses).flatten() {
                inner.visit(each);
            }
        }
    }

    /// True if neither this type nor any part of it is of a class that is not known.
    pub fn is_read(&self) -> bool {
        let mut is_read = true;
        self.visit(&mut |snapshot| is_read &= !snapshot.is_unread());
        is_read
    }

    /// The types that Kryo serializes: this one, or parts of it.
    pub fn kryo_types(&self) -> BTreeSet<&str> {
        let mut types = BTreeSet::new();
        self.visit(&mut |snapshot| {
            if let Detail::Kryo { class, .. } = &snapshot.detail {
                types.insert(class.as_str());
            }
        });
        types
    }

    /// The classes outside of Flink, Java and Scala that Flink loads to read the snapshot, even
    /// where nobody asks for the state any more.
    pub fn user_classes(&self) -> BTreeSet<&str> {
        const KNOWN: [&str; 4] = ["java.", "javax.", "org.apache.flink.", "scala."];
        let mut classes = BTreeSet::new();
        self.visit(&mut |snapshot| {
            let described = match &snapshot.detail {
                Detail::Class { class }
                | Detail::Kryo { class, .. }
                | Detail::Enum { class, .. }
                | Detail::Pojo { class, .. } => Some(class),
                Detail::Avro { class, .. } => class.as_ref(),
                _ => None,
            };
            let names = [Some(&snapshot.snapshot_class), described];
            let names = names.into_iter().flatten().map(String::as_str);
            classes
                .extend(names.filter(|class| !KNOWN.iter().any(|known| class.starts_with(known))));
        });
        classes
    }
}
