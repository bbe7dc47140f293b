use crate::finding::{Finding, RestoreFinding};
use crate::restore::rules::Reading;
use crate::restore::{FlinkRelease, finding, place};
use statescope_format::state_file::TtlConfigForm;

/// A changelog holds time-to-live settings as a Java object. The class of one of its fields changed
/// in Flink 1.19, and neither side reads the other's.
pub(super) fn check(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let reads = match reading.release < FlinkRelease::new(1, 19) {
        true => TtlConfigForm::Time,
        false => TtlConfigForm::Duration,
    };
    for operator in &reading.operators {
        let mut forms = operator.states.ttl_config_forms.iter();
        if let Some(&form) = forms.find(|form| **form != reads) {
            let release = reading.release();
            let kind = RestoreFinding::TtlConfigNotReadable { form, release };
            findings.push(finding(kind, place(operator)));
        }
    }
}
