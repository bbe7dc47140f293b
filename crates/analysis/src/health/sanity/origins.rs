use crate::finding::FindingKind;
use crate::health::sanity::collector::Collector;
use statescope_format::model::checkpoint::{OperatorState, StateOrigin};

/// Subtasks that use the state of earlier checkpoints (docs/format.md 3.4).
#[derive(Default)]
pub(super) struct Origins {
    subtasks: u64,
    oldest: Option<i64>,
    newest: Option<i64>,
}

impl Origins {
    pub(super) fn operator(&mut self, operator: &OperatorState<'_>, findings: &mut Collector) {
        for subtask in &operator.subtasks {
            match subtask.state().map(|state| state.origin) {
                None | Some(StateOrigin::Own) => {}
                Some(StateOrigin::Earlier(checkpoint)) => {
                    self.subtasks += 1;
                    let least = self
                        .oldest
                        .map_or(checkpoint, |oldest| oldest.min(checkpoint));
                    self.oldest = Some(least);
                    self.newest = self.newest.max(Some(checkpoint));
                }
                Some(StateOrigin::Unclear(mark)) => {
                    findings.push_at(subtask.index, FindingKind::OriginUnclear { mark });
                }
            }
        }
    }

    /// The checkpoint's own number comes from the end of the file.
    pub(super) fn finish(&self, checkpoint_id: u64, findings: &mut Collector) {
        let Some(oldest) = self.oldest else {
            return;
        };
        let subtasks = self.subtasks;
        findings.push(FindingKind::RegionalState { subtasks, oldest });
        let is_earlier = |checkpoint: i64| {
            u64::try_from(checkpoint).is_ok_and(|checkpoint| checkpoint < checkpoint_id)
        };
        let odd = [self.oldest, self.newest].into_iter().flatten();
        if let Some(checkpoint) = odd.into_iter().find(|checkpoint| !is_earlier(*checkpoint)) {
            findings.push(FindingKind::OriginOutOfRange { checkpoint });
        }
    }
}
