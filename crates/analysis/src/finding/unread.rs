use crate::finding::{Finding, FindingKind, NotAsked, Place};
use crate::snapshot::contents::OperatorStates;
use statescope_format::reader::to_u64;

/// What could not be read of an operator's states: the first few, and how many more. `place` is
/// that of the operator. Files in stores that were not asked are counted in `not_asked` instead.
pub fn unread(states: &OperatorStates, place: &Place, not_asked: &mut NotAsked) -> Vec<Finding> {
    const SAID: usize = 3;
    let mut tried = Vec::with_capacity(states.unread.len());
    for unread in &states.unread {
        match &unread.not_asked {
            Some(store) => not_asked.add(store),
            None => tried.push(unread),
        }
    }
    let mut findings: Vec<_> = (tried.iter().take(SAID))
        .map(|unread| Finding {
            kind: FindingKind::NotRead {
                reason: format!("{}: {}", unread.slot.label(), unread.message),
            },
            place: Place {
                subtask: Some(unread.subtask),
                path: unread.path.clone(),
                ..place.clone()
            },
        })
        .collect();
    let more = tried.len().saturating_sub(SAID);
    if let (Some(first), 1..) = (findings.first(), more) {
        let kind = FindingKind::More {
            code: first.kind.code(),
            severity: first.kind.severity(),
            count: to_u64(more),
        };
        let place = place.clone();
        findings.push(Finding { kind, place });
    }
    findings
}
