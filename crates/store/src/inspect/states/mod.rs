//! Looks into the files of a snapshot, state by state.

mod changelog;
mod handle;
mod head;
mod key_groups;
mod keyed;
mod operator;
mod plan;
mod source;
mod told;
mod walk;
mod whole;

use std::collections::HashSet;
use std::mem;

use futures_util::{StreamExt, stream};

use crate::error::Error;
use crate::inspect::load::LoadedMetadata;
use crate::inspect::progress::Progress;
use crate::storage::{Storage, StorageError};
use statescope_analysis::snapshot::contents::{OperatorTotals, StatesBuilder, Unread};
use statescope_analysis::snapshot::references::Base;
use statescope_format::model::checkpoint::{OperatorId, OperatorState, StateSlot};
use statescope_format::reader::{ParseError, to_u64};

use handle::{Content, Handle, handles};
use keyed::Keyed;
pub use plan::bytes_to_read;
use source::Source;
pub use told::{StatesById, ToldStates};
pub(super) use whole::{Ending, Stream, ending};

/// How much is read to tell the states of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatesOptions {
    /// Count bytes and entries; else only names and types are told.
    pub sizes: bool,
    /// Look at the heads of all subtasks; else only at those of the first with state of a sort.
    /// Where sizes need a head, it is read in any case.
    pub all_heads: bool,
}

impl Default for StatesOptions {
    fn default() -> Self {
        Self {
            sizes: true,
            all_heads: false,
        }
    }
}

/// Handles that are looked into at a time; the storage bounds the requests themselves.
const HANDLES_AT_ONCE: usize = 16;

/// What the reading functions share.
#[derive(Clone, Copy)]
struct Reading<'s> {
    storage: &'s Storage,
    base: &'s Base,
    options: StatesOptions,
}

impl Reading<'_> {
    /// What one handle tells.
    async fn handle(
        self,
        handle: Handle<'_, '_>,
        max_parallelism: u32,
        read_head: bool,
    ) -> StatesBuilder {
        let mut builder = StatesBuilder::default();
        let Handle { subtask, slot, .. } = handle;
        match handle.content {
            Content::Operator(handle) => {
                let done = self.operator(slot, handle, read_head, &mut builder).await;
                if let Err(trouble) = done {
                    let path = Source::new(self.storage, self.base, &handle.stream).path();
                    builder.unread(unread(subtask, slot, path, &trouble));
                }
            }
            Content::Keyed(handle) => {
                let keyed = Keyed {
                    reading: self,
                    subtask,
                    slot,
                    max_parallelism,
                    read_head,
                };
                keyed.read(handle, &mut builder).await;
            }
        }
        builder
    }
}

/// Why a stream could not be read.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{}", .0.reason())]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error("the offsets of the key groups make no sense")]
    UnknownFormat,
    #[error("some names or types lie behind a serializer of a class that is not known")]
    UnknownSerializer,
    #[error("the directory of relative paths is not known: give a LOCATION, not standard input")]
    UnknownDirectory,
}

/// Tells the states of every operator that `wanted` picks, in the order of the file. What cannot
/// be read is said in the result.
///
/// Memory: the handles of the snapshot, some 24 bytes for each operator, and for each stream that is being read some 4 MiB.
///
/// # Errors
/// When the metadata cannot be parsed.
pub async fn states(
    storage: &Storage,
    loaded: &LoadedMetadata,
    options: StatesOptions,
    wanted: impl Fn(OperatorId) -> bool,
    progress: &dyn Progress,
) -> Result<ToldStates, Error> {
    let mut told = ToldStates::default();
    // Of operators without a handle nothing is kept: there can be millions.
    let mut operators = Vec::new();
    loaded.parse_each(&mut |operator| {
        if wanted(operator.id) {
            let at = told.nothing(operator.id);
            if has_handles(&operator) {
                operators.push((at, operator));
            }
        }
    })?;
    let base = loaded.base().directory().map(|base| storage.absolute(base));
    let base = Base::new(base);
    loaded.trust_its_store(storage);
    let reading = Reading {
        storage,
        base: &base,
        options,
    };
    let work: Vec<_> = operators
        .iter()
        .flat_map(|(at, operator)| {
            let mut seen = HashSet::new();
            handles(operator).map(move |handle| {
                let is_first = seen.insert(handle.sort());
                (*at, operator.max_parallelism, is_first, handle)
            })
        })
        .collect();
    progress.expect(to_u64(work.len()));
    let mut results = stream::iter(work)
        .map(|(at, max_parallelism, is_first, handle)| async move {
            let read_head = is_first || options.all_heads;
            let builder = reading.handle(handle, max_parallelism, read_head).await;
            progress.step();
            (at, builder)
        })
        .buffered(HANDLES_AT_ONCE);
    let mut ahead = operators.iter();
    let mut current = ahead.next();
    let mut builder = StatesBuilder::default();
    let mut close = |(at, operator): &(usize, OperatorState<'_>), builder: &mut StatesBuilder| {
        told.found(*at, mem::take(builder).finish(totals(operator)));
    };
    while let Some((at, part)) = results.next().await {
        // The parts come in the order of the operators: what is read of one is soon put together.
        while let Some(operator) = current.filter(|(place, _)| *place != at) {
            close(operator, &mut builder);
            current = ahead.next();
        }
        builder.merge(part);
    }
    for operator in current.into_iter().chain(ahead) {
        close(operator, &mut builder);
    }
    Ok(told)
}

fn has_handles(operator: &OperatorState<'_>) -> bool {
    let mut states = operator
        .subtasks
        .iter()
        .filter_map(|subtask| subtask.state());
    states.any(|state| {
        state.operator_states().next().is_some()
            || state.keyed_states().next().is_some()
            || state.channel_states().next().is_some()
    })
}

/// What the handles alone tell.
fn totals(operator: &OperatorState<'_>) -> OperatorTotals {
    let mut state_bytes = Some(0_u64);
    let mut channel_bytes = Some(0_u64);
    for subtask in operator
        .subtasks
        .iter()
        .filter_map(|subtask| subtask.state())
    {
        let operator_states = subtask
            .operator_states()
            .map(|(_, handle)| handle.stream.state_size().bytes());
        let keyed = subtask
            .keyed_states()
            .map(|(_, handle)| statescope_analysis::snapshot::summary::keyed_state_size(handle));
        state_bytes = operator_states.chain(keyed).fold(state_bytes, sum);
        let channels = subtask
            .channel_states()
            .map(|(_, handle)| handle.size.bytes());
        channel_bytes = channels.fold(channel_bytes, sum);
    }
    OperatorTotals {
        parallelism: operator.parallelism,
        state_bytes,
        channel_bytes,
    }
}

fn sum(sum: Option<u64>, more: Option<u64>) -> Option<u64> {
    Some(sum?.saturating_add(more?))
}

fn unread(subtask: u32, slot: StateSlot, path: Option<String>, trouble: &Trouble) -> Unread {
    let not_asked = match trouble {
        Trouble::Storage(error) => error.not_asked().map(str::to_owned),
        _ => None,
    };
    Unread {
        subtask,
        slot,
        path,
        message: trouble.to_string(),
        not_asked,
        // Whether files are there, others look for.
        of_store: matches!(trouble, Trouble::Storage(error) if !error.is_not_found()),
    }
}
