//! Writes a big synthetic `_metadata` file, for timing whole commands.
//!
//! `cargo run --release --example write_shape -- incremental 400 6 /tmp/_metadata`

#![allow(clippy::print_stderr, reason = "it tells what it wrote")]

#[path = "../tests/support/shapes/mod.rs"]
mod shapes;

use std::error::Error;

use shapes::Shape;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [shape, megabytes, version, path] = arguments.as_slice() else {
        return Err(
            "usage: write_shape incremental|inline|changelog|operators MB VERSION PATH".into(),
        );
    };
    let shape = match shape.as_str() {
        "incremental" => Shape::IncrementalRocksDb,
        "inline" => Shape::ManyInline,
        "changelog" => Shape::Changelog,
        "operators" => Shape::ManyOperators,
        other => return Err(format!("no shape {other}").into()),
    };
    let built = shapes::build(
        shape,
        megabytes.parse::<usize>()? * 1_000_000,
        version.parse()?,
    );
    std::fs::write(path, &built.bytes)?;
    eprintln!("{:#?}", built.expected);
    Ok(())
}
