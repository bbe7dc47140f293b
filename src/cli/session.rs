use std::cell::{OnceCell, RefCell};
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::time::Duration;

use statescope::Location;
use statescope::finding::Finding;
use statescope::inspect::{self, JobChoice, LoadedMetadata, Pointer};
use statescope::metadata::{self, HEADER_BYTES};
use statescope::output::{self, Envelope, Page, Style};
use statescope::report::{FindingRows, Report};
use statescope::storage::{Settings, Storage};
use tokio::runtime::Runtime;

use crate::cli::args::{Color, Format, GlobalArgs, PathMapArgs};
use crate::cli::error::CliError;
use crate::cli::messages::Messages;
use crate::cli::output_file::{is_stdout, spare_bases, spare_snapshots, with_output};
use crate::cli::progress::Bar;
use crate::cli::{stdout, stores};

/// What a command knows of the process around it: how to write, where to, and what the terminal
/// can do. The only place that asks the environment.
pub(crate) struct Session {
    global: GlobalArgs,
    /// The places on the command line: their stores may be asked.
    named: RefCell<Vec<Location>>,
    /// One for the whole run: clients, credentials and the bound on requests are shared.
    storage: OnceCell<Storage>,
    /// One for the whole run: connections of a store live in the runtime that opened them.
    runtime: OnceCell<Runtime>,
}

impl Drop for Session {
    fn drop(&mut self) {
        // A read that hangs in the file system must not keep the process alive.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A result in all the shapes that formats need.
pub(crate) struct Answer<'a, T> {
    pub(crate) command: &'static str,
    pub(crate) data: &'a T,
    pub(crate) warnings: &'a [Finding],
}

impl Session {
    pub(crate) fn new(global: GlobalArgs) -> Self {
        Self {
            global,
            named: RefCell::default(),
            storage: OnceCell::new(),
            runtime: OnceCell::new(),
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.global.format()
    }

    pub(crate) fn messages(&self) -> Messages {
        Messages {
            color: self.color(io::stderr().is_terminal()),
            quiet: self.global.quiet,
        }
    }

    /// Notes places of the command line, before the first of them is looked at: a snapshot at one of
    /// them may have files at another.
    pub(crate) fn name<'t>(&self, places: impl IntoIterator<Item = &'t String>) {
        let places = places.into_iter().filter(|place| *place != STDIN);
        let places = places.map(|place| match Pointer::parse(place) {
            Some(pointer) => pointer.base,
            None => Location::new(place),
        });
        self.named.borrow_mut().extend(places);
    }

    /// Whether there is a place for the result.
    pub(crate) fn can_answer(&self) -> Result<(), CliError> {
        match &self.global.output {
            Some(file) if !is_stdout(file) => spare_snapshots(file),
            _ => stdout::is_open(),
        }
    }

    /// Whether there is a place for the result and a file more, where snapshots below `bases` may need
    /// any file that is there.
    pub(crate) fn can_answer_of(
        &self,
        bases: &[&Location],
        more: Option<&Path>,
    ) -> Result<(), CliError> {
        let output = self.global.output.as_deref();
        let mut files = output.into_iter().chain(more);
        files.try_for_each(|file| match is_stdout(file) {
            true => Ok(()),
            false => spare_bases(file, bases),
        })
    }

    /// Reads the metadata that `location` points at; `-` is standard input. Also returns what to
    /// keep in mind with the choice of a pointer.
    pub(crate) fn load(
        &self,
        location: &str,
        choice: &JobChoice,
    ) -> Result<(LoadedMetadata, Vec<Finding>), CliError> {
        let pointer = Pointer::parse(location);
        if choice.job_id.is_some() && pointer.is_none() {
            return Err(CliError::Usage(
                "--job-id chooses among the snapshots of BASE@latest or BASE@chk-N: this location is \
                 neither",
            ));
        }
        if location == STDIN {
            return Ok((read_stdin()?, Vec::new()));
        }
        if location.is_empty() {
            return Err(CliError::Usage("the location is empty"));
        }
        let storage = self.storage()?;
        let opened = self.wait(inspect::open(&storage, location, choice))?;
        Ok((opened.metadata, opened.notes))
    }

    /// How long somebody who was asked may be silent.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.global.store.timeout)
    }

    /// The stores, as flags, environment and Flink's configuration say.
    pub(crate) fn storage(&self) -> Result<Storage, CliError> {
        let storage = match self.storage.get() {
            Some(storage) => storage,
            None => {
                let storage = Storage::new(stores::settings(&self.global.store)?);
                self.storage.get_or_init(|| storage)
            }
        };
        for place in self.named.borrow_mut().drain(..) {
            storage.trust(&place);
        }
        Ok(storage.clone())
    }

    /// The stores, with files looked for where `moved` says.
    pub(crate) fn storage_with(&self, moved: &PathMapArgs) -> Result<Storage, CliError> {
        let pairs = moved.path_map.iter().map(|pair| {
            let (from, to) = pair
                .split_once('=')
                .filter(|(from, to)| !from.is_empty() && !to.is_empty())
                .ok_or(CliError::Usage("--path-map takes FROM=TO"))?;
            Ok((Location::new(from), Location::new(to)))
        });
        let pairs = pairs.collect::<Result<Vec<_>, CliError>>()?;
        Ok(self.storage()?.relocating(pairs, moved.assume_path_map))
    }

    /// Where Flink's configuration says that snapshots are.
    pub(crate) fn configured_directories(&self) -> Result<Vec<Location>, CliError> {
        let storage = self.storage()?;
        let conf = storage.flink_configuration();
        let directories = [conf.checkpoint_directory(), conf.savepoint_directory()];
        let directories: Vec<_> = directories.into_iter().flatten().collect();
        if directories.is_empty() {
            return Err(CliError::Usage(
                "give a BASE: no Flink configuration says where snapshots are \
                 (see --flink-conf)",
            ));
        }
        Ok(directories)
    }

    /// How findings are listed: scripts want each of them, people what they have in common.
    pub(crate) fn finding_rows(&self, verbose: bool) -> FindingRows {
        match self.format() {
            Format::Csv => FindingRows::Each,
            _ if verbose => FindingRows::Each,
            _ => FindingRows::Grouped,
        }
    }

    /// A progress bar, drawn if somebody may be looking.
    pub(crate) fn progress(&self) -> Bar {
        let wanted = !self.global.quiet && !self.global.no_progress;
        let messages = self.messages();
        let units = self.global.bytes();
        Bar::new(
            wanted && io::stderr().is_terminal(),
            Box::new(move |bytes, snapshot| {
                let bytes = units.format(bytes);
                messages.note(&format!("reads about {bytes} of state files of {snapshot}"));
            }),
        )
    }

    /// Runs what has to wait for stores.
    pub(crate) fn wait<T, E: Into<CliError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CliError> {
        let runtime = match self.runtime.get() {
            Some(runtime) => runtime,
            None => {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(CliError::Runtime)?;
                self.runtime.get_or_init(|| runtime)
            }
        };
        runtime.block_on(work).map_err(Into::into)
    }

    /// Writes a result in the format that was asked for; `report` is only made where one is needed.
    pub(crate) fn answer<'r, T: serde::Serialize>(
        &self,
        answer: &Answer<'_, T>,
        report: impl FnOnce() -> Report<'r>,
    ) -> Result<(), CliError> {
        if self.format() == Format::Paths {
            return Err(CliError::Usage("--format paths is for `retention` alone"));
        }
        self.write(|out| match self.format() {
            Format::Table => output::write_table(&report(), self.style(), out),
            Format::Markdown => output::write_markdown(&report(), self.style(), out),
            Format::Csv => output::write_csv(&report(), out),
            // The one command that has metrics writes them itself.
            Format::Prometheus => Err(io::ErrorKind::Unsupported.into()),
            Format::Html => {
                let page = Page {
                    command: answer.command,
                    about: None,
                    report: &report(),
                    sections: &[],
                    findings: &[answer.warnings],
                };
                output::write_html(&page, self.global.bytes(), out)
            }
            Format::Paths => Ok(()),
            Format::Json => {
                let Answer {
                    command,
                    data,
                    warnings,
                } = answer;
                output::write_json(&Envelope::new(command, data, warnings), out)
            }
        })
    }

    /// Writes a page with more on it than other formats have room for.
    pub(crate) fn page(&self, page: &Page<'_>) -> Result<(), CliError> {
        self.write(|out| output::write_html(page, self.global.bytes(), out))
    }

    /// Writes paths, one per line.
    pub(crate) fn paths<'p>(
        &self,
        mut paths: impl Iterator<Item = &'p str>,
    ) -> Result<(), CliError> {
        self.write(|out| paths.try_for_each(|path| writeln!(out, "{}", output::path_line(path))))
    }

    /// Writes to where results go.
    pub(crate) fn write(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), CliError> {
        with_output(self.global.output.as_deref(), write)
    }

    fn style(&self) -> Style {
        let on_terminal = self.global.output.is_none() && io::stdout().is_terminal();
        let terminal = || {
            let (width, _) = terminal_size::terminal_size()?;
            on_terminal.then_some(usize::from(width.0))
        };
        Style {
            bytes: self.global.bytes(),
            width: self.global.width.or_else(terminal),
            color: self.color(on_terminal),
        }
    }

    fn color(&self, on_terminal: bool) -> bool {
        match self.global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                on_terminal && !no_color
            }
        }
    }
}

/// What stands for standard input on the command line.
pub(crate) const STDIN: &str = "-";

/// Reads standard input, unless its first bytes show that it is something else: it may be endless.
fn read_stdin() -> Result<LoadedMetadata, CliError> {
    let bytes = metadata_of(io::stdin().lock(), Settings::MAX_OBJECT_BYTES)
        .map_err(|source| CliError::Input { source })?;
    Ok(LoadedMetadata::from_bytes(STDIN, bytes))
}

fn metadata_of(mut input: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    /// So much that the message can say what it looks like.
    const SAMPLE: u64 = 64;
    let header = u64::try_from(HEADER_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    input.by_ref().take(header).read_to_end(&mut bytes)?;
    if !metadata::starts_like_metadata(&bytes) {
        input.take(SAMPLE).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    // One byte more tells "as long as allowed" from "longer".
    let left = limit.saturating_sub(header).saturating_add(1);
    input.take(left).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        let words = format!("it has more than {limit} bytes: refused (docs/limits.md)");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    #[test]
    fn standard_input_is_read_up_to_the_limit_of_a_file() {
        let start = [0x49, 0x60, 0x67, 0x2D, 0, 0, 0, 4];
        let endless = || (&start[..]).chain(io::repeat(0));
        let error = metadata_of(endless(), 1_000).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        let bytes = metadata_of(endless().take(1_000), 1_000).unwrap();
        assert_eq!(bytes.len(), 1_000);
        // What cannot be metadata is not read to its end.
        let bytes = metadata_of(io::repeat(b'x'), 1_000).unwrap();
        assert_eq!(bytes.len(), 8 + 64);
    }
}
