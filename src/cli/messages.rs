use std::io::Write;

use clap::builder::styling::{AnsiColor, Style};
use statescope::finding::{Finding, FindingKind, Severity};
use statescope::output::plain;
use statescope::retention::{Refusal, RestoreRefusal};
use statescope::without_secrets;

use crate::cli::error::CliError;

/// Words on stderr. Nothing is lost if nobody reads them.
#[derive(Clone, Copy)]
pub(crate) struct Messages {
    pub(crate) color: bool,
    pub(crate) quiet: bool,
}

impl Messages {
    pub(crate) fn error(self, error: &CliError) {
        self.line("error", AnsiColor::Red, &error.to_string());
        if let Some(hint) = error.hint() {
            self.line("hint", AnsiColor::Cyan, &hint);
        }
    }

    /// Something to know beforehand.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            self.line("note", AnsiColor::Blue, text);
        }
    }

    /// One line per finding.
    pub(crate) fn findings(self, findings: &[Finding]) {
        for finding in findings {
            let (label, color) = match finding.kind.severity() {
                Severity::Error => ("error", AnsiColor::Red),
                Severity::Warning => ("warning", AnsiColor::Yellow),
                Severity::Info => ("info", AnsiColor::Blue),
            };
            // What is normal is for those who ask; what is wrong is said even when quiet.
            let least = if self.quiet {
                Severity::Error
            } else {
                Severity::Warning
            };
            if finding.kind.severity() < least {
                continue;
            }
            let place = finding.place_text();
            let place = if place.is_empty() {
                place
            } else {
                format!("{place}: ")
            };
            let message = finding.message();
            self.line(
                label,
                color,
                &format!("{place}{message} [{}]", finding.kind.code()),
            );
            // What a flag mends is said where the flag is missed.
            if let (FindingKind::NotAsked { .. }, Some(hint)) = (&finding.kind, finding.hint()) {
                self.line("hint", AnsiColor::Cyan, &hint);
            }
        }
    }

    /// Why nothing is deleted.
    pub(crate) fn refusal(self, refusal: &Refusal) {
        let place = match refusal.location() {
            Some(location) => format!("{location}: "),
            None => String::new(),
        };
        let (number, code) = (refusal.number(), refusal.code());
        let text = format!(
            "refused by rule {number} [{code}]: {place}{}",
            refusal.message()
        );
        self.line("error", AnsiColor::Red, &text);
    }

    /// Why nothing is brought back.
    pub(crate) fn not_restored(self, refusal: &RestoreRefusal) {
        let text = format!("refused [{}]: {}", refusal.code(), refusal.message());
        self.line("error", AnsiColor::Red, &text);
    }

    fn line(self, label: &str, color: AnsiColor, text: &str) {
        let style = if self.color {
            Style::new().bold().fg_color(Some(color.into()))
        } else {
            Style::new()
        };
        // Paths are repeated as they were given, which may be with a key.
        let text = without_secrets(text);
        let text = plain(&text);
        // A closed stderr is no reason to fail.
        let _ = writeln!(std::io::stderr().lock(), "{style}{label}:{style:#} {text}");
    }
}
