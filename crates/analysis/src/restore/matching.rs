use std::collections::{HashMap, HashSet};

use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::job::{JobDescription, JobOperator};
use crate::restore::{Case, finding, place};
use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};
use statescope_format::model::checkpoint::OperatorId;

/// Which operator of the job gets the state of which operator of the snapshot.
pub(super) struct Matching<'c> {
    /// Each operator of the snapshot, and the job's that it belongs to.
    pub(super) old: Vec<(&'c OperatorSummary, Option<&'c JobOperator>)>,
    /// Operators of the job for which the snapshot has nothing.
    pub(super) new: Vec<&'c JobOperator>,
    /// Operators of the snapshot whose state is found by the job's generated id but not taken,
    /// because there is state under its `setUidHash` too.
    pub(super) shadowed: HashSet<OperatorId>,
    /// The operator of the snapshot whose state one of the job gets, by where that one is in memory.
    heirs: HashMap<*const JobOperator, &'c OperatorSummary>,
    /// State that several operators of the job ask for, at least one of them by `setUidHash`.
    contested: Vec<(&'c OperatorSummary, Vec<&'c JobOperator>)>,
}

/// An operator of the job that asks for state.
struct Claim<'c> {
    operator: &'c JobOperator,
    by_hash: bool,
}

impl<'c> Matching<'c> {
    /// By id, as Flink does it (`StateAssignmentOperation`): an id given with `setUidHash` comes
    /// first where the snapshot has it.
    pub(super) fn of(snapshot: &'c SnapshotSummary, job: &'c JobDescription) -> Self {
        let in_snapshot: HashMap<OperatorId, &OperatorSummary> = (snapshot.operators.iter())
            .map(|operator| (operator.operator_id, operator))
            .collect();
        let mut claims: HashMap<OperatorId, Vec<Claim<'c>>> = HashMap::new();
        let mut shadowed = HashSet::new();
        let mut new = Vec::new();
        for operator in &job.operators {
            let by_hash = operator.uid_hash.filter(|id| in_snapshot.contains_key(id));
            let by_id = operator.id().filter(|id| in_snapshot.contains_key(id));
            match by_hash.or(by_id) {
                Some(id) => claims.entry(id).or_default().push(Claim {
                    operator,
                    by_hash: by_hash.is_some(),
                }),
                None => new.push(operator),
            }
            if let (Some(_), Some(id)) = (by_hash, by_id.filter(|_| by_hash != by_id)) {
                shadowed.insert(id);
            }
        }
        let of = |operator: &OperatorSummary| claims.get(&operator.operator_id);
        let contested = snapshot.operators.iter().filter_map(|operator| {
            let claims = of(operator).filter(|_| operator.has_state())?;
            let is_contested = claims.len() > 1 && claims.iter().any(|claim| claim.by_hash);
            is_contested.then(|| {
                (
                    operator,
                    claims.iter().map(|claim| claim.operator).collect(),
                )
            })
        });
        let contested = contested.collect();
        let taken = |operator| {
            // Of several the one whose program says so.
            let claim = of(operator)?.iter().max_by_key(|claim| claim.by_hash);
            claim.map(|claim| claim.operator)
        };
        let old = snapshot.operators.iter();
        let old: Vec<_> = old.map(|operator| (operator, taken(operator))).collect();
        let heirs = old.iter().filter_map(|(old, new)| {
            let new: &JobOperator = (*new)?;
            Some((std::ptr::from_ref(new), *old))
        });
        Self {
            heirs: heirs.collect(),
            old,
            new,
            shadowed,
            contested,
        }
    }

    /// The pairs.
    pub(super) fn kept(&self) -> impl Iterator<Item = (&'c OperatorSummary, &'c JobOperator)> {
        let pairs = self.old.iter();
        pairs.filter_map(|(old, new)| Some((*old, (*new)?)))
    }

    /// The operator of the snapshot whose state one of the job gets.
    pub(super) fn old_of(&self, operator: &JobOperator) -> Option<&'c OperatorSummary> {
        self.heirs.get(&std::ptr::from_ref(operator)).copied()
    }

    /// True if both sides have the same operators.
    pub(super) fn is_one_to_one(&self) -> bool {
        self.new.is_empty() && self.old.iter().all(|(_, new)| new.is_some())
    }

    /// True if the job has an operator for it, even one that takes other state.
    pub(super) fn is_shadowed(&self, operator: &OperatorSummary) -> bool {
        self.shadowed.contains(&operator.operator_id)
    }
}

/// State without an operator, and operators that share an id (`Checkpoints`).
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let twice = case.job.duplicate_ids();
    let mut first: HashMap<OperatorId, &JobOperator> = HashMap::new();
    if !twice.is_empty() {
        for operator in &case.job.operators {
            operator.id().map(|id| first.entry(id).or_insert(operator));
        }
    }
    for id in twice {
        let uid = first.get(&id).and_then(|operator| operator.uid.clone());
        let place = Place {
            operator_id: Some(id),
            uid: uid.clone(),
            ..Place::default()
        };
        findings.push(finding(RestoreFinding::DuplicateId { uid }, place));
    }
    for (old, operators) in &case.matching.contested {
        let label = |operator: &&JobOperator| {
            let id = operator.id().map(|id| id.to_string());
            let label = operator.uid.clone().or_else(|| operator.name.clone());
            label.or(id).unwrap_or_default()
        };
        let operators = operators.iter().map(label).collect();
        findings.push(finding(
            RestoreFinding::StateContested { operators },
            place(old),
        ));
    }
    for (old, new) in &case.matching.old {
        if new.is_some() || !old.has_state() {
            continue;
        }
        let kind = match case.matching.is_shadowed(old) {
            true => RestoreFinding::StateShadowed,
            false => RestoreFinding::StateWithoutOperator {
                operator_id: old.operator_id,
                name: old.name.clone(),
                state_bytes: old.state_bytes,
                allowed: case.allowed,
            },
        };
        findings.push(finding(kind, place(old)));
    }
}
