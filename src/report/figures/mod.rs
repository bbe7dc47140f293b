//! Figures as data. How they are drawn is the matter of formats that can draw.

mod growth;
mod over_time;
mod snapshot;

pub use growth::growth_sections;
pub use snapshot::snapshot_section;

use crate::report::{Fact, counted};

/// What belongs to one snapshot or one job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The snapshot or the job.
    pub title: String,
    /// Single facts, in reading order.
    pub facts: Vec<Fact>,
    /// What can be drawn.
    pub figures: Vec<Figure>,
}

/// Something to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows, as a heading.
    pub title: &'static str,
    /// Its numbers.
    pub content: FigureContent,
    /// What is not drawn, and why.
    pub notes: Vec<String>,
}

/// The kinds of figures.
#[derive(Clone, Debug, PartialEq)]
pub enum FigureContent {
    /// Parts of a sum over time.
    StackedArea(StackedArea),
    /// Parts of a sum, and parts of these.
    Treemap(Treemap),
    /// How evenly operators are spread over their subtasks.
    Skew(Vec<SkewRow>),
}

/// Which of a format's colours; the same operator has the same in all figures of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// One of [`TONES`] colours, from 0.
    Nth(usize),
    /// What several share.
    Rest,
}

/// So many parts can be told apart by colour.
pub const TONES: usize = 8;

impl Tone {
    /// The tone of the part of this rank.
    pub(super) fn of_rank(rank: usize) -> Self {
        match rank {
            0..TONES => Self::Nth(rank),
            _ => Self::Rest,
        }
    }
}

/// Parts of a sum over time.
#[derive(Clone, Debug, PartialEq)]
pub struct StackedArea {
    /// When, in milliseconds since 1970; at least two, never going back.
    pub times_ms: Vec<i64>,
    /// The parts, the lowest first.
    pub layers: Vec<Layer>,
    /// Moments worth a line.
    pub marks: Vec<Mark>,
}

/// One part of a sum over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What it is.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
    /// Its bytes at each of the times.
    pub bytes: Vec<u64>,
}

/// A moment worth a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    /// What happened then.
    pub label: String,
}

/// Parts of a sum, and parts of these.
#[derive(Clone, Debug, PartialEq)]
pub struct Treemap {
    /// The parts, largest first.
    pub tiles: Vec<Tile>,
    /// Bytes of the whole, of which shares are; more than that of the parts where some are left out.
    pub whole_bytes: u64,
}

/// A part of a treemap.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
    /// Its bytes; more than 0.
    pub bytes: u64,
    /// Its parts, largest first; none where they are not known.
    pub parts: Vec<Tile>,
}

/// How evenly one operator is spread.
#[derive(Clone, Debug, PartialEq)]
pub struct SkewRow {
    /// The operator.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
    /// How many subtasks.
    pub parallelism: u32,
    /// Bytes of the largest subtask.
    pub largest_bytes: u64,
    /// Its index, where one subtask is the largest and known.
    pub largest: Option<u32>,
    /// Bytes of the largest over the mean of all: 1 is even.
    pub skew: f64,
    /// Bytes of each subtask by index; of very many, of the largest among neighbours. Empty where
    /// only the largest is known.
    pub bytes: Vec<u64>,
}

/// Of more operators, the smallest share a tile.
const OPERATORS_MAX: usize = 40;
/// Of more operators, the most uneven are drawn.
const SKEWED_MAX: usize = 20;

/// The operators with several subtasks, most uneven first; `None` without any.
fn skew_figure(mut rows: Vec<SkewRow>) -> Option<Figure> {
    rows.retain(|row| row.parallelism > 1);
    rows.sort_by(|a, b| {
        b.skew
            .total_cmp(&a.skew)
            .then_with(|| a.label.cmp(&b.label))
    });
    let mut notes = Vec::new();
    if let Some(more) = rows.len().checked_sub(SKEWED_MAX).filter(|&more| more > 0) {
        let what = counted(more as u64, "operator");
        notes.push(format!("{what} more, all less uneven"));
        rows.truncate(SKEWED_MAX);
    }
    (!rows.is_empty()).then_some(Figure {
        title: "How evenly subtasks are filled",
        content: FigureContent::Skew(rows),
        notes,
    })
}

/// The operators of a snapshot with `state_bytes`; `unknown` have no known size.
fn treemap(
    title: &'static str,
    operators: Vec<Tile>,
    state_bytes: Option<u64>,
    unknown: u64,
) -> Figure {
    let drawn = operators.iter().map(|tile| tile.bytes);
    let drawn = drawn.fold(0, u64::saturating_add);
    let mut notes = Vec::new();
    if unknown > 0 {
        let what = counted(unknown, "operator");
        notes.push(format!(
            "{what} not drawn: Flink did not record all sizes; shares are of the others"
        ));
    }
    Figure {
        title,
        content: FigureContent::Treemap(Treemap {
            tiles: tiles(operators, OPERATORS_MAX, "operator"),
            whole_bytes: state_bytes.unwrap_or(drawn).max(drawn),
        }),
        notes,
    }
}

/// Tiles of the largest parts, and one for what is left of them.
fn tiles(mut parts: Vec<Tile>, most: usize, noun: &str) -> Vec<Tile> {
    parts.retain(|tile| tile.bytes > 0);
    parts.sort_by(|a, b| (b.bytes, &a.label).cmp(&(a.bytes, &b.label)));
    if parts.len() > most {
        let rest = parts.split_off(most.saturating_sub(1));
        let sizes = rest.iter().map(|tile| tile.bytes);
        parts.push(Tile {
            label: format!("{} more", counted(rest.len() as u64, noun)),
            tone: Tone::Rest,
            bytes: sizes.fold(0, u64::saturating_add),
            parts: Vec::new(),
        });
    }
    parts
}

/// An operator's states, and what of its bytes belongs to none.
fn state_tiles(states: impl Iterator<Item = (String, u64)>, whole: u64, tone: Tone) -> Vec<Tile> {
    /// More would be too small to see.
    const STATES_MAX: usize = 16;
    let tile = |(label, bytes)| Tile {
        label,
        tone,
        bytes,
        parts: Vec::new(),
    };
    let mut parts: Vec<_> = states.map(tile).collect();
    let told = parts.iter().map(|tile| tile.bytes);
    let told = told.fold(0, u64::saturating_add);
    // States of a database share its files: their sizes are close, not exact.
    if let Some(other) = whole.checked_sub(told).filter(|&other| other > 0) {
        parts.push(tile(("(of no single state)".to_owned(), other)));
    }
    tiles(parts, STATES_MAX, "state")
}
