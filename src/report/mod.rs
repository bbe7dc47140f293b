//! Results as facts and typed tables, independent of any output format.

use std::collections::HashSet;

use crate::finding::Finding;

mod check;
mod diff;
mod dump;
mod figures;
mod findings;
mod growth;
mod history;
mod list;
mod retention;
mod rows;
mod show;
mod states;
mod uid;

pub use check::check;
pub use diff::{DiffRows, diff};
pub use dump::dump;
pub use figures::{
    Figure, FigureContent, Layer, Mark, Section, SkewRow, StackedArea, TONES, Tile, Tone, Treemap,
    growth_sections, snapshot_section,
};
pub use findings::FindingRows;
pub use growth::{GrowthRows, growth};
pub use history::compacted;
pub use list::snapshots;
pub use retention::{retention_applied, retention_jobs, retention_plan, retention_restored};
pub use rows::Rows;
pub use show::{files, operators, subtasks};
pub use states::states;
pub use uid::uids;

/// What one command has to say.
#[derive(Debug, Default)]
pub struct Report<'a> {
    /// Single facts, in reading order.
    pub facts: Vec<Fact>,
    /// The rows; the only part that CSV has room for.
    pub table: Table<'a>,
    /// What is read after the rows: what to do about them.
    pub after: Vec<Fact>,
}

/// A named value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it is, in lower-case words.
    pub label: &'static str,
    /// Parts that are read as one, such as a size and a count.
    pub value: Vec<Cell>,
}

/// Rows of typed cells.
#[derive(Debug, Default)]
pub struct Table<'a> {
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows; each has a cell per column.
    pub rows: Rows<'a>,
}

impl Table<'_> {
    /// The columns that people see: those in which no row has anything are not worth the room. Also
    /// `each` row is passed on, so that a caller who has to see them all can do that in one go.
    pub fn worth_showing(&self, mut each: impl FnMut(&[Cell])) -> Vec<usize> {
        let mut shown: Vec<bool> = self.columns.iter().map(|c| !c.optional).collect();
        for row in self.rows.iter() {
            for (shown, cell) in shown.iter_mut().zip(&row) {
                *shown |= *cell != Cell::Empty;
            }
            each(&row);
        }
        let columns = shown.iter().enumerate();
        columns
            .filter_map(|(at, shown)| shown.then_some(at))
            .collect()
    }
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name for machines, in snake case.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What a narrow terminal does with it.
    pub room: Room,
    /// Not shown to people where no row has anything; machines always get it.
    pub optional: bool,
}

/// What happens to a column when there is not enough room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Always there in full.
    Fixed,
    /// Always there, but its text may be cut in the middle.
    Shrinks,
    /// Always there in full, on several lines if it must.
    Wraps,
    /// Left out; higher numbers go first.
    Drops(u8),
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text from a file: never trusted.
    Text(String),
    /// Bars of text, one character each.
    Sparkline(String),
    /// Our own words.
    Word(&'static str),
    /// Bytes.
    Bytes(Option<u64>),
    /// A number of something.
    Count(Option<u64>),
    /// By how many bytes something changed.
    Change(Option<i64>),
    /// A share, 1 for all of it.
    Share(Option<f64>),
    /// How many times as large.
    Ratio(Option<f64>),
    /// A number that is close at best: marked for people, plain for machines.
    About(Box<Cell>),
    /// Nothing to say.
    Empty,
}

impl Cell {
    /// True for numbers, which line up on the right.
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Bytes(_)
                | Self::Count(_)
                | Self::Change(_)
                | Self::Share(_)
                | Self::Ratio(_)
                | Self::About(_)
        )
    }
}

impl Cell {
    /// A word of ours, where there is one.
    fn word(word: Option<&'static str>) -> Self {
        word.map_or(Self::Empty, Self::Word)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

/// `part` of `whole`; unknown where either is, or where there is nothing to share.
fn share(part: Option<u64>, whole: Option<u64>) -> Cell {
    let whole = whole.filter(|&whole| whole > 0);
    // Shares for people: the 53 bits of a double are plenty.
    #[allow(clippy::cast_precision_loss)]
    let share = part
        .zip(whole)
        .map(|(part, whole)| part as f64 / whole as f64);
    Cell::Share(share)
}

fn column(name: &'static str, title: &'static str, room: Room) -> Column {
    Column {
        name,
        title,
        room,
        optional: false,
    }
}

fn optional(column: Column) -> Column {
    Column {
        optional: true,
        ..column
    }
}

fn fact(label: &'static str, value: impl IntoIterator<Item = Cell>) -> Fact {
    Fact {
        label,
        value: value.into_iter().collect(),
    }
}

/// What to do about findings, once per sort.
fn hints<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Fact> {
    let mut seen = HashSet::new();
    let hints = findings.into_iter().filter_map(Finding::hint);
    let fresh = hints.filter(|hint| seen.insert(hint.clone()));
    fresh
        .map(|hint| fact("hint", [Cell::Text(hint.into_owned())]))
        .collect()
}

/// `1 file`, `2 files`.
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
