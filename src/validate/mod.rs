//! Sanity of what was parsed: things that the grammar allows but no running Flink writes.
//! Pure; says nothing about whether files exist.

mod collector;
mod key_groups;
mod offsets;

use std::collections::HashMap;

use crate::checkpoint::{OperatorId, OperatorState};
use crate::finding::{Finding, FindingKind};
use crate::metadata::ParsedMetadata;
use crate::validate::collector::Collector;

/// Checks a parsed file; the findings follow the operators' order in the file.
///
/// An empty list means that nothing is wrong with the metadata itself.
pub fn validate(parsed: &ParsedMetadata<'_>) -> Vec<Finding> {
    let mut findings = Collector::default();
    if parsed.trailing_bytes > 0 {
        findings.push(FindingKind::TrailingBytes {
            bytes: parsed.trailing_bytes,
            uncertain_dialect: parsed.dialect.is_some(),
        });
    }
    let operators = &parsed.metadata.operator_states;
    duplicate_operators(operators, &mut findings);
    for operator in operators {
        findings.begin_operator(operator);
        uid(operator, &mut findings);
        parallelism(operator, &mut findings);
        subtask_indexes(operator, &mut findings);
        key_groups::check(operator, &mut findings);
        offsets::check(operator, &mut findings);
        findings.end_operator();
    }
    findings.finish()
}

fn duplicate_operators(operators: &[OperatorState<'_>], findings: &mut Collector) {
    let mut times: HashMap<OperatorId, usize> = HashMap::with_capacity(operators.len());
    for operator in operators {
        *times.entry(operator.id).or_default() += 1;
    }
    for operator in operators {
        // Removed once reported, so each id is reported where it first occurs.
        if let Some(times) = times.remove(&operator.id).filter(|&times| times > 1) {
            findings.begin_operator(operator);
            findings.push(FindingKind::DuplicateOperator { times });
            findings.end_operator();
        }
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
