//! Figures show what the results say, and say what they leave out.

#![cfg(feature = "output")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::series;
use crate::support;

use series::{MIB, checkpoint, with};
use statescope::Location;
use statescope::growth::{FileClass, Growth, JobGrowth, Limits, Observation, StateObservation};
use statescope::metadata;
use statescope::model::checkpoint::StateSlot;
use statescope::report::{
    Figure, FigureContent, Section, SkewRow, StackedArea, TONES, Tile, Tone, Treemap,
    growth_sections, snapshot_section,
};
use statescope::snapshot::references::Base;
use statescope::snapshot::summary::{Detail, SnapshotKind, SnapshotSummary, summarize};

const JOB: &str = "0123456789abcdef0123456789abcdef";

fn growth_of(jobs: Vec<JobGrowth>) -> Growth {
    Growth {
        locations: Vec::new(),
        since: None,
        snapshot_count: 0,
        limit_bytes: None,
        jobs,
        findings: Vec::new(),
    }
}

fn section(observations: Vec<Observation>) -> Section {
    let mut jobs = Vec::new();
    for series in statescope::growth::jobs(observations) {
        jobs.push(
            statescope::growth::growth(&series, &Limits::default())
                .unwrap()
                .0,
        );
    }
    let mut sections = growth_sections(&growth_of(jobs));
    assert_eq!(sections.len(), 1);
    sections.remove(0)
}

fn areas(section: &Section) -> Vec<(&StackedArea, &Figure)> {
    let figures = section.figures.iter();
    let areas = figures.filter_map(|figure| match &figure.content {
        FigureContent::StackedArea(area) => Some((area, figure)),
        _ => None,
    });
    areas.collect()
}

/// The operators over time.
fn area(section: &Section) -> Option<(&StackedArea, &Figure)> {
    areas(section).first().copied()
}

fn treemap(section: &Section) -> (&Treemap, &Figure) {
    let mut figures = section.figures.iter();
    let treemap = figures.find_map(|figure| match &figure.content {
        FigureContent::Treemap(treemap) => Some((treemap, figure)),
        _ => None,
    });
    treemap.expect("a treemap")
}

fn tiles(section: &Section) -> &[Tile] {
    &treemap(section).0.tiles
}

fn skew(section: &Section) -> &[SkewRow] {
    let mut figures = section.figures.iter();
    let rows = figures.find_map(|figure| match &figure.content {
        FigureContent::Skew(rows) => Some(rows.as_slice()),
        _ => None,
    });
    rows.unwrap_or_default()
}

fn sums(area: &StackedArea) -> Vec<u64> {
    let at = |at: usize| area.layers.iter().map(|layer| layer.bytes[at]).sum();
    (0..area.times_ms.len()).map(at).collect()
}

/// Twelve operators, of which only `op-3` grows; `op-11` comes later.
fn busy(numbers: impl Iterator<Item = u64>) -> Vec<Observation> {
    let snapshots = numbers.map(|n| {
        let operators = (0..12_u64).filter(|&op| op != 11 || n > 20).map(|op| {
            let grown = if op == 3 { n } else { 0 };
            with(
                &format!("op-{op}"),
                &[(FileClass::Shared, (200 - 10 * op + 3 * grown) * MIB)],
            )
        });
        checkpoint(JOB, n, operators.collect())
    });
    snapshots.collect()
}

#[test]
fn layers_add_up_to_the_state_of_each_snapshot() {
    let observations = busy(0..100);
    let expected: Vec<u64> = observations
        .iter()
        .map(|seen| seen.state_bytes.unwrap())
        .collect();
    let section = section(observations);
    let (area, figure) = area(&section).unwrap();
    assert_eq!(sums(area), expected);
    assert_eq!(figure.notes, Vec::<String>::new());
    assert_eq!(area.layers.len(), TONES + 1);
    assert_eq!(
        area.layers[0].tone,
        Tone::Rest,
        "what is not told apart lies below"
    );
    assert_eq!(
        area.layers.last().unwrap().label,
        "op-3",
        "what grows lies on top"
    );
    let (classes, _) = areas(&section)[1];
    assert_eq!(sums(classes), expected);
    let labels: Vec<_> = classes.layers.iter().map(|layer| &layer.label).collect();
    assert_eq!(labels, ["shared"]);
    // One colour for one operator, in all figures.
    for layer in &area.layers[1..] {
        let tile = tiles(&section)
            .iter()
            .find(|tile| tile.label == layer.label);
        assert_eq!(tile.unwrap().tone, layer.tone);
    }
}

#[test]
fn savepoints_and_unknown_sizes_are_not_drawn_and_that_is_said() {
    let mut observations = busy(0..40);
    for at in [10, 20] {
        observations[at].kind = Some(SnapshotKind::Savepoint);
        observations[at].state_bytes = Some(1);
    }
    observations[30].operators[0]
        .classes
        .set(FileClass::Shared, None);
    observations[30].state_bytes = None;
    let section = section(observations);
    let (area, figure) = area(&section).unwrap();
    assert_eq!(area.times_ms.len(), 37);
    assert!(
        sums(area).iter().all(|&sum| sum > 1000 * MIB),
        "no gap is drawn as a fall"
    );
    let said = figure.notes.join("; ");
    assert!(
        said.contains("2 snapshots") && said.contains("1 snapshot not drawn"),
        "{said}"
    );
}

#[test]
fn a_long_series_is_drawn_by_medians_and_a_single_snapshot_not_at_all() {
    let mut observations = busy(0..10_000);
    observations[5000].state_bytes = Some(u64::MAX);
    let long = section(observations);
    let (area_of_long, figure) = area(&long).unwrap();
    assert!(area_of_long.times_ms.len() <= 240 && area_of_long.times_ms.is_sorted());
    assert!(
        figure.notes[0].contains("median of 42 snapshots"),
        "{:?}",
        figure.notes
    );
    assert!(
        sums(area_of_long).iter().all(|&sum| sum < u64::MAX),
        "no median is a wild point"
    );
    assert_eq!(area(&section(busy(0..1))), None);
}

#[test]
fn a_restart_and_the_beginning_of_growth_are_marked() {
    let mut observations = busy(0..100);
    for (at, seen) in observations.iter_mut().enumerate() {
        let flat = with(
            "map",
            &[(
                FileClass::Shared,
                (500 + 20 * at.saturating_sub(60) as u64) * MIB,
            )],
        );
        seen.state_bytes = flat.classes.total();
        seen.operators = vec![flat];
        if at >= 30 {
            seen.location = Location::new(format!(
                "s3://bucket/checkpoints/{}/chk-{at}",
                "f".repeat(32)
            ));
            seen.job_id = Some("f".repeat(32));
        }
    }
    let section = section(observations);
    let (area, _) = area(&section).unwrap();
    let labels: Vec<_> = area.marks.iter().map(|mark| mark.label.as_str()).collect();
    assert_eq!(labels.len(), 2, "{labels:?}");
    assert!(
        labels[0].starts_with("growing since checkpoint 6"),
        "{labels:?}"
    );
    assert_eq!(labels[1], "restarted, next checkpoint 30");
}

#[test]
fn tiles_are_those_of_the_latest_snapshot() {
    let mut observations = busy(0..20);
    let last = observations.last_mut().unwrap();
    last.operators
        .retain(|operator| operator.uid.as_deref() != Some("op-0"));
    let state = |name: &str, bytes| StateObservation {
        name: name.to_owned(),
        slot: StateSlot::ManagedKeyed,
        bytes,
        entries: None,
    };
    for operator in &mut last.operators {
        operator.states = Some(vec![state("a", Some(5 * MIB)), state("b", None)]);
    }
    let expected: u64 = last
        .operators
        .iter()
        .map(|operator| operator.classes.total().unwrap())
        .sum();
    let section = section(observations);
    let tiles = tiles(&section);
    assert_eq!(tiles.iter().map(|tile| tile.bytes).sum::<u64>(), expected);
    assert!(tiles.is_sorted_by(|a, b| a.bytes >= b.bytes));
    assert!(tiles.iter().all(|tile| tile.label != "op-0"), "it is gone");
    for tile in tiles {
        let labels: Vec<_> = tile.parts.iter().map(|part| part.label.as_str()).collect();
        assert_eq!(labels, ["(of no single state)", "a"]);
        assert_eq!(
            tile.parts.iter().map(|part| part.bytes).sum::<u64>(),
            tile.bytes
        );
    }
}

#[test]
fn an_operator_of_unknown_size_is_missed_and_so_said() {
    let mut observations = busy(0..20);
    let last = observations.last_mut().unwrap();
    last.operators[0].classes.set(FileClass::Shared, None);
    last.state_bytes = None;
    let section = section(observations);
    let (treemap, figure) = treemap(&section);
    assert_eq!(treemap.tiles.len(), 10);
    assert!(
        figure.notes[0].starts_with("1 operator not drawn"),
        "{:?}",
        figure.notes
    );
}

#[test]
fn shares_are_of_the_whole_snapshot_where_operators_were_selected() {
    let files = support::metadata_files_of_scenarios().into_iter();
    let mut snapshots = files.map(|file| shown(&std::fs::read(file).expect("a fixture")));
    let several = |snapshot: &SnapshotSummary| snapshot.operators.len() > 5;
    let mut snapshot = snapshots.find(several).expect("a fixture");
    let whole = snapshot.state_bytes.unwrap();
    let count = snapshot.operators.len();
    snapshot.operators.truncate(1);
    let section = snapshot_section(&snapshot);
    let (treemap, figure) = treemap(&section);
    assert_eq!(treemap.whole_bytes, whole);
    let said = format!("{} operators not listed", count - 1);
    assert!(figure.notes[0].starts_with(&said), "{:?}", figure.notes);
}

#[test]
fn savepoints_in_many_directories_are_no_restarts_and_marks_are_few() {
    let mut observations = busy(0..100);
    for (at, seen) in observations.iter_mut().enumerate() {
        seen.kind = Some(SnapshotKind::Savepoint);
        seen.location = Location::new(format!("s3://bucket/day-{at}/savepoint-012345-{at:012x}"));
    }
    let only = section(observations);
    assert_eq!(area(&only).map(|(area, _)| area.marks.len()), Some(0));
    // A new id every two checkpoints.
    let mut observations = busy(0..100);
    for (at, seen) in observations.iter_mut().enumerate() {
        let id = format!("{:032x}", at / 2);
        seen.location = Location::new(format!("s3://bucket/checkpoints/{id}/chk-{at}"));
        seen.job_id = Some(id);
    }
    let often = section(observations);
    let (area, _) = area(&often).unwrap();
    assert_eq!(
        area.marks.last().unwrap().label,
        "restarted, next checkpoint 98"
    );
    assert!(area.marks.len() < 20);
}

#[test]
fn jobs_that_are_not_drawn_are_counted_and_those_with_one_id_told_apart() {
    let mut jobs = Vec::new();
    for at in 0..25 {
        let mut observations = busy(0..3);
        for seen in &mut observations {
            let number = seen.checkpoint_id;
            seen.location = Location::new(format!("s3://bucket/{at}/{JOB}/chk-{number}"));
        }
        let series = statescope::growth::jobs(observations).remove(0);
        jobs.push(
            statescope::growth::growth(&series, &Limits::default())
                .unwrap()
                .0,
        );
    }
    let sections = growth_sections(&growth_of(jobs));
    assert_eq!(sections.len(), 21);
    assert_eq!(sections[20].title, "5 jobs more");
    assert_eq!(sections[1].title, format!("s3://bucket/1/{JOB}"));
}

#[test]
fn many_parts_share_a_tile() {
    let operators = (0..500_u64).map(|op| with(&format!("op-{op}"), &[(FileClass::Keyed, 1 + op)]));
    let section = section(vec![checkpoint(JOB, 1, operators.collect())]);
    let tiles = tiles(&section);
    assert_eq!(tiles.len(), 40);
    assert_eq!(
        tiles.iter().map(|tile| tile.bytes).sum::<u64>(),
        500 * 501 / 2
    );
    assert!(tiles[39].label == "461 operators more" && tiles[39].tone == Tone::Rest);
}

#[test]
fn the_largest_subtask_is_measured_against_the_mean() {
    let mut operator = with(
        "join",
        &[(FileClass::Shared, 800), (FileClass::Coordinator, 50)],
    );
    operator.largest_subtask = Some((5, 400));
    let mut even = with("map", &[(FileClass::Shared, 800)]);
    even.largest_subtask = Some((0, 100));
    let section = section(vec![checkpoint(JOB, 1, vec![operator, even])]);
    let rows = skew(&section);
    assert_eq!(
        (rows[0].label.as_str(), rows[0].largest, rows[0].skew),
        ("join", Some(5), 4.0)
    );
    assert_eq!((rows[1].label.as_str(), rows[1].skew), ("map", 1.0));
}

fn shown(bytes: &[u8]) -> SnapshotSummary {
    let parsed = metadata::parse(bytes).expect("metadata");
    summarize(&parsed, "", 0, &Base::new(None), Detail::Subtasks)
}

/// Whatever a real file holds, tiles and bars are its figures.
#[test]
fn figures_of_every_fixture_are_those_of_show() {
    let (mut with_skew, mut with_tiles) = (0, 0);
    for file in support::metadata_files() {
        let snapshot = shown(&std::fs::read(&file).expect("a fixture"));
        let name = support::short(&file);
        let section = snapshot_section(&snapshot);
        let known = snapshot
            .operators
            .iter()
            .filter_map(|operator| operator.state_bytes);
        let tiles = tiles(&section);
        assert_eq!(
            tiles.iter().map(|tile| tile.bytes).sum::<u64>(),
            known.sum::<u64>(),
            "{name}"
        );
        with_tiles += tiles.len();
        for row in skew(&section) {
            let operator = snapshot.operators.iter().find(|operator| {
                operator.label() == row.label
                    && operator.largest_subtask_bytes == Some(row.largest_bytes)
            });
            let operator = operator.expect("the operator");
            assert_eq!(Some(row.skew), operator.skew, "{name}");
            assert_eq!(row.bytes.len(), row.parallelism as usize, "{name}");
            assert_eq!(row.bytes.iter().max(), Some(&row.largest_bytes), "{name}");
            let of_subtasks =
                operator.state_bytes.unwrap() - operator.coordinator_bytes.unwrap_or(0);
            assert_eq!(row.bytes.iter().sum::<u64>(), of_subtasks, "{name}");
            with_skew += 1;
        }
    }
    assert!(
        with_tiles > 500 && with_skew > 100,
        "{with_tiles} {with_skew}"
    );
}
