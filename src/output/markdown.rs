use std::io::{self, Write};

use crate::output::{ByteUnits, escape, words};
use crate::report::{Cell, Report, Table};

pub(super) fn write(report: &Report, bytes: ByteUnits, out: &mut dyn Write) -> io::Result<()> {
    let text = |cell: &Cell| escape::markdown(&words(cell, bytes));
    for fact in &report.facts {
        let value: Vec<_> = fact.value.iter().map(text).collect();
        writeln!(out, "- {}: {}", fact.label, value.join(" "))?;
    }
    let Table { columns, rows } = &report.table;
    if columns.is_empty() {
        return Ok(());
    }
    if !report.facts.is_empty() {
        writeln!(out)?;
    }
    let titles: Vec<_> = columns.iter().map(|column| column.title).collect();
    writeln!(out, "| {} |", titles.join(" | "))?;
    let rules = (0..columns.len()).map(|at| {
        let numbers = rows
            .iter()
            .filter_map(|row| row.get(at))
            .any(Cell::is_number);
        if numbers { "---:" } else { "---" }
    });
    writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
    for row in rows {
        let cells: Vec<_> = row.iter().map(text).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}
