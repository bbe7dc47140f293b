//! Sanity of what was parsed: things that the grammar allows but no running Flink writes.
//! Pure; says nothing about whether files exist.

mod collector;
mod key_groups;
mod offsets;
mod origins;
mod paths;

use std::collections::{BTreeMap, HashSet};

use crate::finding::{Finding, FindingKind};
use crate::health::sanity::collector::Collector;
use crate::health::sanity::origins::Origins;
use statescope_format::metadata::{Outline, ParsedMetadata};
use statescope_format::model::checkpoint::{MetadataVersion, OperatorId, OperatorState};

/// `KeyGroupRangeAssignment.UPPER_BOUND_MAX_PARALLELISM`.
const MAX_PARALLELISM_MAX: u32 = 1 << 15;

/// Checks a parsed file.
///
/// An empty list means that nothing is wrong with the metadata itself.
pub fn validate(parsed: &ParsedMetadata<'_>) -> Vec<Finding> {
    let mut validator = Validator::default();
    for operator in &parsed.metadata.operator_states {
        validator.operator(operator);
    }
    validator.end(&End {
        version: parsed.metadata.version,
        checkpoint_id: parsed.metadata.checkpoint_id,
        trailing_bytes: parsed.trailing_bytes,
        dialect_matters: parsed.dialect.is_some(),
    })
}

/// Checks a file operator by operator, for files that are not held in memory as a whole.
#[derive(Default)]
pub struct Validator {
    findings: Collector,
    origins: Origins,
    seen: HashSet<OperatorId>,
    seen_again: BTreeMap<OperatorId, SeenAgain>,
}

/// What only the whole file tells.
struct End {
    version: MetadataVersion,
    checkpoint_id: u64,
    trailing_bytes: u64,
    dialect_matters: bool,
}

/// An operator id that was there before. There are none in what Flink writes.
struct SeenAgain {
    times: usize,
    uid: Option<String>,
}

impl Validator {
    /// Checks one operator.
    pub fn operator(&mut self, operator: &OperatorState<'_>) {
        let uid_text = || operator.uid.map(|uid| uid.to_string());
        if !self.seen.insert(operator.id) {
            self.seen_again
                .entry(operator.id)
                .and_modify(|seen| seen.times += 1)
                .or_insert_with(|| SeenAgain {
                    times: 2,
                    uid: uid_text(),
                });
        }
        let findings = &mut self.findings;
        findings.begin_operator(operator.id, uid_text());
        uid(operator, findings);
        parallelism(operator, findings);
        subtask_indexes(operator, findings);
        key_groups::check(operator, findings);
        offsets::check(operator, findings);
        self.origins.operator(operator, findings);
        findings.end_operator();
    }

    /// The findings: those of the operators in the file's order, then those of the file.
    pub fn finish(self, outline: &Outline<'_>) -> Vec<Finding> {
        self.end(&End {
            version: outline.version,
            checkpoint_id: outline.checkpoint_id,
            trailing_bytes: outline.trailing_bytes,
            dialect_matters: outline.dialect.is_some(),
        })
    }

    fn end(mut self, end: &End) -> Vec<Finding> {
        self.origins.finish(end.checkpoint_id, &mut self.findings);
        for (id, SeenAgain { times, uid }) in self.seen_again {
            self.findings.begin_operator(id, uid);
            self.findings.push(FindingKind::DuplicateOperator { times });
            self.findings.end_operator();
        }
        if end.trailing_bytes > 0 {
            self.findings.push(FindingKind::TrailingBytes {
                bytes: end.trailing_bytes,
                uncertain_dialect: end.dialect_matters,
            });
        }
        if !end.version.is_released() {
            let version = end.version.number();
            self.findings
                .push(FindingKind::UnreleasedFormat { version });
        }
        self.findings.finish()
    }
}

fn uid(operator: &OperatorState<'_>, findings: &mut Collector) {
    if let Some(uid) = operator.uid {
        let hash = OperatorId::of_uid(&uid.to_str());
        if hash != operator.id {
            findings.push(FindingKind::UidMismatch { hash });
        }
    }
}

fn parallelism(operator: &OperatorState<'_>, findings: &mut Collector) {
    let &OperatorState {
        parallelism,
        max_parallelism,
        ..
    } = operator;
    let allowed = 1..=MAX_PARALLELISM_MAX;
    if !allowed.contains(&parallelism) || !allowed.contains(&max_parallelism) {
        findings.push(FindingKind::ParallelismOutOfRange {
            parallelism,
            max_parallelism,
        });
    }
    if parallelism > max_parallelism {
        findings.push(FindingKind::ParallelismAboveMax {
            parallelism,
            max_parallelism,
        });
    }
}

fn subtask_indexes(operator: &OperatorState<'_>, findings: &mut Collector) {
    let parallelism = operator.parallelism;
    let mut indexes: Vec<u32> = operator.subtasks.iter().map(|s| s.index).collect();
    indexes.sort_unstable();
    for same in indexes.chunk_by(|a, b| a == b) {
        let Some(&index) = same.first() else { continue };
        if index >= parallelism {
            findings.push_at(index, FindingKind::SubtaskOutOfRange { parallelism });
        }
        if same.len() > 1 {
            let times = same.len();
            findings.push_at(index, FindingKind::DuplicateSubtask { times });
        }
    }
}
