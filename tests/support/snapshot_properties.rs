//! What must hold for `show --states`, `check` and `diff` of any snapshot, its state files
//! included.
#![allow(dead_code, unreachable_pub, reason = "each fuzz target uses a part")]

#[path = "mutation/mod.rs"]
pub mod mutation;

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use statescope::finding::{Finding, NotAsked, Place, Severity, unread};
use statescope::health::check::{Check, Verdict};
use statescope::health::lint::lint;
use statescope::inspect::{self, LoadedMetadata, NoProgress, StatesOptions};
use statescope::output::{self, ByteUnits, Envelope, Page, Style};
use statescope::report::{self, DiffRows, FindingRows, Report};
use statescope::restore::diff::{Fields, Formats, Side, diff};
use statescope::restore::job::JobDescription;
use statescope::restore::{RestoreOptions, restore};
use statescope::snapshot::summary::{Detail, SnapshotSummary};

use mutation::{Script, World};

/// `show --states`: a result or an error, and what is written is what each format allows.
pub fn show_states(bytes: &[u8]) {
    let Some(script) = Script::of(bytes) else {
        return;
    };
    wait(async {
        let world = World::of_mutant(&script, &script.mutant()).await;
        let Some(mut seen) = Seen::of(&world, Detail::Handles).await else {
            return;
        };
        let options = StatesOptions {
            sizes: script.choices & 1 == 0,
            all_heads: script.choices & 2 != 0,
        };
        seen.look_inside(&world, options).await;
        let snapshot = &seen.snapshot;
        for report in [
            report::states(snapshot),
            report::operators(snapshot),
            report::subtasks(snapshot),
            report::files(snapshot),
        ] {
            written(&report, &seen.findings);
        }
        documented("show", snapshot, &seen.findings);
    });
}

/// `check`: no snapshot that lacks something its metadata needs is "restorable".
pub fn check(bytes: &[u8]) {
    let Some(script) = Script::of(bytes) else {
        return;
    };
    wait(async {
        let mutant = script.mutant();
        let world = World::of_mutant(&script, &mutant).await;
        let Some(mut seen) = Seen::of(&world, Detail::Handles).await else {
            return;
        };
        let verified = inspect::verify(&world.storage, &seen.loaded, &NoProgress).await;
        let Ok((files, more)) = verified else {
            return;
        };
        seen.findings.extend(more);
        seen.look_inside(&world, StatesOptions::default()).await;
        let mut findings = std::mem::take(&mut seen.findings);
        findings.extend(lint(&seen.snapshot));
        let new_job = JobDescription::from_snapshot(&seen.snapshot);
        let restored = (script.choices & 1 != 0)
            .then(|| restore(&seen.snapshot, &new_job, RestoreOptions::default()));
        let check = Check::new(&seen.snapshot, findings, Some(files), restored);
        for rows in [FindingRows::Grouped, FindingRows::Each] {
            written(&report::check(&check, rows), &[]);
        }
        documented("check", &check, &[]);
        if !mutant.metadata_changed {
            let needed = needed(&seen.snapshot);
            let lacks = |(name, left): &(String, u64)| needed.get(name).is_some_and(|n| n > left);
            if let Some((name, _)) = mutant.damaged(&script).iter().find(|file| lacks(file)) {
                // Of some files nothing tells that they were cut: the answer is open then.
                let verdict = check.verdict;
                let is_no = matches!(verdict, None | Some(Verdict::NotRestorable));
                assert!(is_no, "{name} is damaged: {verdict:?}");
                assert!(verdict.is_some() || check.is_incomplete(), "{name}");
            }
        }
    });
}

/// `diff`: in both directions, and a snapshot does not differ from itself.
pub fn diff_both(bytes: &[u8]) {
    let Some(script) = Script::of(bytes) else {
        return;
    };
    wait(async {
        let world = World::of_mutant(&script, &script.mutant()).await;
        let Some(mut new) = Seen::of(&world, Detail::Operators).await else {
            return;
        };
        let other = match script.choices & 4 {
            0 => script.fixture,
            _ => usize::from(script.choices >> 3) * 7,
        };
        let before = World::of_fixture(other).await;
        let mut old = Seen::of(&before, Detail::Operators)
            .await
            .expect("a fixture");
        let fields = match script.choices & 1 {
            0 => Fields::WithoutSizes,
            _ => Fields::WithSizes,
        };
        let options = StatesOptions {
            sizes: script.choices & 1 != 0,
            all_heads: script.choices & 2 != 0,
        };
        old.look_inside(&before, options).await;
        new.look_inside(&world, options).await;
        for (from, to) in [(&old, &new), (&new, &old), (&new, &new)] {
            let mut result = diff(from.side(), to.side(), fields);
            let job = JobDescription::from_snapshot(&to.snapshot);
            let same_ids = std::ptr::eq(from, to) && from.has_distinct_operators();
            assert!(!(same_ids && result.is_different()), "differs from itself");
            result.set_restore(restore(&from.snapshot, &job, RestoreOptions::default()));
            for rows in [DiffRows::All, DiffRows::Differences] {
                for findings in [FindingRows::Grouped, FindingRows::Each] {
                    written(&report::diff(&result, rows, findings), &[]);
                }
            }
            documented("diff", &result, &from.findings);
        }
    });
}

/// What the commands know of one snapshot.
struct Seen {
    loaded: LoadedMetadata,
    snapshot: SnapshotSummary,
    formats: Formats,
    findings: Vec<Finding>,
}

impl Seen {
    /// `None` where the metadata cannot be parsed.
    async fn of(world: &World, detail: Detail) -> Option<Self> {
        let loaded = inspect::load(&world.storage, &world.location).await;
        let loaded = loaded.expect("the metadata is there");
        let (mut snapshot, findings) = inspect::summarize(&loaded, detail).ok()?;
        snapshot.recognise_generated_ids();
        let mut formats = Formats::default();
        let noted = loaded.parse_each(&mut |operator| formats.note(&operator));
        noted.expect("it was parsed before");
        Some(Self {
            loaded,
            snapshot,
            formats,
            findings,
        })
    }

    async fn look_inside(&mut self, world: &World, options: StatesOptions) {
        let _ = inspect::bytes_to_read(&self.loaded, options, |_| true);
        let told = inspect::states(&world.storage, &self.loaded, options, |_| true, &NoProgress);
        let told = told.await.expect("the metadata was parsed before");
        let mut told: HashMap<_, _> = told.into_iter().collect();
        let mut not_asked = NotAsked::default();
        for operator in &mut self.snapshot.operators {
            if let Some(states) = told.remove(&operator.operator_id) {
                let unread = unread(&states, &Place::default(), &mut not_asked);
                self.findings.extend(unread);
                operator.set_states(states);
            }
        }
        self.findings.extend(not_asked.findings());
    }

    fn side(&self) -> Side<'_> {
        Side {
            snapshot: &self.snapshot,
            formats: &self.formats,
        }
    }

    fn has_distinct_operators(&self) -> bool {
        let mut seen = HashSet::new();
        let mut ids = self.snapshot.operators.iter().map(|o| o.operator_id);
        ids.all(|id| seen.insert(id))
    }
}

/// The names of all files that handles mention with a size, and the bytes that each must have.
fn needed(snapshot: &SnapshotSummary) -> HashMap<String, u64> {
    let mut needed = HashMap::new();
    let subtasks = snapshot.operators.iter().flat_map(|o| &o.subtasks);
    for file in subtasks.flat_map(|s| &s.handles).flat_map(|h| &h.files) {
        if let (Some(path), Some(bytes)) = (&file.path, file.bytes) {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            let end = file.segment_start.unwrap_or(0).saturating_add(bytes);
            let known: &mut u64 = needed.entry(name).or_default();
            *known = end.max(*known);
        }
    }
    needed
}

/// A report can be written in every format; no control character of a file gets through.
fn written(report: &Report<'_>, findings: &[Finding]) {
    let text = |write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).expect("memory takes it");
        String::from_utf8(out).expect("text")
    };
    for width in [None, Some(20), Some(80)] {
        let style = Style {
            width,
            ..Style::default()
        };
        let table = text(&|out| output::write_table(report, style, out));
        let hostile = table.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(hostile, None, "in a table");
    }
    let markdown = text(&|out| output::write_markdown(report, Style::default(), out));
    assert!(!markdown.contains('\u{1b}'), "in Markdown");
    text(&|out| output::write_csv(report, out));
    let page = Page {
        command: "show",
        about: None,
        report,
        sections: &[],
        findings: &[findings],
    };
    text(&|out| output::write_html(&page, ByteUnits::default(), out));
    for finding in findings {
        let _ = (finding.message(), finding.hint());
        assert!(finding.kind.severity() <= Severity::Error);
    }
}

/// The JSON document is one, and has the fields that every document has.
fn documented(command: &'static str, data: &impl Serialize, findings: &[Finding]) {
    let mut out = Vec::new();
    output::write_json(&Envelope::new(command, data, findings), &mut out).expect("memory takes it");
    let document: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert!(document["data"].is_object(), "{command}");
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
        .block_on(work)
}
