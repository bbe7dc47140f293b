use std::collections::VecDeque;

use crate::retention::restore::MovedFile;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreStep {
    /// Bring these files back, by position.
    BringBack(Vec<usize>),
    /// Look whether all the files that this metadata, by position, mentions are there.
    LookForFiles(usize),
    /// Nothing.
    Done,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// It is back.
    Restored,
    /// It was there already.
    Present,
    /// It is still in quarantine, or nobody knows where: why.
    Not(String),
}

/// The order in which files come back, as a machine that does nothing itself. Metadata comes last,
/// and only where all that it mentions is there: wherever it stops, each snapshot with metadata has
/// all its files.
#[derive(Debug)]
pub struct Restoration {
    files: VecDeque<usize>,
    metadata: VecDeque<usize>,
    batch: usize,
    /// Metadata that has all its files.
    whole: Option<usize>,
    returned: Vec<Option<Returned>>,
}

impl Restoration {
    /// Brings back the `wanted` of `files`, at most `batch` at a time.
    pub fn new(files: &[MovedFile], wanted: &[usize], batch: usize) -> Self {
        let is_metadata = |at: &usize| files.get(*at).is_some_and(MovedFile::is_metadata);
        let (metadata, others) = wanted.iter().copied().partition(is_metadata);
        Self {
            files: others,
            metadata,
            batch: batch.max(1),
            whole: None,
            returned: vec![None; files.len()],
        }
    }

    /// What to do next. It stays the same until it is told how it went.
    pub fn next_step(&mut self) -> RestoreStep {
        if let Some(at) = self.whole {
            return RestoreStep::BringBack(vec![at]);
        }
        if !self.files.is_empty() {
            let batch = self.files.iter().take(self.batch);
            return RestoreStep::BringBack(batch.copied().collect());
        }
        match self.metadata.front() {
            Some(&at) => RestoreStep::LookForFiles(at),
            None => RestoreStep::Done,
        }
    }

    /// Tells whether the files of a metadata file are all there; if not, which is not.
    pub fn looked(&mut self, at: usize, lacks: Option<String>) {
        match lacks {
            None => self.whole = Some(at),
            Some(lacks) => self.record(at, Returned::Not(lacks)),
        }
    }

    /// Tells what became of a file.
    pub fn record(&mut self, at: usize, returned: Returned) {
        for queue in [&mut self.files, &mut self.metadata] {
            // Mostly it is the first.
            match queue.front() == Some(&at) {
                true => drop(queue.pop_front()),
                false => queue.retain(|file| *file != at),
            }
        }
        self.whole = self.whole.filter(|whole| *whole != at);
        if let Some(place) = self.returned.get_mut(at) {
            *place = Some(returned);
        }
    }

    /// What became of each file; `None` for those that were not wanted.
    pub fn returned(&self) -> &[Option<Returned>] {
        &self.returned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statescope_format::location::Location;

    fn file(location: &str) -> MovedFile {
        MovedFile {
            location: Location::new(location),
            quarantined: Location::new("/q").join(location.trim_start_matches('/')),
            bytes: None,
            way: 0,
        }
    }

    /// Wherever it stops and whatever fails, no snapshot has its metadata and lacks a file.
    #[test]
    fn metadata_comes_last_and_only_to_what_is_whole() {
        let files: Vec<_> = ["/a/_metadata", "/a/1", "/a/2", "/b/_metadata", "/b/1"]
            .map(file)
            .into();
        let all: Vec<usize> = (0..files.len()).collect();
        for batch in 1..=3 {
            for failing in 0_u32..1 << files.len() {
                let mut restoration = Restoration::new(&files, &all, batch);
                let mut there: Vec<usize> = Vec::new();
                let has_all = |there: &[usize], metadata: usize| {
                    let directory = files[metadata].location.parent();
                    let mut others = all.iter().filter(|at| !files[**at].is_metadata());
                    others.all(|at| files[*at].location.parent() != directory || there.contains(at))
                };
                loop {
                    match restoration.next_step() {
                        RestoreStep::Done => break,
                        RestoreStep::LookForFiles(at) => {
                            let lacks = (!has_all(&there, at)).then(|| "a file".to_owned());
                            restoration.looked(at, lacks);
                        }
                        RestoreStep::BringBack(batch) => {
                            for at in batch {
                                if failing & (1 << at) != 0 {
                                    restoration.record(at, Returned::Not("no".to_owned()));
                                    continue;
                                }
                                there.push(at);
                                restoration.record(at, Returned::Restored);
                            }
                        }
                    }
                    let metadata = there.iter().filter(|at| files[**at].is_metadata());
                    for &at in metadata {
                        assert!(has_all(&there, at), "batch {batch}, failing {failing:b}");
                    }
                }
                assert!(restoration.returned().iter().all(Option::is_some));
            }
        }
    }
}
