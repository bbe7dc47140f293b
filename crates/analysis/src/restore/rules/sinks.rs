use crate::finding::{Finding, RestoreFinding};
use crate::restore::rules::Reading;
use crate::restore::{FlinkRelease, finding, place};
use statescope_format::state_file::CommittablesForm;

/// What a sink has still to commit is read by the release that wrote it, and by later ones.
pub(super) fn check(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let newest = match reading.release {
        release if release >= FlinkRelease::new(1, 19) => return,
        release if release >= FlinkRelease::new(1, 15) => CommittablesForm::ByCheckpoint,
        _ => CommittablesForm::List,
    };
    for operator in &reading.operators {
        let forms = &operator.states.committables_forms;
        if let Some(&form) = forms.iter().find(|form| **form > newest) {
            let release = reading.release();
            let kind = match form {
                CommittablesForm::Compressed => RestoreFinding::CommittablesNotCompared { release },
                form => RestoreFinding::CommittablesNotReadable { form, release },
            };
            findings.push(finding(kind, place(operator)));
        }
    }
}
