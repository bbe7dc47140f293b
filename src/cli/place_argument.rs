//! Places on the command line: names of local files need not be text.

use std::ffi::OsStr;
use std::path::Path;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};
use statescope::{Location, Scheme};

/// Reads a place.
#[derive(Clone)]
pub(crate) struct PlaceParser {
    /// Whether there are two, with `=` between them.
    is_pair: bool,
}

pub(crate) const PLACE: PlaceParser = PlaceParser { is_pair: false };
pub(crate) const PLACES: PlaceParser = PlaceParser { is_pair: true };

impl TypedValueParser for PlaceParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        if let Some(text) = value.to_str() {
            return Ok(text.to_owned());
        }
        self.of_no_text(value)
            .ok_or_else(|| clap::Error::new(ErrorKind::InvalidUtf8).with_cmd(command))
    }
}

impl PlaceParser {
    /// What stands for a name that is no text, where all of it is on local disk.
    fn of_no_text(&self, value: &OsStr) -> Option<String> {
        let location = Location::of_path(Path::new(value))?;
        let is_local = match location.as_str().split_once('=') {
            Some((from, to)) if self.is_pair => [from, to]
                .iter()
                .all(|place| Location::new(*place).scheme() == Scheme::File),
            _ => location.scheme() == Scheme::File,
        };
        is_local.then(|| location.as_str().to_owned())
    }
}
