use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::finding::Finding;
use crate::output::escape;

/// Version of the shape of every document; grows only if a name changes its meaning.
const SCHEMA_VERSION: u32 = 1;

/// What every JSON document looks like (docs/json.md).
#[derive(Clone, Debug, Serialize)]
pub struct Envelope<'a, T> {
    schema_version: u32,
    tool: Tool,
    command: &'static str,
    data: &'a T,
    warnings: &'a [Finding],
}

/// The program that wrote a document.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Tool {
    name: &'static str,
    version: &'static str,
}

impl<'a, T> Envelope<'a, T> {
    /// The result of `command`; `warnings` tell what to keep in mind with it.
    pub fn new(command: &'static str, data: &'a T, warnings: &'a [Finding]) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool: Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            command,
            data,
            warnings,
        }
    }
}

/// Writes a document of several lines. What cannot be seen in a text is written as JSON's `\u` escape,
/// so that a person who reads the document sees it, and a program reads the same text.
pub(super) fn write_document(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let shown = Shown(PrettyFormatter::new());
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, shown);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// The same as one line.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let shown = Shown(CompactFormatter);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, shown);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Lays out as another formatter does, and escapes what cannot be seen.
struct Shown<F>(F);

impl<F: Formatter> Formatter for Shown<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for (run, hidden) in escape::runs(fragment) {
            self.0.write_string_fragment(writer, run)?;
            for unit in hidden
                .iter()
                .flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec())
            {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_show_what_cannot_be_seen_and_read_back() {
        let text = "a\u{202e}\"b\\\u{e0041}\u{7f}\n数 👩\u{200d}💻";
        let mut document = Vec::new();
        write_line(&[text], &mut document).expect("written");
        let document = String::from_utf8(document).expect("UTF-8");
        let shown = "[\"a\\u202e\\\"b\\\\\\udb40\\udc41\\u007f\\n数 👩\u{200d}💻\"]\n";
        assert_eq!(document, shown);
        let read: Vec<String> = serde_json::from_str(&document).expect("JSON");
        assert_eq!(read, [text]);
    }

    #[test]
    fn documents_are_laid_out_as_serde_json_does() {
        let value = serde_json::json!({"a": [1, {"b": []}], "c": {}, "d": [null, 1.5, "x"]});
        let mut document = Vec::new();
        write_document(&value, &mut document).expect("written");
        let usual = serde_json::to_string_pretty(&value).expect("JSON");
        assert_eq!(document, format!("{usual}\n").into_bytes());
    }
}
