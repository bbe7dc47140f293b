//! Retention on local disk: real snapshots, every refusal, and the command line.

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
use crate::program;
use crate::shapes;
use crate::snapshots;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use lake::*;
use program::Program;
use shapes::handles::{Mode, NamedState, Stream};
use shapes::properties::Properties;
use shapes::writer::{MetadataWriter, OperatorHead};
use snapshots::Snapshots;
use statescope::inspect::retention::{ApplyRequest, PlanRequest, State, apply, plan};
use statescope::inspect::{self, NoProgress};
use statescope::retention::{Class, NoJournal, Plan, Policy, Refusal, StayReason};
use statescope::storage::{Settings, Storage};
use statescope::{Location, UtcSeconds};
use support::wait;

#[test]
fn a_plan_deletes_what_only_the_old_checkpoint_needs() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    let files = |class: Class| {
        plan.freed
            .iter()
            .find(|freed| freed.class == class)
            .unwrap()
            .files
    };
    assert_eq!(files(Class::Metadata), 1);
    assert!(files(Class::Exclusive) > 0);
    assert!(files(Class::Shared) > 0);
    let applied = lake.apply(&plan);
    assert_eq!(applied.refusals, []);
    assert_eq!(applied.left(), 0);
    assert!(
        !lake.snapshot("chk-3").exists(),
        "its directory is empty and goes"
    );
    assert!(lake.is_whole(&lake.snapshot("chk-4")));
    for object in &plan.objects {
        assert!(!Path::new(object.location.as_str()).exists());
    }
    // Again: nothing is left to do, and that is no problem.
    let again = lake.apply(&plan);
    assert_eq!(again.count(State::Gone), plan.objects.len() as u64);
    assert!(lake.plan(&lake.request()).unwrap().objects.is_empty());
}

/// The directory of a checkpoint goes with it, but not a file in it that a later one uses again.
#[test]
fn files_of_earlier_checkpoints_that_a_regional_checkpoint_uses_stay() {
    let lake = Lake::of(INCREMENTAL);
    let (old, before) = (lake.snapshot("chk-3"), lake.snapshot("chk-4"));
    let is_own = |path: &Path| path.file_name().unwrap() != "_metadata";
    let mut own = fs::read_dir(&old)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let used = own.find(|path| is_own(path)).expect("a file of its own");
    let mut writer = MetadataWriter::new(7, 1024);
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
    writer.operator_slot(true);
    let state = NamedState {
        name: "counts",
        mode: Mode::Split,
        offsets: &[0],
    };
    let stream = Stream::File {
        path: used.to_str().unwrap(),
        size: fs::metadata(&used).unwrap().len(),
    };
    writer.partitionable(&[state], &stream);
    writer.operator_slot(false);
    writer.no_keyed();
    writer.no_keyed();
    writer.no_channel_lists();
    writer.end_subtask(Some(3));
    writer.properties(Properties::Checkpoint);
    let regional = before.parent().unwrap().join("chk-5");
    fs::create_dir(&regional).unwrap();
    fs::write(regional.join("_metadata"), writer.into_bytes()).unwrap();
    set_time(&regional.join("_metadata"), NOW - 20 * DAY);

    let plan = lake.plan(&lake.request()).unwrap();
    let goes = |path: &Path| {
        let location = path.to_str().unwrap();
        (plan.objects.iter()).any(|object| object.location.as_str() == location)
    };
    assert!(goes(&old.join("_metadata")), "{plan:?}");
    assert!(!goes(&used));
    assert_eq!(lake.apply(&plan).refusals, []);
    assert!(used.exists());
    assert!(lake.is_whole(&regional));
}

#[test]
fn a_dry_run_touches_nothing() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    let before = lake.files();
    let request = ApplyRequest {
        dry_run: true,
        ..apply_request()
    };
    let applied = lake.apply_as(&plan, &request);
    assert_eq!(lake.files(), before);
    assert_eq!(applied.count(State::Planned), plan.objects.len() as u64);
    let bytes: u64 = plan.objects.iter().map(|object| object.bytes).sum();
    assert_eq!(applied.freed_bytes, bytes);
}

#[test]
fn a_quarantine_holds_what_was_moved() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    let quarantine = lake.base("quarantine");
    let request = ApplyRequest {
        quarantine: Some(quarantine.clone()),
        ..apply_request()
    };
    let before = lake.files().len();
    let applied = lake.apply_as(&plan, &request);
    assert_eq!(applied.left(), 0);
    assert_eq!(lake.files().len(), before, "nothing is lost");
    for object in &plan.objects {
        let below = object
            .location
            .as_str()
            .strip_prefix(plan.base.as_str())
            .unwrap();
        assert!(Path::new(&format!("{}{below}", quarantine.as_str())).exists());
    }
    let inside = ApplyRequest {
        quarantine: Some(lake.base("checkpoints/quarantine")),
        ..apply_request()
    };
    let mut journal = NoJournal;
    let applied = apply(&lake.storage, &plan, &inside, &mut journal, &NoProgress);
    assert!(
        wait(applied).is_err(),
        "a quarantine below the base is none"
    );
}

#[test]
fn every_file_of_every_real_snapshot_is_known_to_be_needed() {
    for release in snapshots::WITH_FILES {
        for entry in fs::read_dir(support::testdata().join(release)).unwrap() {
            let scenario = entry.unwrap().file_name().into_string().unwrap();
            let lake = Lake::of(&format!("{release}/{scenario}"));
            let request = PlanRequest {
                base: Location::new(lake.directory.path().to_str().unwrap()),
                policy: Policy {
                    keep_last: Some(9),
                    ..lake.request().policy
                },
                ..lake.request()
            };
            let plan = lake.plan(&request).unwrap_or_else(|refusals| {
                panic!("{release}/{scenario}: {refusals:?}");
            });
            for object in &plan.objects {
                assert_eq!(object.class, Class::Orphan, "{release}/{scenario}");
            }
            lake.apply(&plan);
            for directory in lake.snapshots.directories() {
                let snapshot = lake.path(directory);
                if plan
                    .snapshots
                    .iter()
                    .all(|planned| planned.missing_file.is_none())
                {
                    let location = Location::new(snapshot.to_str().unwrap());
                    let check = wait(async {
                        let loaded = inspect::load(&lake.storage, &location).await.unwrap();
                        inspect::verify(&lake.storage, &loaded, &NoProgress)
                            .await
                            .unwrap()
                            .0
                    });
                    assert_eq!(check.missing, 0, "{release}/{scenario}: {directory}");
                }
            }
        }
    }
}

#[test]
fn a_copied_tree_keeps_its_files_by_their_names() {
    // Its metadata names the place where Flink wrote it.
    let directory = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::of_scenario(INCREMENTAL);
    snapshots.write(directory.path());
    let storage = Storage::new(Settings::new());
    let request = PlanRequest {
        base: Location::new(directory.path().to_str().unwrap()),
        also: Vec::new(),
        policy: Policy {
            keep_last: Some(2),
            ..Policy::default()
        },
        knows: false,
        now: UtcSeconds::from_unix(NOW),
    };
    let plan = wait(plan(&storage, &request, &NoProgress))
        .unwrap()
        .unwrap();
    let elsewhere = plan.left_alone.iter();
    let elsewhere = elsewhere.filter(|left| left.reason == StayReason::NeededElsewhere);
    assert!(elsewhere.map(|left| left.files).sum::<u64>() > 0);
    assert!(plan.objects.is_empty(), "{:?}", plan.objects);
}

#[test]
fn what_is_not_flinks_stays_and_is_told() {
    let lake = Lake::of(INCREMENTAL);
    let old = lake.snapshot("chk-3");
    for path in [old.join("README"), lake.path("checkpoints/backup/notes")] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        set_time(&path, NOW - 30 * DAY);
    }
    let plan = lake.plan(&lake.request()).unwrap();
    let reasons: Vec<_> = plan.left_alone.iter().map(|left| left.reason).collect();
    assert!(reasons.contains(&StayReason::UnknownName));
    assert!(reasons.contains(&StayReason::UnknownPlace));
    assert_eq!(lake.apply(&plan).left(), 0);
    assert!(old.join("README").exists());
    assert!(!old.join("_metadata").exists());
}

#[test]
fn unfinished_checkpoints_go_once_they_are_overtaken() {
    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    let uuid = "b64485b9-fd06-4d43-8f81-5903f0df4111";
    for chk in ["chk-2", "chk-9"] {
        fs::create_dir(job.join(chk)).unwrap();
        fs::write(job.join(chk).join(uuid), "x").unwrap();
        set_time(&job.join(chk).join(uuid), NOW - 20 * DAY);
    }
    let plan = lake.plan(&lake.request()).unwrap();
    lake.apply(&plan);
    assert!(!job.join("chk-2").exists());
    assert!(
        job.join("chk-9").join(uuid).exists(),
        "it may be being written"
    );
}

#[test]
fn a_dead_job_goes_with_its_directories_and_one_that_has_just_begun_stays() {
    let lake = Lake::of(INCREMENTAL);
    let job = |digit: &str| lake.path("checkpoints").join(digit.repeat(32));
    for (digit, written) in [("d", NOW - 9 * DAY), ("e", NOW - DAY)] {
        write_at(&job(digit).join("chk-1").join(UUIDS[0]), NOW - 9 * DAY);
        write_at(&job(digit).join("shared").join(UUIDS[1]), written);
        fs::create_dir(job(digit).join("taskowned")).unwrap();
    }
    fs::create_dir_all(job("f").join("chk-1")).unwrap();
    fs::create_dir(job("f").join("shared")).unwrap();
    let plan = lake.plan(&lake.request()).unwrap();
    lake.apply(&plan);
    assert!(!job("d").exists(), "all of it is old");
    assert!(
        job("e").join("chk-1").join(UUIDS[0]).exists(),
        "it still writes"
    );
    assert!(
        job("f").join("chk-1").exists(),
        "nothing tells how old it is"
    );
}

#[test]
fn files_that_only_running_tasks_know_of_stay() {
    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    let forst = job
        .join("shared/op_Keyed_1__1_2__attempt_0/db")
        .join(UUIDS[0]);
    let task_owned = job.join("taskowned").join(UUIDS[1]);
    let orphan = job.join("shared").join(UUIDS[2]);
    let changelog = lake.path("checkpoints/changelog").join("d".repeat(32));
    let changelog = changelog.join("dstl").join(UUIDS[2]);
    for path in [&forst, &task_owned, &orphan, &changelog] {
        write_at(path, NOW - 90 * DAY);
    }
    let plan = lake.plan(&lake.request()).unwrap();
    lake.apply(&plan);
    assert!(forst.exists());
    assert!(task_owned.exists());
    assert!(changelog.exists(), "its job's checkpoints may be elsewhere");
    assert!(!orphan.exists(), "nothing mentions it");
}

#[test]
fn orphans_of_a_job_that_writes_must_be_older_than_its_newest_checkpoint() {
    let lake = Lake::of(INCREMENTAL);
    let newest = lake.snapshot("chk-4");
    let shared = newest.with_file_name("shared");
    let completed = NOW - 20 * DAY;
    set_time(&newest.join("_metadata"), completed);
    // Checkpoints fail since then, and the next may still need what was written meanwhile.
    for (uuid, written) in UUIDS
        .iter()
        .zip([completed - 4 * DAY, completed - DAY, NOW - 60])
    {
        write_at(&shared.join(uuid), written);
    }
    let plan = lake.plan(&lake.request()).unwrap();
    lake.apply(&plan);
    let there = UUIDS.map(|uuid| shared.join(uuid).exists());
    assert_eq!(there, [false, true, true]);
}

#[test]
fn the_newest_checkpoint_that_has_all_its_files_stays_besides_the_newest() {
    let lake = Lake::of(INCREMENTAL);
    let newest = lake.snapshot("chk-4");
    let lost = fs::read_dir(&newest)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let lost = lost
        .into_iter()
        .find(|path| !path.ends_with("_metadata"))
        .unwrap();
    fs::remove_file(&lost).unwrap();
    let plan = lake.plan(&lake.request()).unwrap();
    assert!(plan.snapshots.iter().all(|snapshot| snapshot.keep));
    let newest = plan
        .snapshots
        .iter()
        .find(|snapshot| snapshot.checkpoint_id == Some(4));
    assert_eq!(newest.unwrap().missing_file.as_deref(), lost.to_str());
    assert!(plan.objects.is_empty());
}

#[test]
fn another_base_is_read_and_never_touched() {
    let lake = Lake::of(INCREMENTAL);
    // The old checkpoint is restored by a job that lives elsewhere.
    let elsewhere = lake.path("elsewhere/chk-1");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::copy(
        lake.snapshot("chk-3").join("_metadata"),
        elsewhere.join("_metadata"),
    )
    .unwrap();
    set_time(&elsewhere.join("_metadata"), NOW - 20 * DAY);
    let alone = lake.plan(&lake.request()).unwrap();
    let request = PlanRequest {
        also: vec![lake.base("elsewhere")],
        ..lake.request()
    };
    let both = lake.plan(&request).unwrap();
    let shared = |plan: &Plan| {
        plan.freed
            .iter()
            .find(|f| f.class == Class::Shared)
            .unwrap()
            .files
    };
    assert!(shared(&alone) > 0);
    assert_eq!(shared(&both), 0);
    assert!(
        both.objects
            .iter()
            .all(|o| !o.location.as_str().contains("elsewhere"))
    );
}

#[test]
fn what_is_behind_a_link_is_never_touched() {
    let lake = Lake::of(INCREMENTAL);
    let job = lake.snapshot("chk-4").parent().unwrap().to_owned();
    let aside = lake.path("aside");
    fs::rename(&job, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &job).unwrap();
    let plan = lake.plan(&lake.request()).unwrap();
    assert!(plan.objects.is_empty(), "{:?}", plan.objects);
}

#[test]
fn refusal_1_no_keep_rule() {
    let lake = Lake::of(INCREMENTAL);
    let request = PlanRequest {
        policy: Policy::default(),
        ..lake.request()
    };
    assert_eq!(numbers(lake.plan(&request)), [1]);
}

#[test]
fn refusal_2_nothing_would_survive() {
    let lake = Lake::of("flink-1.20.5/savepoint-native-rocksdb");
    let request = PlanRequest {
        base: lake.base("savepoints"),
        policy: Policy {
            keep_last: Some(0),
            include_savepoints: true,
            ..Policy::default()
        },
        ..lake.request()
    };
    assert_eq!(numbers(lake.plan(&request)), [2]);
}

#[test]
fn refusal_3_metadata_that_cannot_be_read_may_mention_anything() {
    for content in [&b""[..], b"\x49\x60\x67\x2d\x00\x00\x00\x09"] {
        let lake = Lake::of(INCREMENTAL);
        let broken = lake.snapshot("chk-3").with_file_name("chk-2");
        fs::create_dir(&broken).unwrap();
        fs::write(broken.join("_metadata"), content).unwrap();
        set_time(&broken.join("_metadata"), NOW - 30 * DAY);
        assert_eq!(numbers(lake.plan(&lake.request())), [3]);
        // Wherever it is.
        fs::rename(&broken, lake.path("elsewhere")).unwrap();
        let request = PlanRequest {
            also: vec![lake.base("elsewhere")],
            ..lake.request()
        };
        assert_eq!(numbers(lake.plan(&request)), [3]);
    }
}

#[test]
fn refusal_4_a_listing_that_is_not_whole() {
    let lake = Lake::of(INCREMENTAL);
    let shared = lake.snapshot("chk-3").with_file_name("shared");
    let odd = shared.join(std::ffi::OsStr::from_bytes(b"odd\xff"));
    fs::write(&odd, "x").unwrap();
    assert!(lake.plan(&lake.request()).is_ok(), "a name like others");
    std::os::unix::fs::symlink("/nowhere", shared.join("notes")).unwrap();
    assert!(lake.plan(&lake.request()).is_ok(), "nobody looks for it");
    let dangling = shared.with_file_name("chk-9");
    std::os::unix::fs::symlink("/nowhere", dangling).unwrap();
    assert_eq!(numbers(lake.plan(&lake.request())), [4]);
}

#[test]
fn refusal_5_a_minimum_age_below_an_hour() {
    let lake = Lake::of(INCREMENTAL);
    let mut request = lake.request();
    request.policy.min_age_seconds = 3599;
    assert_eq!(numbers(lake.plan(&request)), [5]);
    request.knows = true;
    let plan = lake.plan(&request).unwrap();
    assert_eq!(refused(&lake, &plan), [5]);
}

#[test]
fn refusal_6_the_root_of_a_store_without_snapshots() {
    let storage = Storage::new(Settings::new());
    let base = Location::new("s3://bucket");
    let store = Arc::new(object_store::memory::InMemory::new());
    storage.set_store(&base, store);
    let lake = Lake::of(INCREMENTAL);
    let request = PlanRequest {
        base,
        ..lake.request()
    };
    let plan = wait(plan(&storage, &request, &NoProgress)).unwrap();
    assert_eq!(numbers(plan), [6]);
}

#[test]
fn refusal_7_a_plan_of_yesterday_or_tomorrow() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    for now in [NOW + DAY + 1, NOW - 1] {
        let request = ApplyRequest {
            now: UtcSeconds::from_unix(now),
            ..apply_request()
        };
        let applied = lake.apply_as(&plan, &request);
        let refusals: Vec<_> = applied.refusals.iter().map(Refusal::number).collect();
        assert_eq!(refusals, [7], "{now}");
    }
}

#[test]
fn refusal_8_clocks_that_differ() {
    let lake = Lake::of(INCREMENTAL);
    set_time(&lake.snapshot("chk-4").join("_metadata"), NOW + 301);
    assert_eq!(numbers(lake.plan(&lake.request())), [8]);
}

#[test]
fn refusal_9_another_store() {
    let lake = Lake::of(INCREMENTAL);
    let mut plan = lake.plan(&lake.request()).unwrap();
    plan.store = "s3 other".to_owned();
    assert_eq!(refused(&lake, &plan), [9]);
}

#[test]
fn refusal_10_a_snapshot_to_keep_that_is_not_there() {
    let lake = Lake::of(INCREMENTAL);
    let mut request = lake.request();
    request.policy.keep = vec![lake.base("checkpoints/chk-33")];
    assert_eq!(numbers(lake.plan(&request)), [10]);
}

#[test]
fn refusal_11_a_new_snapshot_that_needs_a_planned_file() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    // A job was restored from the checkpoint that is to go.
    let job = lake.path("checkpoints").join("f".repeat(32));
    fs::create_dir_all(job.join("chk-1")).unwrap();
    let metadata = job.join("chk-1/_metadata");
    fs::copy(lake.snapshot("chk-3").join("_metadata"), &metadata).unwrap();
    set_time(&metadata, NOW);
    let refusals = refused(&lake, &plan);
    assert!(!refusals.is_empty());
    assert!(refusals.iter().all(|&number| number == 11), "{refusals:?}");
}

#[test]
fn refusal_12_a_planned_file_that_has_changed() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    for class in [Class::Exclusive, Class::Shared] {
        let object = plan
            .objects
            .iter()
            .find(|object| object.class == class)
            .unwrap();
        set_time(
            Path::new(object.location.as_str()),
            object.modified.unix() - 1,
        );
        assert_eq!(refused(&lake, &plan), [12], "{class:?}");
        set_time(Path::new(object.location.as_str()), object.modified.unix());
    }
}

#[test]
fn refusal_12_a_plan_that_was_edited() {
    let lake = Lake::of(INCREMENTAL);
    let mut plan = lake.plan(&lake.request()).unwrap();
    let mine = lake.path("checkpoints/mine");
    fs::write(&mine, "mine").unwrap();
    set_time(&mine, NOW - 30 * DAY);
    let mut object = plan.objects[0].clone();
    object.location = lake.base("checkpoints/mine");
    object.bytes = 4;
    object.modified = UtcSeconds::from_unix(NOW - 30 * DAY);
    plan.objects.push(object);
    assert_eq!(refused(&lake, &plan), [12]);
}

#[test]
fn refusal_13_the_survivors_are_gone() {
    let lake = Lake::of(INCREMENTAL);
    let plan = lake.plan(&lake.request()).unwrap();
    fs::remove_file(lake.snapshot("chk-4").join("_metadata")).unwrap();
    assert!(refused(&lake, &plan).contains(&13));
}

#[test]
fn refusal_14_a_file_that_is_no_plan() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("plan.json");
    for content in ["", "{}", r#"{"plan_version": 2}"#, r#"{"plan_version": 1}"#] {
        fs::write(&file, content).unwrap();
        let run = run(&["retention", "apply", file.to_str().unwrap(), "--yes"]);
        assert!(run.error(8).contains("rule 14 [unknown-plan]"), "{content}");
    }
}

fn run(arguments: &[&str]) -> program::Run {
    Program::new().run(arguments)
}

#[test]
fn the_command_line_plans_and_applies() {
    let lake = Lake::of(INCREMENTAL);
    let base = lake.path("checkpoints");
    let base = base.to_str().unwrap();
    let plan = lake.path("plan.json");
    let plan = plan.to_str().unwrap();
    let planning = [
        "retention",
        "plan",
        base,
        "--keep-last",
        "1",
        "--now",
        NOW_TEXT,
    ];
    let first = run(&[&planning[..], &["--plan-out", plan]].concat());
    assert_eq!(first.code, Some(0), "{first:?}");
    let text = first.stdout.replace(base, "[BASE]");
    let job = lake.snapshot("chk-4");
    let job = job.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let text = text.replace(job, "[JOB]");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    assert_eq!(lines[0], "below      [BASE]", "{text}");
    assert_eq!(lines[1], "snapshots  2, 1 stay, 1 go", "{text}");
    assert!(text.contains("no rule keeps it"), "{text}");
    assert!(text.contains("last, newest of its job"), "{text}");

    let paths = run(&[&planning[..], &["--format", "paths"]].concat());
    let paths: Vec<&str> = paths.stdout.lines().collect();
    let json = run(&[&planning[..], &["--json"]].concat()).data(0);
    let planned = json["objects"].as_array().unwrap();
    assert_eq!(paths.len(), planned.len());
    let written: serde_json::Value = serde_json::from_slice(&fs::read(plan).unwrap()).unwrap();
    assert_eq!(written, json, "the plan is the data of the document");

    let later = ["--now", NOW_TEXT];
    let apply = ["retention", "apply", plan];
    let unconfirmed = run(&[&apply[..], &later].concat());
    assert!(unconfirmed.error(2).contains("--yes is needed"));
    for format in ["table", "csv", "markdown", "paths"] {
        let format = ["--format", format];
        let lake = Lake::of(INCREMENTAL);
        let base = lake.path("checkpoints");
        let plan = lake.path("plan.json");
        let arguments = [
            "retention",
            "plan",
            base.to_str().unwrap(),
            "--keep-last",
            "1",
        ];
        let out = ["--plan-out", plan.to_str().unwrap(), "-q"];
        run(&[&arguments[..], &later, &out].concat());
        let apply = ["retention", "apply", plan.to_str().unwrap()];
        let dry = run(&[&apply[..], &later, &format, &["--dry-run"]].concat());
        assert_eq!(dry.code, Some(0), "{dry:?}");
        assert!(!lake.path("plan.json.journal").exists());
        let wet = run(&[&apply[..], &later, &format, &["--yes"]].concat());
        assert_eq!(wet.code, Some(0), "{wet:?}");
        assert_eq!(dry.stdout, wet.stdout, "{format:?}");
        let journal = fs::read_to_string(lake.path("plan.json.journal")).unwrap();
        let deleted = journal
            .lines()
            .filter(|line| line.contains("\"event\":\"deleted\""));
        assert_eq!(deleted.count(), paths.len());
    }
    let document = run(&[&apply[..], &later, &["--yes", "--json"]].concat()).data(0);
    assert_eq!(document["objects"].as_array().unwrap().len(), paths.len());
    assert_eq!(document["dry_run"], false);
}

#[test]
fn refusals_leave_stdout_empty_and_say_their_number() {
    let lake = Lake::of(INCREMENTAL);
    let base = lake.path("checkpoints");
    let run = run(&["retention", "plan", base.to_str().unwrap()]);
    assert!(
        run.error(8).contains("refused by rule 1 [no-keep-rule]"),
        "{run:?}"
    );
    assert_eq!(run.stdout, "");
}

#[test]
fn only_retention_prints_paths() {
    let run = run(&["show", "tests/cli/data/orders", "--format", "paths"]);
    assert!(run.error(2).contains("for `retention` alone"));
}

#[test]
fn nothing_younger_than_three_days_goes_by_default() {
    let lake = Lake::of(INCREMENTAL);
    for file in lake.files() {
        let now: i64 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
            .try_into()
            .unwrap();
        set_time(&file, now - 2 * DAY);
    }
    let base = lake.path("checkpoints");
    let arguments = [
        "retention",
        "plan",
        base.to_str().unwrap(),
        "--keep-last",
        "1",
    ];
    let run = run(&[&arguments[..], &["--json"]].concat());
    assert_eq!(run.data(0)["objects"], serde_json::json!([]));
}

/// A lake with a plan that was carried out with a quarantine, and what it was before.
struct Quarantined {
    lake: Lake,
    journal: String,
    before: Vec<std::path::PathBuf>,
    planned: usize,
}

impl Quarantined {
    fn new() -> Self {
        let lake = Lake::of(INCREMENTAL);
        let (base, plan) = (lake.path("checkpoints"), lake.path("plan.json"));
        let (base, plan) = (base.to_str().unwrap(), plan.to_str().unwrap());
        let before = lake.files();
        let planning = ["retention", "plan", base, "--keep-last", "1", "--json"];
        let now = ["--now", NOW_TEXT];
        let planned = run(&[&planning[..], &now, &["--plan-out", plan]].concat()).data(0);
        let quarantine = lake.path("quarantine");
        let quarantine = quarantine.to_str().unwrap();
        let apply = [
            "retention",
            "apply",
            plan,
            "--yes",
            "--quarantine",
            quarantine,
        ];
        let applied = run(&[&apply[..], &now].concat());
        assert_eq!(applied.code, Some(0), "{applied:?}");
        Self {
            journal: format!("{plan}.journal"),
            planned: planned["objects"].as_array().unwrap().len(),
            lake,
            before,
        }
    }

    fn restore(&self, more: &[&str]) -> program::Run {
        run(&[&["retention", "restore", &self.journal, "--json"], more].concat())
    }

    /// As it was, but for the plan and its journal.
    fn is_as_before(&self) {
        let mut files = self.lake.files();
        files.retain(|file| !file.to_str().unwrap().contains("plan.json"));
        assert_eq!(files, self.before);
        assert!(self.lake.is_whole(&self.lake.snapshot("chk-3")));
        assert!(self.lake.is_whole(&self.lake.snapshot("chk-4")));
    }

    fn quarantined(&self, file: &Path) -> std::path::PathBuf {
        let below = file.strip_prefix(self.lake.path("checkpoints")).unwrap();
        self.lake.path("quarantine").join(below)
    }

    fn shared(&self) -> std::path::PathBuf {
        let shared = |file: &&std::path::PathBuf| {
            file.to_str().unwrap().contains("/shared/") && self.quarantined(file).exists()
        };
        self.before.iter().find(shared).unwrap().clone()
    }
}

#[test]
fn what_was_moved_comes_back() {
    let world = Quarantined::new();
    let journal = fs::read_to_string(&world.journal).unwrap();
    let of = |event: &str| journal.matches(&format!("\"event\":\"{event}\"")).count();
    assert_eq!(
        (of("moved"), of("deleted")),
        (world.planned, 0),
        "{journal}"
    );
    let dry = world.restore(&["--dry-run"]).data(0);
    let planned = dry["objects"].as_array().unwrap();
    assert_eq!(planned.len(), world.planned);
    assert!(
        planned.iter().all(|object| object["state"] == "planned"),
        "{dry}"
    );
    assert!(world.lake.path("quarantine").exists());
    let restored = world.restore(&[]).data(0);
    let objects = restored["objects"].as_array().unwrap();
    assert!(
        objects.iter().all(|object| object["state"] == "restored"),
        "{restored}"
    );
    assert_eq!(restored["restored_bytes"], dry["restored_bytes"]);
    let last = objects.last().unwrap()["location"].as_str().unwrap();
    assert!(last.ends_with("/chk-3/_metadata"));
    world.is_as_before();
    // Again: all is there, and the journal was not touched.
    let again = world.restore(&[]).data(0);
    let objects = again["objects"].as_array().unwrap();
    assert!(
        objects.iter().all(|object| object["state"] == "present"),
        "{again}"
    );
    assert_eq!(fs::read_to_string(&world.journal).unwrap(), journal);
}

#[test]
fn one_snapshot_comes_back_with_the_files_that_it_mentions_elsewhere() {
    let world = Quarantined::new();
    let snapshot = world.lake.snapshot("chk-3");
    let restored = world.restore(&["--snapshot", snapshot.to_str().unwrap()]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert!(world.lake.is_whole(&snapshot));
    let none = world.lake.path("checkpoints/nowhere/chk-9");
    let missing = world.restore(&["--snapshot", none.to_str().unwrap()]);
    assert_eq!(missing.code, Some(5), "{missing:?}");
}

#[test]
fn only_what_is_below_a_prefix_comes_back() {
    let world = Quarantined::new();
    let shared = world.shared();
    let restored = world.restore(&["--under", shared.parent().unwrap().to_str().unwrap()]);
    let restored = restored.data(0);
    let objects = restored["objects"].as_array().unwrap();
    assert!(!objects.is_empty() && objects.len() < world.planned);
    assert!(shared.exists());
    assert!(!world.lake.snapshot("chk-3").join("_metadata").exists());
    // The metadata alone would make a snapshot that lacks files.
    let world = Quarantined::new();
    let metadata = world.lake.snapshot("chk-3").join("_metadata");
    let alone = world.restore(&["--under", metadata.to_str().unwrap()]);
    let left = &alone.data(9)["objects"][0];
    assert_eq!(left["state"], "left");
    assert!(
        left["error"]
            .as_str()
            .unwrap()
            .contains("would not be whole"),
        "{left}"
    );
    assert!(!metadata.exists());
}

#[test]
fn a_file_that_is_lost_keeps_the_metadata_in_quarantine() {
    let world = Quarantined::new();
    let shared = world.shared();
    fs::remove_file(world.quarantined(&shared)).unwrap();
    let restored = world.restore(&[]);
    let data = restored.data(9);
    let left: Vec<_> = (data["objects"].as_array().unwrap().iter())
        .filter(|object| object["state"] == "left")
        .collect();
    assert_eq!(left.len(), 2, "the file and the metadata: {data}");
    let metadata = world.lake.snapshot("chk-3").join("_metadata");
    assert!(!metadata.exists() && world.quarantined(&metadata).exists());
    // A backup brings the file back, and the next run the rest.
    fs::write(&shared, vec![0; 1 << 20]).unwrap();
    let again = world.restore(&[]);
    assert!(matches!(again.code, Some(0 | 9)), "{again:?}");
}

#[test]
fn nothing_is_overwritten() {
    let world = Quarantined::new();
    let metadata = world.lake.snapshot("chk-3").join("_metadata");
    let shared = world.shared();
    for file in [&metadata, &shared] {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
    }
    fs::write(&metadata, "of another job").unwrap();
    fs::write(&shared, "of another job").unwrap();
    let restored = world.restore(&[]);
    assert_eq!(restored.code, Some(9), "{restored:?}");
    assert!(
        restored.stdout.contains("is not overwritten"),
        "{restored:?}"
    );
    for file in [&metadata, &shared] {
        assert_eq!(fs::read(file).unwrap(), b"of another job");
        assert!(world.quarantined(file).exists());
    }
}

#[test]
fn a_journal_that_was_cut_anywhere_brings_back_what_it_knows() {
    let whole = Quarantined::new();
    let text = fs::read_to_string(&whole.journal).unwrap();
    // Behind the first batch line, all files of the batch are known.
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let last_batch = lines
        .iter()
        .rposition(|line| line.contains("\"batch\""))
        .unwrap();
    let begin: usize = lines[..=last_batch].iter().map(|line| line.len()).sum();
    for cut in [begin, begin + 1, begin + 40, text.len() - 1] {
        let world = Quarantined::new();
        let text = fs::read_to_string(&world.journal).unwrap();
        let cut = cut.min(text.len() - 1);
        fs::write(&world.journal, &text.as_bytes()[..cut]).unwrap();
        let restored = world.restore(&[]);
        assert_eq!(restored.code, Some(0), "cut at {cut}: {restored:?}");
        world.is_as_before();
    }
}

#[test]
fn an_interrupted_restore_goes_on() {
    let world = Quarantined::new();
    let under = world.shared();
    assert_eq!(
        world.restore(&["--under", under.to_str().unwrap()]).code,
        Some(0)
    );
    let restored = world.restore(&[]).data(0);
    let objects = restored["objects"].as_array().unwrap();
    let of = |state: &str| {
        objects
            .iter()
            .filter(|object| object["state"] == state)
            .count()
    };
    assert_eq!((of("present"), of("restored")), (1, world.planned - 1));
    world.is_as_before();
}

#[test]
fn journals_that_cannot_be_used_are_refused_and_nothing_is_moved() {
    let world = Quarantined::new();
    let before = world.lake.files();
    let text = fs::read_to_string(&world.journal).unwrap();
    let base = world.lake.path("checkpoints");
    let refused = |text: &str, code: &str| {
        fs::write(&world.journal, text).unwrap();
        let run = world.restore(&[]);
        assert!(
            run.error(8).starts_with(&format!("refused [{code}]: ")),
            "{run:?}"
        );
        assert_eq!(world.lake.files(), before);
    };
    refused(&text.replace("local disk", "s3 bucket"), "other-store");
    refused(
        &text.replacen("{\"event\":\"batch\"", "{event", 1),
        "unknown-journal",
    );
    refused("", "nothing-moved");
    refused("{\"plan_version\":1}\n", "unknown-journal");
    let elsewhere = format!("{}/../../elsewhere", base.display());
    let moved = format!(
        "{text}{}{{\"event\":\"moved\",\"location\":\"{elsewhere}\",\"bytes\":1}}\n",
        text.lines().next().unwrap().to_owned() + "\n"
    );
    refused(&moved, "outside-base");
    let gone = run(&["retention", "restore", "/nowhere/plan.json.journal"]);
    assert_eq!(gone.code, Some(5), "{gone:?}");
}

#[test]
fn a_run_whose_journal_finds_no_room_deletes_nothing_more() {
    let lake = Lake::of(INCREMENTAL);
    let (base, plan) = (lake.path("checkpoints"), lake.path("plan.json"));
    let (base, plan) = (base.to_str().unwrap(), plan.to_str().unwrap());
    let now = ["--now", NOW_TEXT];
    let planning = [
        "retention",
        "plan",
        base,
        "--keep-last",
        "1",
        "--plan-out",
        plan,
    ];
    assert_eq!(run(&[&planning[..], &now].concat()).code, Some(0));
    let before = lake.files();
    let journal = format!("{plan}.journal");
    // A file may not grow beyond a few kB, as on a disk that is full: some lines fit.
    let quarantine = lake.path("quarantine");
    let script = "trap '' XFSZ; ulimit -f 3; exec \"$@\"";
    let output = std::process::Command::new("sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_statescope")])
        .args(["retention", "apply", plan, "--yes", "-q"])
        .args(["--quarantine", quarantine.to_str().unwrap()])
        .args(now)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(9), "{output:?}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("the journal cannot be written"), "{error}");
    let text = fs::read_to_string(&journal).unwrap();
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON");
    }
    assert!(text.is_empty() || text.ends_with('\n'));
    assert!(lake.is_whole(&lake.snapshot("chk-4")));
    let restored = run(&["retention", "restore", &journal]);
    assert!(matches!(restored.code, Some(0 | 8)), "{restored:?}");
    let mut files = lake.files();
    files.retain(|file| *file != Path::new(&journal));
    assert_eq!(files, before);
}

#[test]
fn no_result_is_written_in_place_of_a_file_that_a_snapshot_may_need() {
    let lake = Lake::of(INCREMENTAL);
    let snapshot = lake.snapshot("chk-3");
    let base = lake.path("checkpoints");
    let base = base.to_str().unwrap();
    let job = snapshot.parent().unwrap();
    let shared = fs::read_dir(job.join("shared")).unwrap();
    let shared = shared.map(|entry| entry.unwrap().path()).next().unwrap();
    let odd = lake.path("checkpoints/state.sst");
    fs::write(&odd, "x").unwrap();
    let link = lake.path("link");
    std::os::unix::fs::symlink(snapshot.join("_metadata"), &link).unwrap();
    let before: Vec<_> = lake
        .files()
        .into_iter()
        .map(|file| (fs::read(&file).unwrap(), file))
        .collect();
    let now = ["--now", NOW_TEXT];
    for (file, in_base_only) in [
        (snapshot.join("_metadata"), false),
        (link, false),
        (shared, false),
        (job.join("chk-9/_metadata"), false),
        (odd, true),
    ] {
        let file = file.to_str().unwrap();
        let plan = ["retention", "plan", base, "--keep-last", "1"];
        let planned = run(&[&plan[..], &now, &["--plan-out", file]].concat());
        let output = run(&[&plan[..], &now, &["-o", file]].concat());
        assert_eq!((planned.code, output.code), (Some(2), Some(2)), "{file}");
        assert!(planned.stderr.contains("nothing is written"), "{planned:?}");
        if !in_base_only {
            for command in [&["list", base][..], &["show", snapshot.to_str().unwrap()]] {
                let output = run(&[command, &["-o", file]].concat());
                assert_eq!(output.code, Some(2), "{command:?} {file}");
            }
        }
    }
    let after: Vec<_> = lake
        .files()
        .into_iter()
        .map(|file| (fs::read(&file).unwrap(), file))
        .collect();
    assert_eq!(before, after);
    let plan = lake.path("checkpoints/plan.json");
    let plan = [
        "retention",
        "plan",
        base,
        "--keep-last",
        "1",
        "--plan-out",
        plan.to_str().unwrap(),
    ];
    assert_eq!(
        run(&[&plan[..], &now].concat()).code,
        Some(0),
        "a new file is none of a snapshot"
    );
}
