use std::io::{self, Write};

use clap::Args;
use serde::Serialize;
use statescope::ParseError;
use statescope::dump::{Annotator, ByteRange};
use statescope::finding::{Finding, FindingKind, Place};
use statescope::inspect::LoadedMetadata;
use statescope::metadata::MetadataParser;
use statescope::output::plain;
use statescope::report;
use statescope::snapshot::uid::{Dictionary, KnownUid};

use crate::cli::args::{Format, JobChoiceArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};
use crate::cli::uid_sources::UidSources;

/// Every byte of a _metadata file with its meaning
///
/// Of a damaged file, the part that makes sense is printed before the error. All bytes are
/// accounted for, or the command says so and fails.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope dump chk-42 | less
  statescope dump damaged/_metadata | tail -20

Exit status: 0 ok, 3 invalid metadata, 4 unsupported version, 5 not found, 6 storage.")]
pub(crate) struct DumpArgs {
    /// A directory, a _metadata file, or - for standard input
    #[arg(value_parser = PLACE)]
    location: String,
    #[command(flatten)]
    job_choice: JobChoiceArgs,
    #[command(flatten)]
    uid_sources: UidSources,
}

/// The parser's name for the field.
const OPERATOR_ID: &str = "operator id";

#[derive(Serialize)]
struct Dump {
    location: String,
    metadata_bytes: u64,
    ranges: Vec<ByteRange>,
}

impl DumpArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let (loaded, chosen) = session.load(&self.location, &self.job_choice.choice())?;
        let uids = self.uid_sources.open(&[&self.location])?;
        let (dictionary, mut notes) = uids.of_file(&loaded)?;
        notes.extend(chosen);
        let parsed = match session.format() {
            Format::Table => as_text(session, &loaded, &dictionary)?,
            _ => as_rows(session, &loaded, &dictionary, &notes)?,
        };
        session.messages().findings(&notes);
        parsed.map_err(|error| loaded.parse_error(error))?;
        Ok(ExitStatus::Ok)
    }
}

/// Straight to the output: a dump is much larger than its file.
fn as_text(
    session: &Session,
    loaded: &LoadedMetadata,
    dictionary: &Dictionary,
) -> Result<Result<(), ParseError>, CliError> {
    let mut parsed = Ok(());
    let mut gap = Ok(());
    session.write(|out| {
        let mut written = Ok(());
        let mut within = Vec::new();
        let mut annotator = Annotator::new(|mut range| {
            name_operator(&mut range, dictionary);
            if written.is_ok() {
                written = write_range(out, &mut within, range);
            }
        });
        parsed = MetadataParser::default()
            .parse_traced(loaded.bytes(), &mut annotator, &mut drop)
            .map(drop);
        gap = match parsed {
            Ok(()) => annotator.complete(loaded.bytes().len()),
            Err(_) => annotator.contiguous(),
        };
        let accounted = annotator.accounted_bytes();
        written?;
        if parsed.is_ok() && gap.is_ok() {
            writeln!(out, "all {accounted} bytes accounted for")?;
        }
        Ok(())
    })?;
    gap?;
    Ok(parsed)
}

/// Structures as headings where they change, fields below them.
fn write_range(out: &mut dyn Write, within: &mut Vec<String>, range: ByteRange) -> io::Result<()> {
    const INDENT: usize = 2;
    let ByteRange {
        start,
        end,
        within: now,
        field,
        value,
    } = range;
    let same = now
        .iter()
        .zip(within.iter())
        .take_while(|(a, b)| a == b)
        .count();
    for (depth, node) in now.iter().enumerate().skip(same) {
        writeln!(
            out,
            "{:24}{:indent$}{}",
            "",
            "",
            plain(node),
            indent = depth * INDENT
        )?;
    }
    let indent = now.len() * INDENT;
    let length = end - start;
    let value = plain(&value);
    writeln!(
        out,
        "{start:08x} {length:>12}   {:indent$}{field}: {value}",
        ""
    )?;
    *within = now;
    Ok(())
}

fn as_rows(
    session: &Session,
    loaded: &LoadedMetadata,
    dictionary: &Dictionary,
    notes: &[Finding],
) -> Result<Result<(), ParseError>, CliError> {
    let mut ranges = Vec::new();
    let mut annotator = Annotator::new(|mut range| {
        name_operator(&mut range, dictionary);
        ranges.push(range);
    });
    let parsed = MetadataParser::default()
        .parse_traced(loaded.bytes(), &mut annotator, &mut drop)
        .map(drop);
    match parsed {
        Ok(()) => annotator.complete(loaded.bytes().len())?,
        Err(_) => annotator.contiguous()?,
    }
    let data = Dump {
        location: loaded.location().to_string(),
        metadata_bytes: loaded.metadata_bytes(),
        ranges,
    };
    let not_read = parsed.as_ref().err().map(rest_not_read);
    let warnings: Vec<_> = notes.iter().cloned().chain(not_read).collect();
    let answer = Answer {
        command: "dump",
        data: &data,
        warnings: &warnings,
    };
    session.answer(&answer, || report::dump(&data.ranges))?;
    Ok(parsed)
}

/// Puts the uid behind an operator id that does not stand beside it in the file.
fn name_operator(range: &mut ByteRange, dictionary: &Dictionary) {
    let id = range
        .value
        .parse()
        .ok()
        .filter(|_| range.field == OPERATOR_ID);
    if let Some(known) = id.and_then(|id| dictionary.get(id)) {
        let KnownUid { uid, source } = known;
        range
            .value
            .push_str(&format!(" (uid {uid:?}, from {})", source.name()));
    }
}

fn rest_not_read(error: &ParseError) -> Finding {
    Finding {
        kind: FindingKind::NotRead {
            reason: error.to_string(),
        },
        place: Place::default(),
    }
}
