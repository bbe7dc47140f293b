use crate::finding::{Finding, FindingKind, Place, Severity};
use crate::snapshot::uid::UidSource;
use statescope_format::location::shown;
use statescope_format::model::checkpoint::OperatorId;

/// Findings of one code that are listed per operator; a damaged file could have millions.
const LISTED_MAX: u64 = 10;

/// Gathers findings, fills in the operator, and leaves out what nobody would read.
#[derive(Default)]
pub(super) struct Collector {
    findings: Vec<Finding>,
    operator: Place,
    /// Code, severity and count of the findings in the operator at hand.
    counts: Vec<(&'static str, Severity, u64)>,
}

impl Collector {
    pub(super) fn begin_operator(&mut self, id: OperatorId, uid: Option<String>) {
        self.operator = Place {
            operator_id: Some(id),
            uid_source: uid.as_ref().map(|_| UidSource::Metadata),
            uid,
            ..Place::default()
        };
    }

    pub(super) fn end_operator(&mut self) {
        for (code, severity, count) in std::mem::take(&mut self.counts) {
            if let Some(count) = count.checked_sub(LISTED_MAX).filter(|&more| more > 0) {
                let kind = FindingKind::More {
                    code,
                    severity,
                    count,
                };
                self.add(kind, Place::default());
            }
        }
        self.operator = Place::default();
    }

    pub(super) fn push(&mut self, kind: FindingKind) {
        self.listed(kind, Place::default());
    }

    pub(super) fn push_at(&mut self, subtask: u32, kind: FindingKind) {
        let subtask = Some(subtask);
        self.listed(
            kind,
            Place {
                subtask,
                ..Place::default()
            },
        );
    }

    pub(super) fn push_state(&mut self, subtask: u32, state: &str, kind: FindingKind) {
        let place = Place {
            subtask: Some(subtask),
            state: Some(state.to_owned()),
            ..Place::default()
        };
        self.listed(kind, place);
    }

    pub(super) fn push_path(&mut self, subtask: u32, path: &str) {
        let place = Place {
            subtask: Some(subtask),
            path: Some(shown(path).into_owned()),
            ..Place::default()
        };
        self.listed(FindingKind::InvalidPath, place);
    }

    pub(super) fn finish(self) -> Vec<Finding> {
        self.findings
    }

    fn listed(&mut self, kind: FindingKind, place: Place) {
        let code = kind.code();
        let known = self.counts.iter_mut().find(|(known, ..)| *known == code);
        let count = match known {
            Some((_, _, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.counts.push((code, kind.severity(), 1));
                1
            }
        };
        if count <= LISTED_MAX {
            self.add(kind, place);
        }
    }

    fn add(&mut self, kind: FindingKind, place: Place) {
        let operator = self.operator.clone();
        let place = Place {
            operator_id: operator.operator_id,
            uid: operator.uid,
            uid_source: operator.uid_source,
            ..place
        };
        self.findings.push(Finding { kind, place });
    }
}
