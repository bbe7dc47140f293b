//! Whole snapshots of the fixtures, changed as a script of a few bytes says, in a store in memory.
//!
//! A fuzzer that changes a script comes far: metadata is changed field by field, so most of it still
//! parses, and state files keep their lengths unless the script says otherwise.

mod script;
mod world;

pub use script::Script;
pub use world::World;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use statescope::dump::Annotator;
use statescope::metadata::MetadataParser;

/// A snapshot as Flink wrote it, with every file that its scenario wrote.
pub struct Fixture {
    /// Paths below the scenario's directory, with their content.
    pub files: Vec<(String, Vec<u8>)>,
    /// Which of them is the metadata.
    pub metadata: usize,
    /// Where each field of the metadata begins and ends.
    pub fields: Vec<(usize, usize)>,
}

/// Where the fixtures of real jobs are.
fn testdata() -> PathBuf {
    // A fuzz target is one level below the package.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = here.join("testdata");
    match below.is_dir() {
        true => below,
        false => here.join("../testdata"),
    }
}

/// The metadata files that scripts choose from, sorted.
fn paths() -> &'static [PathBuf] {
    static PATHS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    PATHS.get_or_init(|| {
        let mut paths = Vec::new();
        for release in entries(&testdata()) {
            let name = release.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("flink-") {
                collect(&release, &mut paths);
            }
        }
        paths.retain(|path| path.file_name().is_some_and(|name| name == "_metadata"));
        paths.sort();
        assert!(paths.len() > 100, "the fixtures are not there");
        paths
    })
}

/// How many fixtures there are.
pub fn fixtures() -> usize {
    paths().len()
}

/// The fixture of a number; every number has one.
pub fn fixture(number: usize) -> &'static Fixture {
    static LOADED: OnceLock<Vec<OnceLock<Fixture>>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| paths().iter().map(|_| OnceLock::new()).collect());
    let at = number % loaded.len();
    loaded[at].get_or_init(|| load(&paths()[at]))
}

fn load(metadata: &Path) -> Fixture {
    let root = testdata();
    let depth = root.components().count() + 2;
    let scenario: PathBuf = metadata.components().take(depth).collect();
    let mut paths = Vec::new();
    collect(&scenario, &mut paths);
    paths.sort();
    let below = |path: &Path| {
        let path = path
            .strip_prefix(&scenario)
            .expect("a file of the scenario");
        path.to_str().expect("text").to_owned()
    };
    let files: Vec<_> = (paths.iter())
        .map(|path| (below(path), fs::read(path).expect("a fixture")))
        .collect();
    let metadata = below(metadata);
    let metadata = files.iter().position(|(path, _)| *path == metadata);
    let metadata = metadata.expect("the metadata");
    let mut fields = Vec::new();
    let place = |at: u64| usize::try_from(at).expect("a place in memory");
    let mut trace = Annotator::new(|field| fields.push((place(field.start), place(field.end))));
    MetadataParser::default()
        .parse_traced(&files[metadata].1, &mut trace, &mut drop)
        .expect("a fixture");
    Fixture {
        files,
        metadata,
        fields,
    }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(directory) {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}
