//! The snapshots below a directory: `cargo run --example list -- BASE`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::error::Error;

use statescope::Location;
use statescope::inspect::{self, NoProgress};
use statescope::storage::{Settings, Storage};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let base = std::env::args().nth(1).ok_or("usage: list BASE")?;
    let base = Location::new(base);
    let storage = Storage::new(Settings::new().with_variables(std::env::vars()));
    // Stores are asked only where somebody named them.
    storage.trust(&base);
    let found = inspect::list(&storage, &[base], false, &NoProgress).await?;
    for snapshot in &found.snapshots {
        println!("{:<12} {}", snapshot.status.label(), snapshot.location);
    }
    for finding in found.not_read() {
        println!("{}: {}", finding.place_text(), finding.message());
    }
    Ok(())
}
