//! Tables too long to be looked at as a whole: a row at a time, so that millions take no memory.

use std::borrow::Cow;
use std::io::{self, Write};
use std::iter::repeat_n;

use crate::output::table::GAP;
use crate::output::table::columns::Measured;
use crate::output::{Style, width, wrap};
use crate::report::Report;

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Writes the titles and every row, in columns of one width.
pub(super) fn draw(
    report: &Report<'_>,
    columns: &[Measured],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = Lines {
        columns,
        bold: style.color,
        line: String::new(),
        out,
    };
    let titles = columns.iter().map(|column| column.column.title.into());
    lines.row(&titles.collect::<Vec<_>>())?;
    lines.bold = false;
    for row in report.table.rows.iter() {
        let texts = columns.iter().map(|column| column.text(&row, style.bytes));
        lines.row(&texts.collect::<Vec<_>>())?;
    }
    Ok(())
}

struct Lines<'t> {
    columns: &'t [Measured],
    bold: bool,
    /// The line at hand; its memory is used again.
    line: String,
    out: &'t mut dyn Write,
}

impl Lines<'_> {
    /// One line, or more where a text has no room on one.
    fn row(&mut self, texts: &[Cow<'_, str>]) -> io::Result<()> {
        let mut cells = self.columns.iter().zip(texts);
        if cells.all(|(column, text)| width(text) <= column.width()) {
            return self.line(texts.iter().map(AsRef::as_ref));
        }
        let cells = self.columns.iter().zip(texts);
        let cells: Vec<_> = cells
            .map(|(column, text)| wrap::lines(text, Some(column.width())))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..height {
            self.line(cells.iter().map(|lines| lines.get(at).map_or("", |l| l)))?;
        }
        Ok(())
    }

    fn line<'c>(&mut self, texts: impl Iterator<Item = &'c str>) -> io::Result<()> {
        self.line.clear();
        let last = self.columns.len().saturating_sub(1);
        for (at, (column, text)) in self.columns.iter().zip(texts).enumerate() {
            let blanks = column.width().saturating_sub(width(text));
            let (before, after) = match column.right {
                true => (blanks, 0),
                false => (0, blanks),
            };
            let gap = if at == last { 0 } else { GAP };
            if self.bold {
                self.line.push_str(BOLD);
            }
            self.line.extend(repeat_n(' ', before));
            self.line.push_str(text);
            self.line.extend(repeat_n(' ', after + gap));
            if self.bold {
                self.line.push_str(PLAIN);
            }
        }
        writeln!(self.out, "{}", self.line.trim_end())
    }
}
