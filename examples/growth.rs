//! Which jobs and operators grow: `cargo run --example growth -- BASE`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::error::Error;

use statescope::Location;
use statescope::inspect::{self, GrowthRequest, NoProgress, UidSources};
use statescope::storage::{Settings, Storage};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let base = std::env::args().nth(1).ok_or("usage: growth BASE")?;
    let base = Location::new(base);
    let storage = Storage::new(Settings::new().with_variables(std::env::vars()));
    // Stores are asked only where somebody named them.
    storage.trust(&base);
    let uids = UidSources::default();
    let request = GrowthRequest::new(vec![base], &uids);
    let grew = inspect::growth(&storage, request, &NoProgress).await?;
    for job in &grew.growth.jobs {
        println!("{}: {}", job.directory, job.total.class.label());
        for operator in &job.operators {
            let id = operator.operator_id.to_string();
            let name = operator.uid.as_ref().or(operator.name.as_ref());
            let class = operator.trend.class.label();
            println!("  {}: {class}", name.unwrap_or(&id));
        }
    }
    for finding in grew.growth.findings.iter().chain(&grew.warnings) {
        println!("{}: {}", finding.place_text(), finding.message());
    }
    Ok(())
}
