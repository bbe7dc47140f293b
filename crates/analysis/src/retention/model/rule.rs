use super::handles::HandleClass;

/// What is overlooked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blind {
    Class(HandleClass),
    Rule(Rule),
}

/// What a machine is not told, so that it cannot keep a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The newest checkpoint that is whole stays.
    NewestWhole,
    /// What may be the only whole checkpoint stays.
    PerhapsOnlyWhole,
    /// A savepoint stays where no checkpoint is whole.
    Savepoints,
    /// Two jobs in one directory are two.
    JobsApart,
    /// One file under two names is one.
    SameFile,
    /// What another name leads to stays.
    OtherNames,
    /// What replaced a checkpoint that is gone was read.
    Successors,
    /// Clocks agree.
    Clock,
    /// Snapshots are looked for before each batch.
    LookBeforeBatch,
    /// They are looked for inside other snapshots, too.
    LookInsideSnapshots,
    /// They are looked for where one was known.
    LookAtKnown,
}

impl Rule {
    pub(super) const ALL: [Self; 11] = [
        Self::NewestWhole,
        Self::PerhapsOnlyWhole,
        Self::Savepoints,
        Self::JobsApart,
        Self::SameFile,
        Self::OtherNames,
        Self::Successors,
        Self::Clock,
        Self::LookBeforeBatch,
        Self::LookInsideSnapshots,
        Self::LookAtKnown,
    ];
}
