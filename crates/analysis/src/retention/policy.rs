use serde::{Deserialize, Serialize};

use crate::retention::calendar::Period;
use statescope_format::location::Location;

/// What is to be kept. Rules add up: a snapshot is kept if any of them keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The newest so many of each group.
    pub keep_last: Option<u32>,
    /// Those so many seconds older than the newest of their group, at most.
    pub keep_within_seconds: Option<u64>,
    /// The newest of each of the last so many hours that have any.
    pub keep_hourly: Option<u32>,
    /// The same for days, in UTC.
    pub keep_daily: Option<u32>,
    /// The same for weeks, from Monday on.
    pub keep_weekly: Option<u32>,
    /// The same for months.
    pub keep_monthly: Option<u32>,
    /// The same for years.
    pub keep_yearly: Option<u32>,
    /// These snapshots.
    pub keep: Vec<Location>,
    /// Whether savepoints may go at all.
    pub include_savepoints: bool,
    /// Nothing younger than so many seconds goes.
    pub min_age_seconds: u64,
    /// Which snapshots count together.
    pub group_by: GroupBy,
}

/// Which snapshots the rules count together; kinds are always counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Those of one job in one directory.
    #[default]
    Job,
    /// Those of one directory, whatever jobs made them: a job that is started anew has a new id.
    Directory,
    /// All of them.
    None,
}

/// Why a snapshot is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepReason {
    /// `--keep-last`.
    Last,
    /// `--keep-within`.
    Within,
    /// `--keep-hourly`.
    Hourly,
    /// `--keep-daily`.
    Daily,
    /// `--keep-weekly`.
    Weekly,
    /// `--keep-monthly`.
    Monthly,
    /// `--keep-yearly`.
    Yearly,
    /// `--keep`.
    Named,
    /// The newest complete checkpoint of its job: always kept.
    NewestOfJob,
    /// Younger than `--min-age`.
    TooYoung,
    /// A savepoint, without `--include-savepoints`.
    Savepoint,
    /// In a directory whose name is not Flink's.
    Renamed,
    /// In a base that is only read.
    OutsideBase,
    /// The store does not say how old it is.
    UnknownTime,
    /// Its metadata is, byte for byte and second for second, that of one that stays: most likely one
    /// file under two names, such as a link. Or its directory has another name below the bases.
    SameFile,
    /// No checkpoint of its job is known to have all its files, and of this one nobody could tell.
    PerhapsOnlyWhole,
    /// Of this one nobody could tell whether it has all its files, and the newest of which that is
    /// known is older.
    PerhapsNewestWhole,
}

impl KeepReason {
    /// The reason in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Within => "within",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
            Self::Named => "named",
            Self::NewestOfJob => "newest of its job",
            Self::TooYoung => "too young",
            Self::Savepoint => "a savepoint",
            Self::Renamed => "renamed",
            Self::OutsideBase => "outside the base",
            Self::UnknownTime => "age unknown",
            Self::SameFile => "also under another name",
            Self::PerhapsOnlyWhole => "perhaps the only whole one",
            Self::PerhapsNewestWhole => "perhaps the newest whole one",
        }
    }
}

impl Policy {
    /// Three days: a weekend of failing checkpoints is no reason to lose what the next one needs
    /// (docs/retention.md).
    pub const MIN_AGE_SECONDS: u64 = 3 * 24 * 60 * 60;

    /// Whether no rule keeps anything.
    pub fn keeps_nothing(&self) -> bool {
        let Self {
            keep_last,
            keep_within_seconds,
            keep,
            ..
        } = self;
        keep_last.is_none()
            && keep_within_seconds.is_none()
            && keep.is_empty()
            && self.by_period().iter().all(|(_, _, count)| count.is_none())
    }

    pub(super) fn by_period(&self) -> [(Period, KeepReason, Option<u32>); 5] {
        [
            (Period::Hour, KeepReason::Hourly, self.keep_hourly),
            (Period::Day, KeepReason::Daily, self.keep_daily),
            (Period::Week, KeepReason::Weekly, self.keep_weekly),
            (Period::Month, KeepReason::Monthly, self.keep_monthly),
            (Period::Year, KeepReason::Yearly, self.keep_yearly),
        ]
    }
}

impl Default for Policy {
    /// No rule, and the default age.
    fn default() -> Self {
        Self {
            keep_last: None,
            keep_within_seconds: None,
            keep_hourly: None,
            keep_daily: None,
            keep_weekly: None,
            keep_monthly: None,
            keep_yearly: None,
            keep: Vec::new(),
            include_savepoints: false,
            min_age_seconds: Self::MIN_AGE_SECONDS,
            group_by: GroupBy::Job,
        }
    }
}
