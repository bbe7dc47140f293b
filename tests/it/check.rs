//! `check` on real snapshots: every file that is missing or cut is found and named, and nothing
//! is said of an intact one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::shapes;
use crate::support;

use std::fs;
use std::path::{Path, PathBuf};

use shapes::handles::{Incremental, IncrementalForm, KeyGroups, Stream};
use shapes::properties::Properties;
use shapes::writer::{MetadataWriter, OperatorHead};
use statescope::Location;
use statescope::finding::FindingKind;
use statescope::health::check::{Check, Verdict};
use statescope::inspect::{self, NoProgress};
use statescope::snapshot::summary::Detail;
use statescope::storage::{Settings, Storage};
use support::wait;

/// Where the fixtures' absolute paths begin, and the length that a stand-in must have.
const WRITTEN_BELOW: &str = "file:/data/flink";

/// Snapshots with all their files, of every way to keep state.
const SNAPSHOTS: [&str; 12] = [
    "flink-1.14.6/checkpoint-rocksdb-incremental@latest",
    "flink-1.14.6/savepoint-canonical-rocksdb@latest",
    "flink-1.20.5/checkpoint-rocksdb-incremental@latest",
    "flink-1.20.5/file-merging-rocksdb@latest",
    "flink-1.20.5/changelog-filesystem-materialized@latest",
    "flink-1.20.5/unaligned@latest",
    "flink-1.20.5/savepoint-native-rocksdb@latest",
    "flink-2.3.0/checkpoint-rocksdb-incremental@latest",
    "flink-2.3.0/checkpoint-hashmap-files@latest",
    "flink-2.3.0/file-merging-hashmap@latest",
    "flink-2.3.0/forst@latest",
    "flink-2.3.0/unaligned@latest",
];

#[test]
fn every_single_file_removed_or_cut_is_found_and_named_and_intact_snapshots_are_not_blamed() {
    let (mut shown, mut open) = (0, 0);
    for pointer in SNAPSHOTS {
        let copy = Copy::of(pointer);
        let intact = copy.check();
        assert_eq!(
            intact.verdict,
            Some(Verdict::Restorable),
            "{pointer}: {intact:?}"
        );
        assert_eq!(intact.findings, [], "{pointer}");
        let files = copy.needed_files();
        assert!(
            !files.is_empty(),
            "{pointer} keeps all its state inside the metadata"
        );
        for (file, needed, table) in files {
            let content = fs::read(&file).expect("a needed file");
            fs::remove_file(&file).expect("a needed file");
            copy.expect_one_finding(&file, |kind| {
                matches!(kind, FindingKind::FileMissing { .. })
            });

            // Where a file is cut, it either shows or leaves the answer open; it is never a yes.
            let length = usize::try_from(needed).expect("a length");
            for cut in [
                0,
                1,
                length / 4,
                length / 2,
                length * 3 / 4,
                length.saturating_sub(8),
                length - 1,
            ] {
                fs::write(&file, &content[..cut]).expect("a file");
                let check = copy.check();
                let about = format!("{pointer}: {} cut at {cut}", file.display());
                let left = u64::try_from(cut).expect("a length");
                let [finding] = check.findings.as_slice() else {
                    panic!("{about}: {:?}", check.findings);
                };
                match finding.kind {
                    FindingKind::FileTooShort {
                        bytes, needed: n, ..
                    } => {
                        assert_eq!((bytes, n), (left, needed), "{about}");
                        assert_eq!(check.verdict, Some(Verdict::NotRestorable), "{about}");
                        shown += 1;
                    }
                    FindingKind::FileShorterThanRecorded {
                        bytes, recorded, ..
                    } => {
                        assert!(cut > 0, "{about}");
                        assert_eq!((bytes, recorded), (left, needed), "{about}");
                        assert_eq!(check.verdict, None, "{about}");
                        assert!(check.is_incomplete(), "{about}");
                        assert_eq!(check.files.as_ref().map(|f| f.unproven), Some(1));
                        open += 1;
                    }
                    _ => panic!("{about}: {finding:?}"),
                }
            }

            // Flink does not mind a longer file, but RocksDB knows the size of each of its tables.
            fs::write(&file, [&content[..], b"more"].concat()).expect("a file");
            if table {
                copy.expect_one_finding(&file, |kind| {
                    matches!(kind, FindingKind::FileTooLong { bytes, needed: n, .. }
                        if *bytes == needed + 4 && *n == needed)
                });
            } else {
                let check = copy.check();
                let of_size = |finding: &statescope::finding::Finding| {
                    matches!(finding.kind, FindingKind::RecordedSizes { files: 1, .. })
                };
                assert!(
                    check.findings.iter().all(of_size),
                    "{pointer}: {}: {check:?}",
                    file.display()
                );
                assert_eq!(check.verdict, Some(Verdict::Restorable));
            }
            fs::write(&file, &content).expect("a file");
        }
    }
    println!("{shown} cuts show, {open} leave the answer open");
    assert!(shown > 2 * open, "{shown} {open}");
}

#[test]
fn victims_of_flink_39964_are_recognised() {
    for release in ["flink-1.20.5", "flink-2.3.0"] {
        let copy = Copy::of(&format!("{release}/restore-claim-native-savepoint@chk-3"));
        let check = copy.check();
        assert_eq!(check.verdict, Some(Verdict::NotRestorable));
        assert!(!check.findings.is_empty());
        for finding in &check.findings {
            let misplaced = matches!(finding.kind, FindingKind::ClaimedFileMisplaced { .. });
            assert!(misplaced, "{finding:?}");
            assert!(finding.place.operator_id.is_some());
            assert!(finding.place.subtask.is_some());
        }
        // As the hint says: the files are in the savepoint's directory.
        for finding in &check.findings {
            let path = PathBuf::from(finding.place.path.as_deref().expect("a path"));
            let name = path.file_name().expect("a name");
            let savepoint = copy.directory_of("savepoint-");
            fs::copy(savepoint.join(name), &path).expect("the claimed file");
        }
        assert_eq!(copy.check().verdict, Some(Verdict::Restorable));
    }
}

#[test]
fn a_missing_file_of_a_native_savepoint_is_not_blamed_on_a_claim() {
    let copy = Copy::of("flink-2.3.0/savepoint-native-rocksdb@latest");
    for (file, ..) in copy.needed_files() {
        fs::remove_file(&file).expect("a needed file");
    }
    let check = copy.check();
    assert!(!check.findings.is_empty());
    assert!(
        check
            .findings
            .iter()
            .all(|finding| matches!(finding.kind, FindingKind::FileMissing { .. }))
    );
}

#[test]
fn a_checkpoint_deleted_while_it_is_looked_at_is_told_apart_from_a_damaged_one() {
    let copy = Copy::of("flink-2.3.0/checkpoint-rocksdb-incremental@latest");
    let (storage, loaded) = copy.load();
    fs::remove_dir_all(copy.snapshot.as_str()).expect("the checkpoint");
    let verified = wait(inspect::verify(&storage, &loaded, &NoProgress));
    let error = verified.expect_err("an error");
    assert!(
        matches!(error, statescope::Error::Subsumed { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("was deleted while"), "{error}");
}

#[test]
fn files_in_a_store_that_does_not_answer_leave_the_verdict_open() {
    // The paths still lead to a store that no test reaches.
    let copy = Copy::unmapped("flink-2.3.0/checkpoint-rocksdb-incremental@latest");
    copy.replace_paths("oss://bucket/dir");
    let check = copy.check();
    assert_eq!(check.verdict, None, "{check:?}");
    assert!(check.is_incomplete());
    assert!(
        check
            .findings
            .iter()
            .all(|finding| matches!(finding.kind, FindingKind::FileUnreachable { .. }))
    );
}

#[test]
fn a_savepoint_can_be_moved_and_a_checkpoint_with_shared_files_cannot() {
    let movable = |pointer: &str| {
        let check = Copy::of(pointer).check();
        check.files.expect("files").relocatable
    };
    assert!(movable("flink-2.3.0/savepoint-native-rocksdb@latest"));
    assert!(movable("flink-1.20.5/savepoint-canonical-hashmap@latest"));
    assert!(!movable(
        "flink-2.3.0/checkpoint-rocksdb-incremental@latest"
    ));
    assert!(!movable("flink-2.3.0/file-merging-hashmap@latest"));
    assert!(!movable(
        "flink-1.20.5/changelog-filesystem-materialized@latest"
    ));
}

/// A scenario of the fixtures in a directory of its own, with paths that lead there.
struct Copy {
    root: tempfile::TempDir,
    snapshot: Location,
}

impl Copy {
    fn of(pointer: &str) -> Self {
        let copy = Self::unmapped(pointer);
        let root = copy.root.path().to_str().expect("a path").to_owned();
        copy.replace_paths(&root);
        copy
    }

    fn unmapped(pointer: &str) -> Self {
        let (scenario, which) = pointer.split_once('@').expect("a pointer");
        // As long as what it stands for: string lengths in the metadata must not change.
        let random = WRITTEN_BELOW.len() - "/tmp/s".len();
        let root = tempfile::Builder::new()
            .prefix("s")
            .rand_bytes(random)
            .tempdir_in("/tmp")
            .expect("a directory");
        copy_tree(&support::testdata().join(scenario), root.path());
        let text = format!("{}@{which}", root.path().display());
        let pointer = inspect::Pointer::parse(&text).expect("a pointer");
        let storage = Storage::new(Settings::new());
        let snapshot = wait(pointer.resolve(&storage)).expect("a snapshot");
        Self { root, snapshot }
    }

    /// Puts `replacement` for the part of paths that all fixtures share.
    fn replace_paths(&self, replacement: &str) {
        let file = Path::new(self.snapshot.as_str()).join("_metadata");
        let bytes = fs::read(&file).expect("metadata");
        // A scenario has the content of these directories side by side.
        let mut replaced = bytes;
        for (directory, same_length) in [
            ("/checkpoints", "/././././././"),
            ("/savepoints", "/./././././"),
            ("", ""),
        ] {
            let from = format!("{WRITTEN_BELOW}{directory}");
            let to = format!("{replacement}{}", &same_length[..directory.len()]);
            replaced = replace(&replaced, from.as_bytes(), to.as_bytes());
        }
        fs::write(&file, replaced).expect("metadata");
    }

    fn load(&self) -> (Storage, inspect::LoadedMetadata) {
        let storage = Storage::new(Settings::new());
        let loaded = wait(inspect::load(&storage, &self.snapshot)).expect("metadata");
        (storage, loaded)
    }

    fn check(&self) -> Check {
        let (storage, loaded) = self.load();
        let (snapshot, mut findings) =
            inspect::summarize(&loaded, Detail::Operators).expect("metadata");
        // Holes are normal and no business of this test.
        findings.retain(|f| !matches!(f.kind, FindingKind::KeyGroupsMissing { .. }));
        let verified = wait(inspect::verify(&storage, &loaded, &NoProgress));
        let (files, more) = verified.expect("a look at the files");
        findings.extend(more);
        Check::new(&snapshot, findings, Some(files), None)
    }

    fn expect_one_finding(&self, file: &Path, expected: impl Fn(&FindingKind) -> bool) {
        let check = self.check();
        let file = fs_path(file.to_str().expect("a path"));
        let [finding] = check.findings.as_slice() else {
            panic!("{}: {:?}", file.display(), check.findings);
        };
        assert!(expected(&finding.kind), "{}: {finding:?}", file.display());
        let path = finding.place.path.as_deref().expect("a path");
        assert_eq!(fs_path(path), file);
        assert!(finding.place.operator_id.is_some() && finding.place.subtask.is_some());
        assert_eq!(check.verdict, Some(Verdict::NotRestorable));
    }

    /// The files, the bytes that they must have by what the metadata says, and whether they must
    /// have no more.
    fn needed_files(&self) -> Vec<(PathBuf, u64, bool)> {
        let (_, loaded) = self.load();
        let mut needed = statescope::health::files::NeededFiles::new(loaded.base());
        loaded
            .parse_each(&mut |operator| needed.operator(&operator))
            .expect("metadata");
        let files = needed.finish().files.into_iter();
        let with_bytes = files.filter_map(|file| {
            Some((
                fs_path(file.location.as_str()),
                file.bytes.filter(|&bytes| bytes > 0)?,
                file.exact,
            ))
        });
        with_bytes.collect()
    }

    fn directory_of(&self, prefix: &str) -> PathBuf {
        let entries = fs::read_dir(self.root.path()).expect("a directory");
        let mut paths = entries.map(|entry| entry.expect("an entry").path());
        paths
            .find(|path| {
                path.file_name()
                    .is_some_and(|n| n.to_string_lossy().starts_with(prefix))
            })
            .expect("such a directory")
    }
}

/// The path without its needless parts.
fn fs_path(path: &str) -> PathBuf {
    let path = path.strip_prefix("file:").unwrap_or(path);
    Path::new(path)
        .components()
        .filter(|c| c.as_os_str() != ".")
        .collect()
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut replaced = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = replaced[at..].windows(from.len()).position(|w| w == from) {
        replaced[at + found..][..to.len()].copy_from_slice(to);
        at += found + to.len();
    }
    replaced
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// With FLINK-39964 mended, a checkpoint after the claim of a native savepoint names its own tables
/// by relative paths and those of the savepoint by absolute ones.
#[test]
fn relative_and_absolute_tables_in_one_handle_are_as_they_should_be() {
    let directory = tempfile::tempdir().unwrap();
    let (own, savepoint) = (
        directory.path().join("chk-5"),
        directory.path().join("savepoint-1a2b3c-0123456789ab"),
    );
    for directory in [&own, &savepoint] {
        fs::create_dir(directory).unwrap();
        fs::write(directory.join("aa01"), [0; 100]).unwrap();
    }
    let claimed = savepoint.join("aa01");
    let mut writer = MetadataWriter::new(6, 1024);
    writer.body(5, 0);
    writer.count(1);
    writer.operator(&OperatorHead {
        id: [7; 16],
        name: "n",
        uid: "",
        parallelism: 1,
        max_parallelism: 128,
        coordinator: Stream::Null,
    });
    writer.count(1);
    writer.subtask(0);
    writer.operator_slot(false);
    writer.operator_slot(false);
    writer.incremental(&Incremental {
        form: IncrementalForm::V2,
        checkpoint_id: 5,
        backend_id: "3f0f7e4e-9d51-4a1c-8a52-0f6a3d1c7b10",
        key_groups: KeyGroups {
            start: 0,
            count: 128,
        },
        checkpointed_size: 100,
        meta: Stream::Inline {
            name: "meta",
            data: &[1; 30],
        },
    });
    writer.count(2);
    let path = claimed.to_str().unwrap();
    writer.local_file("000008.sst", &Stream::File { path, size: 100 });
    let path = "aa01";
    writer.local_file("000012.sst", &Stream::Relative { path, size: 100 });
    writer.count(0);
    writer.incremental_end(IncrementalForm::V2, "6c1d2e3f-0000-4000-8000-00000000000a");
    writer.no_keyed();
    writer.no_channels();
    writer.properties(Properties::Checkpoint);
    fs::write(own.join("_metadata"), writer.into_bytes()).unwrap();

    let storage = Storage::new(Settings::new());
    let verify = || {
        wait(async {
            let location = Location::new(own.to_str().unwrap());
            let loaded = inspect::load(&storage, &location).await.unwrap();
            let (_, mut findings) = inspect::summarize(&loaded, Detail::Operators).unwrap();
            let (files, more) = inspect::verify(&storage, &loaded, &NoProgress)
                .await
                .unwrap();
            findings.extend(more);
            (files, findings)
        })
    };
    let (files, findings) = verify();
    assert_eq!((files.needed, files.present), (2, 2));
    assert_eq!(findings, []);
    // The relative one is its own: that of the savepoint does not stand in for it.
    fs::remove_file(own.join("aa01")).unwrap();
    let (files, findings) = verify();
    assert_eq!(files.missing, 1);
    assert_eq!(findings.len(), 1);
}

#[test]
fn a_path_is_looked_for_as_flink_opens_it() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    fs::create_dir(directory.path().join("state")).unwrap();
    fs::write(directory.path().join("state/x"), [0; 100]).unwrap();
    let paths = [
        format!("{root}/state/x"),
        format!("file:{root}/state//x"),
        format!("file://{root}/./state/./x"),
        format!("{root}/gone/../state/x"),
        format!("{root}\\state\\x"),
        format!("{root}/state/x/"),
        format!(" {root}/state/x\n"),
    ];
    let write = |path: &str| {
        let bytes = shapes::files_of_operators::metadata(5, &[path]);
        fs::write(directory.path().join("_metadata"), bytes).unwrap();
    };
    let storage = Storage::new(Settings::new());
    let location = Location::new(root);
    let verify = || {
        wait(async {
            let loaded = inspect::load(&storage, &location).await.unwrap();
            let checked = inspect::verify(&storage, &loaded, &NoProgress).await;
            checked.unwrap().0
        })
    };
    for path in &paths {
        write(path);
        let files = verify();
        assert_eq!((files.needed, files.present), (1, 1), "{path}");
    }
    // Names that only look alike are others.
    for other in ["/state/X", "/state/x.", "/state/...x", "/state/%78"] {
        write(&format!("{root}{other}"));
        assert_eq!(verify().missing, 1, "{other}");
    }
}
