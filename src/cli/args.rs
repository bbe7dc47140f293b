use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, ValueEnum};
use statescope::inspect::JobChoice;
use statescope::output::ByteUnits;

use crate::cli::commands::Command;
use crate::cli::place_argument::PLACES;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Looks into Apache Flink savepoints and checkpoints, without a cluster and without the job.
#[derive(Debug, Parser)]
#[command(
    name = "statescope",
    version,
    styles = STYLES,
    max_term_width = 100,
    after_help = "Exit status: 0 ok, 1 findings, 2 usage, 3 invalid metadata, \
                  4 unsupported version, 5 not found, 6 storage, 7 incomplete, \
                  8 refused by a safety rule, 9 partly deleted."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// How to write the result
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    format: Format,
    /// The same as --format json
    #[arg(long, global = true, conflicts_with = "format")]
    json: bool,
    /// Write the result to FILE, which is replaced only when all went well
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How to write sizes in tables
    #[arg(long, global = true, value_enum, default_value_t, value_name = "UNITS")]
    bytes: Units,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Make tables fit so many columns [default: the terminal's, no limit when piped]
    #[arg(long, global = true, value_name = "COLUMNS")]
    pub(crate) width: Option<usize>,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Draw no progress bar
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// How stores are reached. Credentials come from the environment and profiles, never from here.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Storage options")]
pub(crate) struct StoreArgs {
    /// The address of an S3-compatible or other store
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// A setting of a store, such as region=eu-central-1; may be repeated
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub(crate) storage_option: Vec<String>,
    /// A store to ask although only a snapshot names it; may be repeated [default:
    /// STATESCOPE_ALLOW_STORES]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) allow_store: Vec<String>,
    /// Flink's configuration [default: FLINK_CONF_DIR, or FLINK_HOME/conf]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) flink_conf: Option<PathBuf>,
    /// How many seconds a store may be silent
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        default_value = "30",
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) timeout: u64,
    /// How many requests may be under way at once
    #[arg(long, global = true, value_name = "N", default_value = "16")]
    pub(crate) concurrency: NonZeroUsize,
}

/// Which job is meant, where BASE holds snapshots of several.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct JobChoiceArgs {
    /// Of BASE@latest and BASE@chk-N: the job that is meant
    #[arg(long, value_name = "ID")]
    pub(crate) job_id: Option<String>,
    /// Fail with exit code 2 where BASE@latest has snapshots of several jobs to choose from
    #[arg(long)]
    pub(crate) one_job: bool,
}

impl JobChoiceArgs {
    pub(crate) fn choice(&self) -> JobChoice {
        JobChoice {
            job_id: self.job_id.clone(),
            one_job: self.one_job,
        }
    }
}

/// Files that lie elsewhere than the metadata says.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PathMapArgs {
    /// Look for files whose recorded path begins with FROM below TO: for copied checkpoints; may be
    /// repeated
    #[arg(value_parser = PLACES, long, value_name = "FROM=TO")]
    pub(crate) path_map: Vec<String>,
    /// The files will be at their recorded paths when the job starts: those that --path-map found are
    /// as good as there
    #[arg(long, requires = "path_map")]
    pub(crate) assume_path_map: bool,
}

impl GlobalArgs {
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    pub(crate) fn bytes(&self) -> ByteUnits {
        match self.bytes {
            Units::Binary => ByteUnits::Binary,
            Units::Metric => ByteUnits::Metric,
            Units::Exact => ByteUnits::Exact,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned text for people
    #[default]
    Table,
    /// One document with everything that is known
    Json,
    /// The table's rows, with plain numbers
    Csv,
    /// For issues, chats and wikis
    Markdown,
    /// One page that needs no other file; of growth and show with figures
    Html,
    /// Metrics for node_exporter's textfile collector; only of growth
    Prometheus,
    /// One path per line; for `retention` alone
    Paths,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Units {
    /// KiB, MiB, GiB
    #[default]
    Binary,
    /// kB, MB, GB
    Metric,
    /// All digits
    Exact,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}
