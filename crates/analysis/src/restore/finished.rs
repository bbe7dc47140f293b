use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::job::JobOperator;
use crate::restore::{Case, finding, place};
use statescope_format::model::checkpoint::OperatorId;

/// How far the subtasks of a vertex had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Finished {
    None,
    Partly,
    Fully,
}

/// Vertices with finished subtasks (`VertexFinishedStateChecker`, Flink 1.14+): operators of one
/// chain must have come equally far, and nobody behind may have come further.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for (old, _) in case.matching.old.iter().filter(|(_, new)| new.is_none()) {
        if old.fully_finished {
            findings.push(finding(RestoreFinding::FinishedGone, place(old)));
        }
    }
    let mut vertices: BTreeMap<OperatorId, Vec<&JobOperator>> = BTreeMap::new();
    for operator in &case.job.operators {
        if let Some(vertex) = operator.vertex {
            vertices.entry(vertex).or_default().push(operator);
        }
    }
    let finished_of = |operator: &JobOperator| match case.matching.old_of(operator) {
        Some(old) if old.fully_finished => Finished::Fully,
        Some(old) if old.finished_subtasks > 0 => Finished::Partly,
        _ => Finished::None,
    };
    let mut of_vertex: BTreeMap<OperatorId, Finished> = BTreeMap::new();
    for (vertex, operators) in &vertices {
        let states: BTreeSet<_> = operators
            .iter()
            .map(|operator| finished_of(operator))
            .collect();
        if states.len() > 1 {
            let names: Vec<_> = operators.iter().map(|operator| operator.label()).collect();
            let vertex = *vertex;
            let kind = RestoreFinding::MixedFinished { names, vertex };
            findings.push(finding(kind, of(vertex)));
        }
        of_vertex.extend(states.first().map(|state| (*vertex, *state)));
    }
    for (vertex, operators) in &vertices {
        let here = of_vertex.get(vertex).copied().unwrap_or(Finished::None);
        let inputs = operators
            .iter()
            .find_map(|operator| operator.inputs.as_ref());
        let before = inputs.into_iter().flatten();
        let before = before.filter_map(|input| of_vertex.get(input).copied());
        let least_before = before.min().unwrap_or(Finished::Fully);
        // Subtasks that are connected one to one may be further than the rest of their vertex;
        // how vertices are connected is not known here.
        let is_ahead = match here {
            Finished::Fully => least_before != Finished::Fully,
            Finished::Partly => least_before == Finished::None,
            Finished::None => false,
        };
        if is_ahead {
            let kind = RestoreFinding::FinishedBehindRunning { vertex: *vertex };
            findings.push(finding(kind, of(*vertex)));
        }
    }
}

fn of(vertex: OperatorId) -> Place {
    Place {
        operator_id: Some(vertex),
        ..Place::default()
    }
}
