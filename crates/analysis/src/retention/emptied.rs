use crate::retention::inventory::Directory;
use crate::retention::place::Place;
use statescope_format::location::Location;

/// Which directories will be empty.
pub(super) struct Emptied {
    stays: Vec<bool>,
    touched: Vec<bool>,
}

impl Emptied {
    pub(super) fn of(directories: usize) -> Self {
        Self {
            stays: vec![false; directories],
            touched: vec![false; directories],
        }
    }

    pub(super) fn keep(&mut self, at: usize) {
        if let Some(stays) = self.stays.get_mut(at) {
            *stays = true;
        }
    }

    pub(super) fn goes(&mut self, at: usize) {
        if let Some(touched) = self.touched.get_mut(at) {
            *touched = true;
        }
    }

    /// A directory with one that stays below it stays too. Those of dead jobs go only together with
    /// a file: a job that has just been started has nothing but empty directories.
    pub(super) fn finish(mut self, directories: &[Directory]) -> Vec<Location> {
        for (at, directory) in directories.iter().enumerate().rev() {
            let Some(parent) = directory.parent else {
                continue;
            };
            if self.stays.get(at) == Some(&true) {
                self.keep(parent);
            }
            if self.touched.get(at) == Some(&true) {
                self.goes(parent);
            }
        }
        let mut goes: Vec<bool> = Vec::with_capacity(directories.len());
        let mut gone = Vec::new();
        for (at, directory) in directories.iter().enumerate() {
            let with_parent = directory.parent.and_then(|parent| goes.get(parent)) == Some(&true);
            let is_checkpoint = matches!(directory.place, Place::Checkpoint(_));
            let touched = self.touched.get(at) == Some(&true);
            let this =
                self.stays.get(at) == Some(&false) && (touched || is_checkpoint || with_parent);
            goes.push(this);
            if this {
                gone.push(directory.location.clone());
            }
        }
        gone.reverse();
        gone
    }
}
