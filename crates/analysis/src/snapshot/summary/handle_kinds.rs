use std::collections::BTreeSet;

use statescope_format::metadata::Dialect;
use statescope_format::model::checkpoint::OperatorSubtaskState;

/// Which of the handles that came and went with releases a file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandleKinds {
    /// The numbers of its keyed handles, those inside changelog handles included (docs/format.md 5).
    pub keyed_tags: BTreeSet<u8>,
    /// Its layout, where it holds state in which the layouts of version 3 differ.
    pub dialect: Option<Dialect>,
}

impl HandleKinds {
    pub(super) fn note(&mut self, subtask: &OperatorSubtaskState<'_>) {
        for (_, handle) in subtask.keyed_states() {
            handle.visit(&mut |handle| {
                self.keyed_tags.insert(handle.tag());
            });
        }
    }
}
