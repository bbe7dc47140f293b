//! Retention under attack: other names of one place, parts of jobs as bases, edited plans, stores
//! that refuse. Nothing that lives may go.

#![cfg(all(feature = "cli", unix))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;

use crate::lake;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use lake::*;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use statescope::inspect::NoProgress;
use statescope::inspect::retention::{Applied, ApplyRequest, PlanRequest, State, apply};
use statescope::retention::{
    Class, Journal, JournalEntry, KeepReason, NoJournal, Plan, Policy, Refusal,
};
use statescope::storage::{Settings, Storage};
use statescope::{Location, UtcSeconds};
use support::wait;

/// Why the snapshot in that directory stays.
fn reasons<'p>(plan: &'p Plan, directory: &Path) -> &'p [KeepReason] {
    let planned = plan
        .snapshots
        .iter()
        .find(|snapshot| snapshot.location.as_str() == directory.to_str().unwrap());
    &planned.expect("a snapshot there").reasons
}

#[test]
fn what_a_link_that_stays_points_to_stays() {
    let lake = Lake::of(INCREMENTAL);
    let old = lake.snapshot("chk-3");
    let link = old.with_file_name("golden");
    symlink(&old, &link).unwrap();
    let plan = lake.plan(&lake.request()).unwrap();
    assert_eq!(plan.snapshots.len(), 2, "the link is no third one");
    assert_eq!(reasons(&plan, &old), [KeepReason::SameFile]);
    lake.apply(&plan);
    assert!(lake.is_whole(&link));
}

#[test]
fn a_named_link_keeps_what_it_points_to() {
    let lake = Lake::of(INCREMENTAL);
    let old = lake.snapshot("chk-3");
    let link = lake.path("checkpoints/golden");
    symlink(&old, &link).unwrap();
    let mut request = lake.request();
    request.policy.keep = vec![Location::new(link.to_str().unwrap())];
    lake.apply(&lake.plan(&request).unwrap());
    assert!(lake.is_whole(&link));
}

#[test]
fn a_base_that_is_read_under_another_name_is_not_touched() {
    let lake = Lake::of(INCREMENTAL);
    let alias = tempfile::tempdir().unwrap();
    let other = alias.path().join("other");
    symlink(lake.path("checkpoints"), &other).unwrap();
    for base in ["checkpoints", "checkpoints/"] {
        let request = PlanRequest {
            base: lake.base(base),
            also: vec![Location::new(other.to_str().unwrap())],
            ..lake.request()
        };
        let plan = lake.plan(&request).unwrap();
        assert!(plan.objects.is_empty(), "{:?}", plan.objects);
    }
}

#[test]
fn a_link_made_after_the_plan_keeps_what_it_points_to() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    let old = lake.snapshot("chk-3");
    symlink(&old, old.with_file_name("golden")).unwrap();
    let before = lake.files();
    let applied = lake.apply(&plan);
    assert!(!applied.refusals.is_empty());
    assert_eq!(lake.files(), before);
}

#[test]
fn a_part_of_a_job_as_base_loses_nothing() {
    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    // Another job of the same id, which needs none of these files.
    let elsewhere = lake.path("elsewhere");
    let other = elsewhere.join(job.file_name().unwrap()).join("chk-9");
    write_snapshot(&other, NOW - DAY);
    // One that is being written, as far as anybody knows.
    write_at(&job.join("chk-5").join(UUIDS[0]), NOW - 30 * DAY);
    let before = lake.files();
    for part in ["shared", "chk-3", "chk-4", "chk-5"] {
        let request = PlanRequest {
            base: Location::new(job.join(part).to_str().unwrap()),
            also: vec![lake.base("elsewhere")],
            ..lake.request()
        };
        lake.apply(&lake.plan(&request).unwrap());
        assert_eq!(lake.files(), before, "{part}");
    }
}

/// A checkpoint of version 3 without operators.
fn write_snapshot(directory: &Path, written: i64) {
    let mut metadata = Vec::new();
    metadata.extend(0x4960_672d_u32.to_be_bytes());
    metadata.extend(3_u32.to_be_bytes());
    metadata.extend(9_u64.to_be_bytes());
    metadata.extend([0; 8]);
    fs::create_dir_all(directory).unwrap();
    let path = directory.join("_metadata");
    fs::write(&path, metadata).unwrap();
    set_time(&path, written);
}

#[test]
fn state_that_entropy_has_put_elsewhere_stays_though_its_job_seems_dead() {
    let lake = Lake::of(INCREMENTAL);
    let job = "d".repeat(32);
    let shared = lake.path("x7Kp").join(&job).join("shared").join(UUIDS[0]);
    let exclusive = lake.path("x7Kp").join(&job).join("chk-5").join(UUIDS[1]);
    let claimed = lake.path("x7Kp/savepoint-1a2b3c-0123456789ab");
    for path in [&shared, &exclusive, &claimed.join(UUIDS[2])] {
        write_at(path, NOW - 90 * DAY);
    }
    let mut request = PlanRequest {
        base: lake.base("x7Kp"),
        also: vec![lake.base("checkpoints")],
        ..lake.request()
    };
    let plan = lake.plan(&request).unwrap();
    assert!(plan.objects.is_empty(), "{:?}", plan.objects);
    // A directory of savepoints alone, as if no job had claimed any of them.
    let kept = lake.path("x7Kp/savepoint-1a2b3c-aaaaaaaaaaaa");
    write_snapshot(&kept, NOW - 9 * DAY);
    request.also.clear();
    request.policy.include_savepoints = true;
    let plan = lake.plan(&request).unwrap();
    let objects: Vec<_> = plan.objects.iter().map(|o| o.location.as_str()).collect();
    assert!(
        objects.iter().all(|path| !path.contains("savepoint-")),
        "{objects:?}"
    );
}

#[test]
fn a_plan_from_which_metadata_was_struck_keeps_that_snapshot_whole() {
    let lake = Lake::of(INCREMENTAL);
    let mut plan = lake.plan(&lake.request()).unwrap();
    plan.objects
        .retain(|object| object.class != Class::Metadata);
    let applied = lake.apply(&plan);
    assert!(lake.is_whole(&lake.snapshot("chk-3")));
    assert_eq!(applied.count(State::Deleted), 0);
}

#[test]
fn a_plan_that_was_edited_to_delete_what_always_stays_is_refused() {
    let lake = Lake::of(INCREMENTAL);
    let mut plan = lake.plan(&lake.request()).unwrap();
    // As if the newest were to go and the older one to stay.
    for snapshot in &mut plan.snapshots {
        snapshot.keep = !snapshot.keep;
    }
    let newest = lake.snapshot("chk-4");
    plan.objects.clear();
    for entry in fs::read_dir(&newest).unwrap() {
        let path = entry.unwrap().path();
        let is_metadata = path.ends_with("_metadata");
        let written = fs::metadata(&path).unwrap();
        plan.objects.push(statescope::retention::PlannedObject {
            location: Location::new(path.to_str().unwrap()),
            class: match is_metadata {
                true => Class::Metadata,
                false => Class::Exclusive,
            },
            job: String::new(),
            bytes: written.len(),
            modified: written.modified().unwrap().into(),
            settled: None,
            etag: None,
        });
    }
    let before = lake.files();
    let applied = lake.apply(&plan);
    assert_eq!(lake.files(), before);
    assert!(!applied.refusals.is_empty());
}

#[test]
fn a_plan_cannot_remove_directories_that_are_not_flinks() {
    let lake = Lake::of(INCREMENTAL);
    let mut plan = lake.plan(&lake.request()).unwrap();
    let outside = tempfile::tempdir().unwrap();
    let mine = lake.path("checkpoints/mine");
    fs::create_dir(&mine).unwrap();
    for directory in [outside.path(), &mine] {
        plan.directories
            .push(Location::new(directory.to_str().unwrap()));
    }
    assert_eq!(lake.apply(&plan).left(), 0);
    assert!(outside.path().exists());
    assert!(mine.exists());
}

#[test]
fn a_plan_is_not_believed_about_what_nobody_mentions() {
    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    let task_owned = job.join("taskowned").join(UUIDS[0]);
    write_at(&task_owned, NOW - 30 * DAY);
    let mut plan = lake.plan(&lake.request()).unwrap();
    let mut object = plan.objects[0].clone();
    object.location = Location::new(task_owned.to_str().unwrap());
    object.class = Class::Shared;
    object.bytes = 1;
    object.modified = UtcSeconds::from_unix(NOW - 30 * DAY);
    plan.objects.push(object);
    let before = lake.files();
    assert!(!lake.apply(&plan).refusals.is_empty());
    assert_eq!(lake.files(), before);
}

#[test]
fn what_is_listed_elsewhere_is_deleted_there_and_not_here() {
    // A copy stands for the original: `settings.relocations`.
    let original = Lake::of(INCREMENTAL);
    let copy = tempfile::tempdir().unwrap();
    let root = original.directory.path().to_str().unwrap();
    original.snapshots.below(root).write(copy.path());
    let mut settings = Settings::new();
    let to = Location::new(copy.path().to_str().unwrap());
    settings.relocations.push((Location::new(root), to));
    let lake = Lake {
        storage: Storage::new(settings),
        ..original
    };
    let before = lake.files();
    let plan = lake.plan(&lake.request()).unwrap();
    let applied = lake.apply(&plan);
    assert_eq!(lake.files(), before, "the original was never looked at");
    assert!(applied.count(State::Deleted) > 0);
    let old = lake.snapshots.directory("chk-3");
    assert!(!copy.path().join(old).exists());
}

/// Writes a snapshot when the first batch of shared files has begun.
struct Newcomer {
    directory: std::path::PathBuf,
    metadata: Vec<u8>,
    has_come: bool,
}

impl Journal for Newcomer {
    fn write(&mut self, entry: &JournalEntry<'_>) -> Result<(), String> {
        if let JournalEntry::Batch { first, .. } = entry
            && first.as_str().contains("/shared/")
            && !self.has_come
        {
            self.has_come = true;
            fs::create_dir_all(&self.directory).unwrap();
            fs::write(self.directory.join("_metadata"), &self.metadata).unwrap();
        }
        Ok(())
    }
}

#[test]
fn a_snapshot_that_appears_anywhere_during_a_class_loses_no_more_than_the_batch() {
    const BATCH: u32 = 10;
    let other = "b".repeat(32);
    for place in [
        // Where jobs and savepoints begin.
        format!("../{other}/chk-1"),
        "../savepoint-1a2b3c-0123456789ab".to_owned(),
        // In a snapshot that stays, and in one that goes.
        "chk-4/savepoint-1a2b3c-0123456789ab".to_owned(),
        "chk-3/savepoint-1a2b3c-0123456789ab".to_owned(),
        format!("shared/{other}/chk-1"),
        "taskowned/kept".to_owned(),
        // In directories that are known, one of which had metadata before.
        "shared".to_owned(),
        "chk-3".to_owned(),
    ] {
        let lake = Lake::of(INCREMENTAL);
        let plan = lake.plan(&lake.request()).unwrap();
        let old = lake.snapshot("chk-3");
        let mut journal = Newcomer {
            directory: old.parent().unwrap().join(&place),
            metadata: fs::read(old.join("_metadata")).unwrap(),
            has_come: false,
        };
        let request = ApplyRequest {
            rate: std::num::NonZeroU32::new(BATCH).unwrap(),
            ..apply_request()
        };
        let applied = apply(&lake.storage, &plan, &request, &mut journal, &NoProgress);
        let applied = wait(applied).unwrap();
        let numbers: Vec<u8> = applied.refusals.iter().map(Refusal::number).collect();
        assert_eq!(numbers, [11], "{place}");
        let shared = applied.objects.iter();
        let shared = shared.filter(|object| object.class == Class::Shared);
        let lost = shared.filter(|object| object.state == State::Deleted);
        assert!(lost.count() <= usize::try_from(BATCH).unwrap(), "{place}");
    }
}

#[test]
fn the_newest_that_lacks_no_file_is_known_by_files_outside_the_bases_too() {
    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    // The shared files are where they were.
    let copies = lake.path("copies").join(job.file_name().unwrap());
    for name in ["chk-3", "chk-4"] {
        fs::create_dir_all(copies.join(name)).unwrap();
        for file in fs::read_dir(job.join(name)).unwrap() {
            let file = file.unwrap();
            let copy = copies.join(name).join(file.file_name());
            fs::copy(file.path(), &copy).unwrap();
            set_time(&copy, NOW - 10 * DAY);
        }
    }
    let request = PlanRequest {
        base: lake.base("copies"),
        ..lake.request()
    };
    let plan = lake.plan(&request).unwrap();
    assert!(reasons(&plan, &copies.join("chk-3")).is_empty());
    // One that the newest alone needs.
    let mentions = |snapshot: &str, name: &str| {
        let metadata = fs::read(job.join(snapshot).join("_metadata")).unwrap();
        metadata
            .windows(name.len())
            .any(|part| part == name.as_bytes())
    };
    let lost = fs::read_dir(job.join("shared")).unwrap();
    let mut lost = lost.map(|entry| entry.unwrap().path());
    let lost = lost.find(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        mentions("chk-4", name) && !mentions("chk-3", name)
    });
    let lost = lost.unwrap();
    for is_too_short in [true, false] {
        match is_too_short {
            true => fs::write(&lost, "").unwrap(),
            false => fs::remove_file(&lost).unwrap(),
        }
        let plan = lake.plan(&request).unwrap();
        let kept = reasons(&plan, &copies.join("chk-3"));
        assert_eq!(kept, [KeepReason::NewestOfJob]);
        assert!(plan.objects.is_empty());
    }
}

/// The shared files that a checkpoint mentions.
fn shared_files(lake: &Lake, snapshot: &str) -> Vec<std::path::PathBuf> {
    let snapshot = lake.snapshot(snapshot);
    let metadata = fs::read(snapshot.join("_metadata")).unwrap();
    let all = fs::read_dir(snapshot.with_file_name("shared")).unwrap();
    let all = all.map(|entry| entry.unwrap().path());
    let is_mentioned = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().as_encoded_bytes();
        metadata.windows(name.len()).any(|part| part == name)
    };
    let mut shared: Vec<_> = all.filter(is_mentioned).collect();
    shared.sort();
    shared
}

/// Lets metadata name another path of the same length.
fn rename_in(metadata: &Path, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let mut content = fs::read(metadata).unwrap();
    let positions: Vec<usize> = content
        .windows(from.len())
        .enumerate()
        .filter_map(|(at, part)| (part == from.as_bytes()).then_some(at))
        .collect();
    assert!(!positions.is_empty(), "{from}");
    for at in positions {
        content[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    fs::write(metadata, content).unwrap();
    set_time(metadata, NOW - 20 * DAY);
}

#[test]
fn what_a_snapshot_names_by_a_link_outside_the_base_stays() {
    let lake = Lake::of(INCREMENTAL);
    let (old, new) = (shared_files(&lake, "chk-3"), shared_files(&lake, "chk-4"));
    let file = old.iter().find(|file| !new.contains(file)).unwrap();
    let named = new.iter().find(|file| !old.contains(file)).unwrap();
    let planned = |lake: &Lake| {
        let plan = lake.plan(&lake.request()).unwrap();
        let mut objects = plan.objects.iter();
        assert!(reasons(&plan, &lake.snapshot("chk-3")).is_empty());
        objects.any(|object| object.location.as_str() == file.to_str().unwrap())
    };
    assert!(planned(&lake));
    // The newest needs it by a name that is a link, and by no other.
    let link = named
        .to_str()
        .unwrap()
        .replace("checkpoints", "links-to-it");
    let link = Path::new(&link).with_file_name(UUIDS[0]);
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    fs::copy(named, file).unwrap();
    set_time(file, NOW - 20 * DAY);
    symlink(file, &link).unwrap();
    let metadata = lake.snapshot("chk-4").join("_metadata");
    rename_in(&metadata, named.to_str().unwrap(), link.to_str().unwrap());
    assert!(lake.is_whole(&lake.snapshot("chk-4")));
    assert!(!planned(&lake));
    lake.apply(&lake.plan(&lake.request()).unwrap());
    assert!(lake.is_whole(&lake.snapshot("chk-4")));
}

#[test]
fn a_checkpoint_in_doubt_stays_though_an_older_one_is_whole() {
    let lake = Lake::of(INCREMENTAL);
    let (old, new) = (shared_files(&lake, "chk-3"), shared_files(&lake, "chk-4"));
    let named = new.iter().find(|file| !old.contains(file)).unwrap();
    let named = named.to_str().unwrap();
    let doubtful = lake.snapshot("chk-4");
    let newest = doubtful.with_file_name("chk-5");
    fs::create_dir(&newest).unwrap();
    for file in fs::read_dir(&doubtful).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), newest.join(file.file_name())).unwrap();
    }
    // The newest lacks a file; the one before names one in a store that nobody allowed.
    let lost = Path::new(named).with_file_name(UUIDS[0]);
    let lost = lost.to_str().unwrap();
    rename_in(&newest.join("_metadata"), named, lost);
    let root = lake.directory.path().to_str().unwrap();
    let bucket = format!("s3://{}", "b".repeat(root.len() - "s3://".len()));
    let remote = named.replace(root, &bucket);
    rename_in(&doubtful.join("_metadata"), named, &remote);
    let plan = lake.plan(&lake.request()).unwrap();
    assert!(reasons(&plan, &newest).contains(&KeepReason::NewestOfJob));
    assert_eq!(reasons(&plan, &doubtful), [KeepReason::PerhapsNewestWhole]);
    let whole = reasons(&plan, &lake.snapshot("chk-3"));
    assert_eq!(whole, [KeepReason::NewestOfJob]);
}

#[test]
fn of_two_jobs_in_one_directory_each_keeps_its_newest_checkpoint() {
    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    let other = Lake::of("flink-1.20.5/checkpoint-hashmap-files");
    let theirs = other.snapshots.directories().first().unwrap().to_string();
    let metadata = job.join("chk-2").join("_metadata");
    fs::create_dir_all(metadata.parent().unwrap()).unwrap();
    fs::copy(other.path(&theirs).join("_metadata"), &metadata).unwrap();
    set_time(&metadata, NOW - 20 * DAY);
    let plan = lake.plan(&lake.request()).unwrap();
    assert!(reasons(&plan, &job.join("chk-2")).contains(&KeepReason::NewestOfJob));
    assert!(reasons(&plan, &job.join("chk-3")).is_empty());
}

#[test]
fn a_base_with_twenty_thousand_jobs_is_planned_and_carried_out() {
    let lake = Lake::of(INCREMENTAL);
    for number in 0..20_500 {
        fs::create_dir_all(lake.path(&format!("checkpoints/{number:032x}"))).unwrap();
    }
    let plan = lake.plan(&lake.request()).unwrap();
    let applied = lake.apply(&plan);
    assert_eq!((applied.refusals.len(), applied.left()), (0, 0));
}

#[test]
fn a_quarantine_overwrites_nothing() {
    wait(async {
        let lake = Lake::of(INCREMENTAL);
        let store = Arc::new(InMemory::new());
        for (key, content) in &lake.snapshots.files {
            let payload = PutPayload::from(content.clone());
            let path = object_store::path::Path::from(key.as_str());
            store.put(&path, payload).await.unwrap();
        }
        let taken = lake
            .snapshots
            .directory("chk-3")
            .replace("checkpoints/", "live/");
        let taken = object_store::path::Path::from(format!("{taken}/_metadata"));
        store.put(&taken, PutPayload::from("mine")).await.unwrap();
        let base = Location::new("memory://m/checkpoints");
        lake.storage.set_store(
            &base,
            Arc::<InMemory>::clone(&store) as Arc<dyn ObjectStore>,
        );
        // Everything was written just now: it is a month later.
        let now: UtcSeconds = std::time::SystemTime::now().into();
        let now = UtcSeconds::from_unix(now.unix() + 30 * DAY);
        // The paths in the metadata lead to the disk.
        lake.storage.trust(&lake.base("checkpoints"));
        let request = PlanRequest {
            base: base.clone(),
            now,
            ..lake.request()
        };
        let plan = statescope::inspect::retention::plan(&lake.storage, &request, &NoProgress);
        let plan = plan.await.unwrap().unwrap();
        let request = ApplyRequest {
            quarantine: Some(Location::new("memory://m/live")),
            now,
            ..apply_request()
        };
        let mut journal = NoJournal;
        let applied = apply(&lake.storage, &plan, &request, &mut journal, &NoProgress);
        let applied = applied.await.unwrap();
        assert_eq!(applied.count(State::Failed), 1, "{:?}", applied.refusals);
        let there = store.get(&taken).await.unwrap().bytes().await.unwrap();
        assert_eq!(&there[..], b"mine");
    });
}

/// A backup of a job that is being copied back with its times: files first, `_metadata` last.
#[test]
fn a_copy_that_arrives_with_old_times_is_no_orphan() {
    let directory = tempfile::tempdir().unwrap();
    let base = directory.path().join("checkpoints");
    let today: UtcSeconds = std::time::SystemTime::now().into();
    let old = today.unix() - 30 * DAY;
    let [done, arriving, savepoint] = ["a", "b", "c"].map(|digit| base.join(digit.repeat(32)));
    for number in 1..4 {
        write_snapshot(&done.join(format!("chk-{number}")), old + number);
    }
    let savepoint = savepoint.with_file_name("savepoint-1a2b3c-0123456789ab");
    let copied = [
        arriving.join("shared").join(UUIDS[0]),
        arriving.join("chk-7").join(UUIDS[1]),
        // Copied below a job that is there already, or into one of its snapshots.
        done.join("shared").join(UUIDS[2]),
        done.join("chk-1").join(UUIDS[0]),
        done.join("chk-0").join(UUIDS[1]),
        savepoint.join(UUIDS[2]),
    ];
    for path in &copied {
        write_at(path, old);
    }
    let storage = Storage::new(Settings::new());
    let planned = |now: UtcSeconds| {
        let request = PlanRequest {
            base: Location::new(base.to_str().unwrap()),
            also: Vec::new(),
            policy: Policy {
                keep_last: Some(1),
                include_savepoints: true,
                ..Policy::default()
            },
            knows: false,
            now,
        };
        let plan = statescope::inspect::retention::plan(&storage, &request, &NoProgress);
        let plan = wait(plan).unwrap().unwrap();
        let goes = |path: &&std::path::PathBuf| {
            let path = path.to_str().unwrap();
            plan.objects
                .iter()
                .any(|object| object.location.as_str() == path)
        };
        copied.iter().filter(goes).count()
    };
    assert_eq!(planned(today), 0);
    let days_later = UtcSeconds::from_unix(today.unix() + 4 * DAY);
    assert_eq!(planned(days_later), copied.len());
}

/// Does something to the tree when the first batch with such a path is about to be deleted.
struct Meddler<F> {
    before: &'static str,
    meddle: Option<F>,
}

impl<F: FnOnce()> Journal for Meddler<F> {
    fn write(&mut self, entry: &JournalEntry<'_>) -> Result<(), String> {
        let is_time = |first: &Location| first.as_str().contains(self.before);
        if matches!(entry, JournalEntry::Batch { first, .. } if is_time(first))
            && let Some(meddle) = self.meddle.take()
        {
            meddle();
        }
        Ok(())
    }
}

impl Lake {
    fn apply_while(
        &self,
        plan: &Plan,
        request: &ApplyRequest,
        before: &'static str,
        meddle: impl FnOnce(),
    ) -> Applied {
        let mut journal = Meddler {
            before,
            meddle: Some(meddle),
        };
        let applied = apply(&self.storage, plan, request, &mut journal, &NoProgress);
        let applied = wait(applied).unwrap();
        assert!(journal.meddle.is_none(), "nobody meddled");
        applied
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy_tree(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

fn count_files(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let counts = entries.map(|entry| match entry.file_type().unwrap().is_dir() {
        true => count_files(&entry.path()),
        false => 1,
    });
    counts.sum()
}

#[test]
fn nothing_outside_the_base_is_deleted_whatever_is_put_in_the_place_of_a_directory() {
    for (swapped, before) in [
        ("shared", "/shared/"),
        ("", "/shared/"),
        ("chk-3", "/chk-3/"),
        ("", "_metadata"),
    ] {
        for is_link in [true, false] {
            for quarantine in [None, Some("quarantine")] {
                let lake = Lake::of(INCREMENTAL);
                let plan = lake.plan(&lake.request()).unwrap();
                let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
                // The newest checkpoint lies safe elsewhere in any case.
                let outside = tempfile::tempdir().unwrap();
                let (swapped, precious) = match swapped {
                    "" => (job.clone(), outside.path().join("job")),
                    name => (job.join(name), outside.path().join(name)),
                };
                copy_tree(&swapped, &precious);
                let many = count_files(&precious);
                assert!(many > 0);
                let request = ApplyRequest {
                    quarantine: quarantine.map(|name| lake.base(name)),
                    ..apply_request()
                };
                let applied = lake.apply_while(&plan, &request, before, || {
                    fs::rename(&swapped, outside.path().join("original")).unwrap();
                    match is_link {
                        true => symlink(&precious, &swapped).unwrap(),
                        false => fs::rename(&precious, &swapped).unwrap(),
                    }
                });
                let left = match is_link {
                    true => count_files(&precious),
                    false => count_files(&swapped),
                };
                assert_eq!(left, many, "{swapped:?}, a link: {is_link}");
                assert!(applied.left() > 0, "something was not there to delete");
            }
        }
    }
}

#[test]
fn what_a_link_to_a_file_leads_to_stays() {
    let lake = Lake::of(INCREMENTAL);
    let kept = lake.snapshot("chk-4");
    let shared = kept.with_file_name("shared");
    let needed = lake.plan(&lake.request()).unwrap();
    let goes = |path: &Path, plan: &Plan| {
        let path = path.to_str().unwrap();
        plan.objects
            .iter()
            .any(|object| object.location.as_str() == path)
    };
    let files = fs::read_dir(&shared).unwrap();
    let live = files.map(|entry| entry.unwrap().path());
    let live = live.into_iter().find(|path| !goes(path, &needed)).unwrap();
    // The snapshot that stays reaches its file by a chain of links, each with a name of Flink's.
    let (real, middle) = (shared.join(UUIDS[0]), shared.join(UUIDS[1]));
    fs::rename(&live, &real).unwrap();
    symlink(&real, &middle).unwrap();
    symlink(&middle, &live).unwrap();
    let plan = lake.plan(&lake.request()).unwrap();
    for path in [&live, &middle, &real] {
        assert!(!goes(path, &plan), "{}", path.display());
    }
    lake.apply(&plan);
    assert!(lake.is_whole(&kept));
}

#[test]
fn a_snapshot_whose_metadata_is_a_link_stays() {
    let lake = Lake::of(INCREMENTAL);
    let old = lake.snapshot("chk-3");
    let moved = lake.path("metadata-of-3");
    fs::rename(old.join("_metadata"), &moved).unwrap();
    symlink(&moved, old.join("_metadata")).unwrap();
    lake.apply(&lake.plan(&lake.request()).unwrap());
    assert!(lake.is_whole(&old));
}

#[test]
fn another_name_of_a_file_can_go_and_its_content_stays() {
    let lake = Lake::of(INCREMENTAL);
    let kept = lake.snapshot("chk-4");
    let shared = kept.with_file_name("shared");
    let plan = lake.plan(&lake.request()).unwrap();
    let before = plan.objects.len();
    let live = fs::read_dir(&shared)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let other = shared.join(UUIDS[0]);
    for path in live {
        let text = path.to_str().unwrap();
        if !plan
            .objects
            .iter()
            .any(|object| object.location.as_str() == text)
        {
            fs::hard_link(&path, &other).unwrap();
            set_time(&path, NOW - 30 * DAY);
            break;
        }
    }
    // Long after, so that what nobody mentions is left behind.
    let now = UtcSeconds::from_unix(NOW + 30 * DAY);
    let request = PlanRequest {
        now,
        ..lake.request()
    };
    let plan = lake.plan(&request).unwrap();
    assert_eq!(plan.objects.len(), before + 1);
    lake.apply_as(
        &plan,
        &ApplyRequest {
            now,
            ..apply_request()
        },
    );
    assert!(!other.exists());
    assert!(lake.is_whole(&kept));
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_mounted_below_the_base_is_only_read() {
    use std::os::unix::fs::MetadataExt;

    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    let outside = tempfile::tempdir().unwrap();
    let precious = outside.path().join("shared");
    fs::rename(job.join("shared"), &precious).unwrap();
    fs::create_dir(job.join("shared")).unwrap();
    let many = count_files(&precious);
    let is_root = outside.path().metadata().unwrap().uid() == 0;
    // A mount that only this command sees.
    let script = "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"";
    let plan = lake.path("plan.json");
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new("unshare")
            // Others can mount as root of a user namespace of their own.
            .args(if is_root { &["-m"][..] } else { &["-r", "-m"] })
            .args(["sh", "-c", script, "sh"])
            .args([&precious, &job.join("shared")])
            .arg(env!("CARGO_BIN_EXE_statescope"))
            .args(arguments)
            .args(["--now", NOW_TEXT])
            .output();
        output.expect("unshare of util-linux")
    };
    let base = lake.path("checkpoints");
    let planning = [
        "retention",
        "plan",
        base.to_str().unwrap(),
        "--keep-last",
        "1",
        "--plan-out",
    ];
    let planned = run(&[&planning[..], &[plan.to_str().unwrap()]].concat());
    assert_eq!(planned.status.code(), Some(0), "{planned:?}");
    let text = fs::read_to_string(&plan).unwrap();
    let planned: Plan = serde_json::from_str(&text).unwrap();
    assert!(!planned.objects.is_empty());
    assert!(
        planned
            .objects
            .iter()
            .all(|object| !object.location.as_str().contains("/shared/"))
    );
    let applied = run(&["retention", "apply", plan.to_str().unwrap(), "--yes"]);
    assert_eq!(applied.status.code(), Some(0), "{applied:?}");
    assert_eq!(count_files(&precious), many);
}

/// Time stamps are believed when they are a second old; before, everything is listed at each look.
fn let_stamps_settle() {
    std::thread::sleep(std::time::Duration::from_millis(1500));
}

/// Numbers of the refusals that end a run when `meddle` is done before its first batch, after the first
/// look, and how many files it has deleted by then.
fn ends_after(lake: &Lake, plan: &Plan, meddle: impl FnOnce()) -> (Vec<u8>, u64) {
    let_stamps_settle();
    let applied = lake.apply_while(plan, &apply_request(), "_metadata", meddle);
    let numbers = applied.refusals.iter().map(Refusal::number).collect();
    (numbers, applied.count(State::Deleted))
}

/// A directory with a snapshot that needs what `chk-3` needs.
fn write_newcomer(lake: &Lake, directory: &Path) {
    let snapshot = directory.join("chk-1");
    fs::create_dir_all(&snapshot).unwrap();
    let metadata = lake.snapshot("chk-3").join("_metadata");
    fs::copy(metadata, snapshot.join("_metadata")).unwrap();
}

#[test]
fn what_a_link_leads_to_later_is_looked_at() {
    for at_first in ["nothing", "file", "pipe", "listed"] {
        let lake = Lake::of(INCREMENTAL);
        let outside = tempfile::tempdir().unwrap();
        let (new, target) = (outside.path().join("new"), outside.path().join("target"));
        match at_first {
            "file" => fs::write(&target, "x").unwrap(),
            "pipe" => {
                let made = std::process::Command::new("mkfifo").arg(&target).status();
                assert!(made.unwrap().success());
            }
            "listed" => symlink(lake.snapshot("chk-4"), &target).unwrap(),
            _ => {}
        }
        symlink(&target, lake.path("checkpoints/later")).unwrap();
        write_newcomer(&lake, &new);
        let plan = lake.plan(&lake.request()).unwrap();
        let ended = ends_after(&lake, &plan, || {
            if at_first != "nothing" {
                fs::remove_file(&target).unwrap();
            }
            fs::rename(&new, &target).unwrap();
        });
        assert_eq!(ended, (vec![11], 1), "{at_first}");
    }
}

#[test]
fn a_directory_that_left_its_path_is_looked_at_where_a_link_leads_to_it() {
    let lake = Lake::of(INCREMENTAL);
    let outside = tempfile::tempdir().unwrap();
    let (inside, target) = (
        lake.path("checkpoints/other"),
        outside.path().join("target"),
    );
    fs::create_dir(&inside).unwrap();
    symlink(&inside, &target).unwrap();
    symlink(&target, lake.path("checkpoints/later")).unwrap();
    let plan = lake.plan(&lake.request()).unwrap();
    let ended = ends_after(&lake, &plan, || {
        fs::remove_file(&target).unwrap();
        fs::rename(&inside, &target).unwrap();
        write_newcomer(&lake, &target);
    });
    assert_eq!(ended, (vec![11], 1));
}

#[test]
fn a_base_that_is_moved_away_during_a_run_ends_it() {
    for moved in ["checkpoints", "also"] {
        for is_link in [true, false] {
            let lake = Lake::of(INCREMENTAL);
            let also = lake.path("also");
            fs::create_dir(&also).unwrap();
            let (base, real) = (lake.path(moved), lake.path("real"));
            if is_link {
                fs::rename(&base, &real).unwrap();
                symlink(&real, &base).unwrap();
                fs::create_dir(lake.path("empty")).unwrap();
            }
            let request = PlanRequest {
                also: vec![lake.base("also")],
                ..lake.request()
            };
            let plan = lake.plan(&request).unwrap();
            let (numbers, _) = ends_after(&lake, &plan, || match is_link {
                true => {
                    fs::remove_file(&base).unwrap();
                    symlink(lake.path("empty"), &base).unwrap();
                }
                false => fs::rename(&base, &real).unwrap(),
            });
            assert_eq!(numbers, [4], "{moved}, a link: {is_link}");
        }
    }
}

#[test]
fn metadata_that_is_written_anew_with_its_size_and_time_is_read_again() {
    let lake = Lake::of(INCREMENTAL);
    // Two snapshots that need nothing, one of which comes to need what goes; both of one size.
    let place = lake.path("checkpoints").join("c".repeat(32)).join("chk-1");
    let metadata = fs::read(lake.snapshot("chk-3").join("_metadata")).unwrap();
    fs::create_dir_all(&place).unwrap();
    let kept = fs::read(lake.snapshot("chk-4").join("_metadata")).unwrap();
    let path = place.join("_metadata");
    fs::write(&path, &kept).unwrap();
    // The size of a file can be had without its content.
    let size = metadata.len().max(kept.len());
    let pad = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes.resize(size, 0);
        bytes
    };
    fs::write(&path, pad(&kept)).unwrap();
    set_time(&path, NOW - 10);
    let plan = match lake.plan(&lake.request()) {
        Ok(plan) => plan,
        Err(refusals) => panic!("{refusals:?}"),
    };
    let (numbers, _) = ends_after(&lake, &plan, || {
        fs::write(&path, pad(&metadata)).unwrap();
        set_time(&path, NOW - 10);
    });
    assert_eq!(numbers, [11]);
}

#[test]
fn a_file_that_was_replaced_or_written_since_it_was_confirmed_fails_and_stays() {
    for quarantine in [None, Some("quarantine")] {
        let lake = Lake::of(INCREMENTAL);
        let plan = lake.plan(&lake.request()).unwrap();
        let shared = plan.objects.iter();
        let mut shared = shared.filter(|object| object.class == Class::Shared);
        let [replaced, written] =
            [(); 2].map(|()| Path::new(shared.next().unwrap().location.as_str()).to_owned());
        let request = ApplyRequest {
            quarantine: quarantine.map(|name| lake.base(name)),
            ..apply_request()
        };
        let applied = lake.apply_while(&plan, &request, "/shared/", || {
            let new = lake.path("new");
            fs::copy(&replaced, &new).unwrap();
            fs::rename(&new, &replaced).unwrap();
            fs::write(&written, "another").unwrap();
        });
        assert_eq!(applied.count(State::Failed), 2);
        assert!(replaced.exists() && written.exists());
        let failed = applied.objects.iter();
        let mut failed = failed.filter(|object| object.state == State::Failed);
        assert!(
            failed.all(|object| format!("{object:?}").contains("not the file that was looked at"))
        );
    }
}
