//! State handles, one file per family. A handle starts with a tag and carries no length, so an
//! unknown tag ends the parse.

mod changelog;
mod channel;
mod keyed;
mod operator;
mod stream;

pub(super) use channel::channel_states;
pub(super) use keyed::keyed_state;
pub(super) use operator::optional_operator_state;
pub(super) use stream::coordinator_state;
