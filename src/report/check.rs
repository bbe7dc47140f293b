use crate::health::check::{Check, Verdict};
use crate::health::files::{FileCheck, Relation};
use crate::reader::to_u64;
use crate::report::findings::{FindingRows, advice, each_table, grouped_table};
use crate::report::{Cell, Fact, Report, counted, fact};
use crate::restore::{OperatorOutcome, Outcome};

/// The verdict, what was noticed, and below it what to do.
pub fn check(check: &Check, rows: FindingRows) -> Report<'_> {
    let verdict = match check.verdict {
        // Flink would not say a word; we do.
        Some(Verdict::Restorable) if check.loses_state() => "restorable, but state is lost",
        Some(Verdict::Restorable) if check.swaps_sources() => {
            "restorable, but sources change places"
        }
        Some(Verdict::NotRestorable) if check.depends_on_dropping => {
            "not restorable; unknown with --allow-non-restored-state"
        }
        Some(verdict) => verdict.label(),
        None => "unknown",
    };
    let kind = check.kind.map_or("snapshot", |kind| kind.label());
    let mut facts = vec![fact("verdict", [Cell::Word(verdict)])];
    if !check.open_questions.is_empty() {
        let open = check.open_questions.iter().map(|question| question.label());
        let open = open.collect::<Vec<_>>().join(", ");
        facts.push(fact("not known", [open.into()]));
    }
    facts.extend([
        fact(
            "snapshot",
            [format!("{kind} {}", check.checkpoint_id).into()],
        ),
        fact("location", [check.location.clone().into()]),
        fact("owner", [Cell::Word(check.owner.label())]),
    ]);
    facts.push(match check.flink_version {
        Some(release) => fact("restored by", [format!("Flink {release}").into()]),
        None => fact(
            "restored by",
            [Cell::Word(
                "not given: what separates releases was not looked at (--flink-version)",
            )],
        ),
    });
    facts.extend(check.operators.as_deref().map(new_job));
    match &check.files {
        Some(files) => facts.extend(files_facts(files)),
        None => facts.push(fact("files", [Cell::Word("not looked for")])),
    }
    let table = match rows {
        FindingRows::Grouped => grouped_table(&check.findings),
        FindingRows::Each => each_table(&check.findings),
    };
    Report {
        facts,
        table,
        after: advice(&check.findings, rows),
    }
}

/// What becomes of the operators: `5 restored, 1 dropped`.
fn new_job(operators: &[OperatorOutcome]) -> Fact {
    let outcomes = [
        Outcome::Restored,
        Outcome::RestoredAfterMigration,
        Outcome::StartsEmpty,
        Outcome::Dropped,
        Outcome::Lost,
        Outcome::Unknown,
        Outcome::Fails,
    ];
    let parts = outcomes.into_iter().filter_map(|outcome| {
        let of_this = operators
            .iter()
            .filter(|operator| operator.outcome == outcome);
        match of_this.count() {
            0 => None,
            count => Some(format!("{count} {}", outcome.label())),
        }
    });
    let parts: Vec<_> = parts.collect();
    let count = counted(to_u64(operators.len()), "operator");
    fact("new job", [format!("{count}: {}", parts.join(", ")).into()])
}

fn files_facts(files: &FileCheck) -> Vec<Fact> {
    let mut text = format!("{} needed, {} there", files.needed, files.present);
    for (count, word) in [
        (files.missing, "missing"),
        (files.too_short, "too short"),
        (files.unproven, "shorter than recorded"),
        (files.unreachable, "not looked up"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    // Of the others it is only known that they are listed.
    if files.opened < files.present {
        text.push_str(&format!(", {} opened", files.opened));
    }
    let mut facts = vec![fact("files", [text.into()])];
    for dependency in &files.dependencies {
        if dependency.relation == Relation::Own {
            continue;
        }
        facts.push(fact(
            "depends on",
            [
                Cell::Bytes(dependency.bytes),
                format!("in {} of", counted(dependency.files, "file")).into(),
                dependency.directory.to_string().into(),
                format!("({})", dependency.relation.label()).into(),
            ],
        ));
    }
    let movable = if files.relocatable {
        "yes: all files are beside its metadata".into()
    } else {
        format!(
            "no: {} files and directories are named by absolute paths",
            files.absolute_paths
        )
    };
    facts.push(fact("can be moved", [movable.into()]));
    facts
}
