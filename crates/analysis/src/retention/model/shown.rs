//! What the machine that decides is told of a world, as `inspect::retention` would.

use std::collections::{BTreeMap, BTreeSet};

use super::handles::{HandleClass, operator};
use super::rule::{Blind, Rule};
use super::run::Case;
use super::world::{ALSO, BASE, World};
use crate::retention::{
    Ask, CloseLook, Decisions, File, Fingerprints, Inventory, Kind, Kinship, Mentioned, Mentions,
    Reading, Refusal, Scope, Snapshot, Survey, Surveying,
};
use crate::snapshot::references::Base;
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

impl Case {
    /// What `inspect::retention` makes of a store.
    pub(super) fn survey(
        &mut self,
        world: &mut World,
        decisions: Decisions<'_>,
        now: UtcSeconds,
    ) -> Result<Survey, Vec<Refusal>> {
        self.successors.clear();
        for _ in 0..5 {
            let mut listed = world.clone();
            if self.breaks(Rule::OtherNames) {
                listed.links.clear();
            }
            let mut surveying = Surveying::new(inventory(&listed), decisions, now);
            let prints = surveying.prints().clone();
            loop {
                match surveying.next_ask() {
                    Ask::Read(snapshots) => {
                        for (at, directory) in snapshots {
                            if self.is_busy && self.random.chance(1) {
                                self.successors.extend(world.succeed(&mut self.random));
                            }
                            let reading = self.reading(world, &prints, directory.as_str());
                            surveying.read(at, reading);
                        }
                    }
                    Ask::LookClosely(snapshots) => {
                        for (at, directory) in snapshots {
                            surveying.looked_closely(at, self.close_look(world, &directory));
                        }
                    }
                    Ask::ListAgain if !self.breaks(Rule::Successors) => break,
                    Ask::ListAgain | Ask::Nothing => {
                        let told = !self.breaks(Rule::Clock);
                        return surveying.finish(told.then_some(self.clock_ahead));
                    }
                }
            }
        }
        Err(Vec::new())
    }

    fn reading(&self, world: &World, prints: &Fingerprints, snapshot: &str) -> Reading {
        if !world.snapshots.contains_key(snapshot) {
            return Reading::Gone;
        }
        let mut mentioned = self.mentioned(world, prints, snapshot);
        if !self.breaks(Rule::SameFile) {
            let twin = world.twin.as_ref().filter(|(_, other)| other == snapshot);
            let file = twin.map_or(snapshot, |(one, _)| one.as_str());
            mentioned.content = Some(prints.content(file.as_bytes()));
        }
        let is_savepoint = snapshot.contains("/savepoint-");
        if self.breaks(Rule::JobsApart) || self.breaks(Rule::Savepoints) && is_savepoint {
            mentioned.kinship = Kinship::default();
        }
        if !self.breaks(Rule::NewestWhole) {
            let handles = world.snapshots[snapshot].handles.iter();
            let mut inside = handles.filter(|handle| {
                !matches!(
                    handle.class,
                    HandleClass::MergedShared | HandleClass::MergedTaskOwned
                ) && !world.outside.contains_key(&handle.path)
            });
            let missing = inside.find(|handle| !world.files.contains_key(&handle.path));
            mentioned.missing = missing.map(|handle| handle.path.clone());
        }
        Reading::Read(mentioned)
    }

    fn close_look(&self, world: &World, directory: &Location) -> CloseLook {
        let Some(metadata) = world.snapshots.get(directory.as_str()) else {
            return CloseLook::Gone;
        };
        if self.breaks(Rule::NewestWhole) {
            return CloseLook::Whole;
        }
        let outside = || {
            let handles = metadata.handles.iter();
            handles.filter_map(|handle| Some((handle, world.outside.get(&handle.path)?)))
        };
        if let Some((handle, _)) = outside().find(|(_, file)| file.is_asked && !file.is_there) {
            return CloseLook::Lacks(handle.path.clone());
        }
        match outside().find(|(_, file)| !file.is_asked) {
            Some((handle, _)) if self.breaks(Rule::PerhapsOnlyWhole) => {
                CloseLook::Lacks(handle.path.clone())
            }
            Some(_) => CloseLook::Unknown,
            None => CloseLook::Whole,
        }
    }

    pub(super) fn mentioned(
        &self,
        world: &World,
        prints: &Fingerprints,
        snapshot: &str,
    ) -> Mentioned {
        let base = Base::new(Some(Location::new(snapshot)));
        let mut nobody = |_: &str, _| false;
        let mut mentions = Mentions::new(prints, &base, &mut nobody);
        let metadata = &world.snapshots[snapshot];
        for handle in &metadata.handles {
            if self.blind != Some(Blind::Class(handle.class)) {
                let alias = handle.path.replace("s3://", "s3a://");
                mentions.operator(&operator(handle, &alias, &metadata.uid));
            }
        }
        mentions.finish()
    }
}

/// Whose each checkpoint is: its directory, and which of the jobs that write there.
pub(super) fn jobs(survey: &Survey) -> BTreeMap<String, (String, u32)> {
    let records = survey.records.iter().map(|record| &record.snapshot);
    let checkpoints = records.filter(|snapshot| snapshot.kind == Kind::Checkpoint);
    let job = |snapshot: &Snapshot| {
        let directory = snapshot.directory.to_string();
        let job = (parent(&directory), snapshot.lineage);
        (directory, job)
    };
    checkpoints.map(job).collect()
}

pub(super) fn parent(path: &str) -> String {
    path.rsplit_once('/').unwrap().0.to_owned()
}

pub(super) fn scope() -> Scope {
    Scope {
        base: Location::new(BASE),
        also: vec![Location::new(ALSO)],
        store: "s3 b".to_owned(),
    }
}

fn inventory(world: &World) -> Inventory {
    let mut tree: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    let links = world.links.iter().map(|(link, _)| format!("{link}/"));
    let links: Vec<String> = links.collect();
    for (path, modified) in &world.files {
        assert!(!links.iter().any(|link| path.starts_with(link)));
        let (directory, name) = path.rsplit_once('/').unwrap();
        tree.entry(directory).or_default().push((name, *modified));
        // Those that hold directories alone.
        let mut above = directory;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if !parent.starts_with(BASE) && !parent.starts_with(ALSO) {
                break;
            }
            tree.entry(parent).or_default();
            above = parent;
        }
    }
    let mut inventory = Inventory::default();
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let is_checkpoint = |name: &str| name.starts_with("chk-");
    let with_checkpoints: BTreeSet<&str> = tree
        .keys()
        .filter_map(|directory| directory.rsplit_once('/'))
        .filter_map(|(parent, name)| is_checkpoint(name).then_some(parent))
        .collect();
    for (directory, files) in &tree {
        let parent = directory.rsplit_once('/').map_or("", |(parent, _)| parent);
        let at = inventory.add_directory(
            Location::new(*directory),
            positions.get(parent).copied(),
            directory.starts_with(BASE),
            with_checkpoints.contains(parent),
        );
        positions.insert(directory, at);
        for (name, modified) in files {
            let modified = Some(UtcSeconds::from_unix(*modified));
            assert!(inventory.add_file(
                at,
                &File {
                    name,
                    bytes: 1,
                    modified,
                    settled: modified,
                    etag: None,
                    revision: None,
                }
            ));
        }
    }
    for (link, directory) in &world.links {
        if positions.contains_key(directory.as_str()) {
            inventory.add_alias(
                Location::new(link.as_str()),
                Location::new(directory.as_str()),
            );
        }
    }
    inventory
}
