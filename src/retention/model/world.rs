//! Random worlds: jobs, their checkpoints and savepoints, and what they leave behind.

use std::collections::BTreeMap;

use super::handles::{Handle, HandleClass};
use super::random::Random;

pub(super) const BASE: &str = "s3://b/c";
pub(super) const ALSO: &str = "s3://b/other";
const DAY: i64 = 24 * 60 * 60;
pub(super) const BEGIN: i64 = 1_700_000_000;

/// What is in the store, and what is true of it.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    /// When each file was written.
    pub(super) files: BTreeMap<String, i64>,
    /// The handles in the metadata of each complete snapshot, by directory.
    pub(super) snapshots: BTreeMap<String, Vec<Handle>>,
    jobs: Vec<Job>,
    pub(super) now: i64,
}

#[derive(Clone, Debug)]
struct Job {
    directory: String,
    number: u64,
    /// What its next checkpoint goes on mentioning.
    shared: Vec<Handle>,
}

impl World {
    pub(super) fn random(random: &mut Random) -> Self {
        let mut world = Self {
            now: BEGIN,
            ..Self::default()
        };
        let jobs = 1 + random.below(3);
        for _ in 0..jobs {
            world.start_job(random);
            for _ in 0..random.below(6) {
                world.now += random.one_of(&[600, DAY / 4, DAY, 3 * DAY]);
                world.checkpoint(random, None);
                if random.chance(20) {
                    world.abort(random);
                }
                if random.chance(15) {
                    world.savepoint(random);
                }
                if random.chance(25) {
                    world.subsume(random);
                }
            }
        }
        if random.chance(30) {
            // One that is being written.
            world.now += 60;
            world.abort(random);
        }
        for odd in ["notes.txt", "chk-1/README", "backup/0aef"] {
            world.files.insert(format!("{BASE}/{odd}"), BEGIN);
        }
        world.now += random.one_of(&[0, DAY, 5 * DAY, 40 * DAY]);
        world
    }

    /// Whether a snapshot needs a file, told without the code under test.
    pub(super) fn needs(&self, snapshot: &str, file: &str) -> bool {
        let handles = self.snapshots.get(snapshot).into_iter().flatten();
        handles.into_iter().any(|handle| match handle.class {
            HandleClass::MergedShared | HandleClass::MergedTaskOwned => file
                .strip_prefix(handle.path.as_str())
                .is_some_and(|below| below.starts_with('/')),
            _ => handle.path == file,
        })
    }

    /// Takes a checkpoint of the last job. With `restored`, the job goes on from that snapshot.
    pub(super) fn checkpoint(&mut self, random: &mut Random, restored: Option<&str>) {
        if let Some(snapshot) = restored {
            let inherited = self.snapshots[snapshot].clone();
            self.start_job(random);
            // Whatever it goes on using lies in the directory of another job now.
            self.job().shared = inherited;
            for handle in &mut self.job().shared {
                if handle.class == HandleClass::Relative {
                    handle.class = HandleClass::Misplaced;
                }
            }
        }
        let mut job = self.job().clone();
        job.number += 1;
        let chk = format!("{}/chk-{}", job.directory, job.number);
        job.shared.retain(|_| random.chance(80));
        for _ in 0..random.below(3) {
            let file = self.file(random, &format!("{}/shared", job.directory));
            let class = random.one_of(&HandleClass::shared());
            job.shared.push(Handle { class, path: file });
        }
        if random.chance(20) {
            let (class, below, name) = match random.chance(50) {
                true => (HandleClass::MergedShared, "shared", "job_x_op_y_0_1"),
                false => (HandleClass::MergedTaskOwned, "taskowned", "job_x_tm_y"),
            };
            let path = format!("{}/{below}/{name}", job.directory);
            self.file(random, &path);
            job.shared.retain(|handle| handle.path != path);
            job.shared.push(Handle { class, path });
        }
        if random.chance(20) {
            let id = job.directory.rsplit('/').next().unwrap();
            let file = self.file(random, &format!("{BASE}/changelog/{id}/dstl"));
            let class = HandleClass::ChangelogFile;
            job.shared.push(Handle { class, path: file });
        }
        if let Some(file) = self.file_of_another_job(random, &job.directory) {
            let class = HandleClass::OtherJob;
            job.shared.push(Handle { class, path: file });
        }
        let mut handles = job.shared.clone();
        for _ in 0..1 + random.below(3) {
            let path = self.file(random, &chk);
            let class = random.one_of(&[
                HandleClass::Relative,
                HandleClass::ManagedKeyed,
                HandleClass::InputChannel,
                HandleClass::Alias,
            ]);
            handles.push(Handle { class, path });
        }
        self.complete(&chk, handles);
        *self.job() = job;
    }

    /// A checkpoint that is never completed.
    fn abort(&mut self, random: &mut Random) {
        let mut job = self.job().clone();
        job.number += 1;
        for directory in [
            format!("{}/chk-{}", job.directory, job.number),
            format!("{}/shared", job.directory),
        ] {
            self.file(random, &directory);
        }
        *self.job() = job;
    }

    /// A savepoint, which the next job may claim.
    fn savepoint(&mut self, random: &mut Random) {
        let directory = format!(
            "{BASE}/savepoint-1a2b3c-{:012x}",
            random.next() & 0xffff_ffff_ffff
        );
        let handles: Vec<Handle> = (0..1 + random.below(3))
            .map(|_| Handle {
                class: HandleClass::Relative,
                path: self.file(random, &directory),
            })
            .collect();
        self.complete(&directory, handles);
        if random.chance(60) {
            self.now += 60;
            self.checkpoint(random, Some(&directory));
        }
    }

    /// Flink deletes the oldest checkpoint of the last job, but not always all of it.
    fn subsume(&mut self, random: &mut Random) {
        let directory = format!("{}/chk-", self.job().directory);
        let mine: Vec<String> = self
            .snapshots
            .keys()
            .filter(|snapshot| snapshot.starts_with(&directory))
            .cloned()
            .collect();
        if mine.len() < 2 {
            return;
        }
        let number =
            |snapshot: &String| snapshot.rsplit('-').next().unwrap().parse::<u64>().unwrap();
        let oldest = mine
            .iter()
            .min_by_key(|snapshot| number(snapshot))
            .unwrap()
            .clone();
        let _ = self.remove(&format!("{oldest}/_metadata"));
        if random.chance(50) {
            self.files
                .retain(|file, _| !file.starts_with(&format!("{oldest}/")));
        }
    }

    /// The newest snapshot of the last job goes away, as when it is deleted by hand.
    pub(super) fn lose_newest(&mut self) {
        let job = self.job().clone();
        let newest = format!("{}/chk-{}/_metadata", job.directory, job.number);
        let _ = self.remove(&newest);
    }

    /// Deletes a file; with its metadata, a snapshot is none any more.
    #[must_use]
    pub(super) fn remove(&mut self, file: &str) -> bool {
        if let Some(snapshot) = file.strip_suffix("/_metadata") {
            self.snapshots.remove(snapshot);
        }
        self.files.remove(file).is_some()
    }

    fn start_job(&mut self, random: &mut Random) {
        let base = if random.chance(80) { BASE } else { ALSO };
        let id = format!("{:016x}{:016x}", random.next(), random.next());
        self.jobs.push(Job {
            directory: format!("{base}/{id}"),
            number: 0,
            shared: Vec::new(),
        });
    }

    fn job(&mut self) -> &mut Job {
        self.jobs.last_mut().unwrap()
    }

    fn file(&mut self, random: &mut Random, directory: &str) -> String {
        let path = format!("{directory}/{}", random.uuid());
        self.files.insert(path.clone(), self.now);
        path
    }

    fn file_of_another_job(&self, random: &mut Random, directory: &str) -> Option<String> {
        if !random.chance(20) {
            return None;
        }
        let theirs: Vec<&String> = self
            .files
            .keys()
            .filter(|file| file.contains("/shared/") && !file.starts_with(directory))
            .collect();
        (!theirs.is_empty()).then(|| random.one_of(&theirs).clone())
    }

    fn complete(&mut self, directory: &str, handles: Vec<Handle>) {
        self.files
            .insert(format!("{directory}/_metadata"), self.now);
        self.snapshots.insert(directory.to_owned(), handles);
    }
}
