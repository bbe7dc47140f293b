//! Tables that people look at, laid out by comfy-table.

use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets,
};

use crate::output::table::GAP;
use crate::output::table::columns::Measured;
use crate::output::{Style, width, wrap};
use crate::report::Report;

/// Writes the titles and every row, in columns of one width.
pub(super) fn draw(
    report: &Report<'_>,
    columns: &[Measured],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    match style.color {
        true => table.enforce_styling(),
        false => table.force_no_tty(),
    };
    let titles = columns.iter().map(|column| {
        let title = Cell::new(broken(column.column.title, column));
        match style.color {
            true => title.add_attribute(Attribute::Bold),
            false => title,
        }
    });
    table.add_row(titles);
    for row in report.table.rows.iter() {
        let texts = columns.iter().map(|column| {
            let text = column.text(&row, style.bytes);
            broken(&text, column)
        });
        table.add_row(texts);
    }
    let last = columns.len().saturating_sub(1);
    for (at, (drawn, column)) in table.column_iter_mut().zip(columns).enumerate() {
        let gap = if at == last { 0 } else { GAP };
        drawn.set_padding((0, u16::try_from(gap).unwrap_or_default()));
        if let Ok(width) = u16::try_from(column.width() + gap) {
            drawn.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        if column.right {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A text with its lines, as they are broken everywhere.
fn broken(text: &str, column: &Measured) -> String {
    match width(text) <= column.width() {
        true => text.to_owned(),
        false => wrap::lines(text, Some(column.width())).join("\n"),
    }
}
