use crate::error::Error;
#[cfg(feature = "history")]
use crate::inspect::growth_history::{HistoryRequest, join};
#[cfg(feature = "history")]
use crate::inspect::history::Recorded;
use crate::inspect::progress::Progress;
use crate::inspect::series::{Collected, collect};
use crate::inspect::uids::UidSources;
use crate::storage::Storage;
use statescope_analysis::finding::{BaseFinding, Finding, FindingKind, Place};
use statescope_analysis::growth::{Growth, Judge, Limits};
use statescope_analysis::snapshot::uid::Dictionary;
use statescope_format::location::Location;

/// What growth to look at, and what to judge.
#[derive(Clone, Debug)]
pub struct GrowthRequest<'a> {
    /// Directories with snapshots at any depth, or single snapshots.
    pub locations: Vec<Location>,
    /// The history that is written and read.
    #[cfg(feature = "history")]
    pub history: HistoryRequest,
    /// Whether to tell the growth of each state, which reads the state itself.
    pub states: bool,
    /// Snapshots before this are left out: milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// What is judged.
    pub limits: Limits,
    /// At most so many jobs, those that grow fastest.
    pub jobs_max: Option<usize>,
    /// Whether it is an error if no snapshot is there; where a limit or a rate is judged it is in
    /// any case.
    pub fail_empty: bool,
    /// Where uids are known from.
    pub uids: &'a UidSources,
}

impl<'a> GrowthRequest<'a> {
    /// All snapshots there, without their single states; nothing is judged by a limit.
    pub fn new(locations: Vec<Location>, uids: &'a UidSources) -> Self {
        Self {
            locations,
            #[cfg(feature = "history")]
            history: HistoryRequest::default(),
            states: false,
            since_ms: None,
            limits: Limits::default(),
            jobs_max: None,
            fail_empty: false,
            uids,
        }
    }
}

/// How jobs grew.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grew {
    /// The jobs, and what is worth noticing.
    pub growth: Growth,
    /// What could not be read, and what to keep in mind.
    pub warnings: Vec<Finding>,
    /// Whether something could not be read.
    pub is_incomplete: bool,
    /// What was added to a history.
    #[cfg(feature = "history")]
    pub recorded: Option<Recorded>,
    /// The number of jobs, where they are so many that restarts under a new id were not joined.
    #[cfg(feature = "history")]
    pub not_joined: Option<usize>,
}

/// Looks at the sizes of snapshots over time.
///
/// # Errors
/// When a location cannot be listed, the history cannot be read or written, or nothing is there to
/// judge ([`Error::NoSnapshot`]).
pub async fn growth(
    storage: &Storage,
    request: GrowthRequest<'_>,
    progress: &dyn Progress,
) -> Result<Grew, Error> {
    let jobs_max = request.jobs_max.unwrap_or(usize::MAX);
    let mut gathered = Gathered {
        judge: Judge::new(request.since_ms, request.limits.clone(), jobs_max),
        not_read: Vec::new(),
    };
    let here = match request.locations.as_slice() {
        [] => Collected::default(),
        locations => collect(storage, locations, request.states, progress).await?,
    };
    #[cfg(feature = "history")]
    let joined = join(storage, &request, here, &mut gathered, progress).await?;
    #[cfg(not(feature = "history"))]
    gathered.all(here);
    let older = gathered.judge.older();
    let places = request.locations.iter().cloned();
    #[cfg(feature = "history")]
    let places = places.chain(request.history.recall.clone());
    let mut growth = gathered.judge.finish(places.collect());
    let mut warnings = gathered.not_read;
    let is_incomplete = !warnings.is_empty();
    if growth.snapshot_count == 0 && !is_incomplete {
        warnings.push(empty(&request, &growth.locations, older)?);
    }
    warnings.append(&mut name(request.uids, &mut growth)?);
    Ok(Grew {
        growth,
        warnings,
        is_incomplete,
        #[cfg(feature = "history")]
        recorded: joined.recorded,
        #[cfg(feature = "history")]
        not_joined: joined.not_joined,
    })
}

/// What was seen so far.
pub(super) struct Gathered {
    pub(super) judge: Judge,
    not_read: Vec<Finding>,
}

impl Gathered {
    /// Adds jobs. No job may be in two calls.
    pub(super) fn all(&mut self, collected: Collected) {
        self.some(collected, |_| true);
    }

    /// Adds those jobs that are wanted.
    pub(super) fn some(
        &mut self,
        collected: Collected,
        wanted: impl Fn(&statescope_analysis::growth::JobSeries) -> bool,
    ) {
        let Collected {
            observations,
            mut retained,
            mut not_read,
        } = collected;
        self.not_read.append(&mut not_read);
        self.judge.add(observations, &mut retained, wanted);
    }
}

/// Nothing was found: that is no growth below a limit, but a wrong path or a job that is gone.
fn empty(
    request: &GrowthRequest<'_>,
    locations: &[Location],
    older: u64,
) -> Result<Finding, Error> {
    let judges = request.limits.bytes.is_some() || request.limits.rate.is_some();
    if let (Some(base), true) = (locations.first(), judges || request.fail_empty) {
        let wanted = match older {
            0 => "complete snapshot".to_owned(),
            _ => format!("complete snapshot since the time of --since ({older} are older)"),
        };
        let base = base.clone();
        return Err(Error::NoSnapshot { base, wanted });
    }
    let kind = match older {
        0 => BaseFinding::NoSnapshots {
            wanted: "complete snapshot",
            others: 0,
        },
        older => BaseFinding::AllOlder { older },
    };
    let places: Vec<_> = locations.iter().map(Location::to_string).collect();
    Ok(Finding {
        kind: FindingKind::Base(kind),
        place: Place {
            path: Some(places.join(", ")),
            ..Place::default()
        },
    })
}

/// Names operators whose files do not. Returns what to keep in mind with the names.
fn name(uids: &UidSources, growth: &mut Growth) -> Result<Vec<Finding>, Error> {
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let operators = growth.jobs.iter().flat_map(|job| &job.operators);
    let mut dictionary = Dictionary::of(operators.map(|operator| operator.operator_id));
    let notes = uids.fill(&mut dictionary)?;
    let operators = growth.jobs.iter_mut().flat_map(|job| &mut job.operators);
    for operator in operators.filter(|operator| operator.uid.is_none()) {
        let known = dictionary.get(operator.operator_id);
        operator.uid = known.map(|known| known.uid.clone());
    }
    for finding in &mut growth.findings {
        finding.place.name_operator(&dictionary);
    }
    Ok(notes)
}
