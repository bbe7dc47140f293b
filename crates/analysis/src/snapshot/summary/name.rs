use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};
use crate::snapshot::uid::{Dictionary, generated_ids};
use statescope_format::metadata::Outline;
use statescope_format::reader::to_u64;

impl SnapshotSummary {
    /// Tells which of the operators without a known uid have an id that Flink generated: certain
    /// where it says so, in files of every version; the others stay unknown.
    pub fn recognise_generated_ids(&mut self) {
        let ids: Vec<_> = self.operators.iter().map(|o| o.operator_id).collect();
        let unnamed = self
            .operators
            .iter()
            .filter(|o| o.auto_generated_id.is_none());
        let unnamed: Vec<_> = unnamed.map(|o| o.operator_id).collect();
        let generated = generated_ids(&unnamed, &ids);
        for operator in &mut self.operators {
            if generated.contains_key(&operator.operator_id) {
                operator.auto_generated_id = Some(true);
            }
        }
        self.count_unknown_uids();
    }

    /// Fills in the uids of operators that the file does not name. Do this before
    /// [`select`](Self::select): operators are selected and sorted by these uids too.
    pub fn name_operators(&mut self, dictionary: &Dictionary) {
        for operator in &mut self.operators {
            let known = dictionary.get(operator.operator_id);
            if let (None, Some(known)) = (&operator.uid, known) {
                operator.uid = Some(known.uid.clone());
                operator.uid_source = Some(known.source);
                operator.auto_generated_id = Some(false);
            }
        }
        self.count_unknown_uids();
    }

    pub(super) fn count_unknown_uids(&mut self) {
        let unknown = |o: &&OperatorSummary| o.auto_generated_id.is_none() && o.uid.is_none();
        let unknown = self.operators.iter().filter(unknown);
        self.unknown_uids = to_u64(unknown.filter(|operator| operator.has_state()).count());
    }
}

impl OperatorSummary {
    /// Without a uid in a file that holds uids, the id is Flink's own (docs/format.md 10).
    pub(super) fn tell_generated(&mut self, outline: &Outline<'_>) {
        if self.uid.is_none() && outline.version.has_uids() {
            self.auto_generated_id = Some(true);
        }
    }
}
