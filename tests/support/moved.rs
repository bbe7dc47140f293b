//! Where the files of a fixture lie: Flink wrote them below `/data/flink`.

use std::path::{Path, PathBuf};

use statescope::Location;
use statescope::storage::{Settings, Storage};

/// Where the jobs of the fixtures wrote, and where that is in the directory of a scenario.
const MOVED: [(&str, &str); 2] = [
    ("file:/data/flink/checkpoints", ""),
    ("file:/data/flink/changelog", "changelog"),
];

/// The directory of a fixture's scenario: `testdata/flink-<release>/<scenario>`.
fn scenario(metadata: &Path) -> PathBuf {
    let depth = super::testdata().components().count() + 2;
    metadata.components().take(depth).collect()
}

/// A store that finds the files of a fixture.
pub fn storage_of(metadata: &Path) -> Storage {
    let scenario = scenario(metadata);
    let mut settings = Settings::new();
    settings.relocations = MOVED
        .iter()
        .map(|(from, to)| {
            let to = scenario.join(to);
            (
                Location::new(*from),
                Location::new(to.to_str().expect("text")),
            )
        })
        .collect();
    Storage::new(settings)
}

/// The file that a recorded path means.
pub fn file_of(metadata: &Path, recorded: &str) -> PathBuf {
    let scenario = scenario(metadata);
    for (from, to) in MOVED {
        if let Some(rest) = recorded.strip_prefix(from) {
            return scenario.join(to).join(rest.trim_start_matches('/'));
        }
    }
    metadata.with_file_name(recorded)
}
