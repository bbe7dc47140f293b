use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::rules::Reading;
use crate::restore::{FlinkRelease, finding};
use statescope_format::metadata::Dialect;

/// Handles came one after the other, within versions of the file too (docs/format.md 4 to 8).
pub(super) fn check(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let handles = &reading.snapshot.handles;
    if reading.snapshot.merged_files && reading.release < FlinkRelease::new(1, 20) {
        let release = reading.release();
        let kind = RestoreFinding::MergedFilesNotReadable { release };
        findings.push(finding(kind, Place::default()));
    }
    let newest = (handles.keyed_tags.iter())
        .map(|&tag| (since(tag), tag))
        .filter(|(since, _)| reading.release < *since)
        .max();
    if let Some((since, tag)) = newest {
        let kind = RestoreFinding::HandleNotReadable {
            tag,
            since: since.to_string(),
            release: reading.release(),
        };
        findings.push(finding(kind, Place::default()));
    } else if let Some(written_by) = other_layout(reading) {
        let kind = RestoreFinding::LayoutNotReadable {
            written_by,
            release: reading.release(),
        };
        findings.push(finding(kind, Place::default()));
    }
}

/// The first release that reads keyed handles of this sort.
fn since(tag: u8) -> FlinkRelease {
    match tag {
        13 | 14 => FlinkRelease::new(1, 16),
        11 | 12 => FlinkRelease::new(1, 15),
        8..=10 => FlinkRelease::new(1, 14),
        7 => FlinkRelease::new(1, 13),
        _ => FlinkRelease::new(1, 3),
    }
}

/// The releases that wrote handles of version 3 in another layout than the reading one expects,
/// where the file has any that differ.
fn other_layout(reading: &Reading<'_>) -> Option<&'static str> {
    let (long, subtasks) = (FlinkRelease::new(1, 15), FlinkRelease::new(1, 12));
    let (dialect, written_by) = match reading.snapshot.handles.dialect? {
        Dialect::Flink1_11 => (Dialect::Flink1_11, "1.11"),
        Dialect::Flink1_14 => (Dialect::Flink1_14, "1.12 to 1.14"),
        Dialect::Flink1_15 => (Dialect::Flink1_15, "1.15"),
    };
    // In-flight data alone looks alike in the later two.
    let has_changelog =
        (reading.snapshot.handles.keyed_tags.iter()).any(|tag| (8..=10).contains(tag));
    let expected = match reading.release {
        release if release >= long => Dialect::Flink1_15,
        release if release >= subtasks => Dialect::Flink1_14,
        _ => Dialect::Flink1_11,
    };
    let later = [Dialect::Flink1_14, Dialect::Flink1_15];
    let is_alike = !has_changelog && later.contains(&dialect) && later.contains(&expected);
    (dialect != expected && !is_alike).then_some(written_by)
}
