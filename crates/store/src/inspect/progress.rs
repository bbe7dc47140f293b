/// Told how far a long task is. The library reports; somebody else draws.
pub trait Progress: Sync {
    /// So many more steps are known.
    fn expect(&self, steps: u64);
    /// One step is done.
    fn step(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn expect(&self, _: u64) {}
    fn step(&self) {}
}
