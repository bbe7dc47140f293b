//! Reports as bytes: one small file per format. Names from files are escaped here, each format in
//! its own way.

mod csv;
mod escape;
mod html;
mod json;
mod markdown;
mod prometheus;
mod table;
mod unicode;
mod units;
mod wrap;

use std::borrow::Cow;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

pub use escape::{lines, path_line, plain};
pub use html::Page;
pub use json::{Envelope, Tool};
pub use units::ByteUnits;

use crate::growth::Growth;
use crate::report::{Cell, GrowthRows, Report};

/// How a report is written for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// How sizes are written.
    pub bytes: ByteUnits,
    /// Columns of the terminal; `None` for no limit.
    pub width: Option<usize>,
    /// Whether to use colour and bold.
    pub color: bool,
}

/// Writes a report as aligned text.
///
/// # Errors
/// Those of the writer.
pub fn write_table(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    table::write(report, style, out)
}

/// Writes a report as Markdown.
///
/// # Errors
/// Those of the writer.
pub fn write_markdown(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    markdown::write(report, style.bytes, out)
}

/// Writes a report's table as CSV: names for machines, plain numbers, empty for unknown.
///
/// # Errors
/// Those of the writer.
pub fn write_csv(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    csv::write(report, out)
}

/// Writes growth as Prometheus metrics (docs/metrics.md), with labels as deep as `rows`; `now_ms` is
/// the time of writing in milliseconds since 1970.
///
/// # Errors
/// Those of the writer.
pub fn write_prometheus(
    growth: &Growth,
    rows: GrowthRows,
    now_ms: i64,
    out: &mut dyn Write,
) -> io::Result<()> {
    prometheus::write(growth, rows, now_ms, out)
}

/// Writes a page of HTML that needs no other file and no network.
///
/// # Errors
/// Those of the writer.
pub fn write_html(page: &Page<'_>, bytes: ByteUnits, out: &mut dyn Write) -> io::Result<()> {
    html::write(page, bytes, out)
}

/// Writes a result as one JSON document.
///
/// # Errors
/// Those of the writer.
pub fn write_json(
    envelope: &Envelope<'_, impl serde::Serialize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::write_document(envelope, out)
}

/// Writes a value as a JSON document without an [`Envelope`]: plans, descriptions of jobs.
///
/// # Errors
/// Those of the writer.
pub fn write_json_document(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    json::write_document(value, out)
}

/// Writes a value as one line of JSON: an entry of a journal.
///
/// # Errors
/// Those of the writer.
pub fn write_json_line(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    json::write_line(value, out)
}

/// A cell in words for people, not escaped.
fn words(cell: &Cell, bytes: ByteUnits) -> Cow<'_, str> {
    const UNKNOWN: &str = "-";
    let or_unknown = |text: Option<String>| text.map_or(Cow::Borrowed(UNKNOWN), Cow::Owned);
    match cell {
        Cell::Text(text) | Cell::Sparkline(text) => text.into(),
        Cell::Word(word) => (*word).into(),
        Cell::Bytes(value) => or_unknown(value.map(|value| bytes.format(value))),
        Cell::Count(value) => or_unknown(value.map(|value| value.to_string())),
        Cell::Change(value) => or_unknown(value.map(|value| {
            let sign = match value {
                0 => "",
                1.. => "+",
                _ => "-",
            };
            format!("{sign}{}", bytes.format(value.unsigned_abs()))
        })),
        Cell::Share(value) => or_unknown(value.map(|value| format!("{:.1}%", value * 100.0))),
        Cell::Ratio(value) => or_unknown(value.map(|value| format!("{value:.2}x"))),
        Cell::About(cell) => match words(cell, bytes) {
            unknown if unknown == UNKNOWN => unknown,
            known => format!("~{known}").into(),
        },
        Cell::Empty => UNKNOWN.into(),
    }
}

/// A cell in words for people: what cannot be seen is shown.
fn visible(cell: &Cell, bytes: ByteUnits) -> Cow<'_, str> {
    match words(cell, bytes) {
        Cow::Borrowed(words) => escape::plain(words),
        Cow::Owned(words) => escape::plain(&words).into_owned().into(),
    }
}

/// Columns that a text takes on a terminal.
fn width(text: &str) -> usize {
    // Nearly all texts are, and those of millions of rows are measured.
    match text.is_ascii() {
        true => text.len(),
        false => text.width(),
    }
}
