use crate::finding::{Finding, KnownMigration, RestoreFinding};
use crate::restore::{Case, finding, place};
use crate::snapshot::contents::StateRole;
use crate::snapshot::summary::OperatorSummary;

/// State that the job does not find because of what is known to move ids between releases.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for (old, _) in case.matching.old.iter().filter(|(_, new)| new.is_none()) {
        if let Some(migration) = migration(old) {
            findings.push(finding(RestoreFinding::Migration(migration), place(old)));
        }
    }
}

fn migration(operator: &OperatorSummary) -> Option<KnownMigration> {
    /// Partitions and offsets, of the consumers before `KafkaSource`.
    const KAFKA_CONSUMER: &str = "topic-partition-offset-states";
    let mut states = operator.states.states.iter().flatten();
    let of_states = states.find_map(|state| match state.role {
        Some(StateRole::SinkWriter | StateRole::SinkCommittables) => Some(KnownMigration::Sink),
        _ if state.name == KAFKA_CONSUMER => Some(KnownMigration::LegacyKafkaConsumer),
        _ => None,
    });
    of_states.or_else(|| {
        let uid = operator.uid.as_deref()?;
        let (number, transformation) = uid.split_once('_')?;
        let is_planned = !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && !transformation.is_empty();
        is_planned.then_some(KnownMigration::TablePlanner)
    })
}
