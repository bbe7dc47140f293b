//! Which snapshots may go where three of each job are kept; nothing is changed:
//! `cargo run --example retention_plan -- BASE`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::error::Error;
use std::time::SystemTime;

use statescope::inspect::NoProgress;
use statescope::inspect::retention::{self, PlanRequest};
use statescope::retention::Policy;
use statescope::storage::{Settings, Storage};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let base = std::env::args()
        .nth(1)
        .ok_or("usage: retention_plan BASE")?;
    let base = base.into();
    let storage = Storage::new(Settings::new().with_variables(std::env::vars()));
    // Stores are asked only where somebody named them.
    storage.trust(&base);
    let rules = Policy::default();
    let rules = Policy {
        keep_last: Some(3),
        ..rules
    };
    let request = PlanRequest::new(base, rules, SystemTime::now().into());
    match retention::plan(&storage, &request, &NoProgress).await? {
        Ok(plan) => {
            for snapshot in &plan.snapshots {
                let decision = if snapshot.keep { "keep" } else { "delete" };
                println!("{decision:<6} {}", snapshot.location);
            }
        }
        Err(refusals) => {
            for refusal in refusals {
                println!("refused: {}", refusal.message());
            }
        }
    }
    Ok(())
}
