use std::cmp::Reverse;

use crate::finding::Finding;
use crate::growth::files::RetainedByRun;
use crate::growth::lineage::{JobSeries, jobs};
use crate::growth::notice::Limits;
use crate::growth::observation::Observation;
use crate::growth::result::{Growth, JobGrowth};
use crate::growth::{fastest_first, growth};
use statescope_format::Location;
use statescope_format::reader::to_u64;

/// Gathers the growth of jobs, and of many keeps those that grow fastest.
#[derive(Debug)]
pub struct Judge {
    since_ms: Option<i64>,
    older: u64,
    limits: Limits,
    jobs_max: usize,
    snapshot_count: u64,
    jobs: Vec<JobGrowth>,
    findings: Vec<Finding>,
}

impl Judge {
    /// Snapshots before `since_ms` (milliseconds since 1970) are left out; no more than `jobs_max`
    /// jobs are kept.
    pub fn new(since_ms: Option<i64>, limits: Limits, jobs_max: usize) -> Self {
        Self {
            since_ms,
            older: 0,
            limits,
            jobs_max,
            snapshot_count: 0,
            jobs: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Adds those jobs that are wanted. No job may be in two calls.
    pub fn add(
        &mut self,
        mut observations: Vec<Observation>,
        retained: &mut RetainedByRun,
        wanted: impl Fn(&JobSeries) -> bool,
    ) {
        let since = self.since_ms;
        let is_older = |seen: &Observation| since.is_some_and(|since| seen.time_ms < since);
        observations.retain(|seen| {
            let older = is_older(seen);
            self.older += u64::from(older);
            !older
        });
        for series in jobs(observations).into_iter().filter(wanted) {
            // One that is there and in the history is one.
            self.snapshot_count += to_u64(series.observations.len());
            let Some((mut job, mut found)) = growth(&series, &self.limits) else {
                continue;
            };
            let files = retained.take(&series);
            job.retained_bytes = files.and_then(|files| files.bytes());
            self.jobs.push(job);
            self.findings.append(&mut found);
        }
        // Twice as many, so that sorting is rare.
        if self.jobs.len() > self.jobs_max.saturating_mul(2) {
            self.keep();
        }
    }

    fn keep(&mut self) {
        fastest_first(&mut self.jobs);
        self.jobs.truncate(self.jobs_max);
    }

    /// How many snapshots were left out for their time.
    pub fn older(&self) -> u64 {
        self.older
    }

    /// The jobs, fastest growth first, and the findings, worst first.
    pub fn finish(mut self, locations: Vec<Location>) -> Growth {
        self.keep();
        self.findings
            .sort_by_key(|finding| Reverse(finding.kind.severity()));
        Growth {
            locations,
            since: self.since_ms,
            snapshot_count: self.snapshot_count,
            limit_bytes: self.limits.bytes,
            jobs: self.jobs,
            findings: self.findings,
        }
    }
}
