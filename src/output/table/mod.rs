//! Aligned text.

mod columns;
mod laid_out;
mod streamed;

use std::io::{self, Write};

use crate::output::table::columns::{fit, measured, share_out, total_width};
use crate::output::{Style, visible, width, wrap};
use crate::report::{Fact, Report};

/// Blanks between columns.
const GAP: usize = 2;
/// A shrinking or wrapping column keeps at least so many characters.
const SHRUNK_MIN: usize = 12;
/// A table that no terminal limits has about so many characters: every row is as wide as the widest
/// text, so that one of 60 KB, in a jar, makes gigabytes of blanks.
const DRAWN_MAX: usize = 64 << 20;
/// So many rows are laid out together, in memory; more are written one by one, and look the same.
const LAID_OUT_ROWS: usize = 2048;
/// Rows are not made narrower than this, however many there are.
const ROW_MIN: usize = 200;

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
    match rows <= LAID_OUT_ROWS {
        true => laid_out::draw(report, &columns, style, out)?,
        false => streamed::draw(report, &columns, style, out)?,
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

/// One line each, or more with the text below its beginning where the terminal is narrow.
fn facts(facts: &[Fact], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let label_width = facts.iter().map(|fact| width(fact.label)).max();
    let label_width = label_width.unwrap_or_default();
    let indent = label_width + GAP;
    for fact in facts {
        let value: Vec<_> = fact
            .value
            .iter()
            .map(|cell| visible(cell, style.bytes))
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

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

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
    fn long_tables_look_as_short_ones_do() {
        let texts = [
            "a",
            "Zähler → 数 😀",
            "a long name of an operator/with a path in it and more",
            "onewordthatislongerthananycolumnofanarrowterminal",
            "",
        ];
        let entries: Vec<_> = texts.into_iter().map(UidEntry::of).collect();
        let report = crate::report::uids(&entries);
        for (width, color) in [
            (None, false),
            (Some(80), false),
            (Some(50), true),
            (Some(40), false),
        ] {
            let style = Style {
                width,
                color,
                ..Style::default()
            };
            let mut columns = measured(&report, style);
            fit(&mut columns, width.unwrap_or(usize::MAX));
            let (mut short, mut long) = (Vec::new(), Vec::new());
            laid_out::draw(&report, &columns, style, &mut short).expect("memory takes it");
            streamed::draw(&report, &columns, style, &mut long).expect("memory takes it");
            let [short, long] = [short, long].map(|text| String::from_utf8(text).expect("text"));
            assert_eq!(short, long, "{width:?}");
        }
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
