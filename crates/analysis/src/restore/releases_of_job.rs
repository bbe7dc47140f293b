use crate::restore::FlinkRelease;
use crate::restore::job::ReleaseRange;

/// The releases that come into question: one where it is given, else those that the metadata of the
/// job's own snapshot names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Releases {
    pub(super) from: Option<FlinkRelease>,
    pub(super) to: Option<FlinkRelease>,
}

impl Releases {
    pub(super) fn of(release: Option<FlinkRelease>, range: Option<&ReleaseRange>) -> Self {
        let parse = |text: &str| text.parse().ok();
        match (release, range) {
            (Some(release), _) => Self {
                from: Some(release),
                to: Some(release),
            },
            (None, Some(range)) => Self {
                from: parse(&range.from),
                to: parse(&range.to),
            },
            (None, None) => Self::default(),
        }
    }

    /// True if each of them is older than `release`.
    pub(super) fn all_before(self, release: FlinkRelease) -> bool {
        self.to.is_some_and(|to| to < release)
    }

    /// True if none of them is older than `release`.
    pub(super) fn all_since(self, release: FlinkRelease) -> bool {
        self.from.is_some_and(|from| from >= release)
    }
}
