use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::job::JobOperator;
use crate::restore::{Case, finding, place};
use crate::snapshot::contents::StateRole;
use crate::snapshot::summary::OperatorSummary;

/// Sources that keep their ids and read something else now: Flink gives them the positions of
/// another source, and says nothing. Only names tell, since metadata version 5.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.is_own_snapshot() {
        return;
    }
    let names = Names::of(case);
    let (mut by_order, mut untold, mut known_generated) = (Vec::new(), false, false);
    for (old, new) in case.matching.kept() {
        if !is_source(old, new) {
            continue;
        }
        let generated = is_generated(old, new);
        match (old.name.as_deref(), new.name.as_deref()) {
            (Some(was), Some(is)) if without_node_id(was) != without_node_id(is) => {
                if names.know(was, is) {
                    let (old_name, new_name) = (was.to_owned(), is.to_owned());
                    let kind = RestoreFinding::SourcesSwapped { old_name, new_name };
                    findings.push(finding(kind, place(old)));
                } else if generated {
                    let (old_name, new_name) = (was.to_owned(), is.to_owned());
                    let kind = RestoreFinding::SourceRenamed { old_name, new_name };
                    findings.push(finding(kind, place(old)));
                }
            }
            (was, is) if generated || may_be_generated(old, new) => {
                // Of sources that are called the same, names tell nothing.
                untold |= was.zip(is).is_none_or(|(was, _)| names.are_shared(was));
                known_generated |= generated;
                by_order.push(old);
            }
            _ => {}
        }
    }
    if untold && by_order.len() > 1 {
        let sources = by_order.iter().map(|old| old.label()).collect();
        findings.push(finding(
            RestoreFinding::SourcesByOrder {
                sources,
                known_generated,
            },
            Place::default(),
        ));
    }
}

/// The names of the sources of both sides.
struct Names<'c> {
    old: Vec<&'c str>,
    new: Vec<&'c str>,
}

impl<'c> Names<'c> {
    fn of(case: &Case<'c>) -> Self {
        let old = case.snapshot.operators.iter();
        let new = case.job.operators.iter();
        Self {
            old: old.filter_map(|o| o.name.as_deref()).collect(),
            new: new.filter_map(|o| o.name.as_deref()).collect(),
        }
    }

    /// True if what was here is somewhere else now, or what is here now was somewhere else.
    fn know(&self, was: &str, is: &str) -> bool {
        let has = |names: &[&str], name: &str| {
            (names.iter()).any(|other| without_node_id(other) == without_node_id(name))
        };
        has(&self.new, was) || has(&self.old, is)
    }

    fn are_shared(&self, name: &str) -> bool {
        let same = |other: &&&str| without_node_id(other) == without_node_id(name);
        self.old.iter().filter(same).count() > 1 || self.new.iter().filter(same).count() > 1
    }
}

/// By its splits, its coordinator, or what Flink calls every source.
fn is_source(old: &OperatorSummary, new: &JobOperator) -> bool {
    let mut states = old.states.states.iter().flatten();
    let named =
        |name: &Option<String>| (name.as_deref()).is_some_and(|n| n.starts_with("Source: "));
    let heads = new.vertex.is_some() && new.vertex == new.id();
    let reads_nothing = heads && new.inputs.as_ref().is_some_and(Vec::is_empty);
    old.has_state()
        && (states.any(|state| state.role == Some(StateRole::SourceSplits))
            || named(&old.name)
            || named(&new.name)
            || reads_nothing)
}

/// True if Flink made the id of the shape of the job.
fn is_generated(old: &OperatorSummary, new: &JobOperator) -> bool {
    new.uid.is_none() && new.uid_hash.is_none() && old.auto_generated_id == Some(true)
}

/// True if nothing tells where the id comes from: before version 5, and without a list of uids.
fn may_be_generated(old: &OperatorSummary, new: &JobOperator) -> bool {
    new.uid.is_none() && new.uid_hash.is_none() && old.auto_generated_id.is_none()
}

/// `Source: orders[7]` without the number of the planner's node, which changes with the query.
fn without_node_id(name: &str) -> &str {
    let inner = name
        .strip_suffix(']')
        .and_then(|name| name.rsplit_once('['));
    match inner {
        Some((name, number))
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => name,
    }
}
