use crate::growth::{Observation, run_of};

/// The directory of a history in which rows lie: `job=<id>/date=<day>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// The job's id; where no directory says, `dir-` and a hash of the place.
    pub job: String,
    /// The day of the snapshot in UTC, `YYYY-MM-DD`.
    pub date: String,
}

const JOB: &str = "job=";
const DATE: &str = "date=";
const EXTENSION: &str = ".parquet";

impl Partition {
    /// Where the rows of a snapshot belong.
    pub fn of(seen: &Observation) -> Self {
        let job = match &seen.job_id {
            Some(id) => id.clone(),
            None => format!("dir-{:016x}", hash(run_of(seen).as_bytes()) as u64),
        };
        Self {
            job,
            date: date_of(seen.time_ms),
        }
    }

    /// The names of its two directories, outer first.
    pub fn directories(&self) -> [String; 2] {
        [format!("{JOB}{}", self.job), format!("{DATE}{}", self.date)]
    }

    /// The job that a directory of that name is for.
    pub fn job_of(name: &str) -> Option<&str> {
        name.strip_prefix(JOB)
    }

    /// The day that a directory of that name is for.
    pub fn date_of(name: &str) -> Option<&str> {
        name.strip_prefix(DATE)
    }
}

/// The name of a file: of its content, so that the same rows have the same name.
pub fn file_name(content: &[u8]) -> String {
    format!("{:032x}{EXTENSION}", hash(content))
}

/// Whether a name can be one of [`file_name`].
pub(super) fn is_named_by_content(name: &str) -> bool {
    let hash = name.strip_suffix(EXTENSION).unwrap_or_default();
    hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a file of that name holds rows; others are not looked at.
pub fn is_history_file(name: &str) -> bool {
    name.ends_with(EXTENSION) && !name.starts_with(['.', '_'])
}

/// The day in UTC, `YYYY-MM-DD`.
pub fn date_of(time_ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(time_ms).unwrap_or_default();
    time.to_string().chars().take("YYYY-MM-DD".len()).collect()
}

fn hash(bytes: &[u8]) -> u128 {
    // Hashing a slice cannot fail; the crate's signature is that of a reader.
    murmur3::murmur3_x64_128(&mut &*bytes, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_hive() {
        assert_eq!(date_of(1_788_220_800_000), "2026-09-01");
        assert_eq!(date_of(-1), "1969-12-31");
        assert_eq!(Partition::job_of("job=abc"), Some("abc"));
        assert_eq!(Partition::date_of("job=abc"), None);
        let name = file_name(b"rows");
        assert!(is_named_by_content(&name) && !is_named_by_content("part-0.parquet"));
        assert!(is_history_file(&name) && name.len() == 32 + 8);
        assert!(!is_history_file(&format!(".{name}")));
    }
}
