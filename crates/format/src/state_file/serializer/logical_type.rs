use std::fmt;

use serde::{Deserialize, Serialize};

use crate::java_stream::{JavaElements, JavaItem, JavaObject, JavaStream, JavaValue};

/// A type of SQL, as its serialized `LogicalType` object tells, in SQL's words:
/// `VARCHAR(20) NOT NULL`, `ROW<BIGINT, ARRAY<INT>>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogicalType(String);

impl LogicalType {
    /// The type's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of(stream: &JavaStream<'_>) -> Self {
        let mut text = String::new();
        Writer { stream, depth: 0 }.write(stream.root(), &mut text);
        Self(text)
    }
}

impl fmt::Display for LogicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Types can refer to each other in a circle in a damaged file, and share a part many times.
const DEPTH: u32 = 16;
const LONGEST: usize = 4096;

struct Writer<'s, 'a> {
    stream: &'s JavaStream<'a>,
    depth: u32,
}

impl Writer<'_, '_> {
    fn write(&mut self, value: JavaValue, text: &mut String) {
        let Some(object) = self.stream.object(value) else {
            text.push('?');
            return;
        };
        if self.depth == DEPTH || text.len() > LONGEST {
            text.push('…');
            return;
        }
        self.depth += 1;
        self.object(object, text);
        self.depth -= 1;
        if object.field("isNullable") == Some(JavaValue::Bool(false)) {
            text.push_str(" NOT NULL");
        }
    }

    fn object(&mut self, object: &JavaObject<'_>, text: &mut String) {
        let class = self.stream.class_name(object);
        let class = class.map(|name| name.to_string()).unwrap_or_default();
        let simple = class.rsplit(['.', '$']).next().unwrap_or_default();
        let root = object.field("typeRoot");
        let root = root.and_then(|root| self.stream.enum_constant(root));
        match simple {
            // SQL has words for the longest of all.
            "VarCharType" if is_longest(object) => text.push_str("STRING"),
            "VarBinaryType" if is_longest(object) => text.push_str("BYTES"),
            "CharType" | "VarCharType" | "BinaryType" | "VarBinaryType" => {
                text.push_str(simple.trim_end_matches("Type").to_uppercase().as_str());
                self.numbers(object, &["length"], text);
            }
            "DecimalType" => {
                text.push_str("DECIMAL");
                self.numbers(object, &["precision", "scale"], text);
            }
            "TimeType" => {
                text.push_str("TIME");
                self.numbers(object, &["precision"], text);
            }
            "TimestampType" => self.timestamp(object, "", text),
            "ZonedTimestampType" => self.timestamp(object, " WITH TIME ZONE", text),
            "LocalZonedTimestampType" => self.timestamp(object, " WITH LOCAL TIME ZONE", text),
            "ArrayType" => self.of(object, "ARRAY", &["elementType"], text),
            "MultisetType" => self.of(object, "MULTISET", &["elementType"], text),
            "MapType" => self.of(object, "MAP", &["keyType", "valueType"], text),
            "DistinctType" => self.of(object, "DISTINCT", &["sourceType"], text),
            "RowType" | "StructuredType" => self.row(object, simple, text),
            "IntType" => text.push_str("INT"),
            _ => match root {
                Some(root) => text.push_str(&root.to_string().replace('_', " ")),
                None => text.push_str(simple),
            },
        }
    }

    fn numbers(&self, object: &JavaObject<'_>, names: &[&str], text: &mut String) {
        let number = |name: &&str| match object.field(name) {
            Some(JavaValue::Int(number)) => Some(number),
            _ => None,
        };
        let numbers: Vec<_> = names.iter().filter_map(number).collect();
        if !numbers.is_empty() {
            let numbers: Vec<_> = numbers.iter().map(i32::to_string).collect();
            *text += &format!("({})", numbers.join(", "));
        }
    }

    fn timestamp(&self, object: &JavaObject<'_>, zone: &str, text: &mut String) {
        text.push_str("TIMESTAMP");
        self.numbers(object, &["precision"], text);
        text.push_str(zone);
    }

    fn of(&mut self, object: &JavaObject<'_>, name: &str, inner: &[&str], text: &mut String) {
        text.push_str(name);
        text.push('<');
        for (at, field) in inner.iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            self.write(object.field(field).unwrap_or_default(), text);
        }
        text.push('>');
    }

    /// Fields are objects in a list, each with a name and a type.
    fn row(&mut self, object: &JavaObject<'_>, simple: &str, text: &mut String) {
        text.push_str(if simple == "RowType" {
            "ROW"
        } else {
            "STRUCTURED"
        });
        text.push('<');
        let list = object.field("fields").or(object.field("attributes"));
        for (at, field) in self
            .elements(list.unwrap_or_default())
            .into_iter()
            .enumerate()
        {
            if at > 0 {
                text.push_str(", ");
            }
            // Many fields can share one long name.
            if text.len() > LONGEST {
                text.push('…');
                break;
            }
            let Some(field) = self.stream.object(field) else {
                continue;
            };
            if let Some(name) = field
                .field("name")
                .and_then(|name| self.stream.string(name))
            {
                *text += &format!("`{name}` ");
            }
            self.write(field.field("type").unwrap_or_default(), text);
        }
        text.push('>');
    }

    /// The elements of a Java list; lists around lists have a field for the inner one.
    fn elements(&self, list: JavaValue) -> Vec<JavaValue> {
        match self.stream.item(list) {
            Some(JavaItem::Array(array)) => match &array.elements {
                JavaElements::Objects(values) => values.clone(),
                JavaElements::Primitive(_) => Vec::new(),
            },
            Some(JavaItem::Object(object)) => match object.field("list").or(object.field("a")) {
                Some(inner) => self.elements(inner),
                None => object.annotations.clone(),
            },
            _ => Vec::new(),
        }
    }
}

fn is_longest(object: &JavaObject<'_>) -> bool {
    object.field("length") == Some(JavaValue::Int(i32::MAX))
}
