use std::io::{self, Write};

use serde::Serialize;

use crate::finding::Finding;

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

pub(super) fn write(
    envelope: &Envelope<'_, impl Serialize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, envelope)?;
    out.write_all(b"\n")
}
