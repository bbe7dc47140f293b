//! Types in short, readable form.

use crate::state_file::serializer::{Detail, SerializerSnapshot};

/// Deeper than this a type is not written out: a name has to fit a line.
const DEPTH: u32 = 8;
/// Nor further than so many bytes.
const LONGEST: usize = 4096;

/// The type that a serializer is for, as people say it: `Map<String, Pojo(com.acme.Order){id:
/// Long}>`. Time to live and other wrappers do not show.
///
/// Names come from the file; they are not escaped.
pub fn describe(snapshot: &SerializerSnapshot) -> String {
    let mut text = String::new();
    write(snapshot, DEPTH, &mut text);
    text
}

fn write(snapshot: &SerializerSnapshot, depth: u32, text: &mut String) {
    let Some(depth) = depth.checked_sub(1).filter(|_| text.len() <= LONGEST) else {
        text.push('…');
        return;
    };
    let name = type_name(snapshot);
    match (&snapshot.detail, name.as_str()) {
        // Wrappers, which say nothing about the type.
        (_, "TtlStateFactory$Ttl" | "Nullable" | "SingleThreadAccessCheckingType") => {
            match snapshot.nested.last() {
                Some(inner) => write(inner, depth + 1, text),
                None => text.push('?'),
            }
        }
        (Detail::Pojo { class, fields, .. }, _) => {
            *text += &format!("Pojo({class}){{");
            for (at, field) in fields.iter().enumerate() {
                if text.len() > LONGEST {
                    text.push('…');
                    break;
                }
                if at > 0 {
                    text.push_str(", ");
                }
                text.push_str(field.name.as_deref().unwrap_or("?"));
                text.push_str(": ");
                match &field.serializer {
                    Some(serializer) => write(serializer, depth, text),
                    None => text.push('?'),
                }
            }
            text.push('}');
        }
        (Detail::Kryo { class, .. }, _) => *text += &format!("Generic({class})"),
        (Detail::Enum { class, .. }, _) => *text += &format!("Enum({class})"),
        (Detail::Avro { class, .. }, _) => {
            *text += &format!("Avro({})", class.as_deref().unwrap_or("?"));
        }
        (Detail::RowData { types }, _) => {
            text.push_str("RowData<");
            for (at, inner) in types.iter().enumerate() {
                if text.len() > LONGEST {
                    text.push('…');
                    break;
                }
                text.push_str(if at == 0 { "" } else { ", " });
                text.push_str(inner.as_str());
            }
            text.push('>');
        }
        (Detail::ArrayData { element }, _) => *text += &format!("ArrayData<{element}>"),
        (Detail::MapData { key, value }, _) => *text += &format!("MapData<{key}, {value}>"),
        (Detail::Decimal { precision, scale }, _) => {
            *text += &format!("DecimalData({precision}, {scale})");
        }
        (Detail::Timestamp { precision }, _) => *text += &format!("TimestampData({precision})"),
        (Detail::BinaryRow { fields }, _) => *text += &format!("BinaryRowData({fields} fields)"),
        (Detail::Class { class }, "ScalaCaseClass" | "package$Tuple2CaseClass") => {
            *text += &format!("CaseClass({class})");
            arguments(&snapshot.nested, depth, text);
        }
        (Detail::Class { .. }, "GenericArray") => {
            match snapshot.nested.first() {
                Some(inner) => write(inner, depth, text),
                None => text.push('?'),
            }
            text.push_str("[]");
        }
        (Detail::Class { class }, "Value" | "CopyableValue") => *text += &format!("Value({class})"),
        (Detail::Class { class }, "Tuple") => {
            text.push_str(class.rsplit('.').next().unwrap_or(class));
            arguments(&snapshot.nested, depth, text);
        }
        (Detail::Unread, "") => text.push('…'),
        (Detail::Unread | Detail::None, _) if snapshot.serializer_class.is_none() => {
            *text += &format!("Custom({})", snapshot.snapshot_class);
            arguments(&snapshot.nested, depth, text);
        }
        _ => {
            text.push_str(&name);
            arguments(&snapshot.nested, depth, text);
        }
    }
}

fn arguments(nested: &[SerializerSnapshot], depth: u32, text: &mut String) {
    for (at, inner) in nested.iter().enumerate() {
        text.push_str(if at == 0 { "<" } else { ", " });
        if text.len() > LONGEST {
            text.push('…');
            break;
        }
        write(inner, depth, text);
    }
    if !nested.is_empty() {
        text.push('>');
    }
}

/// What a serializer is called, less its package and the word itself.
fn type_name(snapshot: &SerializerSnapshot) -> String {
    let class = snapshot.serializer_class.as_deref();
    let class = class.unwrap_or(&snapshot.snapshot_class);
    let simple = class.rsplit('.').next().unwrap_or(class);
    // A window's serializer is a class inside the window's.
    let simple = simple.strip_suffix("$Serializer").unwrap_or(simple);
    let simple = simple.strip_suffix("Serializer").unwrap_or(simple);
    match simple.split_once("PrimitiveArray") {
        Some((element, "")) => format!("{}[]", element.to_lowercase()),
        _ => match simple {
            "StringArray" => "String[]".to_owned(),
            "BigDec" => "BigDecimal".to_owned(),
            "BigInt" => "BigInteger".to_owned(),
            _ => simple.to_owned(),
        },
    }
}
