//! Growth: which operator, which state, since when, how fast. Pure: the time of snapshots is data.

pub mod trend;
