use std::collections::{BTreeSet, HashMap};

use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::compat::{self, Clash, Compatibility, StatePart};
use crate::restore::job::{JobOperator, JobState, StateBackend};
use crate::restore::report::{Outcome, StateOutcome};
use crate::restore::{Case, FlinkRelease, finding, place};
use crate::snapshot::contents::{Accuracy, StateKind, StateRole};
use crate::snapshot::summary::OperatorSummary;
use statescope_format::model::checkpoint::{OperatorId, StateSlot};
use statescope_format::state_file::serializer::SerializerSnapshot;

/// What PyFlink puts in front of the names of a program's states.
const PYTHON_STATE: &str = "python-state-";

/// What becomes of each state, by operator of the snapshot.
pub(super) type StateOutcomes = HashMap<OperatorId, Vec<StateOutcome>>;

/// State by state, where the states of both sides are known.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) -> StateOutcomes {
    let classes = classes_of_job(case);
    let mut outcomes = StateOutcomes::new();
    for (old, new) in case.matching.kept() {
        if !has_named_state(old) {
            continue;
        }
        let Some(new_states) = states_of(new) else {
            findings.push(finding(RestoreFinding::StatesNotCompared, place(old)));
            continue;
        };
        let Some(old_states) = complete_states(old) else {
            findings.push(finding(RestoreFinding::StatesNotRead, place(old)));
            continue;
        };
        let operator = Pair {
            case,
            old,
            classes: &classes,
        };
        let told = operator.compare(&old_states, new_states, findings);
        outcomes.insert(old.operator_id, told);
    }
    outcomes
}

/// In-flight data and coordinators have no names.
fn has_named_state(operator: &OperatorSummary) -> bool {
    let named = [StateSlot::ManagedKeyed, StateSlot::ManagedOperator];
    named.iter().any(|slot| operator.slots.contains(slot))
}

/// The states of an operator of the job; an operator that keeps none has none.
fn states_of(operator: &JobOperator) -> Option<&[JobState]> {
    match (&operator.states, operator.stateful) {
        (Some(states), _) => Some(states),
        (None, Some(false)) => Some(&[]),
        (None, _) => None,
    }
}

/// The states of an operator, if all of them could be read.
fn complete_states(operator: &OperatorSummary) -> Option<Vec<JobState>> {
    let unread = operator.states.unread.as_ref()?;
    let states = operator.states.states.as_ref()?;
    unread
        .is_empty()
        .then(|| states.iter().map(JobState::of).collect())
}

/// The program's own classes that the new job is known to have.
fn classes_of_job<'c>(case: &Case<'c>) -> BTreeSet<&'c str> {
    let operators = case.job.operators.iter();
    let states = operators.flat_map(|operator| operator.states.iter().flatten());
    let of_states =
        states.flat_map(|state| serializers(state).flat_map(SerializerSnapshot::user_classes));
    let known = case.job.classes.iter().flatten().map(String::as_str);
    of_states.chain(known).collect()
}

fn serializers(state: &JobState) -> impl Iterator<Item = &SerializerSnapshot> {
    state.serializers.parts().into_iter().flatten()
}

struct Pair<'p, 'c> {
    case: &'p Case<'c>,
    old: &'p OperatorSummary,
    classes: &'p BTreeSet<&'c str>,
}

impl Pair<'_, '_> {
    fn compare(
        &self,
        old_states: &[JobState],
        new_states: &[JobState],
        findings: &mut Vec<Finding>,
    ) -> Vec<StateOutcome> {
        let mut outcomes = Vec::new();
        for old in old_states.iter().filter(|state| is_managed(state.slot)) {
            let same = new_states
                .iter()
                .find(|new| Registry::of(new) == Registry::of(old));
            let outcome = match same {
                Some(new) => self.kept(old, new, findings),
                None => self.gone(old, findings),
            };
            outcomes.push(StateOutcome::new(old, outcome));
        }
        for new in new_states.iter().filter(|state| is_managed(state.slot)) {
            if !old_states
                .iter()
                .any(|old| Registry::of(old) == Registry::of(new))
            {
                outcomes.push(StateOutcome::new(new, Outcome::StartsEmpty));
            }
        }
        self.keys(old_states, new_states, findings);
        outcomes
    }

    /// The key serializer is one for all states of an operator, and clashes even where no state is
    /// kept.
    fn keys(&self, old: &[JobState], new: &[JobState], findings: &mut Vec<Finding>) {
        let key = |states: &'_ [JobState]| {
            states
                .iter()
                .find_map(|state| state.serializers.key.clone())
        };
        let (Some(old), Some(new)) = (key(old), key(new)) else {
            return;
        };
        match compat::serializer(&old, &new) {
            Compatibility::Incompatible => {
                let kind = RestoreFinding::SerializerIncompatible {
                    part: StatePart::Key,
                    clash: compat::first_clash(&old, &new).unwrap_or_default(),
                    kind: None,
                    heap: self.is_heap(),
                };
                findings.push(finding(kind, place(self.old)));
            }
            Compatibility::Unknown if self.case.is_own_snapshot() && old == new => {}
            Compatibility::Unknown => {
                let part = StatePart::Key;
                findings.push(finding(
                    RestoreFinding::SerializerUnknown { part },
                    place(self.old),
                ));
            }
            Compatibility::Same | Compatibility::AfterMigration => {}
        }
    }

    /// A state of the same name on both sides.
    fn kept(&self, old: &JobState, new: &JobState, findings: &mut Vec<Finding>) -> Outcome {
        let told = compat::state(old, new);
        let mut note = |kind| findings.push(finding(kind, self.place_of(old)));
        match (told.compatibility, told.clash) {
            (_, Some(Clash::Kind { old, new })) => {
                note(RestoreFinding::StateKindChanged { old, new });
                Outcome::Fails
            }
            (_, Some(Clash::TimeToLive(on))) => match self.time_to_live_can_switch() {
                Some(true) => Outcome::RestoredAfterMigration,
                Some(false) => {
                    let heap = self.is_heap();
                    note(RestoreFinding::TimeToLiveSwitched { on, heap });
                    Outcome::Fails
                }
                None => {
                    note(RestoreFinding::TimeToLiveUndecided { on });
                    Outcome::Unknown
                }
            },
            // Keys are told once, for the operator.
            (_, Some(Clash::Serializer(StatePart::Key))) => Outcome::Fails,
            (_, Some(Clash::Serializer(part))) => {
                note(RestoreFinding::SerializerIncompatible {
                    part,
                    clash: part_of(old, part)
                        .zip(part_of(new, part))
                        .and_then(|(old, new)| compat::first_clash(old, new))
                        .unwrap_or_default(),
                    kind: old.kind,
                    heap: self.is_heap(),
                });
                Outcome::Fails
            }
            (Compatibility::Unknown, None)
                if self.case.is_own_snapshot() && old.serializers == new.serializers =>
            {
                Outcome::Restored
            }
            // Python wraps every value of its own in bytes.
            (_, None) if old.name.starts_with(PYTHON_STATE) && !self.case.is_own_snapshot() => {
                note(RestoreFinding::PythonTypes);
                Outcome::Unknown
            }
            (Compatibility::Unknown, None) => {
                let parts = told
                    .unknown
                    .into_iter()
                    .filter(|part| *part != StatePart::Key);
                parts.for_each(|part| {
                    let pair = part_of(old, part).zip(part_of(new, part));
                    note(
                        match pair.and_then(|(old, new)| compat::kryo_registrations(old, new)) {
                            Some((old, new)) => {
                                RestoreFinding::KryoRegistrations { part, old, new }
                            }
                            None => RestoreFinding::SerializerUnknown { part },
                        },
                    );
                });
                Outcome::Unknown
            }
            (Compatibility::AfterMigration, None) => {
                note(RestoreFinding::StateMigrates);
                Outcome::RestoredAfterMigration
            }
            _ => Outcome::Restored,
        }
    }

    /// A state that the new job does not have. Flink reads its serializer all the same, and then
    /// forgets it without a word.
    fn gone(&self, old: &JobState, findings: &mut Vec<Finding>) -> Outcome {
        let needed = serializers(old).flat_map(SerializerSnapshot::user_classes);
        let missing: BTreeSet<_> = needed
            .filter(|class| !self.classes.contains(class))
            .collect();
        if !missing.is_empty() {
            let classes = missing.into_iter().map(str::to_owned).collect();
            let kind = RestoreFinding::ClassesNeeded { classes };
            findings.push(finding(kind, self.place_of(old)));
        }
        if self.is_known_to_be_empty(old) {
            return Outcome::Restored;
        }
        let role = StateRole::of(&old.name);
        let kind = match role {
            Some(StateRole::EventTimeTimers | StateRole::ProcessingTimeTimers) => {
                RestoreFinding::TimersLost { moved: false }
            }
            _ => RestoreFinding::StateLost { moved: false },
        };
        findings.push(finding(kind, self.place_of(old)));
        Outcome::Lost
    }

    /// True if all of the state was counted, and there was nothing: timers of which none is set.
    fn is_known_to_be_empty(&self, state: &JobState) -> bool {
        let mut states = self.old.states.states.iter().flatten();
        let counted = states.find(|old| old.slot == state.slot && old.name == state.name);
        counted.is_some_and(|old| old.entries == Some(0) && old.accuracy == Some(Accuracy::Exact))
    }

    fn place_of(&self, state: &JobState) -> Place {
        Place {
            state: Some(state.name.clone()),
            ..place(self.old)
        }
    }

    fn is_heap(&self) -> bool {
        self.case.job.state_backend == Some(StateBackend::Hashmap)
    }

    /// Time to live can be switched on and off from Flink 2.1 on with RocksDB, from 2.2 on the
    /// heap; `None` where release or backend are not known well enough.
    fn time_to_live_can_switch(&self) -> Option<bool> {
        let releases = self.case.releases;
        let (with_rocksdb, on_the_heap) = (FlinkRelease::new(2, 1), FlinkRelease::new(2, 2));
        if releases.all_before(with_rocksdb) {
            return Some(false);
        }
        if releases.all_since(on_the_heap) {
            return Some(true);
        }
        let backend = self.case.job.state_backend?;
        if backend == StateBackend::Hashmap {
            return releases.all_before(on_the_heap).then_some(false);
        }
        releases.all_since(with_rocksdb).then_some(true)
    }
}

fn is_managed(slot: StateSlot) -> bool {
    matches!(slot, StateSlot::ManagedKeyed | StateSlot::ManagedOperator)
}

/// Names are unique within one of these: broadcast state and lists do not see each other.
#[derive(PartialEq, Eq)]
struct Registry<'s> {
    slot: StateSlot,
    broadcast: bool,
    name: &'s str,
}

impl<'s> Registry<'s> {
    fn of(state: &'s JobState) -> Self {
        Self {
            slot: state.slot,
            broadcast: state.kind == Some(StateKind::Broadcast),
            name: &state.name,
        }
    }
}

fn part_of(state: &JobState, part: StatePart) -> Option<&SerializerSnapshot> {
    let of = &state.serializers;
    match part {
        StatePart::Key => of.key.as_deref(),
        StatePart::Namespace => of.namespace.as_ref(),
        StatePart::UserKey => of.user_key.as_ref(),
        StatePart::Value => of.value.as_ref(),
    }
}
