//! Random worlds: jobs, their checkpoints and savepoints, and what they leave behind.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Each complete snapshot, by directory.
    pub(super) snapshots: BTreeMap<String, Metadata>,
    /// Files outside the bases that snapshots mention.
    pub(super) outside: BTreeMap<String, Outside>,
    /// Other names of directories, and the directories.
    pub(super) links: Vec<(String, String)>,
    /// A directory that shows under another name without being known by it, and that name.
    pub(super) twin: Option<(String, String)>,
    jobs: Vec<Job>,
    pub(super) now: i64,
}

/// What is in the metadata of a snapshot.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) handles: Vec<Handle>,
    /// The uid of its operators.
    pub(super) uid: String,
}

/// A file outside the bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    pub(super) is_there: bool,
    /// Whether its store may be asked.
    pub(super) is_asked: bool,
}

#[derive(Clone, Debug)]
struct Job {
    directory: String,
    uid: String,
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
                if random.chance(6) {
                    world.second_job(random);
                }
            }
        }
        if random.chance(15) {
            world.link(random);
        }
        if random.chance(10) {
            world.show_twice(random);
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
        let metadata = self.snapshots.get(snapshot);
        let mut handles = metadata.into_iter().flat_map(|metadata| &metadata.handles);
        handles.any(|handle| match handle.class {
            HandleClass::MergedShared | HandleClass::MergedTaskOwned => file
                .strip_prefix(handle.path.as_str())
                .is_some_and(|below| below.starts_with('/')),
            _ => handle.path == file,
        })
    }

    /// Whether Flink could start from a snapshot.
    pub(super) fn is_startable(&self, snapshot: &str) -> bool {
        let Some(metadata) = self.snapshots.get(snapshot) else {
            return false;
        };
        metadata.handles.iter().all(|handle| {
            let is_directory = matches!(
                handle.class,
                HandleClass::MergedShared | HandleClass::MergedTaskOwned
            );
            let outside = self.outside.get(&handle.path);
            is_directory
                || self.files.contains_key(&handle.path)
                || outside.is_some_and(|outside| outside.is_there)
        })
    }

    /// The jobs that have a checkpoint from which Flink could start, by directory and operators.
    pub(super) fn startable_jobs(
        &self,
        counts: impl Fn(&str) -> bool,
    ) -> BTreeSet<(String, String)> {
        let checkpoints = self.snapshots.iter().filter(|(snapshot, _)| {
            snapshot.contains("/chk-") && counts(snapshot) && self.is_startable(snapshot)
        });
        let job = |(snapshot, metadata): (&String, &Metadata)| {
            let directory = snapshot.rsplit_once('/').unwrap().0;
            (directory.to_owned(), metadata.uid.clone())
        };
        checkpoints.map(job).collect()
    }

    /// The newest checkpoint of each job from which Flink could start, by directory and operators.
    pub(super) fn newest_startable(&self) -> BTreeMap<(String, String), String> {
        let mut newest: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
        for (snapshot, metadata) in &self.snapshots {
            let (directory, name) = snapshot.rsplit_once('/').unwrap();
            let number = name.strip_prefix("chk-").and_then(|it| it.parse().ok());
            let Some(number) = number.filter(|_| self.is_startable(snapshot)) else {
                continue;
            };
            let job = (directory.to_owned(), metadata.uid.clone());
            let this = (number, snapshot.clone());
            let known = newest.entry(job).or_insert_with(|| this.clone());
            *known = this.max(known.clone());
        }
        let newest = newest.into_iter();
        newest.map(|(job, (_, snapshot))| (job, snapshot)).collect()
    }

    /// A snapshot appears: a copy of a backup with its old times, a savepoint inside another snapshot,
    /// metadata in a directory that is known. It needs files that are there, whoever wrote them.
    pub(super) fn newcomer(&mut self, random: &mut Random, left: &[String]) {
        let snapshots: Vec<String> = self.snapshots.keys().cloned().collect();
        let files: Vec<String> = self
            .files
            .keys()
            .filter(|file| !file.ends_with("/_metadata"))
            .cloned()
            .collect();
        if snapshots.is_empty() || files.is_empty() {
            return;
        }
        let near = random.one_of_strings(&snapshots);
        let job = near.rsplit_once('/').unwrap().0.to_owned();
        let number = random.below(1000);
        let directory = match random.below(6) {
            0 => format!("{near}/savepoint-aaaaaa-{number:012x}"),
            1 => format!("{job}/shared/{:032x}/chk-{number}", random.next()),
            2 => format!("{job}/taskowned/{number}"),
            3 => format!("{BASE}/backup/{number}/chk-1"),
            // Where metadata is that was read, or was until it was deleted.
            4 if !left.is_empty() => random.one_of_strings(left),
            _ => near,
        };
        let handles = (0..1 + random.below(3)).map(|_| Handle {
            class: HandleClass::OtherJob,
            path: random.one_of_strings(&files),
        });
        let handles: Vec<Handle> = handles.collect();
        let now = self.now;
        let is_new = !self.snapshots.contains_key(&directory);
        // Old times are those of a copy; what is written anew has the time of now.
        self.now = if is_new {
            random.one_of(&[BEGIN, now])
        } else {
            now + 1
        };
        self.complete(&directory, handles, "newcomer");
        self.now = now.max(self.now);
    }

    /// The last job takes a checkpoint and deletes the one before. Tells which, and what both need.
    pub(super) fn succeed(&mut self, random: &mut Random) -> Option<(String, Vec<String>)> {
        let job = self.job().clone();
        let before = format!("{}/chk-{}", job.directory, job.number);
        let metadata = self.snapshots.get(&before);
        let metadata = metadata.filter(|metadata| metadata.uid == job.uid)?;
        let handles = metadata.handles.iter();
        let inherited = handles.map(|handle| handle.path.clone()).collect();
        self.now += 1;
        self.checkpoint(random, None);
        let _ = self.remove(&format!("{before}/_metadata"));
        let job = self.job().clone();
        let successor = format!("{}/chk-{}", job.directory, job.number);
        Some((successor, inherited))
    }

    /// Another job begins to write to the directory of the last, and goes on counting.
    fn second_job(&mut self, random: &mut Random) {
        let job = self.job().clone();
        let uid = format!("{:x}", random.next());
        self.jobs.push(Job {
            uid,
            shared: Vec::new(),
            ..job
        });
    }

    fn link(&mut self, random: &mut Random) {
        let snapshots: Vec<String> = self.snapshots.keys().cloned().collect();
        if snapshots.is_empty() {
            return;
        }
        let target = random.one_of_strings(&snapshots);
        let link = match random.below(3) {
            0 => (format!("{BASE}/golden"), target),
            1 => (
                format!("{BASE}/current"),
                target.rsplit_once('/').unwrap().0.to_owned(),
            ),
            _ => (format!("{target}/up"), BASE.to_owned()),
        };
        self.links.push(link);
    }

    /// A checkpoint shows in the other base too, as behind another name of a NameNode.
    fn show_twice(&mut self, random: &mut Random) {
        let checkpoints = self.snapshots.keys().filter(|snapshot| {
            snapshot.starts_with(&format!("{BASE}/")) && snapshot.contains("/chk-")
        });
        let checkpoints: Vec<String> = checkpoints.cloned().collect();
        if checkpoints.is_empty() {
            return;
        }
        let one = random.one_of_strings(&checkpoints);
        let other = format!("{ALSO}/mirror/chk-1");
        let metadata = self.snapshots[&one].clone();
        let written = self.files[&format!("{one}/_metadata")];
        self.files.insert(format!("{other}/_metadata"), written);
        self.snapshots.insert(other.clone(), metadata);
        self.twin = Some((one, other));
    }

    /// Takes a checkpoint of the last job. With `restored`, the job goes on from that snapshot.
    pub(super) fn checkpoint(&mut self, random: &mut Random, restored: Option<&str>) {
        if let Some(snapshot) = restored {
            let Metadata {
                handles: inherited,
                uid,
            } = self.snapshots[snapshot].clone();
            self.start_job(random);
            self.job().uid = uid;
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
        if random.chance(10) {
            let path = format!("s3://b/elsewhere/{}", random.uuid());
            let outside = Outside {
                is_there: random.chance(50),
                is_asked: random.chance(60),
            };
            self.outside.insert(path.clone(), outside);
            let class = HandleClass::ManagedKeyed;
            handles.push(Handle { class, path });
        }
        self.complete(&chk, handles, &job.uid);
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
        let uid = self.job().uid.clone();
        self.complete(&directory, handles, &uid);
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
            uid: id.clone(),
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

    fn complete(&mut self, directory: &str, handles: Vec<Handle>, uid: &str) {
        self.files
            .insert(format!("{directory}/_metadata"), self.now);
        let uid = uid.to_owned();
        let metadata = Metadata { handles, uid };
        self.snapshots.insert(directory.to_owned(), metadata);
    }
}
