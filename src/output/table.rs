use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell as Drawn, CellAlignment, ColumnConstraint, ContentArrangement, Width, presets,
};
use unicode_width::UnicodeWidthStr;

use crate::output::{ByteUnits, Style, escape, words, wrap};
use crate::report::{Cell, Column, Fact, Report, Room};

/// Blanks between columns.
const GAP: usize = 2;
/// A shrinking or wrapping column keeps at least so many characters.
const SHRUNK_MIN: usize = 12;
/// A table that no terminal limits has about so many characters: every row is as wide as the widest
/// text, so that one of 60 KB, in a jar, makes gigabytes of blanks.
const DRAWN_MAX: usize = 64 << 20;
/// Rows are not made narrower than this, however many there are.
const ROW_MIN: usize = 200;
/// Rows that are drawn at once. A table of more rows has none of more than 32 KiB ([`DRAWN_MAX`]).
const BLOCK_ROWS: usize = 2048;

pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    facts(&report.facts, style, out)?;
    rows(report, style, out)?;
    if !report.after.is_empty() {
        writeln!(out)?;
    }
    facts(&report.after, style, out)
}

fn rows(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut columns = measured(report, style);
    let rows = report.table.rows.len();
    let nothing_to_list = rows == 0 && !report.facts.is_empty();
    if columns.is_empty() || nothing_to_list {
        return Ok(());
    }
    if !report.facts.is_empty() {
        writeln!(out)?;
    }
    let left_out = style.width.map_or(0, |width| fit(&mut columns, width));
    let widest = ROW_MIN.max(DRAWN_MAX / rows.max(1));
    let too_wide = total_width(&columns) > widest;
    if too_wide {
        share_out(&mut columns, widest);
    }
    draw(report, &columns, style, out)?;
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

/// One line each, or more with the text below its beginning where the terminal is narrow.
fn facts(facts: &[Fact], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let label_width = facts.iter().map(|fact| fact.label.width()).max();
    let label_width = label_width.unwrap_or_default();
    let indent = label_width + GAP;
    for fact in facts {
        let value: Vec<_> = fact
            .value
            .iter()
            .map(|cell| escape::plain(&words(cell, style.bytes)))
            .collect();
        let value = value.join(" ");
        let room = style
            .width
            .map(|width| width.saturating_sub(indent).max(SHRUNK_MIN));
        let mut lines = wrap::lines(&value, room).into_iter();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "{:label_width$}  {first}", fact.label)?;
        for line in lines {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

/// A column with what there is to know of its texts before they are drawn.
struct Measured {
    column: Column,
    /// Its place in a row.
    at: usize,
    right: bool,
    /// The width of its longest text.
    width: usize,
    /// Wrapped, or cut, at so many characters.
    narrowed: Option<usize>,
}

impl Measured {
    fn width(&self) -> usize {
        self.narrowed.unwrap_or(self.width)
    }

    /// A cell as it is drawn.
    fn text(&self, row: &[Cell], bytes: ByteUnits) -> String {
        let text = row.get(self.at).map(|cell| text(cell, bytes));
        let text = text.unwrap_or_default();
        match (self.narrowed, self.column.room) {
            (Some(width), Room::Shrinks) if text.width() > width => cut_in_the_middle(&text, width),
            _ => text,
        }
    }
}

fn text(cell: &Cell, bytes: ByteUnits) -> String {
    escape::plain(&words(cell, bytes))
}

/// The columns that are worth showing, after a look at every row.
fn measured(report: &Report<'_>, style: Style) -> Vec<Measured> {
    let table = &report.table;
    let mut columns: Vec<_> = (table.columns.iter().enumerate())
        .map(|(at, &column)| Measured {
            column,
            at,
            right: false,
            width: column.title.width(),
            narrowed: None,
        })
        .collect();
    let shown = table.worth_showing(|row| {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.right |= cell.is_number();
            column.width = column.width.max(text(cell, style.bytes).width());
        }
    });
    columns.retain(|column| shown.contains(&column.at));
    columns
}

/// Leaves out columns, then shortens texts, until a row fits. Returns how many were left out.
fn fit(columns: &mut Vec<Measured>, width: usize) -> usize {
    let before = columns.len();
    while total_width(columns) > width {
        let drops = |column: &Measured| match column.column.room {
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
fn share_out(columns: &mut [Measured], width: usize) {
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

fn total_width(columns: &[Measured]) -> usize {
    let texts: usize = columns.iter().map(Measured::width).sum();
    texts + GAP * columns.len().saturating_sub(1)
}

fn shrinkable(column: &Measured) -> usize {
    match column.column.room {
        Room::Shrinks | Room::Wraps => column.width().saturating_sub(SHRUNK_MIN),
        Room::Fixed | Room::Drops(_) => 0,
    }
}

fn narrow(column: &mut Measured, width: usize) {
    if width < column.width() {
        column.narrowed = Some(width);
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

/// Draws so many rows at a time that a table of millions takes no memory, in columns of one width.
fn draw(
    report: &Report<'_>,
    columns: &[Measured],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut block = block(style.color);
    let titles = columns.iter().map(|column| {
        let title = Drawn::new(column.column.title);
        if style.color {
            title.add_attribute(Attribute::Bold)
        } else {
            title
        }
    });
    block.add_row(titles);
    for row in report.table.rows.iter() {
        if block.row_count() == BLOCK_ROWS {
            write_block(&mut block, columns, out)?;
            block = self::block(style.color);
        }
        block.add_row(columns.iter().map(|column| column.text(&row, style.bytes)));
    }
    write_block(&mut block, columns, out)
}

fn block(color: bool) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

fn write_block(
    table: &mut comfy_table::Table,
    columns: &[Measured],
    out: &mut dyn Write,
) -> io::Result<()> {
    let last = columns.len().saturating_sub(1);
    for (at, (drawn, column)) in table.column_iter_mut().zip(columns).enumerate() {
        let gap = if at == last { 0 } else { GAP };
        drawn.set_padding((0, u16::try_from(gap).unwrap_or_default()));
        // One wider than the table can count is alone in its block, and as wide as it is.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::uid::UidEntry;

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
