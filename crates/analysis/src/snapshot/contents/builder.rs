use std::collections::{BTreeMap, BTreeSet};

use crate::snapshot::contents::facts::StateFacts;
use crate::snapshot::contents::figures::{Figures, LargestKeyGroups};
use crate::snapshot::contents::{
    Accuracy, Elements, KeyGroupShare, KeyedFormat, OperatorStates, StateKind, StateRole,
    StateSummary, Unread,
};
use statescope_format::model::checkpoint::StateSlot;
use statescope_format::model::handle::{DistributionMode, StateMetaInfo};
use statescope_format::state_file::body::{
    CanonicalKeyGroup, ChangeCounts, EntryCounts, HeapCounts, HeapKeyGroup, OperatorStateCounts,
};
use statescope_format::state_file::sst::SstProperties;
use statescope_format::state_file::{
    CommittablesForm, HeadKind, StateFileHead, StateMetaInfoSnapshot, TtlConfigForm,
};

/// Gathers what the streams of one operator tell about its states.
///
/// Each stream can have a builder of its own; [`merge`](Self::merge) joins them.
#[derive(Clone, Debug, Default)]
pub struct StatesBuilder {
    drafts: BTreeMap<(StateSlot, String), Draft>,
    heads_read: u64,
    unread: Vec<Unread>,
    /// Slots of which some bytes were not looked at.
    partial: BTreeSet<StateSlot>,
    /// Slots with databases whose tables were all looked for.
    databases: BTreeSet<StateSlot>,
    keyed_formats: BTreeSet<KeyedFormat>,
    operator_head_version: Option<i32>,
    keyed_head_version: Option<i32>,
    ttl_config_forms: BTreeSet<TtlConfigForm>,
    newest_table_version: Option<u32>,
    committables_forms: BTreeSet<CommittablesForm>,
}

#[derive(Clone, Debug, Default)]
struct Draft {
    facts: Option<StateFacts>,
    /// The kind that a handle tells by itself.
    kind: Option<StateKind>,
    figures: Figures,
    /// Some stream holds more of it, but not how much.
    uncounted: bool,
    elements: Option<Elements>,
    key_groups: LargestKeyGroups,
}

/// What is known of an operator from its handles alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct OperatorTotals {
    /// Number of subtasks.
    pub parallelism: u32,
    /// Bytes of its managed and raw state.
    pub state_bytes: Option<u64>,
    /// Bytes of its in-flight data.
    pub channel_bytes: Option<u64>,
}

impl StatesBuilder {
    /// Notes how keyed state is kept.
    pub fn keyed_format(&mut self, format: KeyedFormat) {
        self.keyed_formats.insert(format);
    }

    /// Notes the names and types that a head tells.
    pub fn head(&mut self, slot: StateSlot, head: &StateFileHead) {
        self.heads_read += 1;
        match head.kind {
            HeadKind::Operator => {
                self.operator_head_version = self.operator_head_version.max(Some(head.version));
            }
            HeadKind::Keyed => {
                self.keyed_head_version = oldest(self.keyed_head_version, Some(head.version));
            }
        }
        for state in &head.states {
            let facts = StateFacts::of(state, head.key_serializer.as_ref());
            let draft = self.draft(slot, &state.name);
            // All subtasks say the same; the first has said it.
            draft.facts.get_or_insert(facts);
        }
    }

    /// Adds the operator states of one stream, whose places its handle tells.
    pub fn operator_states(
        &mut self,
        slot: StateSlot,
        states: &[StateMetaInfo<'_>],
        counts: &[OperatorStateCounts],
    ) {
        for (state, count) in states.iter().zip(counts) {
            let draft = self.draft(slot, &state.name.to_string());
            let kind = match state.mode {
                DistributionMode::SplitDistribute => StateKind::OperatorList,
                DistributionMode::Union => StateKind::Union,
                DistributionMode::Broadcast => StateKind::Broadcast,
            };
            draft.kind = Some(kind);
            draft.figures.add(&Figures {
                bytes: count.bytes,
                entries: count.elements,
                accuracy: Some(Accuracy::Exact),
                ..Figures::default()
            });
            let (Some(bytes), Some(smallest), Some(largest)) =
                (count.bytes, count.smallest, count.largest)
            else {
                continue;
            };
            let known = draft.elements.get_or_insert(Elements {
                count: 0,
                smallest_bytes: smallest,
                largest_bytes: largest,
                restored_bytes: 0,
            });
            known.count += count.elements.unwrap_or_default();
            known.smallest_bytes = known.smallest_bytes.min(smallest);
            known.largest_bytes = known.largest_bytes.max(largest);
            known.restored_bytes = known.restored_bytes.saturating_add(bytes);
        }
    }

    /// Adds the entries of a broadcast state, which only its stream tells.
    pub fn broadcast_entries(&mut self, slot: StateSlot, name: &str, entries: u64) {
        let figures = &mut self.draft(slot, name).figures;
        figures.entries = Some(figures.entries.unwrap_or_default().saturating_add(entries));
    }

    /// Adds a key group of a canonical stream with this head.
    pub fn canonical_key_group(
        &mut self,
        slot: StateSlot,
        head: &StateFileHead,
        group: &CanonicalKeyGroup,
    ) {
        let whole: u64 = group.states.iter().map(|(_, counts)| counts.bytes()).sum();
        for (number, counts) in &group.states {
            let Some(state) = head.states.get(usize::from(*number)) else {
                self.partial.insert(slot);
                continue;
            };
            let (bytes, accuracy) = match head.compressed {
                false => (counts.bytes(), Accuracy::Exact),
                true => (
                    in_proportion(group.stored_bytes, counts.bytes(), whole),
                    Accuracy::Estimated,
                ),
            };
            let draft = self.draft(slot, &state.name);
            draft.figures.add(&Figures {
                bytes: Some(bytes),
                entries: Some(counts.entries),
                key_bytes: Some(counts.key_bytes),
                value_bytes: Some(counts.value_bytes),
                accuracy: Some(accuracy),
                ..Figures::default()
            });
            draft.key_groups.add(KeyGroupShare {
                key_group: group.key_group,
                entries: counts.entries,
                bytes: counts.bytes(),
            });
        }
    }

    /// Says that a canonical stream with this head was counted to its end: states without a
    /// single entry have none, which is not the same as unknown.
    pub fn canonical_end(&mut self, slot: StateSlot, head: &StateFileHead, totals: &[EntryCounts]) {
        for (state, counts) in head.states.iter().zip(totals) {
            if *counts == EntryCounts::default() {
                self.draft(slot, &state.name).figures.add(&Figures {
                    bytes: Some(0),
                    entries: Some(0),
                    key_bytes: Some(0),
                    value_bytes: Some(0),
                    accuracy: Some(Accuracy::Exact),
                    ..Figures::default()
                });
            }
        }
    }

    /// Adds a key group of a heap stream with this head; the figures come with
    /// [`heap_end`](Self::heap_end).
    pub fn heap_key_group(&mut self, slot: StateSlot, head: &StateFileHead, group: &HeapKeyGroup) {
        for (state, counts) in head.states.iter().zip(&group.states) {
            if let (Some(entries @ 1..), Some(bytes)) = (counts.entries, counts.bytes) {
                self.draft(slot, &state.name).key_groups.add(KeyGroupShare {
                    key_group: group.key_group,
                    entries,
                    bytes,
                });
            }
        }
    }

    /// Adds what all key groups of a heap stream with this head told.
    pub fn heap_end(&mut self, slot: StateSlot, head: &StateFileHead, totals: &[HeapCounts]) {
        for (state, counts) in head.states.iter().zip(totals) {
            let draft = self.draft(slot, &state.name);
            draft.uncounted |= counts.stored_bytes.is_none();
            draft.figures.add(&Figures {
                bytes: counts.stored_bytes,
                entries: counts.entries,
                accuracy: Some(Accuracy::Exact),
                ..Figures::default()
            });
        }
    }

    /// Adds the changes of a changelog; `names` are those of the states' numbers in it.
    pub fn changes(
        &mut self,
        slot: StateSlot,
        names: &BTreeMap<i16, String>,
        counts: &ChangeCounts,
    ) {
        for &number in counts.states.keys() {
            let Some(name) = names.get(&number) else {
                self.partial.insert(slot);
                continue;
            };
            let changes = counts.of_state(number);
            self.draft(slot, name).figures.add(&Figures {
                bytes: Some(changes.bytes),
                changes: Some(changes.changes),
                accuracy: Some(Accuracy::Estimated),
                ..Figures::default()
            });
        }
    }

    /// Notes the name and type of a state that a changelog tells by itself; its keys' type it does
    /// not.
    pub fn meta_info(&mut self, slot: StateSlot, state: &StateMetaInfoSnapshot) {
        let facts = StateFacts::of(state, None);
        self.draft(slot, &state.name).facts.get_or_insert(facts);
    }

    /// Notes in which form a changelog has time-to-live settings.
    pub fn ttl_config_form(&mut self, form: TtlConfigForm) {
        self.ttl_config_forms.insert(form);
    }

    /// Notes in which form a sink's committer wrote its state.
    pub fn committables_form(&mut self, form: CommittablesForm) {
        self.committables_forms.insert(form);
    }

    /// Notes the version of an SST's layout.
    pub fn table_version(&mut self, version: u32) {
        self.newest_table_version = self.newest_table_version.max(Some(version));
    }

    /// Adds state of which nothing but the size can be told.
    pub fn opaque(&mut self, slot: StateSlot, name: &str, bytes: Option<u64>) {
        let draft = self.draft(slot, name);
        draft.uncounted |= bytes.is_none();
        draft.figures.add(&Figures {
            bytes,
            accuracy: Some(Accuracy::Exact),
            ..Figures::default()
        });
    }

    /// Adds an SST of `file_bytes` bytes. Each holds one column family, which Flink names after the
    /// state.
    pub fn sst(&mut self, slot: StateSlot, file_bytes: u64, properties: &SstProperties) {
        self.table_version(properties.format_version);
        let Some(name) = &properties.column_family_name else {
            self.partial.insert(slot);
            return;
        };
        let deletions = [properties.num_deletions, properties.num_range_deletions];
        self.draft(slot, name).figures.add(&Figures {
            bytes: Some(file_bytes),
            entries: properties.num_entries,
            key_bytes: properties.raw_key_size,
            value_bytes: properties.raw_value_size,
            deletions: deletions.into_iter().flatten().reduce(u64::saturating_add),
            changes: None,
            accuracy: Some(Accuracy::Estimated),
        });
    }

    /// Says that all tables of a database were added: a state without any has no data, for
    /// checkpoints write out what is in memory first.
    pub fn database(&mut self, slot: StateSlot) {
        self.databases.insert(slot);
    }

    /// Says that something could not be read, and why.
    pub fn unread(&mut self, unread: Unread) {
        self.partial.insert(unread.slot);
        self.unread.push(unread);
    }

    /// Says that some of the bytes in a slot were not looked at.
    pub fn partial(&mut self, slot: StateSlot) {
        self.partial.insert(slot);
    }

    /// Adds what another builder gathered of the same operator.
    pub fn merge(&mut self, other: Self) {
        self.heads_read += other.heads_read;
        self.unread.extend(other.unread);
        self.partial.extend(other.partial);
        self.databases.extend(other.databases);
        self.keyed_formats.extend(other.keyed_formats);
        self.operator_head_version = self.operator_head_version.max(other.operator_head_version);
        self.keyed_head_version = oldest(self.keyed_head_version, other.keyed_head_version);
        self.ttl_config_forms.extend(other.ttl_config_forms);
        self.committables_forms.extend(other.committables_forms);
        self.newest_table_version = self.newest_table_version.max(other.newest_table_version);
        for ((slot, name), theirs) in other.drafts {
            let ours = self.drafts.entry((slot, name)).or_default();
            ours.figures.add(&theirs.figures);
            ours.uncounted |= theirs.uncounted;
            ours.key_groups.merge(theirs.key_groups);
            ours.facts = ours.facts.take().or(theirs.facts);
            ours.kind = ours.kind.or(theirs.kind);
            ours.elements = match (ours.elements, theirs.elements) {
                (Some(a), Some(b)) => Some(Elements {
                    count: a.count + b.count,
                    smallest_bytes: a.smallest_bytes.min(b.smallest_bytes),
                    largest_bytes: a.largest_bytes.max(b.largest_bytes),
                    restored_bytes: a.restored_bytes.saturating_add(b.restored_bytes),
                }),
                (a, b) => a.or(b),
            };
        }
    }

    /// The states of the operator.
    pub fn finish(mut self, totals: OperatorTotals) -> OperatorStates {
        let partial = self.partial;
        for ((slot, _), draft) in &mut self.drafts {
            let figures = &mut draft.figures;
            let is_empty = figures.accuracy.is_none() && self.databases.contains(slot);
            if is_empty && !partial.contains(slot) {
                figures.add(&Figures {
                    bytes: Some(0),
                    entries: Some(0),
                    accuracy: Some(Accuracy::Exact),
                    ..Figures::default()
                });
            }
        }
        let uncounted = self.drafts.values().any(|draft| draft.uncounted);
        let drafts = self.drafts.into_iter();
        let mut states: Vec<_> = drafts
            .map(|((slot, name), draft)| {
                let is_partial = partial.contains(&slot);
                draft.finish(slot, name, is_partial, totals.parallelism)
            })
            .collect();
        // Stable: states of one size stay in the order of slot and name.
        states.sort_by_key(|state| std::cmp::Reverse(state.bytes));
        let known: u64 = states.iter().filter_map(|state| state.bytes).sum();
        let rest = totals.state_bytes.and_then(|all| all.checked_sub(known));
        let all_told = partial.is_empty() && !uncounted;
        OperatorStates {
            overhead_bytes: rest.filter(|_| all_told),
            unattributed_bytes: rest.filter(|_| !all_told),
            channel_bytes: totals.channel_bytes,
            keyed_formats: self.keyed_formats,
            operator_head_version: self.operator_head_version,
            keyed_head_version: self.keyed_head_version,
            ttl_config_forms: self.ttl_config_forms,
            newest_table_version: self.newest_table_version,
            committables_forms: self.committables_forms,
            heads_read: self.heads_read,
            unread: self.unread,
            states,
        }
    }

    fn draft(&mut self, slot: StateSlot, name: &str) -> &mut Draft {
        self.drafts.entry((slot, name.to_owned())).or_default()
    }
}

impl Draft {
    fn finish(
        self,
        slot: StateSlot,
        name: String,
        partial: bool,
        parallelism: u32,
    ) -> StateSummary {
        let Figures {
            bytes,
            entries,
            key_bytes,
            value_bytes,
            deletions,
            changes,
            accuracy,
        } = self.figures;
        let facts = self.facts.unwrap_or_default();
        let kind = facts.kind.or(self.kind);
        let accuracy = match accuracy {
            Some(_) if bytes.or(entries).is_none() => None,
            Some(_) if partial || (self.uncounted && bytes.is_some()) => Some(Accuracy::Partial),
            accuracy => accuracy,
        };
        let readers = match kind {
            Some(StateKind::Union) => u64::from(parallelism),
            _ => 1,
        };
        StateSummary {
            role: StateRole::of(&name),
            name,
            slot,
            kind,
            value_type: facts.value_type,
            key_type: facts.key_type,
            namespace: facts.namespace,
            ttl: facts.ttl,
            generic: facts.generic,
            serializers: facts.serializers,
            bytes,
            entries,
            accuracy,
            key_bytes,
            value_bytes,
            deletions,
            elements: self.elements.map(|elements| Elements {
                restored_bytes: elements.restored_bytes.saturating_mul(readers),
                ..elements
            }),
            changes,
            largest_key_groups: self.key_groups.into_vec(),
        }
    }
}

fn oldest(a: Option<i32>, b: Option<i32>) -> Option<i32> {
    a.into_iter().chain(b).min()
}

/// `part` of `whole`, of `stored` bytes.
fn in_proportion(stored: u64, part: u64, whole: u64) -> u64 {
    let share = u128::from(stored) * u128::from(part) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}
