use std::collections::BTreeMap;

use crate::growth::history::file::{InvalidHistory, encode};
use crate::growth::history::partition::file_name;
use crate::growth::history::rows::{Row, RowKey};

/// How the files of a partition become one: write it, and only then delete the others. Whatever
/// happens in between, each row is in a file, and rows that are in two count once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compaction {
    /// The name of the new file.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
    /// The files that it makes superfluous.
    pub superfluous: Vec<String>,
}

/// Merges the files of a partition, given by name with all their rows; `None` where there is nothing
/// to merge. Rows that do not say what they are about are kept, too.
///
/// # Errors
/// Those of the writer; there is no reason for any.
pub fn compaction(files: Vec<(String, Vec<Row>)>) -> Result<Option<Compaction>, InvalidHistory> {
    if files.len() < 2 {
        return Ok(None);
    }
    let mut names = Vec::new();
    let mut by_key: BTreeMap<RowKey, Row> = BTreeMap::new();
    let mut others = Vec::new();
    for (name, rows) in files {
        names.push(name);
        for row in rows {
            match row.key() {
                Some(key) => {
                    by_key.entry(key).or_insert(row);
                }
                None => others.push(row),
            }
        }
    }
    let mut rows: Vec<Row> = by_key.into_values().collect();
    rows.append(&mut others);
    let content = encode(&rows)?;
    let name = file_name(&content);
    names.retain(|other| *other != name);
    Ok(Some(Compaction {
        name,
        content,
        superfluous: names,
    }))
}
