//! Will a job restore from a snapshot: `cargo run --example check -- LOCATION [JOB.json]`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::env;
use std::error::Error;

use statescope::blocking;
use statescope::restore::job::JobDescription;
use statescope::storage::Settings;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let place = arguments.next().ok_or("usage: check LOCATION [JOB.json]")?;
    let settings = Settings::new().with_variables(env::vars());
    let snapshot = blocking::open_with(settings, &place)?;
    let checked = match arguments.next() {
        Some(file) => {
            let job: JobDescription = serde_json::from_slice(&std::fs::read(file)?)?;
            snapshot.check_against(&job)?
        }
        None => snapshot.check()?,
    };
    let verdict = checked.check.verdict;
    println!("{}", verdict.map_or("unknown", |verdict| verdict.label()));
    for finding in checked.check.findings.iter().chain(&checked.notes) {
        println!("{}: {}", finding.place_text(), finding.message());
        if let Some(hint) = finding.hint() {
            println!("  hint: {hint}");
        }
    }
    Ok(())
}
