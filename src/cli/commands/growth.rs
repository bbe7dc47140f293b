mod history;

#[cfg(not(feature = "history"))]
pub(super) use history::NOT_BUILT as NO_HISTORIES;

use std::time::SystemTime;

use clap::{Args, ValueEnum};
use statescope::Location;
use statescope::finding::{Finding, Severity};
use statescope::growth::{self, InvalidRate, JobGrowth, Limits, RateLimit};
use statescope::inspect::{self, GrowthRequest};
use statescope::output::{self, Page};
use statescope::report::{self, GrowthRows};

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
        #[cfg(not(feature = "history"))]
        self.history.refuse()?;
        session.name(self.location.iter().chain(self.history.places()));
        let uids = self.uid_sources.open(&[])?;
        let storage = session.storage_with(&self.moved)?;
        let request = GrowthRequest {
            locations: self.location.iter().map(Location::new).collect(),
            #[cfg(feature = "history")]
            history: self.history.request(!self.location.is_empty())?,
            states: self.by == Part::State,
            since_ms: self.since.map(|since| match since {
                Since::Time(time_ms) => time_ms,
                Since::Age(age_ms) => now_ms().saturating_sub(age_ms),
            }),
            limits: Limits {
                bytes: self.limit_bytes,
                within_hours: self.within,
                rate: self.fail_above,
            },
            jobs_max: self.limit,
            fail_empty: self.fail_empty,
            uids: &uids,
        };
        let progress = session.progress();
        let grew = session.wait(inspect::growth(&storage, request, &progress))?;
        progress.finish();
        #[cfg(feature = "history")]
        history::say(session, &grew);
        let (result, warnings) = (grew.growth, grew.warnings);
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
        Ok(status(&result.findings, grew.is_incomplete))
    }
}

/// Only what was asked to be judged is an error.
fn status(findings: &[Finding], incomplete: bool) -> ExitStatus {
    let is_error = |finding: &Finding| finding.kind.severity() == Severity::Error;
    let is_open = |finding: &Finding| finding.kind.code() == "limit-not-judged";
    ExitStatus::Findings
        .when(findings.iter().any(is_error))
        .max(ExitStatus::Incomplete.when(incomplete || findings.iter().any(is_open)))
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
