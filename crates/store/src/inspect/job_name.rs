//! What a snapshot's path says of the job that it is of.

use statescope_format::layout::{self, DirectoryKind, directory_kind};
use statescope_format::location::Location;

/// The job of a snapshot: its id where the path has it; the first digits of it in a savepoint's
/// name, with dots behind them; of a checkpoint the directory that it is in. `None` for a directory
/// that somebody renamed.
pub(super) fn of(directory: &Location) -> Option<String> {
    if let Some(job) = layout::job_id(directory) {
        return Some(job.to_owned());
    }
    match directory_kind(directory.file_name()) {
        DirectoryKind::Savepoint => {
            let digits = savepoint_digits(directory)?;
            Some(format!("{digits}..."))
        }
        DirectoryKind::Checkpoint(_) => Some(directory.parent().to_string()),
        _ => None,
    }
}

/// Whether a snapshot is of the job with this id, as far as its path tells.
pub(super) fn is_of(directory: &Location, job: &str) -> bool {
    match layout::job_id(directory) {
        Some(id) => id == job,
        None => savepoint_digits(directory).is_some_and(|digits| job.starts_with(digits)),
    }
}

/// The jobs that these snapshots are of, each with the first of its snapshots; in that order.
/// A savepoint whose name has the first digits of a job's id is of that job.
pub(super) fn newest_by_job<'l>(
    snapshots: impl Iterator<Item = &'l Location>,
) -> Vec<(String, Location)> {
    let mut jobs: Vec<(String, Location)> = Vec::new();
    for directory in snapshots {
        let Some(job) = of(directory) else { continue };
        if !jobs.iter().any(|(known, _)| is_same(known, &job)) {
            jobs.push((job, directory.clone()));
        }
    }
    jobs
}

fn is_same(one: &str, other: &str) -> bool {
    let begins = |job: &str, digits: &str| {
        let digits = digits.strip_suffix("...");
        digits.is_some_and(|digits| job.starts_with(digits))
    };
    one == other || begins(one, other) || begins(other, one)
}

fn savepoint_digits(directory: &Location) -> Option<&str> {
    let name = directory.file_name();
    match directory_kind(name) {
        DirectoryKind::Savepoint => name.split('-').nth(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_savepoint_belongs_to_the_job_whose_digits_it_has() {
        let job = "1a2b3c68ceebf0040568ceebf0040568";
        let other = "b".repeat(32);
        let places = [
            format!("/x/{job}/chk-7"),
            "/x/savepoint-1a2b3c-0123456789ab".to_owned(),
            format!("/x/{other}/chk-1"),
            "/x/before the upgrade".to_owned(),
        ];
        let places: Vec<_> = places.iter().map(|at| Location::new(at.as_str())).collect();
        let jobs = newest_by_job(places.iter());
        let jobs: Vec<_> = jobs.iter().map(|(job, _)| job.as_str()).collect();
        assert_eq!(jobs, [job, other.as_str()]);
        let of_job = |place: &&Location| is_of(place, job);
        assert_eq!(places.iter().filter(of_job).count(), 2);
    }
}
