use statescope_format::location::Location;

/// Told how far a long task is. The library reports; somebody else draws.
pub trait Progress: Sync {
    /// So many more steps are known.
    fn expect(&self, steps: u64);
    /// One step is done.
    fn step(&self);
    /// About so many bytes of the state files of a snapshot are going to be read: much, so that
    /// somebody who waits should know.
    fn reads(&self, _bytes: u64, _snapshot: &Location) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn expect(&self, _: u64) {}
    fn step(&self) {}
}
