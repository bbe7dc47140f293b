//! What is in a snapshot: `cargo run --example show -- LOCATION`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::env;

use statescope::blocking;
use statescope::storage::Settings;

fn main() -> Result<(), statescope::Error> {
    let place = env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let settings = Settings::new().with_variables(env::vars());
    let snapshot = blocking::open_with(settings, &place)?;
    println!("{}", snapshot.location());
    let shown = snapshot.states()?;
    for operator in &shown.snapshot.operators {
        let bytes = operator.state_bytes;
        let bytes = bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        println!("{} {bytes} bytes", operator.label());
        for state in operator.states.states.iter().flatten() {
            let value = state.value_type.as_deref().unwrap_or("-");
            println!("  {}: {value}", state.name);
        }
    }
    for finding in snapshot.findings().iter().chain(&shown.findings) {
        println!("{}: {}", finding.place_text(), finding.message());
    }
    Ok(())
}
