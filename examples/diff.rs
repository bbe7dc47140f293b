//! What changed between two snapshots: `cargo run --example diff -- OLD NEW`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::error::Error;

use statescope::inspect::{self, DiffRequest, NoProgress, UidSources};
use statescope::storage::{Settings, Storage};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: diff OLD NEW");
    let (old, new) = (next()?, next()?);
    let storage = Storage::new(Settings::new().with_variables(std::env::vars()));
    let old = statescope::open_with(&storage, &old).await?;
    let new = statescope::open_with(&storage, &new).await?;
    let uids = UidSources::default();
    let request = DiffRequest::new(old.metadata(), new.metadata(), &uids);
    let compared = inspect::diff(&storage, request, &NoProgress).await?;
    for operator in &compared.diff.operators {
        let id = operator.operator_id.to_string();
        let name = operator.uid.as_ref().or(operator.name.as_ref());
        println!("{:<10} {}", operator.change.label(), name.unwrap_or(&id));
    }
    for finding in compared.diff.findings.iter().chain(&compared.warnings) {
        println!("{}: {}", finding.place_text(), finding.message());
    }
    Ok(())
}
