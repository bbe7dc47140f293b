use std::collections::BTreeMap;

use crate::finding::{Finding, FindingKind, Place, Severity};
use statescope_format::reader::to_u64;

/// Files in stores that were not asked, by store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotAsked {
    files: BTreeMap<String, u64>,
}

impl NotAsked {
    /// Counts a file.
    pub fn add(&mut self, store: &str) {
        match self.files.get_mut(store) {
            Some(files) => *files = files.saturating_add(1),
            None => {
                self.files.insert(store.to_owned(), 1);
            }
        }
    }

    /// One finding for each store, of many stores the first: a snapshot may name millions.
    pub fn findings(self) -> Vec<Finding> {
        const SAID: usize = 20;
        let more = to_u64(self.files.len().saturating_sub(SAID));
        let said = self.files.into_iter().take(SAID);
        let mut findings: Vec<_> = said
            .map(|(store, files)| Finding {
                place: Place {
                    path: Some(store.clone()),
                    ..Place::default()
                },
                kind: FindingKind::NotAsked { store, files },
            })
            .collect();
        if more > 0 {
            findings.push(Finding {
                kind: FindingKind::More {
                    code: "not-asked",
                    severity: Severity::Warning,
                    count: more,
                },
                place: Place::default(),
            });
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_store_is_told_once_with_its_files_and_of_many_the_first() {
        let mut not_asked = NotAsked::default();
        for file in 0..30 {
            not_asked.add("s3://other");
            not_asked.add(&format!("http://host-{file}"));
        }
        let findings = not_asked.findings();
        assert_eq!(findings.len(), 21);
        let told: Vec<_> = findings.iter().map(Finding::message).collect();
        assert!(told[0].contains("1 file:"), "{told:?}");
        assert!(told[20].contains("11 more"), "{told:?}");
        let mut one = NotAsked::default();
        one.add("s3://other");
        one.add("s3://other");
        let one = one.findings();
        assert_eq!(one[0].place.path.as_deref(), Some("s3://other"));
        assert!(one[0].message().contains("2 files"));
        let hint = one[0].hint().unwrap();
        assert!(hint.ends_with("--allow-store s3://other"), "{hint}");
    }
}
