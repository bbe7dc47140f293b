use std::io::{self, Write};

use crate::output::{ByteUnits, escape, words};
use crate::report::{Cell, Fact, Report, Table};

pub(super) fn write(report: &Report<'_>, bytes: ByteUnits, out: &mut dyn Write) -> io::Result<()> {
    let text = |cell: &Cell| escape::markdown(&words(cell, bytes));
    let facts = |facts: &[Fact], out: &mut dyn Write| {
        facts.iter().try_for_each(|fact| {
            let value: Vec<_> = fact.value.iter().map(text).collect();
            writeln!(out, "- {}: {}", fact.label, value.join(" "))
        })
    };
    facts(&report.facts, out)?;
    table(report, bytes, out)?;
    if !report.after.is_empty() {
        writeln!(out)?;
    }
    facts(&report.after, out)
}

fn table(report: &Report<'_>, bytes: ByteUnits, out: &mut dyn Write) -> io::Result<()> {
    let text = |cell: &Cell| escape::markdown(&words(cell, bytes));
    let Table { columns, rows } = &report.table;
    if columns.is_empty() {
        return Ok(());
    }
    if !report.facts.is_empty() {
        writeln!(out)?;
    }
    let mut is_number = vec![false; columns.len()];
    let shown = report.table.worth_showing(|row| {
        for (is_number, cell) in is_number.iter_mut().zip(row) {
            *is_number |= cell.is_number();
        }
    });
    let titles = shown
        .iter()
        .filter_map(|&at| columns.get(at))
        .map(|column| column.title);
    writeln!(out, "| {} |", titles.collect::<Vec<_>>().join(" | "))?;
    let rules = shown.iter().map(|&at| match is_number.get(at) {
        Some(true) => "---:",
        _ => "---",
    });
    writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
    for row in rows.iter() {
        let cells = shown.iter().filter_map(|&at| row.get(at)).map(text);
        writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
    }
    Ok(())
}
