use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use statescope::Location;
use statescope::inspect::Progress;

/// Work that is done sooner needs no bar.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// Says how many bytes of which snapshot are going to be read.
type Announce = Box<dyn Fn(u64, &Location) + Sync>;

/// A bar on stderr, for what takes long.
pub(crate) struct Bar {
    bar: ProgressBar,
    begun: Instant,
    wanted: bool,
    shown: OnceLock<()>,
    announce: Announce,
}

impl Bar {
    pub(crate) fn new(wanted: bool, announce: Announce) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        Self {
            bar,
            begun: Instant::now(),
            wanted,
            shown: OnceLock::new(),
            announce,
        }
    }

    /// Wipes the bar off the terminal.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn expect(&self, steps: u64) {
        self.bar.inc_length(steps);
    }

    fn step(&self) {
        if self.wanted && self.begun.elapsed() >= SHOWN_AFTER {
            self.shown
                .get_or_init(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
        self.bar.inc(1);
    }

    fn reads(&self, bytes: u64, snapshot: &Location) {
        (self.announce)(bytes, snapshot);
    }
}
