mod history;
#[cfg(feature = "history")]
mod recall;

#[cfg(not(feature = "history"))]
pub(super) use history::NOT_BUILT as NO_HISTORIES;

use std::time::SystemTime;

use clap::{Args, ValueEnum};
use statescope::Location;
use statescope::finding::{BaseFinding, Finding, FindingKind, Place, Severity};
use statescope::growth::{self, Growth, InvalidRate, JobGrowth, JobSeries, Limits, RateLimit};
use statescope::inspect::{self, Collected};
use statescope::output::{self, Page};
use statescope::report::{self, GrowthRows};
use statescope::snapshot::uid::Dictionary;

use crate::cli::args::{Format, PathMapArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};
use crate::cli::uid_sources::UidSources;

/// Size over time: which operator or state grows, since when, how fast
///
/// Looks at every snapshot at and below the places given. Times are those at which the metadata
/// files were written, so copies must keep them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope growth s3://bucket/checkpoints/4f9b1c6d8a3e4d2c9b0a7f6e5d4c3b2a
  statescope growth /data/flink --by state
  statescope growth s3://bucket/checkpoints/4f9b1c6d8a3e4d2c9b0a7f6e5d4c3b2a --by class
  statescope growth s3://bucket/checkpoints --since 7d --limit-bytes 100GiB --within 14d
  statescope growth s3://bucket/checkpoints --by total --fail-above 5%/day
  statescope growth --history s3://bucket/statescope --job-id 4f9b1c6d8a3e4d2c9b0a7f6e5d4c3b2a
  statescope growth s3://bucket/checkpoints --by state -f html -o growth.html
  statescope growth s3://bucket/checkpoints -f prometheus -o /var/lib/node_exporter/statescope.prom

Exit status: 0 ok, 1 the limit or the rate is exceeded, 2 usage, 5 not found, or
nothing there to judge by a limit or a rate, 6 storage, 7 some snapshots could not be read.")]
pub(crate) struct GrowthArgs {
    /// A directory with snapshots at any depth, or single snapshots
    #[arg(value_parser = PLACE, required_unless_present = "history", value_name = "BASE|LOCATION")]
    location: Vec<String>,
    #[command(flatten)]
    history: history::HistoryArgs,
    /// What a row of the table is; --by state also reads the state itself
    #[arg(long, value_enum, default_value_t, value_name = "PART")]
    by: Part,
    /// Leave out older snapshots: a time such as 2026-10-03T14:00:00Z, or an age such as 7d
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    since: Option<Since>,
    /// Tell when a job's state reaches so many bytes; exit with 1 if it has
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    limit_bytes: Option<u64>,
    /// With --limit-bytes: exit with 1 if the limit is reached within so long, such as 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_hours, requires = "limit_bytes")]
    within: Option<u64>,
    /// Exit with 1 if a job's state grows faster, such as 5%/day or 2GiB/h
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    fail_above: Option<RateLimit>,
    /// Fail with exit code 5 if no snapshot is there to look at; the limit and the rate do so by
    /// themselves
    #[arg(long)]
    fail_empty: bool,
    #[command(flatten)]
    moved: PathMapArgs,
    #[command(flatten)]
    uid_sources: UidSources,
    /// At most N jobs, those that grow fastest
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Part {
    /// One row per job
    Total,
    /// One row per file class: shared, private, meta, keyed, operator, changelog, channel, coordinator
    Class,
    /// One row per operator
    #[default]
    Operator,
    /// One row per state
    State,
}

#[derive(Clone, Copy, Debug)]
enum Since {
    /// Milliseconds since 1970.
    Time(i64),
    /// Milliseconds before now.
    Age(i64),
}

impl GrowthArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        if self.location.iter().any(String::is_empty) {
            return Err(CliError::Usage("a location is empty"));
        }
        session.name(self.location.iter().chain(self.history.places()));
        let locations: Vec<_> = self.location.iter().map(Location::new).collect();
        let mut judge = Judge::new(&self);
        self.history.run(&self, session, &locations, &mut judge)?;
        let places = locations.into_iter().chain(self.history.place());
        let older = judge.older;
        let (mut result, mut warnings) = judge.finish(places.collect());
        let incomplete = !warnings.is_empty();
        if result.snapshot_count == 0 && !incomplete {
            self.empty(&result.locations, older, &mut warnings)?;
        }
        warnings.append(&mut self.name(&mut result)?);
        let rows = match self.by {
            Part::Total => GrowthRows::Totals,
            Part::Class => GrowthRows::Classes,
            Part::Operator => GrowthRows::Operators,
            Part::State => GrowthRows::States,
        };
        match session.format() {
            Format::Prometheus => {
                let now = now_ms();
                session.write(|out| output::write_prometheus(&result, rows, now, out))?;
            }
            Format::Html => session.page(&Page {
                command: "growth",
                about: result
                    .jobs
                    .first()
                    .filter(|_| result.jobs.len() == 1)
                    .map(JobGrowth::label)
                    .as_deref(),
                report: &report::growth(&result, rows),
                sections: &report::growth_sections(&result),
                findings: &[&result.findings, &warnings],
            })?,
            _ => {
                let answer = Answer {
                    command: "growth",
                    data: &result,
                    warnings: &warnings,
                };
                session.answer(&answer, || report::growth(&result, rows))?;
            }
        }
        session.messages().findings(&result.findings);
        session.messages().findings(&warnings);
        Ok(status(&result.findings, incomplete))
    }

    /// Nothing was found: that is no growth below a limit, but a wrong path or a job that is gone.
    fn empty(
        &self,
        locations: &[Location],
        older: u64,
        warnings: &mut Vec<Finding>,
    ) -> Result<(), CliError> {
        let judges = self.limit_bytes.is_some() || self.fail_above.is_some();
        if let (Some(base), true) = (locations.first(), judges || self.fail_empty) {
            let wanted = match older {
                0 => "complete snapshot".to_owned(),
                _ => format!("complete snapshot since the time of --since ({older} are older)"),
            };
            return Err(CliError::empty(base, &wanted));
        }
        let kind = match older {
            0 => BaseFinding::NoSnapshots {
                wanted: "complete snapshot",
                others: 0,
            },
            older => BaseFinding::AllOlder { older },
        };
        let places: Vec<_> = locations.iter().map(Location::to_string).collect();
        warnings.push(Finding {
            kind: FindingKind::Base(kind),
            place: Place {
                path: Some(places.join(", ")),
                ..Place::default()
            },
        });
        Ok(())
    }

    /// Names operators whose files do not. Returns what to keep in mind with the names.
    fn name(&self, growth: &mut Growth) -> Result<Vec<Finding>, CliError> {
        if self.uid_sources.is_empty() {
            return Ok(Vec::new());
        }
        let operators = growth.jobs.iter().flat_map(|job| &job.operators);
        let mut dictionary = Dictionary::of(operators.map(|operator| operator.operator_id));
        let notes = self.uid_sources.fill(&mut dictionary, "")?;
        let operators = growth.jobs.iter_mut().flat_map(|job| &mut job.operators);
        for operator in operators.filter(|operator| operator.uid.is_none()) {
            let known = dictionary.get(operator.operator_id);
            operator.uid = known.map(|known| known.uid.clone());
        }
        for finding in &mut growth.findings {
            finding.place.name_operator(&dictionary);
        }
        Ok(notes)
    }

    /// The snapshots that are there.
    fn collect(&self, session: &Session, locations: &[Location]) -> Result<Collected, CliError> {
        let storage = session.storage_with(&self.moved)?;
        let progress = session.progress();
        let by_state = self.by == Part::State;
        let collected = inspect::collect(&storage, locations, by_state, &progress);
        let collected = session.wait(collected)?;
        progress.finish();
        Ok(collected)
    }
}

/// Gathers the growth of jobs, and of many keeps those that grow fastest.
struct Judge {
    since: Option<i64>,
    /// Snapshots that are older than that.
    older: u64,
    limits: Limits,
    kept_max: usize,
    snapshot_count: u64,
    jobs: Vec<JobGrowth>,
    findings: Vec<Finding>,
    not_read: Vec<Finding>,
}

impl Judge {
    fn new(args: &GrowthArgs) -> Self {
        let since = args.since.map(|since| match since {
            Since::Time(time_ms) => time_ms,
            Since::Age(age_ms) => now_ms().saturating_sub(age_ms),
        });
        Self {
            since,
            older: 0,
            limits: Limits {
                bytes: args.limit_bytes,
                within_hours: args.within,
                rate: args.fail_above,
            },
            kept_max: args.limit.unwrap_or(usize::MAX),
            snapshot_count: 0,
            jobs: Vec::new(),
            findings: Vec::new(),
            not_read: Vec::new(),
        }
    }

    /// Adds jobs. No job may be in two calls.
    fn all(&mut self, collected: Collected) {
        self.some(collected, |_| true);
    }

    /// Adds those jobs that are wanted.
    fn some(&mut self, collected: Collected, wanted: impl Fn(&JobSeries) -> bool) {
        let Collected {
            mut observations,
            mut retained,
            mut not_read,
        } = collected;
        self.not_read.append(&mut not_read);
        let since = self.since;
        let found = observations.len();
        observations.retain(|seen| since.is_none_or(|since| seen.time_ms >= since));
        self.older += (found - observations.len()) as u64;
        for series in growth::jobs(observations).into_iter().filter(wanted) {
            // One that is there and in the history is one.
            self.snapshot_count += series.observations.len() as u64;
            let Some((mut job, mut found)) = growth::growth(&series, &self.limits) else {
                continue;
            };
            let files = retained.take(&series);
            job.retained_bytes = files.and_then(|files| files.bytes());
            self.jobs.push(job);
            self.findings.append(&mut found);
        }
        // Twice as many, so that sorting is rare.
        if self.jobs.len() > self.kept_max.saturating_mul(2) {
            self.keep();
        }
    }

    fn keep(&mut self) {
        growth::fastest_first(&mut self.jobs);
        self.jobs.truncate(self.kept_max);
    }

    fn finish(mut self, locations: Vec<Location>) -> (Growth, Vec<Finding>) {
        self.keep();
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.kind.severity()));
        let growth = Growth {
            locations,
            since: self.since,
            snapshot_count: self.snapshot_count,
            limit_bytes: self.limits.bytes,
            jobs: self.jobs,
            findings: self.findings,
        };
        (growth, self.not_read)
    }
}

/// Only what was asked to be judged is an error.
fn status(findings: &[Finding], incomplete: bool) -> ExitStatus {
    let is_error = |finding: &Finding| finding.kind.severity() == Severity::Error;
    let is_open = |finding: &Finding| finding.kind.code() == "limit-not-judged";
    if incomplete || findings.iter().any(is_open) {
        ExitStatus::Incomplete
    } else if findings.iter().any(is_error) {
        ExitStatus::Findings
    } else {
        ExitStatus::Ok
    }
}

fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since_1970.map_or(0, |since| since.as_millis());
    i64::try_from(millis).unwrap_or(i64::MAX)
}

fn parse_size(text: &str) -> Result<u64, &'static str> {
    growth::parse_bytes(text).ok_or("a size is a number and a unit, such as 100GiB")
}

fn parse_rate(text: &str) -> Result<RateLimit, InvalidRate> {
    text.parse()
}

fn parse_hours(text: &str) -> Result<u64, &'static str> {
    let seconds = parse_seconds(text).ok_or(DURATION)?;
    Ok(seconds / 3600)
}

const DURATION: &str = "a duration is a whole number and h, d or w, such as 7d";

fn parse_seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let scale = match unit {
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(scale)
}

fn parse_since(text: &str) -> Result<Since, &'static str> {
    if let Some(seconds) = parse_seconds(text) {
        let millis = i64::try_from(seconds)
            .ok()
            .and_then(|s| s.checked_mul(1000));
        return millis.map(Since::Age).ok_or(DURATION);
    }
    growth::parse_time(text)
        .map(Since::Time)
        .ok_or("a time is as in 2026-10-03T14:00:00Z, a day as in 2026-10-03, an age as in 7d")
}
