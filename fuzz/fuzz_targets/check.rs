#![no_main]

#[path = "../../tests/support/snapshot_properties.rs"]
mod snapshot_properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapshot_properties::check(bytes));
