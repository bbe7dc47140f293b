use crate::inspect::progress::Progress;
use crate::inspect::retention::survey::survey;
use crate::inspect::walk::{Bases, Bound};
use crate::storage::{Storage, StorageError};
use statescope_analysis::retention::{self, Decisions, Plan, Policy, Refusal, Scope};
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

/// What to make a plan of.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// Below which files may go.
    pub base: Location,
    /// Other bases, which are only read.
    pub also: Vec<Location>,
    /// The rules.
    pub policy: Policy,
    /// Whether a minimum age below an hour is meant.
    pub knows: bool,
    /// The time to count ages from.
    pub now: UtcSeconds,
}

impl PlanRequest {
    /// For one base, by rules none of which is unusual.
    pub fn new(base: Location, policy: Policy, now: UtcSeconds) -> Self {
        Self {
            base,
            also: Vec::new(),
            policy,
            knows: false,
            now,
        }
    }
}

/// Lists and reads everything below the bases and plans what may go. Nothing is changed.
///
/// # Errors
/// When a base cannot be listed; inside, why nothing may be deleted here.
pub async fn plan(
    storage: &Storage,
    request: &PlanRequest,
    progress: &dyn Progress,
) -> Result<Result<Plan, Vec<Refusal>>, StorageError> {
    let PlanRequest {
        base,
        also,
        policy,
        knows,
        now,
    } = request;
    let refusals = retention::refuse_policy(policy, *knows);
    if !refusals.is_empty() {
        return Ok(Err(refusals));
    }
    let absolute = |location: &Location| storage.absolute(location);
    let mut policy = policy.clone();
    policy.keep = policy.keep.iter().map(absolute).collect();
    let bases = Bases::new(storage, base, also);
    let decisions = Decisions::Policy(&policy);
    let survey = survey(storage, &bases, Bound::usual(), progress, decisions, *now);
    let survey = match survey.await? {
        Ok(survey) => survey,
        Err(refusals) => return Ok(Err(refusals)),
    };
    let scope = Scope {
        base: absolute(base),
        also: also.iter().map(absolute).collect(),
        store: storage.identity(base),
    };
    Ok(retention::build(&survey, &scope, &policy, *now))
}
