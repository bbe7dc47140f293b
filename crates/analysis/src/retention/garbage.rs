//! Which files go: the rules of docs/retention.md, applied to a survey.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::retention::emptied::Emptied;
use crate::retention::fingerprint::{FilePrint, Fingerprint};
use crate::retention::inventory::{Directory, File};
use crate::retention::jobs::{Jobs, job_of};
use crate::retention::place::Place;
use crate::retention::plan::{Class, LeftAlone, PlannedObject, StayReason};
use crate::retention::reachability::Need;
use crate::retention::survey::{Record, Survey, by_directory};
use crate::retention::{Kind, Policy, Snapshot};
use statescope_format::layout::{METADATA_FILE, is_state_file, is_unfinished_metadata};
use statescope_format::location::{Location, Scheme};
use statescope_format::time::UtcSeconds;

/// What may be deleted.
#[derive(Debug, Default)]
pub(super) struct Garbage {
    /// Files, in the order of deletion.
    pub(super) objects: Vec<PlannedObject>,
    /// Directories that are empty without them, the deepest first.
    pub(super) directories: Vec<Location>,
    /// What stays although nothing is known to need it.
    pub(super) left_alone: Vec<LeftAlone>,
}

/// What becomes of a file.
enum Fate {
    Goes(Class),
    Stays(Option<StayReason>),
}

/// What is to be known of a directory to judge its files.
struct Context<'s> {
    directory: &'s Directory,
    print: Fingerprint,
    /// The complete snapshot in it.
    snapshot: Option<usize>,
    /// The job that it is of, and the job's directory.
    job: Option<(String, String)>,
    /// When anything in it was written last, if that is known of every file.
    last_write: Option<UtcSeconds>,
}

struct Judge<'s> {
    survey: &'s Survey,
    policy: &'s Policy,
    now: UtcSeconds,
    jobs: Jobs,
    /// All directories that were listed.
    listed: HashSet<&'s str>,
    /// Whether a snapshot stays below the base itself.
    base_has_snapshots: bool,
    /// Whether a checkpoint stays below any base.
    has_checkpoints: bool,
}

/// Sorts all files.
pub(super) fn garbage(survey: &Survey, policy: &Policy, now: UtcSeconds) -> Garbage {
    let judge = Judge::new(survey, policy, now);
    let snapshots = by_directory(&survey.records);
    let mut found = Garbage::default();
    let mut stays: BTreeMap<(String, StayReason), LeftAlone> = BTreeMap::new();
    let directories = survey.inventory.directories();
    let mut emptied = Emptied::of(directories.len());
    for (at, directory) in directories.iter().enumerate() {
        if !directory.touchable {
            emptied.keep(at);
            continue;
        }
        let context = Context::new(survey, directory, &snapshots);
        for file in directory.files() {
            match judge.fate(&context, &file) {
                Fate::Goes(class) => {
                    emptied.goes(at);
                    found.objects.push(judge.object(&context, &file, class));
                }
                Fate::Stays(reason) => {
                    emptied.keep(at);
                    if let Some(reason) = reason {
                        leave(&mut stays, directory, reason, &file);
                    }
                }
            }
        }
        if !judge.may_vanish(&context) {
            emptied.keep(at);
        }
    }
    found
        .objects
        .sort_by(|a, b| (a.class, a.location.as_str()).cmp(&(b.class, b.location.as_str())));
    found.directories = emptied.finish(directories);
    found.left_alone = stays.into_values().collect();
    found
}

impl<'s> Context<'s> {
    fn new(survey: &Survey, directory: &'s Directory, snapshots: &HashMap<&str, usize>) -> Self {
        let mut last_write = Some(UtcSeconds::from_unix(i64::MIN));
        for file in directory.files() {
            last_write = last_write
                .zip(file.settled)
                .map(|(last, this)| last.max(this));
        }
        Self {
            directory,
            print: survey.prints.directory(directory.location.as_str()),
            snapshot: snapshots.get(directory.location.as_str()).copied(),
            job: job_of(directory),
            last_write,
        }
    }

    fn job(&self) -> (&str, &str) {
        self.job
            .as_ref()
            .map_or(("", ""), |(id, directory)| (id, directory))
    }
}

impl<'s> Judge<'s> {
    fn new(survey: &'s Survey, policy: &'s Policy, now: UtcSeconds) -> Self {
        let listed = survey.inventory.directories().iter();
        let listed = listed.map(|directory| directory.location.as_str().trim_end_matches('/'));
        let stays = |wanted: &dyn Fn(&Snapshot) -> bool| {
            let mut staying = survey.records.iter().filter(|record| !record.goes());
            staying.any(|record| wanted(&record.snapshot))
        };
        Self {
            survey,
            policy,
            now,
            jobs: Jobs::new(&survey.inventory, &survey.records),
            listed: listed.collect(),
            base_has_snapshots: stays(&|snapshot| snapshot.touchable),
            has_checkpoints: stays(&|snapshot| snapshot.kind == Kind::Checkpoint),
        }
    }

    fn fate(&self, context: &Context<'_>, file: &File<'_>) -> Fate {
        use StayReason as Stay;
        let stays = |reason| Fate::Stays(Some(reason));
        if file.name == METADATA_FILE {
            return match context.snapshot {
                Some(at) if self.goes(at) => Fate::Goes(Class::Metadata),
                _ => Fate::Stays(None),
            };
        }
        if context.directory.is_link(file.name) {
            return stays(Stay::Link);
        }
        let print = self.survey.prints.file(context.print, file.name);
        match self.survey.live.need(context.print, print) {
            Some(Need::Path | Need::Directory) => return Fate::Stays(None),
            Some(Need::Name) => return stays(Stay::NeededElsewhere),
            None => {}
        }
        if context.directory.place == Place::Unknown || context.directory.place == Place::Job {
            return stays(Stay::UnknownPlace);
        }
        if !is_state_file(file.name) && !is_unfinished_metadata(file.name) {
            return stays(Stay::UnknownName);
        }
        // What a snapshot that goes mentions is as old as it was written, as the snapshot is. Of all
        // else nobody knows what it is for: it may be a copy that is still arriving, with old times.
        let since = match self.survey.dying.mentions(print) {
            true => file.modified,
            false => file.settled,
        };
        let Some(since) = since.filter(|&since| self.is_old(since)) else {
            return stays(Stay::TooYoung);
        };
        match context.directory.place {
            Place::Savepoint if !self.policy.include_savepoints => {
                // Those of a savepoint that stays are nobody's business.
                stays(if context.snapshot.is_some() {
                    Stay::InsideKeptSnapshot
                } else {
                    Stay::Savepoint
                })
            }
            Place::Checkpoint(_) | Place::Savepoint => self.in_snapshot(context, print),
            _ if self.survey.dying.mentions(print) => Fate::Goes(Class::Shared),
            Place::TaskOwned => stays(Stay::TaskOwned),
            // Its checkpoints may be outside all bases: the changelog has a base of its own.
            Place::Changelog if self.jobs.is_without_checkpoint(context.job().0) => {
                stays(Stay::JobUnknown)
            }
            Place::ForSt => stays(Stay::ForSt),
            Place::Shared | Place::Merged if !self.is_fully_known(context) => {
                stays(Stay::JobUnknown)
            }
            _ => self.unmentioned(context, since),
        }
    }

    /// A file in the directory of a snapshot that nothing which stays mentions.
    fn in_snapshot(&self, context: &Context<'_>, file: FilePrint) -> Fate {
        match context.snapshot {
            Some(at) if self.goes(at) => return Fate::Goes(Class::Exclusive),
            Some(_) => return Fate::Stays(Some(StayReason::InsideKeptSnapshot)),
            None => {}
        }
        if self
            .survey
            .ended
            .contains(context.directory.location.as_str())
        {
            return Fate::Goes(Class::Exclusive);
        }
        // With entropy in Flink's paths, a snapshot's state lies below other prefixes than its metadata.
        if self.survey.dying.mentions(file) {
            return Fate::Goes(Class::Exclusive);
        }
        // Never completed, or its metadata was deleted by somebody else.
        let (id, job) = context.job();
        let is_over = match context.directory.place {
            Place::Checkpoint(number) => {
                self.is_fully_known(context)
                    && (self.jobs.is_overtaken(id, job, number) || self.is_dead(id))
            }
            // Nearly always its metadata was deleted by the job that claimed it, and that job's
            // checkpoints need these files: where no checkpoint is known, nobody has looked.
            _ => self.has_checkpoints && context.last_write.is_some_and(|last| self.is_old(last)),
        };
        match is_over {
            true => Fate::Goes(Class::Orphan),
            false => Fate::Stays(Some(StayReason::InProgress)),
        }
    }

    /// A shared, merged or changelog file that nothing mentions at all.
    fn unmentioned(&self, context: &Context<'_>, since: UtcSeconds) -> Fate {
        let (id, _) = context.job();
        let age = self.policy.min_age_seconds;
        match self.jobs.is_left_behind(id, since, age, self.now) {
            true => Fate::Goes(Class::Orphan),
            false => Fate::Stays(Some(StayReason::JobStillWrites)),
        }
    }

    /// Whether the checkpoints of a job would have been found: its own directory was listed, and if it
    /// has none, the base is at least one that has any. Otherwise it may be that somebody gave a part
    /// of a job, or a directory that entropy has put apart from its metadata.
    fn is_fully_known(&self, context: &Context<'_>) -> bool {
        let (id, job) = context.job();
        self.listed.contains(job.trim_end_matches('/'))
            && (self.base_has_snapshots || !self.jobs.is_without_checkpoint(id))
    }

    /// Whether a job has no complete checkpoint and has long ceased to write.
    fn is_dead(&self, id: &str) -> bool {
        let since = self.now.minus(self.policy.min_age_seconds);
        self.jobs.is_without_checkpoint(id) && self.jobs.is_quiet(id, since)
    }

    fn goes(&self, snapshot: usize) -> bool {
        let record = self.survey.records.get(snapshot);
        record.is_some_and(Record::goes)
    }

    fn is_old(&self, since: UtcSeconds) -> bool {
        since <= self.now.minus(self.policy.min_age_seconds)
    }

    /// Whether a directory goes once it is empty: as Flink does it, only those of single snapshots,
    /// and besides those of jobs that are dead. Object stores have no directories.
    fn may_vanish(&self, context: &Context<'_>) -> bool {
        let Directory {
            location, place, ..
        } = context.directory;
        let has_directories = matches!(location.scheme(), Scheme::File | Scheme::Hdfs);
        if !has_directories || context.directory.parent.is_none() {
            return false;
        }
        let (id, job) = context.job();
        let is_dead = || self.is_fully_known(context) && self.is_dead(id);
        match *place {
            Place::Checkpoint(number) => {
                let goes = context.snapshot.is_some_and(|at| self.goes(at));
                goes || self.jobs.is_overtaken(id, job, number) || is_dead()
            }
            Place::Savepoint => context.directory.files().next().is_some(),
            Place::Unknown => false,
            _ => is_dead(),
        }
    }

    fn object(&self, context: &Context<'_>, file: &File<'_>, class: Class) -> PlannedObject {
        let job = match context.snapshot.and_then(|at| self.survey.records.get(at)) {
            Some(record) => record.snapshot.job.clone(),
            None => context.job.clone().map_or_else(String::new, |(id, _)| id),
        };
        PlannedObject {
            location: context.directory.location.join(file.name),
            class,
            job,
            bytes: file.bytes,
            // Without a time nothing goes but metadata that a rule has judged by its time.
            modified: file.modified.unwrap_or(self.now),
            settled: file.settled,
            etag: file.etag.map(str::to_owned),
        }
    }
}

fn leave(
    stays: &mut BTreeMap<(String, StayReason), LeftAlone>,
    directory: &Directory,
    reason: StayReason,
    file: &File<'_>,
) {
    let entry = stays
        .entry((directory.location.to_string(), reason))
        .or_insert_with(|| LeftAlone {
            directory: directory.location.clone(),
            reason,
            files: 0,
            bytes: 0,
            example: file.name.to_owned(),
        });
    entry.files += 1;
    entry.bytes = entry.bytes.saturating_add(file.bytes);
}
