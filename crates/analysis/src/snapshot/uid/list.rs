//! Lists of uids, as they are kept beside a job: one uid per line (docs/uids.md).

use std::fmt::Write as _;

use crate::snapshot::uid::UidEntry;
use statescope_format::model::checkpoint::OperatorId;

/// What a line begins with that is no uid.
const COMMENT: char = '#';

/// A line whose operator id does not belong to its uid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {uid:?} does not make the operator id {operator_id}")]
pub struct WrongId {
    /// The line, from 1.
    pub line: usize,
    /// Its uid.
    pub uid: String,
    /// Its operator id.
    pub operator_id: OperatorId,
}

/// Calls `each` for every uid of a list. A line holds a uid and may hold its operator id, behind a
/// tab. Empty lines and those that begin with `#` are left out.
///
/// A line that can be read in two ways gives both: with and without the spaces around it, with its
/// backslashes as they are and as [`write()`] writes them.
///
/// # Errors
/// [`WrongId`] for the first line whose id is not that of its uid.
pub fn uids(list: &str, each: &mut dyn FnMut(&str)) -> Result<(), WrongId> {
    // Editors of some systems put a mark in front of a file.
    let list = list.strip_prefix('\u{feff}').unwrap_or(list);
    for (at, text) in list.lines().enumerate() {
        if text.trim().is_empty() || text.trim_start().starts_with(COMMENT) {
            continue;
        }
        let (uid, id) = split(text);
        let readings = [uid.to_owned(), uid.trim().to_owned(), unescape(uid)];
        let Some(id) = id else {
            readings.iter().for_each(|uid| each(uid));
            continue;
        };
        match readings.iter().find(|uid| OperatorId::of_uid(uid) == id) {
            Some(uid) => each(uid),
            None => {
                return Err(WrongId {
                    line: at + 1,
                    uid: uid.to_owned(),
                    operator_id: id,
                });
            }
        }
    }
    Ok(())
}

/// The uid and the operator id of a line, which may have more columns.
fn split(text: &str) -> (&str, Option<OperatorId>) {
    let mut columns = text.split('\t');
    let uid = columns.next().unwrap_or_default();
    match columns.next().and_then(|id| id.trim().parse().ok()) {
        Some(id) => (uid, Some(id)),
        // A tab that is part of a uid.
        None => (text, None),
    }
}

/// A list to keep beside the job: a line per operator with its uid, its id, where the uid is from
/// and the operator's name, with tabs between. Operators without a known uid are comments.
pub fn write(entries: &[UidEntry]) -> String {
    let known = entries.iter().filter(|entry| entry.uid.is_some()).count();
    let total = entries.len();
    let mut list =
        format!("{COMMENT} uid, operator id, source, name: {known} of {total} uids known\n");
    for entry in entries {
        list.push_str(&line(entry));
    }
    list
}

fn line(entry: &UidEntry) -> String {
    let uid = match &entry.uid {
        Some(uid) => escape(uid),
        None => COMMENT.to_string(),
    };
    let source = match (entry.uid_source, entry.auto_generated_id) {
        (Some(source), _) => source.name(),
        (None, Some(true)) => "auto-generated",
        (None, _) => "unknown",
    };
    let name = entry.name.as_deref().map(escape).unwrap_or_default();
    let line = format!("{uid}\t{}\t{source}\t{name}", entry.operator_id);
    format!("{}\n", line.trim_end())
}

/// What a spreadsheet takes for the begin of a formula.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Text that stays on its line, is no comment, and no formula where a list is opened as a sheet.
fn escape(text: &str) -> String {
    let bare = text.trim() == text && !text.starts_with(COMMENT) && !text.starts_with(FORMULA);
    if bare && !text.contains(|c: char| c.is_control() || c == '\\') {
        return text.to_owned();
    }
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, c) in text.chars().enumerate() {
        let edge = at == 0 || at == last;
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            c if c.is_control()
                || edge && (c.is_whitespace() || c == COMMENT)
                || at == 0 && FORMULA.contains(&c) =>
            {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// What [`escape`] was given; other backslashes stay.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let (c, behind) = escaped_char(behind).unwrap_or(('\\', behind));
        plain.push(c);
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

fn escaped_char(behind: &str) -> Option<(char, &str)> {
    let simple = [("\\", '\\'), ("t", '\t'), ("n", '\n'), ("r", '\r')];
    for (code, c) in simple {
        if let Some(rest) = behind.strip_prefix(code) {
            return Some((c, rest));
        }
    }
    let (digits, rest) = behind.strip_prefix("u{")?.split_once('}')?;
    let c = u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)?;
    Some((c, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Vec<String> {
        let mut uids = Vec::new();
        super::uids(list, &mut |uid| uids.push(uid.to_owned())).expect("a list");
        uids.dedup();
        uids
    }

    #[test]
    fn a_list_has_a_uid_per_line() {
        let list = "\u{feff}# of orders\n\nmy-keyed\r\n  spaced \nSink Committer: x\n # end";
        let uids = [
            "my-keyed",
            "  spaced ",
            "spaced",
            "  spaced ",
            "Sink Committer: x",
        ];
        assert_eq!(read(list), uids);
    }

    #[test]
    fn what_is_written_reads_back() {
        for uid in [
            "my-keyed",
            "Zähler → 数 😀 |x|",
            "a\tb",
            "#1",
            " spaced ",
            "C:\\new\\table",
            "\\u{41}",
            "two\nlines",
            "\u{1b}[31m",
            "\\",
            "=1+1",
            "@x=",
            "x\t38e7541c9b1074a2ac9abb34ce40e725",
        ] {
            let known = UidEntry {
                name: Some("a\nname".to_owned()),
                ..UidEntry::of(uid)
            };
            let unknown = UidEntry {
                uid: None,
                ..known.clone()
            };
            let list = write(&[known, unknown]);
            assert_eq!(list.lines().count(), 3, "{list}");
            assert_eq!(read(&list), [uid], "{list}");
        }
    }

    #[test]
    fn an_id_that_is_not_that_of_its_uid_is_refused() {
        let list = "a\t8cc6d3d1b0ddb0e5d3c2bbe7a4cd2f2a\n";
        let error = uids(&format!("#\n{list}"), &mut |_| {}).expect_err("a wrong id");
        assert_eq!((error.line, error.uid.as_str()), (2, "a"));
    }
}
