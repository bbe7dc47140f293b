use std::path::PathBuf;

use clap::{Args, ValueEnum};
use statescope::finding::Finding;
use statescope::inspect::retention::{self, PlanRequest};
use statescope::output;
use statescope::report;
use statescope::retention::{GroupBy, Plan, Policy};
use statescope::{Location, UtcSeconds};

use crate::cli::args::Format;
use crate::cli::commands::retention::refused;
use crate::cli::duration::seconds;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output_file::with_output;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};

/// What a policy keeps and what it deletes, with reasons; nothing is changed
///
/// Rules add up: a snapshot stays if any of them keeps it. They count per job and per kind. The
/// newest complete checkpoint of each job always stays, and so does everything younger than
/// --min-age. Files that a snapshot which stays needs are never planned, wherever it lies below BASE
/// and the bases of --also.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope retention plan s3://bucket/checkpoints --keep-last 3
  statescope retention plan hdfs:///flink/checkpoints --also hdfs:///flink/savepoints \\
      --keep-within 7d --keep-daily 30 --plan-out plan.json
  statescope retention plan s3://bucket/savepoints --also s3://bucket/checkpoints \\
      --include-savepoints --keep-last 2 --keep-monthly 12
  statescope retention plan /data/flink --keep-last 5 --jobs

DURATION is such as 36h, 7d or 2w. Days, weeks, months and years are those of UTC.

Exit status: 0 ok, 2 usage, 5 not found, 6 storage, 8 refused by a safety rule
(docs/retention.md).")]
pub(crate) struct PlanArgs {
    /// Below here files may go
    #[arg(value_parser = PLACE)]
    base: String,
    /// Another base, which is only read: where other jobs live that may need these files
    #[arg(value_parser = PLACE, long, value_name = "BASE")]
    also: Vec<String>,
    /// Keep the newest N
    #[arg(long, value_name = "N")]
    keep_last: Option<u32>,
    /// Keep those so much older than the newest, at most
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    keep_within: Option<u64>,
    /// Keep the newest of each of the last N hours that have any
    #[arg(long, value_name = "N")]
    keep_hourly: Option<u32>,
    /// The same for days
    #[arg(long, value_name = "N")]
    keep_daily: Option<u32>,
    /// The same for weeks, from Monday on
    #[arg(long, value_name = "N")]
    keep_weekly: Option<u32>,
    /// The same for months
    #[arg(long, value_name = "N")]
    keep_monthly: Option<u32>,
    /// The same for years
    #[arg(long, value_name = "N")]
    keep_yearly: Option<u32>,
    /// Keep this snapshot; may be repeated
    #[arg(value_parser = PLACE, long, value_name = "LOCATION")]
    keep: Vec<String>,
    /// Savepoints may go too
    #[arg(long)]
    include_savepoints: bool,
    /// Nothing younger goes
    #[arg(long, value_name = "DURATION", default_value = "3d", value_parser = seconds)]
    min_age: u64,
    /// A --min-age below an hour is meant
    #[arg(long)]
    i_know: bool,
    /// Which snapshots count together; kinds always count apart
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    group_by: Group,
    /// Fail with exit code 5 if no complete snapshot is below BASE
    #[arg(long)]
    fail_empty: bool,
    /// One row per job
    #[arg(long)]
    jobs: bool,
    /// Write the plan to FILE, for `retention apply`
    #[arg(long, value_name = "FILE")]
    plan_out: Option<PathBuf>,
    /// Count ages from this time instead of now, as in 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<UtcSeconds>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Those of one job in one directory
    #[default]
    Job,
    /// Those of one directory, whatever jobs made them
    Directory,
    /// All of them
    None,
}

impl PlanArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let request = self.request()?;
        let bases: Vec<_> = std::iter::once(&request.base)
            .chain(&request.also)
            .collect();
        session.can_answer_of(&bases, self.plan_out.as_deref())?;
        let storage = session.storage()?;
        let progress = session.progress();
        let plan = session.wait(retention::plan(&storage, &request, &progress))?;
        progress.finish();
        let plan = match plan {
            Ok(plan) => plan,
            Err(refusals) => return Ok(refused(session, &refusals)),
        };
        if self.fail_empty && plan.snapshots.is_empty() {
            return Err(CliError::empty(&plan.base, "complete snapshot"));
        }
        if let Some(file) = &self.plan_out {
            with_output(Some(file), |out| output::write_json_document(&plan, out))?;
        }
        let notes = plan.notes();
        self.print(session, &plan, &notes)?;
        session.messages().findings(&notes);
        Ok(ExitStatus::Ok)
    }

    fn print(&self, session: &Session, plan: &Plan, notes: &[Finding]) -> Result<(), CliError> {
        if session.format() == Format::Paths {
            let paths = plan.objects.iter().map(|object| object.location.as_str());
            return session.paths(paths);
        }
        let answer = Answer {
            command: "retention plan",
            data: plan,
            warnings: notes,
        };
        session.answer(&answer, || match self.jobs {
            true => report::retention_jobs(plan),
            false => report::retention_plan(plan),
        })
    }

    fn request(&self) -> Result<PlanRequest, CliError> {
        let places = [&self.also, &self.keep];
        if self.base.is_empty() || places.into_iter().flatten().any(String::is_empty) {
            return Err(CliError::Usage("a location is empty"));
        }
        let locations = |texts: &[String]| texts.iter().map(Location::new).collect();
        Ok(PlanRequest {
            base: Location::new(&self.base),
            also: locations(&self.also),
            policy: Policy {
                keep_last: self.keep_last,
                keep_within_seconds: self.keep_within,
                keep_hourly: self.keep_hourly,
                keep_daily: self.keep_daily,
                keep_weekly: self.keep_weekly,
                keep_monthly: self.keep_monthly,
                keep_yearly: self.keep_yearly,
                keep: locations(&self.keep),
                include_savepoints: self.include_savepoints,
                min_age_seconds: self.min_age,
                group_by: match self.group_by {
                    Group::Job => GroupBy::Job,
                    Group::Directory => GroupBy::Directory,
                    Group::None => GroupBy::None,
                },
            },
            knows: self.i_know,
            now: self
                .now
                .unwrap_or_else(|| std::time::SystemTime::now().into()),
        })
    }
}
