//! Whether the program says the same of a store as of local disk.

use crate::program::{Program, Run};
use crate::snapshots::{Snapshots, directory_of_same_length};

/// The same snapshots on local disk and in a store.
pub(crate) struct Comparison<'a> {
    local: tempfile::TempDir,
    store: &'a Program,
    /// Where they are in the store: 16 characters.
    root: &'a str,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(snapshots: &Snapshots, store: &'a Program, root: &'a str) -> Self {
        let local = directory_of_same_length();
        let place = local.path().to_str().unwrap();
        snapshots.below(place).write(local.path());
        Self { local, store, root }
    }

    /// Runs a command on both, at the place with that key; returns what it said of the store.
    pub(crate) fn same(&self, command: &str, key: &str, options: &[&str]) -> Run {
        self.same_through(self.root, command, key, options)
    }

    /// As `same`, with another name for the place in the store.
    pub(crate) fn same_through(
        &self,
        root: &str,
        command: &str,
        key: &str,
        options: &[&str],
    ) -> Run {
        let run = |program: &Program, root: &str| {
            let place = format!("{root}/{key}");
            program.run(&[&[command, &place], options].concat())
        };
        let here = run(&Program::new(), self.local.path().to_str().unwrap());
        let there = run(self.store, root);
        let what = format!("{command} {root}/{key} {options:?}");
        let place = self.local.path().to_str().unwrap();
        let moved = |text: &str| text.replace(place, self.root);
        let named = |text: &str| text.replace(root, self.root);
        assert_eq!(there.code, here.code, "{what}: {there:?}");
        assert_eq!(named(&there.stdout), moved(&here.stdout), "{what}");
        assert_eq!(
            without_hints(&named(&there.stderr)),
            without_hints(&moved(&here.stderr)),
            "{what}"
        );
        there
    }

    /// All that `show`, `check` and `list` say of these snapshots.
    pub(crate) fn everything(&self, snapshots: &Snapshots) {
        let mut restorable = 0;
        for directory in snapshots.directories() {
            self.same("show", directory, &["--json"]);
            self.same("show", directory, &["--files"]);
            let check = self.same("check", directory, &["--json"]);
            restorable += usize::from(check.stdout.contains(r#""verdict": "restorable""#));
        }
        let all = snapshots.directories().len();
        assert!(restorable * 4 > all * 3, "{restorable} of {all}");

        let list = self.same("list", "", &["--json"]).data(0);
        assert_eq!(list["snapshots"].as_array().unwrap().len(), all);
        for base in ["checkpoints", "savepoints"] {
            self.same("list", base, &[]);
        }
    }
}

/// What to check next is not the same everywhere.
fn without_hints(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.starts_with("hint: "))
        .collect()
}
