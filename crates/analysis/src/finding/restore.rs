use crate::finding::Severity;
use crate::restore::compat::StatePart;
use crate::restore::job::StateBackend;
use crate::restore::verdict::{Effect, Question};
use crate::snapshot::contents::{KeyedFormat, StateKind};
use statescope_format::model::checkpoint::OperatorId;
use statescope_format::state_file::{CommittablesForm, TtlConfigForm};

/// What a job makes of a snapshot when it restores. Messages quote Flink's own, so that people who
/// search for one find the other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreFinding {
    /// An operator of the snapshot that the job does not have.
    StateWithoutOperator {
        /// Its id.
        operator_id: OperatorId,
        /// Its name.
        name: Option<String>,
        /// Its bytes.
        state_bytes: Option<u64>,
        /// Whether state may be dropped.
        allowed: bool,
    },
    /// State under an operator's own id, which is not taken because there is some under its
    /// `setUidHash` too.
    StateShadowed,
    /// State that several operators of the job ask for, by their ids or by `setUidHash`.
    StateContested {
        /// What they are called.
        operators: Vec<String>,
    },
    /// Two operators of the job with one id.
    DuplicateId {
        /// The uid that they share.
        uid: Option<String>,
    },
    /// A max parallelism that the program sets to something else.
    MaxParallelismMismatch {
        /// The operator.
        operator_id: OperatorId,
        /// In the snapshot.
        old: u32,
        /// In the program.
        new: u32,
    },
    /// A job that contradicts itself.
    JobParallelismAboveMax {
        /// The vertex.
        name: String,
        /// Its parallelism.
        parallelism: u32,
        /// Its max parallelism.
        max_parallelism: u32,
    },
    /// More subtasks than the state has key groups.
    ParallelismAboveStateMax {
        /// The vertex.
        vertex: Option<OperatorId>,
        /// The job's parallelism.
        parallelism: u32,
        /// The max parallelism of the state.
        max_parallelism: u32,
    },
    /// A metadata version that the release does not read.
    VersionNotReadable {
        /// The version.
        version: u32,
        /// The release.
        release: String,
    },
    /// A release of which nobody knows yet what it reads.
    ReleaseUnknown {
        /// The release.
        release: String,
    },
    /// A keyed handle that the release does not know.
    HandleNotReadable {
        /// Its number in the file.
        tag: u8,
        /// The release that brought it.
        since: String,
        /// The release.
        release: String,
    },
    /// Handles of version 3 in a layout that the release does not expect.
    LayoutNotReadable {
        /// The releases that write it.
        written_by: &'static str,
        /// The release.
        release: String,
    },
    /// Finished tasks, which the release does not know.
    FinishedNotReadable {
        /// The release.
        release: String,
    },
    /// An operator that had finished, which the release does not see.
    FinishedForgotten {
        /// The release.
        release: String,
    },
    /// Tables of a database that the release's RocksDB does not read.
    TableNotReadable {
        /// Version of the tables' layout.
        version: u32,
        /// The release.
        release: String,
    },
    /// A head of operator state that the release does not read.
    HeadNotReadable {
        /// The release.
        release: String,
    },
    /// Heads that were not looked at, of which not every release reads each.
    HeadsNotCompared {
        /// The release.
        release: String,
    },
    /// A head of keyed state that the release reads no more.
    HeadTooOld {
        /// The release.
        release: String,
    },
    /// Merged files, which the release does not know.
    MergedFilesNotReadable {
        /// The release.
        release: String,
    },
    /// A uid that the new job's jar or plan does not have.
    UidVanished,
    /// Time-to-live settings in a changelog that the release does not read.
    TtlConfigNotReadable {
        /// How they are written.
        form: TtlConfigForm,
        /// The release.
        release: String,
    },
    /// What a sink has still to commit, in a form that the release does not read.
    CommittablesNotReadable {
        /// The form.
        form: CommittablesForm,
        /// The release.
        release: String,
    },
    /// The same, compressed, so that its form is not known.
    CommittablesNotCompared {
        /// The release.
        release: String,
    },
    /// A changelog backend that the release does not have.
    ChangelogNotAvailable {
        /// The release.
        release: String,
    },
    /// State in a changelog, and a job without one, in a release that cannot switch it off.
    ChangelogNeeded {
        /// The release.
        release: String,
    },
    /// Operators of one chain that had come unequally far.
    MixedFinished {
        /// The operators of the chain.
        names: Vec<String>,
        /// The chain.
        vertex: OperatorId,
    },
    /// A chain that had finished behind one that had not.
    FinishedBehindRunning {
        /// The chain.
        vertex: OperatorId,
    },
    /// A finished operator that the job does not have.
    FinishedGone,
    /// Finished tasks or in-flight data, and a job whose chains are not known.
    ChainsNotKnown,
    /// In-flight data that would have to flow inside a chain.
    InFlightDataMoved,
    /// In-flight data that is dropped at one end of an exchange only.
    InFlightDataTorn {
        /// Whether state may be dropped at all.
        allowed: bool,
    },
    /// Native state of one backend, and a job with another.
    BackendMismatch {
        /// How the state is kept.
        format: KeyedFormat,
        /// The job's backend.
        backend: StateBackend,
    },
    /// Native state, and a job whose backend is not known.
    BackendNotCompared {
        /// How the state is kept.
        format: KeyedFormat,
    },
    /// A backend that the release does not have.
    BackendNotAvailable,
    /// A claim mode that the release does not have.
    ClaimModeNotAvailable,
    /// A state of the same name but of another kind.
    StateKindChanged {
        /// As it was.
        old: StateKind,
        /// As it is to be.
        new: StateKind,
    },
    /// A serializer that cannot read what is there.
    SerializerIncompatible {
        /// Of what.
        part: StatePart,
        /// Where exactly they part, such as `score: Double, now String`.
        clash: String,
        /// The kind of the state; `None` for keys.
        kind: Option<StateKind>,
        /// Whether the backend is the heap's.
        heap: bool,
    },
    /// A serializer of which the snapshots do not tell whether it reads what is there.
    SerializerUnknown {
        /// Of what.
        part: StatePart,
    },
    /// Classes that are registered with Kryo in another way: Kryo writes their numbers.
    KryoRegistrations {
        /// Of what.
        part: StatePart,
        /// How many there were.
        old: usize,
        /// How many there are.
        new: usize,
    },
    /// A source that keeps its id and reads what another source read.
    SourcesSwapped {
        /// What it was called.
        old_name: String,
        /// What it is called now.
        new_name: String,
    },
    /// A source that keeps an id that Flink made, and has a name that nobody had.
    SourceRenamed {
        /// What it was called.
        old_name: String,
        /// What it is called now.
        new_name: String,
    },
    /// Several sources with ids that Flink made, or may have made, and no names that tell them
    /// apart.
    SourcesByOrder {
        /// Whether it is known that Flink made them.
        known_generated: bool,
        /// What they are called.
        sources: Vec<String>,
    },
    /// An operator that has state in the new job, and none in the snapshot.
    StartsEmpty {
        /// What it is called.
        label: String,
    },
    /// Time to live switched on or off, in a release that refuses it.
    TimeToLiveSwitched {
        /// On (true) or off.
        on: bool,
        /// Whether the backend is the heap's.
        heap: bool,
    },
    /// The same, and neither release nor backend are known well enough.
    TimeToLiveUndecided {
        /// On (true) or off.
        on: bool,
    },
    /// State that is read in its old form and written in a new one.
    StateMigrates,
    /// A state that vanishes from an operator that stays.
    StateLost {
        /// Whether its operator is known to be there under another id.
        moved: bool,
    },
    /// Timers that vanish from an operator that stays.
    TimersLost {
        /// The same.
        moved: bool,
    },
    /// Classes that Flink loads to read a state that nobody asks for any more.
    ClassesNeeded {
        /// The classes.
        classes: Vec<String>,
    },
    /// An operator whose states in the new job are not known.
    StatesNotCompared,
    /// An operator whose states in the snapshot were not looked into, or not all of them.
    StatesNotRead,
    /// State of a Python function, whose types the snapshot does not tell.
    PythonTypes,
    /// An operator whose parallelism in the new job is not known.
    ParallelismNotKnown,
    /// Of the new job, nothing but the uids in its jar or its plan is known.
    UidsOnly {
        /// Operators with state whose uid was found there.
        found: u64,
        /// Operators with state.
        of: u64,
    },
    /// State that is not found because of a change between releases.
    Migration(KnownMigration),
}

/// What is known to move ids between releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KnownMigration {
    /// Sinks are cut into other parts, with other ids, since Flink 1.14 and 1.15.
    Sink,
    /// The SQL planner numbers operators, and changed how it names them in 1.15 and 1.16.
    TablePlanner,
    /// `FlinkKafkaConsumer` and `KafkaSource` do not read each other's state.
    LegacyKafkaConsumer,
}

impl RestoreFinding {
    /// What it does to the restore.
    pub fn effect(&self) -> Effect {
        match self {
            Self::StateWithoutOperator { .. } => Effect::Drops,
            Self::StateShadowed
            | Self::StateMigrates
            | Self::StateLost { .. }
            | Self::FinishedGone
            | Self::FinishedForgotten { .. }
            | Self::Migration(_)
            | Self::InFlightDataTorn { allowed: false }
            | Self::SourcesSwapped { .. }
            | Self::SourceRenamed { .. }
            | Self::SourcesByOrder { .. }
            | Self::StartsEmpty { .. }
            | Self::TimersLost { .. } => Effect::None,
            Self::BackendNotCompared { .. } => Effect::Open(Question::Backend),
            Self::SerializerUnknown { .. }
            | Self::KryoRegistrations { .. }
            | Self::PythonTypes
            | Self::ClassesNeeded { .. } => Effect::Open(Question::Types),
            Self::TimeToLiveUndecided { .. }
            | Self::ReleaseUnknown { .. }
            | Self::CommittablesNotCompared { .. }
            | Self::HeadsNotCompared { .. } => Effect::Open(Question::Release),
            Self::UidVanished | Self::StateContested { .. } => Effect::Open(Question::Operators),
            Self::UidsOnly { .. } => Effect::AllOpen,
            Self::ChainsNotKnown | Self::InFlightDataTorn { allowed: true } => {
                Effect::Open(Question::Chains)
            }
            Self::ParallelismNotKnown => Effect::Open(Question::Parallelism),
            Self::StatesNotCompared | Self::StatesNotRead => Effect::Open(Question::States),
            _ => Effect::Fails,
        }
    }

    /// Whether it is about the snapshot by itself: what it holds, and what a release reads of that,
    /// whatever the job is.
    pub(super) fn is_of_snapshot(&self) -> bool {
        matches!(
            self,
            Self::VersionNotReadable { .. }
                | Self::ReleaseUnknown { .. }
                | Self::HandleNotReadable { .. }
                | Self::LayoutNotReadable { .. }
                | Self::FinishedNotReadable { .. }
                | Self::FinishedForgotten { .. }
                | Self::TableNotReadable { .. }
                | Self::HeadNotReadable { .. }
                | Self::HeadsNotCompared { .. }
                | Self::HeadTooOld { .. }
                | Self::MergedFilesNotReadable { .. }
                | Self::TtlConfigNotReadable { .. }
                | Self::CommittablesNotReadable { .. }
                | Self::CommittablesNotCompared { .. }
                | Self::ChainsNotKnown
                | Self::StatesNotRead
                | Self::PythonTypes
        )
    }

    pub(super) fn severity(&self) -> Severity {
        match self {
            Self::StateWithoutOperator { allowed: true, .. } => Severity::Warning,
            Self::StateShadowed
            | Self::StateContested { .. }
            | Self::StateLost { .. }
            | Self::SourcesSwapped { .. } => Severity::Error,
            Self::StateMigrates
            | Self::Migration(_)
            | Self::StartsEmpty { .. }
            | Self::SourcesByOrder {
                known_generated: false,
                ..
            } => Severity::Info,
            Self::TimersLost { .. } => Severity::Warning,
            _ => match self.effect() {
                Effect::Open(_) | Effect::AllOpen | Effect::None => Severity::Warning,
                Effect::Drops | Effect::Fails => Severity::Error,
            },
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::StateWithoutOperator { .. } => "state-without-operator",
            Self::StateShadowed => "state-shadowed",
            Self::StateContested { .. } => "state-contested",
            Self::DuplicateId { .. } => "duplicate-id",
            Self::MaxParallelismMismatch { .. } => "max-parallelism-mismatch",
            Self::JobParallelismAboveMax { .. } => "job-parallelism-above-max",
            Self::ParallelismAboveStateMax { .. } => "parallelism-above-state-max",
            Self::VersionNotReadable { .. } => "version-not-readable",
            Self::ReleaseUnknown { .. } => "release-unknown",
            Self::CommittablesNotReadable { .. } => "committables-not-readable",
            Self::CommittablesNotCompared { .. } => "committables-not-compared",
            Self::ChangelogNotAvailable { .. } => "changelog-not-available",
            Self::ChangelogNeeded { .. } => "changelog-needed",
            Self::HandleNotReadable { .. } => "handle-not-readable",
            Self::LayoutNotReadable { .. } => "layout-not-readable",
            Self::FinishedNotReadable { .. } => "finished-not-readable",
            Self::FinishedForgotten { .. } => "finished-forgotten",
            Self::TableNotReadable { .. } => "table-not-readable",
            Self::HeadNotReadable { .. } => "head-not-readable",
            Self::HeadsNotCompared { .. } => "heads-not-compared",
            Self::HeadTooOld { .. } => "head-too-old",
            Self::MergedFilesNotReadable { .. } => "merged-files-not-readable",
            Self::UidVanished => "uid-vanished",
            Self::TtlConfigNotReadable { .. } => "ttl-config-not-readable",
            Self::InFlightDataTorn { .. } => "in-flight-data-torn",
            Self::MixedFinished { .. } => "mixed-finished",
            Self::FinishedBehindRunning { .. } => "finished-behind-running",
            Self::FinishedGone => "finished-gone",
            Self::ChainsNotKnown => "chains-not-known",
            Self::InFlightDataMoved => "in-flight-data-moved",
            Self::BackendMismatch { .. } => "backend-mismatch",
            Self::BackendNotCompared { .. } => "backend-not-compared",
            Self::BackendNotAvailable => "backend-not-available",
            Self::ClaimModeNotAvailable => "claim-mode-not-available",
            Self::StateKindChanged { .. } => "state-kind-changed",
            Self::SerializerIncompatible { .. } => "serializer-incompatible",
            Self::SerializerUnknown { .. } => "serializer-unknown",
            Self::TimeToLiveSwitched { .. } => "ttl-switched",
            Self::TimeToLiveUndecided { .. } => "ttl-undecided",
            Self::KryoRegistrations { .. } => "kryo-registrations",
            Self::SourcesSwapped { .. } => "sources-swapped",
            Self::SourceRenamed { .. } => "source-renamed",
            Self::SourcesByOrder { .. } => "sources-by-order",
            Self::StartsEmpty { .. } => "starts-empty",
            Self::StateMigrates => "state-migrates",
            Self::StateLost { .. } => "state-lost",
            Self::TimersLost { .. } => "timers-lost",
            Self::ClassesNeeded { .. } => "classes-needed",
            Self::StatesNotCompared => "states-not-compared",
            Self::StatesNotRead => "states-not-read",
            Self::PythonTypes => "python-types-unknown",
            Self::ParallelismNotKnown => "parallelism-not-known",
            Self::UidsOnly { .. } => "only-uids-compared",
            Self::Migration(_) => "known-migration",
        }
    }
}
