//! How fast `_metadata` is parsed, next to one plain pass over the same bytes.
//!
//! `cargo bench --bench parse`

#[path = "../tests/support/shapes/mod.rs"]
mod shapes;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use shapes::Shape;

const VERSION: u32 = 6;
const MEGABYTE: usize = 1_000_000;

const CASES: [(Shape, usize); 8] = [
    (Shape::IncrementalRocksDb, 10),
    (Shape::IncrementalRocksDb, 50),
    (Shape::IncrementalRocksDb, 400),
    (Shape::ManyInline, 50),
    (Shape::ManyInline, 400),
    (Shape::Changelog, 50),
    (Shape::Changelog, 400),
    (Shape::ManyOperators, 50),
];

fn main() {
    divan::main();
}

/// The baseline: every byte is looked at once.
#[divan::bench(args = CASES.iter().map(|&(shape, size)| Case(shape, size)), sample_count = 20, sample_size = 1)]
fn plain_pass(bencher: Bencher<'_, '_>, case: Case) {
    let bytes = case.bytes();
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| black_box(&bytes).iter().map(|&b| u64::from(b)).sum::<u64>());
}

/// The whole model of the file, and its drop.
#[divan::bench(args = CASES.iter().map(|&(shape, size)| Case(shape, size)), sample_count = 20, sample_size = 1)]
fn parse(bencher: Bencher<'_, '_>, case: Case) {
    let bytes = case.bytes();
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| {
            statescope::metadata::parse(black_box(&bytes)).map(|parsed| parsed.trailing_bytes)
        });
}

#[derive(Clone, Copy)]
struct Case(Shape, usize);

impl Case {
    fn bytes(self) -> Vec<u8> {
        shapes::build(self.0, self.1 * MEGABYTE, VERSION).bytes
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} MB", self.0, self.1)
    }
}
