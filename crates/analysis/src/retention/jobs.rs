//! What the files of a job tell about it: does it still write, and how far has it come.

use std::collections::HashMap;

use crate::retention::Kind;
use crate::retention::inventory::{Directory, Inventory};
use crate::retention::survey::Record;
use statescope_format::layout;
use statescope_format::time::UtcSeconds;

/// What is known of the jobs below the bases.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    /// By job id; by directory for jobs without one. A job may write in several places.
    jobs: HashMap<String, Job>,
}

#[derive(Debug, Default)]
struct Job {
    /// When anything of it was written last; `None` if that is not known of some file.
    last_write: Option<UtcSeconds>,
    last_write_unknown: bool,
    /// The newest complete checkpoint of each of its directories, and there of each of the jobs that
    /// write to it: when it was written, and its number.
    newest: HashMap<String, HashMap<u32, Newest>>,
}

type Newest = (Option<UtcSeconds>, Option<u64>);

/// The job that a directory is of, and the job's directory.
pub(super) fn job_of(directory: &Directory) -> Option<(String, String)> {
    let mut job = directory.location.clone();
    for _ in 0..directory.place.levels_below_job()? {
        job = job.parent();
    }
    let name = job.file_name();
    let id = match layout::is_job_id(name) {
        true => name.to_owned(),
        false => job.to_string(),
    };
    Some((id, job.to_string()))
}

impl Jobs {
    pub(super) fn new(inventory: &Inventory, records: &[Record]) -> Self {
        let mut jobs = Self::default();
        for directory in inventory.directories() {
            let Some((id, _)) = job_of(directory) else {
                continue;
            };
            let job = jobs.jobs.entry(id).or_default();
            for file in directory.files() {
                job.last_write = job.last_write.max(file.settled);
                job.last_write_unknown |= file.settled.is_none();
            }
        }
        for Record { snapshot, .. } in records {
            if snapshot.kind != Kind::Checkpoint {
                continue;
            }
            let directory = snapshot.directory.parent();
            let id = match layout::is_job_id(directory.file_name()) {
                true => directory.file_name().to_owned(),
                false => directory.to_string(),
            };
            let job = jobs.jobs.entry(id).or_default();
            let newest = job.newest.entry(directory.to_string()).or_default();
            let newest = newest.entry(snapshot.lineage).or_default();
            newest.0 = newest.0.max(snapshot.written);
            newest.1 = newest.1.max(snapshot.number);
        }
        jobs
    }

    /// Whether the job has written files, but none after `since`.
    pub(super) fn is_quiet(&self, id: &str, since: UtcSeconds) -> bool {
        self.jobs.get(id).is_some_and(|job| {
            !job.last_write_unknown && job.last_write.is_some_and(|last| last <= since)
        })
    }

    /// Whether the job has no complete checkpoint.
    pub(super) fn is_without_checkpoint(&self, id: &str) -> bool {
        self.jobs.get(id).is_none_or(|job| job.newest.is_empty())
    }

    /// Whether a checkpoint of that number in that directory has been overtaken by a complete one,
    /// so that it will never be completed.
    pub(super) fn is_overtaken(&self, id: &str, directory: &str, number: u64) -> bool {
        let Some(job) = self.jobs.get(id) else {
            return false;
        };
        let overtaken = |of_jobs: &HashMap<u32, Newest>| {
            let newest = of_jobs.values().filter_map(|(_, newest)| *newest).max();
            newest.is_some_and(|newest| number < newest)
        };
        match job.newest.get(directory) {
            Some(of_jobs) => overtaken(of_jobs),
            // With entropy in their paths, files lie in another directory than the metadata.
            None => !job.newest.is_empty() && job.newest.values().all(overtaken),
        }
    }

    /// Whether a file that nothing mentions cannot be mentioned any more by a checkpoint of the job
    /// that is still to come: the job does not write, or has completed a checkpoint so many seconds
    /// after the file.
    pub(super) fn is_left_behind(
        &self,
        id: &str,
        file: UtcSeconds,
        age: u64,
        now: UtcSeconds,
    ) -> bool {
        if self.is_quiet(id, now.minus(age)) {
            return true;
        }
        let Some(job) = self.jobs.get(id) else {
            return false;
        };
        let behind =
            |(written, _): &Newest| written.is_some_and(|written| file <= written.minus(age));
        let mut newest = job.newest.values().flat_map(HashMap::values);
        !job.newest.is_empty() && newest.all(behind)
    }
}
