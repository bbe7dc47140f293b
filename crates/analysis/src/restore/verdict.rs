//! The answer to "can it be restored?", and what keeps it from being one.

use std::collections::BTreeSet;

use serde::Serialize;

/// Whether a snapshot can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against it.
    Restorable,
    /// Flink restores it if it may drop state (`--allowNonRestoredState`).
    RestorableDroppingState,
    /// Flink cannot load it, or not all of its state.
    NotRestorable,
}

impl Verdict {
    /// The answer in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Restorable => "restorable",
            Self::RestorableDroppingState => "restorable only by dropping state",
            Self::NotRestorable => "not restorable",
        }
    }
}

/// A question that Flink asks before a job runs from a snapshot, in the order in which it asks.
/// While one of them is open, nothing but a refusal is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Does the release read what is in the file?
    Release,
    /// Are all files there, and whole?
    Files,
    /// Does the job have an operator for all state?
    Operators,
    /// Do parallelism and max parallelism fit the state?
    Parallelism,
    /// Do the job's chains fit tasks that had finished, and in-flight data?
    Chains,
    /// Does the state backend read the keyed state?
    Backend,
    /// Which states do the job's operators have?
    States,
    /// Do the job's serializers and classes read what is there?
    Types,
}

impl Question {
    /// What Flink asks of a new job: all of it but the files.
    pub const OF_JOB: [Self; 7] = [
        Self::Release,
        Self::Operators,
        Self::Parallelism,
        Self::Chains,
        Self::Backend,
        Self::States,
        Self::Types,
    ];

    /// What it is about, in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Files => "files",
            Self::Operators => "operators",
            Self::Parallelism => "parallelism",
            Self::Chains => "chains",
            Self::Backend => "state backend",
            Self::States => "states",
            Self::Types => "types",
        }
    }
}

/// What something that was noticed does to a restore; the worst decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing: Flink restores.
    None,
    /// Flink restores if it may drop state.
    Drops,
    /// Flink asks this, and what is known does not tell.
    Open(Question),
    /// All that Flink asks of a job is open.
    AllOpen,
    /// Flink refuses.
    Fails,
}

/// What all effects together come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Flink refuses, whatever else it finds.
    fails: bool,
    /// There is state that the job has no operator for.
    drops: bool,
    /// What is not known.
    open: BTreeSet<Question>,
    /// State may be dropped.
    allowed: bool,
}

impl Judgement {
    /// Of a job that is started with or without `--allowNonRestoredState`.
    pub fn new(allowed: bool) -> Self {
        Self {
            allowed,
            ..Self::default()
        }
    }

    /// Adds what one finding does.
    pub fn add(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Drops => self.drops = true,
            Effect::Open(question) => {
                self.open.insert(question);
            }
            Effect::AllOpen => self.open.extend(Question::OF_JOB),
            Effect::Fails => self.fails = true,
        }
    }

    /// What is not known.
    pub fn open(&self) -> &BTreeSet<Question> {
        &self.open
    }

    /// The verdict; `None` as long as something is open that could still make it a "no".
    ///
    /// State that nobody takes is a refusal by itself unless it may be dropped: it does not become
    /// less certain by what else is open.
    pub fn verdict(&self) -> Option<Verdict> {
        match (self.fails, self.open.is_empty(), self.drops) {
            (true, ..) => Some(Verdict::NotRestorable),
            (_, false, true) if !self.allowed => Some(Verdict::NotRestorable),
            (_, false, _) => None,
            (_, true, true) => Some(Verdict::RestorableDroppingState),
            (_, true, false) => Some(Verdict::Restorable),
        }
    }

    /// True if only `--allowNonRestoredState` stands between a refusal and an open question.
    pub fn depends_on_dropping(&self) -> bool {
        !self.fails && self.drops && !self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(allowed: bool, effects: &[Effect]) -> Option<Verdict> {
        let mut judgement = Judgement::new(allowed);
        effects.iter().for_each(|effect| judgement.add(*effect));
        judgement.verdict()
    }

    #[test]
    fn a_certain_refusal_beats_an_open_question_and_an_open_question_beats_a_yes() {
        let open = Effect::Open(Question::States);
        for allowed in [false, true] {
            assert_eq!(verdict(allowed, &[open]), None);
            assert_eq!(
                verdict(allowed, &[open, Effect::Fails]),
                Some(Verdict::NotRestorable)
            );
            assert_eq!(
                verdict(allowed, &[Effect::Drops]),
                Some(Verdict::RestorableDroppingState)
            );
            assert_eq!(verdict(allowed, &[]), Some(Verdict::Restorable));
        }
        assert_eq!(
            verdict(false, &[open, Effect::Drops]),
            Some(Verdict::NotRestorable)
        );
        assert_eq!(verdict(true, &[open, Effect::Drops]), None);
    }
}
