use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell as Drawn, CellAlignment, ColumnConstraint, ContentArrangement, Width, presets,
};
use unicode_width::UnicodeWidthStr;

use crate::output::{Style, escape, words};
use crate::report::{Cell, Column, Report, Room};

/// Blanks between columns.
const GAP: usize = 2;
/// A shrinking or wrapping column keeps at least so many characters.
const SHRUNK_MIN: usize = 12;
/// A table that no terminal limits has about so many characters: every row is as wide as the widest
/// text, so that one of 60 KB, in a jar, makes gigabytes of blanks.
const DRAWN_MAX: usize = 64 << 20;
/// Rows are not made narrower than this, however many there are.
const ROW_MIN: usize = 200;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    facts(report, style, out)?;
    let mut columns = laid_out(report, style);
    let nothing_to_list = report.table.rows.is_empty() && !report.facts.is_empty();
    if columns.is_empty() || nothing_to_list {
        return Ok(());
    }
    if !report.facts.is_empty() {
        writeln!(out)?;
    }
    let rows = report.table.rows.len();
    let left_out = style.width.map_or(0, |width| fit(&mut columns, width));
    let widest = ROW_MIN.max(DRAWN_MAX / rows.max(1));
    let too_wide = total_width(&columns) > widest;
    if too_wide {
        share_out(&mut columns, widest);
    }
    let table = draw(&columns, rows, style.color);
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    if left_out > 0 {
        writeln!(out)?;
        let columns = if left_out == 1 { "column" } else { "columns" };
        writeln!(out, "({left_out} {columns} left out: no room)")?;
    }
    if too_wide {
        writeln!(out, "\n(long texts are cut; --json has them in full)")?;
    }
    Ok(())
}

fn facts(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let label_width = report.facts.iter().map(|fact| fact.label.width()).max();
    let label_width = label_width.unwrap_or_default();
    for fact in &report.facts {
        let value: Vec<_> = fact
            .value
            .iter()
            .map(|cell| escape::plain(&words(cell, style.bytes)))
            .collect();
        writeln!(out, "{:label_width$}  {}", fact.label, value.join(" "))?;
    }
    Ok(())
}

/// A column with its texts, ready to be measured.
struct LaidOut {
    column: Column,
    texts: Vec<String>,
    right: bool,
    /// Wrapped at so many characters.
    wrapped: Option<usize>,
}

impl LaidOut {
    fn width(&self) -> usize {
        self.wrapped.unwrap_or_else(|| self.natural_width())
    }

    fn natural_width(&self) -> usize {
        let texts = self.texts.iter().map(|text| text.width());
        texts
            .max()
            .unwrap_or_default()
            .max(self.column.title.width())
    }
}

fn laid_out(report: &Report, style: Style) -> Vec<LaidOut> {
    let lay_out = |(at, &column): (usize, &Column)| {
        let cells: Vec<&Cell> = report
            .table
            .rows
            .iter()
            .filter_map(|row| row.get(at))
            .collect();
        LaidOut {
            column,
            right: cells.iter().any(|cell| cell.is_number()),
            wrapped: None,
            texts: cells
                .iter()
                .map(|cell| escape::plain(&words(cell, style.bytes)))
                .collect(),
        }
    };
    let table = &report.table;
    let shown = table.worth_showing().into_iter();
    shown
        .filter_map(|at| Some((at, table.columns.get(at)?)))
        .map(lay_out)
        .collect()
}

/// Leaves out columns, then shortens texts, until a row fits. Returns how many were left out.
fn fit(columns: &mut Vec<LaidOut>, width: usize) -> usize {
    let before = columns.len();
    while total_width(columns) > width {
        let drops = |column: &LaidOut| match column.column.room {
            Room::Drops(order) => Some(order),
            Room::Fixed | Room::Shrinks | Room::Wraps => None,
        };
        // Shrinking a little beats losing a column.
        let shrinkable: usize = columns.iter().map(shrinkable).sum();
        if total_width(columns) - shrinkable / 2 <= width {
            break;
        }
        let first_to_go = columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| drops(column).map(|order| (order, at)))
            .max();
        match first_to_go {
            Some((_, at)) => columns.remove(at),
            None => break,
        };
    }
    let left_out = before - columns.len();
    share_out(columns, width);
    left_out
}

/// Takes what is too much from the widest columns that can give.
fn share_out(columns: &mut [LaidOut], width: usize) {
    let mut excess = total_width(columns).saturating_sub(width);
    let mut givers: Vec<(usize, usize)> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| shrinkable(column) > 0)
        .map(|(at, column)| (at, column.width()))
        .collect();
    while excess > 0 {
        match givers.iter_mut().max_by_key(|(_, width)| *width) {
            Some((_, width)) if *width > SHRUNK_MIN => *width -= 1,
            _ => break,
        }
        excess -= 1;
    }
    for (at, width) in givers {
        if let Some(column) = columns.get_mut(at) {
            narrow(column, width);
        }
    }
}

fn total_width(columns: &[LaidOut]) -> usize {
    let texts: usize = columns.iter().map(LaidOut::width).sum();
    texts + GAP * columns.len().saturating_sub(1)
}

fn shrinkable(column: &LaidOut) -> usize {
    match column.column.room {
        Room::Shrinks | Room::Wraps => column.width().saturating_sub(SHRUNK_MIN),
        Room::Fixed | Room::Drops(_) => 0,
    }
}

fn narrow(column: &mut LaidOut, width: usize) {
    if width >= column.width() {
        return;
    }
    if column.column.room == Room::Wraps {
        column.wrapped = Some(width);
        return;
    }
    for text in &mut column.texts {
        if text.width() > width {
            *text = cut_in_the_middle(text, width);
        }
    }
}

/// Keeps both ends: names of one family differ in the last characters.
fn cut_in_the_middle(text: &str, width: usize) -> String {
    let room = width.saturating_sub(1);
    let head = take_width(text.chars(), room.div_ceil(2));
    let tail = take_width(text.chars().rev(), room / 2);
    head.into_iter()
        .chain(['…'])
        .chain(tail.into_iter().rev())
        .collect()
}

fn take_width(chars: impl Iterator<Item = char>, width: usize) -> Vec<char> {
    let mut used = 0;
    let fits = |c: &char| {
        used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or_default();
        used <= width
    };
    chars.take_while(fits).collect()
}

fn draw(columns: &[LaidOut], rows: usize, color: bool) -> String {
    let mut table = comfy_table::Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(columns.iter().map(|column| {
        let title = Drawn::new(column.column.title);
        if color {
            title.add_attribute(Attribute::Bold)
        } else {
            title
        }
    }));
    for row in 0..rows {
        table.add_row(columns.iter().filter_map(|column| column.texts.get(row)));
    }
    let last = columns.len().saturating_sub(1);
    for (at, (drawn, column)) in table.column_iter_mut().zip(columns).enumerate() {
        let gap = if at == last { 0 } else { GAP };
        drawn.set_padding((0, u16::try_from(gap).unwrap_or_default()));
        if let Some(width) = column.wrapped {
            let width = u16::try_from(width + gap).unwrap_or(u16::MAX);
            drawn.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        if column.right {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uid::UidEntry;

    fn written(texts: &[String], width: Option<usize>) -> String {
        let entries: Vec<_> = texts.iter().map(String::as_str).map(UidEntry::of).collect();
        let mut out = Vec::new();
        let style = Style {
            width,
            ..Style::default()
        };
        write(&crate::report::uids(&entries), style, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn one_huge_text_does_not_make_every_row_huge() {
        let mut texts = vec!["a".to_owned(); 20_000];
        texts.push("x".repeat(59_095));
        let table = written(&texts, None);
        assert!(table.contains("x…x"));
        assert!(table.ends_with("\n(long texts are cut; --json has them in full)\n"));
        assert!(table.len() < DRAWN_MAX, "{} bytes", table.len());
        let terminal = written(&texts, Some(80));
        assert!(terminal.lines().all(|line| line.width() <= 80));
    }

    #[test]
    fn long_names_of_an_ordinary_table_are_written_in_full() {
        let long = "Calc(select=[a])".repeat(1_000);
        let mut texts = vec!["a".to_owned(); 500];
        texts.push(long.clone());
        let table = written(&texts, None);
        assert!(table.contains(&long));
        assert!(!table.contains("long texts are cut"));
    }
}
