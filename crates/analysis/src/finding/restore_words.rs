use crate::finding::{KnownMigration, RestoreFinding};
use crate::restore::compat::StatePart;
use crate::restore::job::StateBackend;
use crate::snapshot::contents::{KeyedFormat, StateKind};
use statescope_format::state_file::{CommittablesForm, TtlConfigForm};

impl RestoreFinding {
    pub(super) fn message(&self) -> String {
        let ours = self.ours();
        match self.flink_says() {
            Some(flink) => format!("{ours}; Flink says: {flink}"),
            None => ours,
        }
    }

    /// In our words.
    pub(super) fn ours(&self) -> String {
        match self {
            Self::StateWithoutOperator { allowed, .. } => match allowed {
                true => "its state is dropped: the job has no such operator".to_owned(),
                false => "it has state, but the job has no such operator".to_owned(),
            },
            Self::StateShadowed => {
                "its state is lost without a word: its operator takes the state under its \
                 setUidHash instead"
                    .to_owned()
            }
            Self::StateContested { operators } => format!(
                "several operators of the job ask for its state, by their ids or by setUidHash: {}; \
                 Flink gives it to the first that it comes to, and that may be any of them",
                some_of(operators)
            ),
            Self::DuplicateId { .. } => "two operators of the job have this id".to_owned(),
            Self::MaxParallelismMismatch { old, new, .. } => {
                format!("its state has max parallelism {old}, the program sets {new}")
            }
            Self::JobParallelismAboveMax { .. } => {
                "the job's own parallelism is above its max parallelism".to_owned()
            }
            Self::ParallelismAboveStateMax {
                parallelism,
                max_parallelism,
                ..
            } => format!(
                "parallelism {parallelism} is above the max parallelism {max_parallelism} of its \
                 state"
            ),
            Self::VersionNotReadable { version, release } => {
                format!("Flink {release} does not read metadata version {version}")
            }
            Self::CommittablesNotReadable { form, release } => format!(
                "its sink has something still to commit, written as Flink {} does, which Flink \
                 {release} does not read",
                match form {
                    CommittablesForm::List => "1.12 to 1.14",
                    CommittablesForm::ByCheckpoint => "1.15 to 1.18",
                    CommittablesForm::Counted | CommittablesForm::Compressed => "1.19 and later",
                }
            ),
            Self::CommittablesNotCompared { release } => format!(
                "its sink has something still to commit, compressed: whether Flink {release} reads it \
                 is not known"
            ),
            Self::ChangelogNotAvailable { release } => {
                format!("Flink {release} has no changelog backend")
            }
            Self::ChangelogNeeded { release } => format!(
                "its keyed state is in a changelog, which Flink {release} cannot restore with the \
                 changelog switched off"
            ),
            Self::ReleaseUnknown { release } => {
                format!("what Flink {release} reads is not known to this build")
            }
            Self::HandleNotReadable { since, release, .. } => format!(
                "its keyed state has handles of a kind that came with Flink {since}; Flink {release} \
                 does not know them"
            ),
            Self::LayoutNotReadable {
                written_by,
                release,
            } => format!(
                "its in-flight data or changelog is laid out as Flink {written_by} wrote it, which \
                 Flink {release} does not read"
            ),
            Self::FinishedNotReadable { release } => format!(
                "it has finished tasks, which snapshots know of since Flink 1.14; Flink {release} \
                 does not"
            ),
            Self::HeadsNotCompared { release } => format!(
                "the state itself was not looked into: whether Flink {release} reads it is not known"
            ),
            Self::FinishedForgotten { release } => format!(
                "it had finished, which Flink {release} does not see: its work is done once more from \
                 the start"
            ),
            Self::TableNotReadable { version, release } => format!(
                "its RocksDB tables have layout version {version}, which the RocksDB of Flink \
                 {release} does not read"
            ),
            Self::HeadNotReadable { release } => {
                format!("Flink {release} does not read operator state of this form")
            }
            Self::MixedFinished { names, .. } => format!(
                "of the chain {}, some operators had finished subtasks and some had not",
                names.join(" -> ")
            ),
            Self::FinishedBehindRunning { .. } => {
                "it had finished, but a chain in front of it had not".to_owned()
            }
            Self::ChainsNotKnown => {
                "the snapshot has finished tasks or in-flight data, and how the job chains its \
                 operators is not known; both must fit"
                    .to_owned()
            }
            Self::FinishedGone => {
                "it had finished, and the job has no such operator: if it has another id now, its \
                 work is done once more from the start"
                    .to_owned()
            }
            Self::InFlightDataMoved => {
                "it has in-flight data, and its place in the chain changes".to_owned()
            }
            Self::BackendMismatch { format, backend } => format!(
                "its keyed state is {}, the job has backend {}",
                format.label(),
                backend.name()
            ),
            Self::BackendNotCompared { format } => format!(
                "its keyed state is {}; whether the job has that backend is not known",
                format.label()
            ),
            Self::BackendNotAvailable => "the release has no such backend".to_owned(),
            Self::ClaimModeNotAvailable => {
                "the job is to start with claim mode LEGACY, which Flink 2.0 removed".to_owned()
            }
            Self::StateKindChanged { old, new } => {
                format!(
                    "the state was {}, and is to be {}",
                    old.label(),
                    new.label()
                )
            }
            Self::SerializerIncompatible { part, clash, .. } => {
                format!("the {} cannot be read: {clash}", part.label())
            }
            Self::SerializerUnknown { part } => format!(
                "whether the {} can be read is not known: Kryo or a serializer of the program's \
                 own decides",
                part.label()
            ),
            Self::TimeToLiveSwitched { on, .. } => match on {
                true => "the state gets a time to live that it did not have".to_owned(),
                false => "the state loses its time to live".to_owned(),
            },
            Self::TimeToLiveUndecided { on } => format!(
                "time to live is switched {}; whether that works depends on release and backend",
                if *on { "on" } else { "off" }
            ),
            Self::HeadTooOld { release } => {
                format!("Flink {release} does not read keyed state from before Flink 1.8")
            }
            Self::MergedFilesNotReadable { release } => {
                format!("Flink {release} does not know merged files, which came with 1.20")
            }
            Self::UidVanished => {
                "it has state, but its uid is not in the new job's jar or plan".to_owned()
            }
            Self::TtlConfigNotReadable { form, release } => {
                let written_by = match form {
                    TtlConfigForm::Time => "Flink 1.18 and before",
                    TtlConfigForm::Duration => "Flink 1.19 and later",
                };
                format!(
                    "its changelog holds time-to-live settings in the form of {written_by}, which \
                     Flink {release} does not read"
                )
            }
            Self::InFlightDataTorn { .. } => {
                "it is dropped with in-flight data, of which the other end stays: records may be \
                 torn, and then the job crashes"
                    .to_owned()
            }
            Self::StateMigrates => "the state is read in its old form".to_owned(),
            Self::StateLost { moved: false } => {
                "the state is lost without a word: the operator stays, the state is not in it any \
                 more"
                    .to_owned()
            }
            Self::StateLost { moved: true } => {
                "the state is lost without a word: another operator has this id now, and no such \
                 state"
                    .to_owned()
            }
            Self::TimersLost { .. } => "its timers are lost without a word".to_owned(),
            Self::ClassesNeeded { classes } => format!(
                "even to forget this state Flink needs {}",
                classes.join(", ")
            ),
            Self::Migration(migration) => match migration {
                KnownMigration::Sink => {
                    "it is a part of a sink; sinks are cut into other parts, with other ids, since \
                     Flink 1.14 and 1.15"
                }
                KnownMigration::TablePlanner => {
                    "its uid is one of the SQL planner's: its number changes with the query and \
                     with the release"
                }
                KnownMigration::LegacyKafkaConsumer => {
                    "it holds the offsets of a FlinkKafkaConsumer, which KafkaSource does not read"
                }
            }
            .to_owned(),
            Self::StatesNotCompared => "what states it has in the new job is not known".to_owned(),
            Self::KryoRegistrations { part, old, new } => format!(
                "whether the {} can be read is not known: {old} classes were registered with Kryo, \
                 now other ones or another order, {new} in all",
                part.label()
            ),
            Self::SourcesSwapped { old_name, new_name } => format!(
                "the state is that of {old_name:?}, and the operator that takes it is {new_name:?}: \
                 Flink gives one source the positions of another, and does not say so"
            ),
            Self::SourceRenamed { old_name, new_name } => format!(
                "{old_name:?} is {new_name:?} now: if that is another input, Flink gives it the \
                 positions of the old one"
            ),
            Self::SourcesByOrder {
                sources,
                known_generated: false,
            } => format!(
                "names and uids of these sources are not known: if Flink made their ids, their order in \
                 the program decides which of them gets which positions: {}",
                some_of(sources)
            ),
            Self::SourcesByOrder { sources, .. } => format!(
                "the order of sources in the program decides which of them gets which positions, and \
                 no name tells whether it changed: {}",
                some_of(sources)
            ),
            Self::StartsEmpty { label } => format!(
                "{label} has state in the new job, and none in the snapshot: it starts empty"
            ),
            Self::StatesNotRead => {
                "what states it has in the snapshot was not read, so none was compared".to_owned()
            }
            Self::PythonTypes => {
                "it is state of a Python function: its types are not in the snapshot, and Flink \
                 finds out when Python reads the first value"
                    .to_owned()
            }
            Self::ParallelismNotKnown => {
                "its parallelism in the new job is not known; it must not be above the max \
                 parallelism of the state"
                    .to_owned()
            }
            Self::UidsOnly { found, of } => format!(
                "only uids were compared: the new jar or plan has those of {found} of {of} \
                 operators with state; states, types, parallelism, chains and backend are not known"
            ),
        }
    }

    /// What Flink prints.
    pub(super) fn flink_says(&self) -> Option<String> {
        Some(match self {
            Self::StateWithoutOperator {
                operator_id,
                allowed: false,
                ..
            } => format!(
                "\"Cannot map checkpoint/savepoint state for operator {operator_id} to the new \
                 program, because the operator is not available in the new program. If you want \
                 to allow to skip this, you can set the --allowNonRestoredState option on the \
                 CLI.\""
            ),
            Self::DuplicateId { uid } => format!(
                "\"Hash collision on user-specified ID \"{}\". Most likely cause is a non-unique \
                 ID.\"",
                uid.as_deref().unwrap_or_default()
            ),
            Self::MaxParallelismMismatch {
                operator_id,
                old,
                new,
            } => format!(
                "\"Max parallelism mismatch between checkpoint/savepoint state and new program. \
                 Cannot map operator {operator_id} with max parallelism {old} to new program with \
                 max parallelism {new}.\""
            ),
            Self::JobParallelismAboveMax {
                name,
                parallelism,
                max_parallelism,
            } => format!(
                "\"Vertex {name}'s parallelism ({parallelism}) is higher than the max parallelism \
                 ({max_parallelism}).\""
            ),
            Self::ParallelismAboveStateMax {
                vertex,
                parallelism,
                max_parallelism,
            } => format!(
                "\"The state for task {} can not be restored. The maximum parallelism \
                 ({max_parallelism}) of the restored state is lower than the configured \
                 parallelism ({parallelism}).\"",
                vertex.map(|id| id.to_string()).unwrap_or_default()
            ),
            Self::VersionNotReadable { version, .. } => {
                format!("\"Unrecognized checkpoint version number: {version}\"")
            }
            Self::MixedFinished { names, vertex } => format!(
                "\"Can not restore vertex {}({vertex}) which contain mixed operator finished \
                 state\"",
                names.join(" -> ")
            ),
            Self::FinishedBehindRunning { .. } => "\"Illegal JobGraph modification.\"".to_owned(),
            Self::InFlightDataMoved => {
                "\"Cannot recover from unaligned checkpoint when topology changes, such that data \
                 exchanges with persisted data are now chained.\""
                    .to_owned()
            }
            Self::BackendMismatch {
                backend: StateBackend::Forst,
                ..
            } => "\"Not support restoring yet for ForStStateBackend\"".to_owned(),
            Self::BackendMismatch { .. } => {
                "\"Unexpected state handle type\", or an EOFException".to_owned()
            }
            Self::HeadNotReadable { .. } => "\"Incompatible version: found 6\"".to_owned(),
            Self::HeadTooOld { .. } => {
                "\"Since 1.17 Flink doesn't support recovery from pre Flink 1.8 savepoints\""
                    .to_owned()
            }
            Self::TtlConfigNotReadable { form, .. } => {
                let (written, expected) = match form {
                    TtlConfigForm::Time => (TtlConfigForm::Time, TtlConfigForm::Duration),
                    TtlConfigForm::Duration => (TtlConfigForm::Duration, TtlConfigForm::Time),
                };
                format!(
                    "\"cannot assign instance of {} to field \
                     org.apache.flink.api.common.state.StateTtlConfig.ttl of type {}\"",
                    written.class(),
                    expected.class()
                )
            }
            Self::HandleNotReadable { tag, .. } => {
                format!("\"Reading invalid KeyedStateHandle, type: {tag}\"")
            }
            Self::FinishedNotReadable { .. } => "a NullPointerException".to_owned(),
            Self::ChangelogNeeded { .. } => "\"Unexpected state handle type\"".to_owned(),
            Self::CommittablesNotReadable { .. } => {
                "\"Unrecognized version or corrupt state: 2\", or \"Failed to deserialize value\""
                    .to_owned()
            }
            Self::ChangelogNotAvailable { .. } => "\"Cannot find DelegateStateBackend class: \
                 org.apache.flink.state.changelog.ChangelogStateBackend\""
                .to_owned(),
            Self::TableNotReadable { version, .. } => {
                format!(
                    "\"Unknown Footer version. Maybe this file was created with newer version of RocksDB?\" ({version})"
                )
            }
            Self::BackendNotAvailable => {
                "\"Cannot find configured state backend factory class\"".to_owned()
            }
            Self::StateKindChanged { old, new } => kind_changed(*old, *new)?,
            Self::SerializerIncompatible {
                part, kind, heap, ..
            } => incompatible(*part, *kind, *heap).to_owned(),
            Self::TimeToLiveSwitched { heap, .. } => {
                incompatible(StatePart::Value, None, *heap).to_owned()
            }
            Self::ClassesNeeded { .. } => "\"Could not find class ... in classpath.\"".to_owned(),
            _ => return None,
        })
    }

    pub(super) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::StateWithoutOperator { allowed: false, .. } => {
                "if the operator was renamed, give it back its uid, or its old id with \
                 setUidHash; if it is really gone, start with --allowNonRestoredState"
            }
            Self::StateWithoutOperator { .. } => return None,
            Self::StateShadowed => "remove setUidHash, or the uid, to take the other state",
            Self::StateContested { .. } => {
                "give those that are not to have it another uid: the state is then that of setUidHash"
            }
            Self::DuplicateId { .. } => "give each operator a uid of its own",
            Self::MaxParallelismMismatch { .. } => {
                "set the max parallelism that the state has, or none: state keeps its max \
                 parallelism for ever"
            }
            Self::JobParallelismAboveMax { .. } | Self::ParallelismAboveStateMax { .. } => {
                "lower the parallelism to at most the max parallelism"
            }
            Self::HeadTooOld { .. } => {
                "restore it once with Flink 1.8 to 1.16, and take a savepoint there"
            }
            Self::ReleaseUnknown { .. } => {
                "look for a newer statescope, or try the restore with a copy of the snapshot"
            }
            Self::UidVanished => {
                "if the operator was renamed, give it back its uid; uids that are put together at \
                 run time are in no jar"
            }
            Self::VersionNotReadable { .. }
            | Self::HeadNotReadable { .. }
            | Self::HandleNotReadable { .. }
            | Self::FinishedNotReadable { .. }
            | Self::TableNotReadable { .. }
            | Self::CommittablesNotReadable { .. }
            | Self::CommittablesNotCompared { .. }
            | Self::MergedFilesNotReadable { .. } => {
                "an older Flink does not read what a newer one wrote: use the newer one, or a \
                 snapshot that the older one made"
            }
            Self::ChainsNotKnown => {
                "describe the job with docs/StatescopeJob.java, which tells its chains"
            }
            Self::FinishedGone => "give the operator its uid back if it was renamed",
            Self::MixedFinished { .. } | Self::FinishedBehindRunning { .. } => {
                "keep the chains around finished operators as they were, or take a savepoint \
                 before any task finishes"
            }
            Self::LayoutNotReadable { .. } | Self::TtlConfigNotReadable { .. } => {
                "take a savepoint with the old release, and restore that"
            }
            Self::InFlightDataMoved | Self::InFlightDataTorn { .. } => {
                "take a savepoint or an aligned checkpoint of the old job, and restore that"
            }
            Self::BackendNotCompared { .. } => {
                "tell the backend: --state-backend, --flink-conf, or state_backend in the description"
            }
            Self::BackendMismatch {
                backend: StateBackend::Forst,
                format: KeyedFormat::Canonical,
            } => "restore it with hashmap or rocksdb",
            Self::BackendMismatch { .. } => {
                "to change the backend, take a canonical savepoint: stop --type canonical"
            }
            Self::ClaimModeNotAvailable => "start it with NO_CLAIM or CLAIM",
            Self::ChangelogNeeded { .. } => {
                "leave the changelog switched on, or take a canonical savepoint first"
            }
            Self::ChangelogNotAvailable { .. } => "switch the changelog off",
            Self::BackendNotAvailable => "choose hashmap or rocksdb",
            Self::StateKindChanged { .. } | Self::SerializerIncompatible { .. } => {
                "give the state a new name, and move the content over with the State Processor API \
                 if it matters"
            }
            Self::SerializerUnknown { .. } => {
                "try the restore with a copy of the savepoint before you rely on it"
            }
            Self::TimeToLiveSwitched { .. } | Self::TimeToLiveUndecided { .. } => {
                "Flink 2.1+ (RocksDB) and 2.2+ (heap) can switch it; before, give the state a new \
                 name"
            }
            // What to do is said with the operator that moved.
            Self::StateLost { moved: true } | Self::TimersLost { moved: true } => return None,
            Self::StateLost { .. } | Self::TimersLost { .. } => {
                "if that is not meant, give the state its old name back; \
                 --allowNonRestoredState has no say here"
            }
            Self::ClassesNeeded { .. } => "keep the classes until a savepoint without the state",
            Self::Migration(migration) => match migration {
                KnownMigration::Sink => {
                    "bind the parts by hand with CustomSinkOperatorUidHashes, or stop the old job \
                     with --drain so that nothing is left to commit"
                }
                KnownMigration::TablePlanner => {
                    "run the job from a compiled plan (COMPILE PLAN), which keeps its uids"
                }
                KnownMigration::LegacyKafkaConsumer => {
                    "start KafkaSource from the consumer group's committed offsets, with \
                     --allowNonRestoredState"
                }
            },
            Self::StatesNotCompared => {
                "compare states too: --against a savepoint of the new job, or a job description \
                 with states"
            }
            Self::KryoRegistrations { .. } => {
                "register the same classes in the same order, new ones behind them"
            }
            Self::SourcesSwapped { .. } => {
                "put the sources back into their old order; give each a uid of its own (in SQL: run \
                 from a compiled plan)"
            }
            Self::SourceRenamed { .. } => {
                "if it reads something else now, start it without this state: give it a uid of its own"
            }
            Self::SourcesByOrder { .. } => {
                "compare the order of the sources with the old program; give each a uid of its own \
                 (in SQL: run from a compiled plan)"
            }
            Self::StartsEmpty { .. } => {
                "normal for an operator that is new; else give it the uid that its state has"
            }
            Self::StatesNotRead => {
                "leave out --no-files and --no-states, and see which state files could not be read"
            }
            Self::PythonTypes => {
                "keep the types of the state, or try the restore with a copy of the savepoint"
            }
            Self::ParallelismNotKnown => "give the parallelism in the job description",
            Self::UidsOnly { .. } => {
                "compare the whole job: --against a savepoint of the new version, --job with its \
                 description, or both (docs/upgrade.md)"
            }
            Self::HeadsNotCompared { .. } => "leave out --no-states, or give --job and --against",
            Self::FinishedForgotten { .. } => {
                "use Flink 1.14 or later, or take a savepoint before the operator finishes"
            }
            Self::StateMigrates => return None,
        })
    }
}

/// The first of some names.
fn some_of(names: &[String]) -> String {
    const SAID: usize = 5;
    let said: Vec<_> = names.iter().take(SAID).map(String::as_str).collect();
    match names.len().saturating_sub(SAID) {
        0 => said.join(", "),
        more => format!("{} and {more} more", said.join(", ")),
    }
}

fn kind_changed(old: StateKind, new: StateKind) -> Option<String> {
    let (what, old, new) = match (keyed_name(old), keyed_name(new)) {
        (Some(old), Some(new)) => ("key/value state types", old, new),
        _ => ("state assignment modes", mode_name(old)?, mode_name(new)?),
    };
    Some(format!(
        "\"Incompatible {what}. Was [{old}], registered with [{new}].\""
    ))
}

fn keyed_name(kind: StateKind) -> Option<&'static str> {
    Some(match kind {
        StateKind::Value => "VALUE",
        StateKind::List => "LIST",
        StateKind::Map => "MAP",
        StateKind::Reducing => "REDUCING",
        StateKind::Aggregating => "AGGREGATING",
        StateKind::Folding => "FOLDING",
        _ => return None,
    })
}

fn mode_name(kind: StateKind) -> Option<&'static str> {
    Some(match kind {
        StateKind::OperatorList => "SPLIT_DISTRIBUTE",
        StateKind::Union => "UNION",
        StateKind::Broadcast => "BROADCAST",
        _ => return None,
    })
}

fn incompatible(part: StatePart, kind: Option<StateKind>, heap: bool) -> &'static str {
    match (part, kind, heap) {
        (StatePart::Key, ..) => {
            "\"The new key serializer must be compatible with the previous key serializer\""
        }
        (_, Some(StateKind::Timers), true) => {
            "\"For heap backends, the new priority queue serializer must not be incompatible.\""
        }
        (_, Some(StateKind::Timers), false) => {
            "\"The new priority queue serializer must not be incompatible.\""
        }
        (_, Some(StateKind::OperatorList | StateKind::Union), _) => {
            "\"The new state typeSerializer for operator state must not be incompatible.\""
        }
        (StatePart::UserKey, Some(StateKind::Broadcast), _) => {
            "\"The new key typeSerializer for broadcast state must not be incompatible.\""
        }
        (_, Some(StateKind::Broadcast), _) => {
            "\"The new value typeSerializer for broadcast state must not be incompatible.\""
        }
        (StatePart::Namespace, ..) => "\"The new namespace serializer must be compatible.\"",
        (_, _, true) => {
            "\"For heap backends, the new state serializer must not be incompatible with the old \
             state serializer\""
        }
        _ => "\"The new state serializer must not be incompatible with the old state serializer\"",
    }
}
