//! `check` gives the verdict that real Flink gave: every case of testdata/restore was restored, or
//! refused, by that release.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::pairs;
use crate::support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use statescope::finding::{Finding, FindingKind};
use statescope::health::check::Verdict;
use statescope::restore::verdict::Effect;
use support::matrix::{self, Case};

#[test]
fn the_verdict_is_that_of_real_flink_in_every_case() {
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    let mut undecided = BTreeSet::new();
    let mut problems = Vec::new();
    for case in matrix::cases() {
        let check = case.check();
        let verdict = check
            .as_ref()
            .map_or(Some(Verdict::NotRestorable), |check| check.verdict);
        let restored = match verdict {
            Some(Verdict::Restorable) => true,
            Some(Verdict::RestorableDroppingState) => case.allowed,
            Some(Verdict::NotRestorable) => false,
            None => {
                undecided.insert(case.name.clone());
                continue;
            }
        };
        if restored != case.restored() && !matrix::is_known_to_differ(&case.name) {
            let findings = check.iter().flat_map(|check| &check.findings);
            let findings: Vec<_> = findings.map(|f| f.kind.code()).collect();
            problems.push(format!(
                "{} {}: {verdict:?}, Flink: {} {} {findings:?}",
                case.release,
                case.name,
                case.outcome,
                case.error.as_deref().unwrap_or_default(),
            ));
        }
        *compared.entry(case.release.clone()).or_insert(0) += 1;
    }
    assert!(problems.is_empty(), "{}", said(&problems));
    for release in matrix::RELEASES {
        let count = compared.get(release).copied().unwrap_or(0);
        assert!(count >= 60, "only {count} cases of {release} were decided");
    }
    let documented = fs::read_to_string(support::docs().join("upgrade.md")).expect("docs");
    for name in undecided {
        let reason = matrix::why_undecided(&name);
        let reason = reason.unwrap_or_else(|| panic!("{name}: undecided for no known reason"));
        assert!(
            documented.contains(reason),
            "docs/upgrade.md does not tell of {reason}"
        );
    }
}

/// Whoever has no more than a snapshot of the new version, or no more than its description, may hear
/// "unknown", and may be told to be careful where `setUidHash` would have helped, but is never told
/// that all is well when it is not.
#[test]
fn half_of_what_is_to_be_known_of_the_new_job_never_gives_a_wrong_ok() {
    let mut compared = 0;
    for case in matrix::cases().into_iter().filter(|case| !case.damaged()) {
        let checks = [
            case.check_against_snapshot_alone(),
            case.check_without_states(),
        ];
        for check in checks.into_iter().flatten() {
            let ok = match check.verdict {
                Some(Verdict::Restorable) => true,
                Some(Verdict::RestorableDroppingState) => case.allowed,
                Some(Verdict::NotRestorable) | None => false,
            };
            let name = format!("{} {}", case.release, case.name);
            assert!(!ok || case.restored(), "{name}: {:?}", case.error);
            compared += 1;
        }
    }
    assert!(compared > 1_000, "only {compared} verdicts were compared");
}

#[test]
fn what_flink_loses_without_a_word_is_told_and_nothing_else() {
    let mut compared = 0;
    let mut problems = Vec::new();
    for case in matrix::cases() {
        if !case.restored() || case.damaged() {
            continue;
        }
        let check = case.check().expect("read");
        let told = Case::lost_by(&check);
        let flink = case.lost();
        if told != flink && !matrix::is_known_to_differ(&case.name) {
            problems.push(format!(
                "{} {}: told {told:?}, Flink lost {flink:?}",
                case.release, case.name
            ));
        }
        compared += 1;
    }
    assert!(problems.is_empty(), "{}", said(&problems));
    assert!(compared > 100, "only {compared} cases were compared");
}

/// Findings of the matrix name the error that Flink printed.
#[test]
fn what_we_quote_is_what_flink_printed() {
    let mut quoted = BTreeSet::new();
    for case in matrix::cases() {
        let Some(error) = case.error.as_deref().filter(|_| !case.damaged()) else {
            continue;
        };
        for finding in case.check().expect("read").findings {
            let message = finding.message();
            let Some((_, quote)) = message.split_once("Flink says: \"") else {
                continue;
            };
            let start: String = quote.chars().take(40).collect();
            if error.contains(&start) {
                quoted.insert(finding.kind.code());
            }
        }
    }
    let codes = [
        "state-without-operator",
        "max-parallelism-mismatch",
        "parallelism-above-state-max",
        "state-kind-changed",
        "serializer-incompatible",
        "version-not-readable",
        "mixed-finished",
        "in-flight-data-moved",
    ];
    for code in codes {
        assert!(
            quoted.contains(code),
            "{code}: no case prints what we quote; {quoted:?}"
        );
    }
}

/// Every release was asked to go on with what every release left.
#[test]
fn every_pair_of_releases_agrees_with_real_flink() {
    let all = pairs::Left::all();
    let mut decided = 0;
    let mut undecided: BTreeMap<&str, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    let outcomes = pairs::outcomes();
    for outcome in &outcomes {
        let check = pairs::check(&all, outcome);
        let restored = match check.verdict {
            Some(Verdict::Restorable) => true,
            Some(Verdict::RestorableDroppingState | Verdict::NotRestorable) => false,
            None => {
                let open = check.findings.iter().find(|finding| is_open(finding));
                let code = open.map_or("nothing", |finding| finding.kind.code());
                *undecided.entry(code).or_default() += 1;
                continue;
            }
        };
        decided += 1;
        if restored != outcome.restored {
            let codes = check.findings.iter().map(|finding| finding.kind.code());
            problems.push(format!(
                "{}: {:?} {:?}, Flink: {}",
                outcome.name(),
                check.verdict,
                codes.collect::<Vec<_>>(),
                outcome.error
            ));
        }
    }
    assert!(problems.is_empty(), "{}", said(&problems));
    assert!(
        decided > 2_600,
        "only {decided} of {} were decided",
        outcomes.len()
    );
    let documented = fs::read_to_string(support::docs().join("upgrade.md")).expect("docs");
    for (code, count) in undecided {
        assert_eq!(code, "serializer-unknown", "{count} cases");
        let reason = matrix::why_undecided("kryo").expect("a reason");
        assert!(documented.contains(reason), "docs/upgrade.md: {reason}");
    }
}

/// Without a job, a release alone never refuses what Flink restores.
#[test]
fn a_release_alone_refuses_nothing_that_flink_restores() {
    let all = pairs::Left::all();
    let mut refused = 0;
    for outcome in pairs::outcomes() {
        let check = pairs::check_by_release(&all, &outcome);
        if check.verdict == Some(Verdict::NotRestorable) {
            assert!(
                !outcome.restored,
                "{}: {:?}",
                outcome.name(),
                check.findings
            );
            refused += 1;
        }
    }
    assert!(refused > 1_300, "only {refused} were refused");
}

fn is_open(finding: &Finding) -> bool {
    matches!(&finding.kind, FindingKind::Restore(kind) if matches!(kind.effect(), Effect::Open(_) | Effect::AllOpen))
}

#[test]
fn every_case_is_described_in_full() {
    for case in matrix::cases() {
        let outcome: &Value = &case.json["outcome"];
        assert!(
            *outcome == "restored" || *outcome == "failed",
            "{}",
            case.name
        );
        assert!(case.job().operators.len() > 1, "{}", case.name);
    }
}

fn said(problems: &[String]) -> String {
    let shown = &problems[..problems.len().min(60)];
    format!("{} differences:\n{}", problems.len(), shown.join("\n"))
}
