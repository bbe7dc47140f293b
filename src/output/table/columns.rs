//! How wide columns are, and what becomes of them where there is not enough room.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::output::table::{GAP, SHRUNK_MIN};
use crate::output::{ByteUnits, Style, visible, width};
use crate::report::{Cell, Column, Report, Room};

/// A column with what there is to know of its texts before they are drawn.
pub(super) struct Measured {
    pub(super) column: Column,
    /// Its place in a row.
    at: usize,
    pub(super) right: bool,
    /// The width of its longest text.
    width: usize,
    /// Wrapped, or cut, at so many characters.
    narrowed: Option<usize>,
}

impl Measured {
    pub(super) fn width(&self) -> usize {
        self.narrowed.unwrap_or(self.width)
    }

    /// A cell as it is drawn.
    pub(super) fn text<'c>(&self, row: &'c [Cell], bytes: ByteUnits) -> Cow<'c, str> {
        let text = row.get(self.at).map(|cell| visible(cell, bytes));
        let text = text.unwrap_or_default();
        match (self.narrowed, self.column.room) {
            (Some(most), Room::Shrinks) if width(&text) > most => {
                cut_in_the_middle(&text, most).into()
            }
            _ => text,
        }
    }
}

/// The columns that are worth showing, after a look at every row.
pub(super) fn measured(report: &Report<'_>, style: Style) -> Vec<Measured> {
    let table = &report.table;
    let mut columns: Vec<_> = (table.columns.iter().enumerate())
        .map(|(at, &column)| Measured {
            column,
            at,
            right: false,
            width: width(column.title),
            narrowed: None,
        })
        .collect();
    let shown = table.worth_showing(|row| {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.right |= cell.is_number();
            column.width = column.width.max(width(&visible(cell, style.bytes)));
        }
    });
    columns.retain(|column| shown.contains(&column.at));
    columns
}

/// Leaves out columns, then shortens texts, until a row fits. Returns how many were left out.
pub(super) fn fit(columns: &mut Vec<Measured>, width: usize) -> usize {
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
pub(super) fn share_out(columns: &mut [Measured], width: usize) {
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

pub(super) fn total_width(columns: &[Measured]) -> usize {
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
        used += UnicodeWidthChar::width(*c).unwrap_or_default();
        used <= width
    };
    chars.take_while(fits).collect()
}
