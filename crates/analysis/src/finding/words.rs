//! What findings say to people.

use std::borrow::Cow;

use crate::finding::{Finding, FindingKind};
use statescope_format::location::shell_word;

impl Finding {
    /// One sentence without the place, in plain words.
    pub fn message(&self) -> String {
        match &self.kind {
            FindingKind::TrailingBytes {
                bytes,
                uncertain_dialect,
            } => {
                let mut message =
                    format!("{bytes} bytes follow the end of the metadata; Flink ignores them");
                if *uncertain_dialect {
                    message.push_str(
                        ", but they also hide which Flink wrote this version 3 file, \
                         so its changelog and channel state may be read wrongly",
                    );
                }
                message
            }
            FindingKind::UnreleasedFormat { version } => format!(
                "metadata version {version} is in no released Flink: what is read here may still \
                 change"
            ),
            FindingKind::RegionalState { subtasks, oldest } => format!(
                "{subtasks} subtasks use the state of earlier checkpoints again, the oldest of them \
                 {oldest}: the state is not of one moment"
            ),
            FindingKind::OriginOutOfRange { checkpoint } => format!(
                "subtasks are said to use the state of checkpoint {checkpoint}, which is no earlier one"
            ),
            FindingKind::OriginUnclear { mark } => format!(
                "the mark {mark} says neither that the state is this checkpoint's nor that it is an \
                 earlier one's; Flink takes it for this one's"
            ),
            FindingKind::DuplicateOperator { times } => {
                format!("the operator id occurs {times} times; Flink restores only the last")
            }
            FindingKind::DuplicateSubtask { times } => {
                format!("the subtask occurs {times} times; Flink restores only the last")
            }
            FindingKind::SubtaskOutOfRange { parallelism } => {
                format!(
                    "the subtask index is not below the parallelism {parallelism}; Flink refuses to load this"
                )
            }
            FindingKind::ParallelismAboveMax {
                parallelism,
                max_parallelism,
            } => format!(
                "parallelism {parallelism} is above the max parallelism {max_parallelism}; \
                 Flink refuses to load this"
            ),
            FindingKind::ParallelismOutOfRange {
                parallelism,
                max_parallelism,
            } => format!(
                "parallelism {parallelism} of at most {max_parallelism} is outside of what \
                 Flink allows, 1 to 32768"
            ),
            FindingKind::UidMismatch { hash } => {
                format!("the stored uid hashes to {hash}, not to the operator id")
            }
            FindingKind::KeyGroupsOutOfRange {
                slot,
                range,
                max_parallelism,
            } => format!(
                "{} covers key groups {range}, but the max parallelism is {max_parallelism}",
                slot.label()
            ),
            FindingKind::KeyGroupsUnexpected {
                slot,
                range,
                expected,
            } => format!(
                "{} covers key groups {range}; Flink gives {expected} to this subtask",
                slot.label()
            ),
            FindingKind::KeyGroupsOverlap {
                slot,
                first,
                last,
                other_subtask,
            } => format!(
                "{} covers key groups {first}-{last}, which subtask {other_subtask} covers too",
                slot.label()
            ),
            FindingKind::KeyGroupsMissing {
                slot,
                missing,
                max_parallelism,
            } => format!(
                "{missing} of {max_parallelism} key groups have no {}",
                slot.label()
            ),
            FindingKind::OffsetOutside {
                slot,
                offset,
                stream_bytes,
            } => format!(
                "{} points at byte {offset} of a stream of {stream_bytes} bytes",
                slot.label()
            ),
            FindingKind::InvalidPath => {
                "a path that Flink cannot take; Flink refuses to load this".to_owned()
            }
            FindingKind::UnknownSize { handles } => {
                format!("{handles} handles do not record their size, so sums with them are unknown")
            }
            FindingKind::FileMissing {
                slot,
                role,
                references,
            } => format!(
                "a {} file of {} is not there{}",
                role.name(),
                slot.label(),
                needed_by(*references)
            ),
            FindingKind::FileTooShort {
                slot,
                role,
                bytes,
                needed,
                references,
            } => format!(
                "a {} file of {} has {bytes} bytes and must have {needed}{}",
                role.name(),
                slot.label(),
                needed_by(*references)
            ),
            FindingKind::FileShorterThanRecorded {
                slot,
                role,
                bytes,
                recorded,
                references,
            } => format!(
                "a {} file of {} has {bytes} bytes and is recorded with {recorded}: a copy that was \
                 cut short, or a program that recorded a wrong size; the content does not tell{}",
                role.name(),
                slot.label(),
                needed_by(*references)
            ),
            FindingKind::FileTooLong {
                slot,
                role,
                bytes,
                needed,
                references,
            } => format!(
                "a {} file of {} has {bytes} bytes, but RocksDB wants exactly {needed}{}",
                role.name(),
                slot.label(),
                needed_by(*references)
            ),
            FindingKind::ClaimedFileMisplaced { slot, references } => format!(
                "a shared file of {} is not beside the metadata, where its handle says it is \
                 (FLINK-39964){}",
                slot.label(),
                needed_by(*references)
            ),
            FindingKind::FileUnreachable { slot, role, reason } => format!(
                "could not look up a {} file of {}: {reason}",
                role.name(),
                slot.label()
            ),
            FindingKind::FileUnreadable {
                slot, role, reason, ..
            } => format!(
                "a {} file of {} is there but cannot be opened: {reason}",
                role.name(),
                slot.label()
            ),
            FindingKind::OnlyThroughPathMap {
                from,
                to,
                files,
                assumed: false,
            } => format!(
                "{} recorded below {from} and only found below {to}, where Flink does not look: \
                 restorable only where they are at their recorded paths",
                files_are(*files)
            ),
            FindingKind::OnlyThroughPathMap {
                from, to, files, ..
            } => format!(
                "{} recorded below {from} and found below {to}; taken to be at the recorded paths",
                files_are(*files)
            ),
            FindingKind::FilesBesideMetadata { from, to, files } => format!(
                "{} recorded below {from}, where Flink looks and nothing is; the copies beside the \
                 metadata are below {to}",
                files_are(*files)
            ),
            FindingKind::RecordedSizes {
                files,
                recorded,
                bytes,
            } => format!(
                "{} recorded with {recorded} bytes and have {bytes}: Flink reads the files, and sums \
                 of recorded sizes are wrong",
                files_are(*files)
            ),
            FindingKind::OffsetBehindRecordedSize {
                slot,
                offset,
                recorded,
            } => format!(
                "{} points at byte {offset} of a file that is recorded with {recorded} bytes: the \
                 file decides",
                slot.label()
            ),
            FindingKind::Lint(lint) => lint.message(),
            FindingKind::Restore(restore) => restore.message(),
            FindingKind::Drift(drift) => drift.message(),
            FindingKind::NotRead { reason } => format!("not read: {reason}"),
            FindingKind::NotAsked { files: 1, .. } => {
                "not asked for 1 file: only the snapshot names this store".to_owned()
            }
            FindingKind::NotAsked { files, .. } => {
                format!("not asked for {files} files: only the snapshot names this store")
            }
            FindingKind::NotListed { reason } => {
                format!("the directory may not be listed, so each file was asked for: {reason}")
            }
            FindingKind::Growth(finding) => finding.message(),
            FindingKind::Base(finding) => finding.message(),
            FindingKind::More { count, .. } => format!("{count} more of these, left out"),
        }
    }

    /// The same without what Flink would print.
    pub fn brief(&self) -> String {
        match &self.kind {
            FindingKind::Restore(restore) => restore.ours(),
            _ => self.message(),
        }
    }

    /// What Flink would print, where that is known.
    pub fn flink_says(&self) -> Option<String> {
        match &self.kind {
            FindingKind::Restore(restore) => restore.flink_says(),
            _ => None,
        }
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        if let FindingKind::Drift(drift) = &self.kind {
            return Some(drift.hint().into());
        }
        match &self.kind {
            FindingKind::NotAsked { store, .. } => {
                let store = shell_word(store);
                let hint = format!("if the store is yours, allow it: --allow-store {store}");
                return Some(hint.into());
            }
            FindingKind::FileUnreadable {
                hint: Some(hint), ..
            } => return Some(hint.clone().into()),
            FindingKind::FilesBesideMetadata { from, to, .. } => {
                return Some(copied_hint(from, to).into());
            }
            _ => {}
        }
        self.fixed_hint().map(Cow::Borrowed)
    }

    fn fixed_hint(&self) -> Option<&'static str> {
        Some(match &self.kind {
            FindingKind::TrailingBytes { .. } => {
                "no Flink writes such bytes: compare the file with its source and copy it again"
            }
            FindingKind::UnreleasedFormat { .. } => {
                "restore it with the very build of Flink that wrote it"
            }
            FindingKind::RegionalState { .. } => {
                "keep the directories of those checkpoints: their files are in use"
            }
            FindingKind::DuplicateOperator { .. }
            | FindingKind::OriginOutOfRange { .. }
            | FindingKind::OriginUnclear { .. }
            | FindingKind::DuplicateSubtask { .. }
            | FindingKind::SubtaskOutOfRange { .. }
            | FindingKind::ParallelismAboveMax { .. }
            | FindingKind::ParallelismOutOfRange { .. }
            | FindingKind::KeyGroupsOutOfRange { .. }
            | FindingKind::KeyGroupsOverlap { .. }
            | FindingKind::OffsetOutside { .. }
            | FindingKind::InvalidPath => {
                "no Flink writes this: the file is damaged or was edited; use another snapshot"
            }
            FindingKind::UidMismatch { .. } => {
                "the job must keep an operator with this operator id; \
                 do not trust the uid, it may have been edited"
            }
            FindingKind::KeyGroupsUnexpected { .. } => {
                "the file was written or edited by something other than a Flink job; \
                 try a restore before you rely on it"
            }
            FindingKind::KeyGroupsMissing { .. } => {
                "normal where a subtask registers its state only with its first record"
            }
            FindingKind::FileMissing { .. } => {
                "Flink cannot restore this: use another snapshot, or bring the file back \
                 from a backup or an older version of the object"
            }
            FindingKind::FileTooShort { .. } | FindingKind::FileTooLong { .. } => {
                "Flink cannot restore this: use another snapshot, or copy the file again"
            }
            FindingKind::FileShorterThanRecorded { .. } => {
                "compare the file with its source: if that has the recorded size, copy it again; if it \
                 has the same bytes, Flink restores it"
            }
            FindingKind::ClaimedFileMisplaced { .. } => {
                "the job claimed a native savepoint and its checkpoints point at the wrong \
                 directory: copy the file of that name from the savepoint's directory to this \
                 path, keep the savepoint, and take a new canonical savepoint"
            }
            FindingKind::FileUnreachable { .. } => {
                "whether the snapshot is complete is not known until the store answers"
            }
            FindingKind::FileUnreadable { .. } => {
                "a file that cannot be opened cannot be restored: check as the user that Flink runs as"
            }
            FindingKind::OnlyThroughPathMap { assumed: true, .. } => {
                "put the files back at their recorded paths before the job starts"
            }
            FindingKind::OnlyThroughPathMap { .. } => {
                "put the files back at their recorded paths, or rewrite the paths in a copy of the \
                 metadata; --assume-path-map judges a copy that will be put back"
            }
            FindingKind::RecordedSizes { .. } | FindingKind::OffsetBehindRecordedSize { .. } => {
                "a program other than a Flink job wrote the metadata; for right sums take a new \
                 savepoint with Flink"
            }
            FindingKind::Lint(lint) => lint.hint(),
            FindingKind::Restore(restore) => return restore.hint(),
            FindingKind::NotRead { .. } => "the result does not hold what could not be read",
            FindingKind::NotListed { .. } => {
                "the right to list makes this one request for many files; the answer is the same"
            }
            FindingKind::Growth(finding) => return finding.hint(),
            FindingKind::Base(finding) => finding.hint(),
            FindingKind::UnknownSize { .. }
            | FindingKind::FilesBesideMetadata { .. }
            | FindingKind::More { .. }
            | FindingKind::NotAsked { .. }
            | FindingKind::Drift(_) => {
                return None;
            }
        })
    }

    /// The place in words: `operator my-uid (38e7541c), subtask 3, state counts`.
    pub fn place_text(&self) -> String {
        let place = &self.place;
        let operator = match (&place.uid, place.operator_id) {
            (Some(uid), Some(id)) => Some(format!("operator {uid} ({})", id.short())),
            (None, Some(id)) => Some(format!("operator {id}")),
            (_, None) => None,
        };
        let parts = [
            operator,
            place.subtask.map(|subtask| format!("subtask {subtask}")),
            place.state.as_ref().map(|state| format!("state {state}")),
            place.path.clone(),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        match (parts.is_empty(), self.kind.is_of_job()) {
            (false, _) => parts.join(", "),
            (true, true) => "the new job".to_owned(),
            (true, false) => String::new(),
        }
    }
}

/// What to do with a snapshot that was copied.
fn copied_hint(from: &str, to: &str) -> String {
    format!(
        "paths in the metadata are absolute, so a copy does not stand alone: put it back at its old \
         place, or rewrite the paths in its metadata; to look at the copy: --path-map {}",
        shell_word(&format!("{from}={to}"))
    )
}

/// `1 file is`, `7 files are`.
fn files_are(files: u64) -> String {
    match files {
        1 => "1 file is".to_owned(),
        many => format!("{many} files are"),
    }
}

fn needed_by(references: u64) -> String {
    match references {
        0 | 1 => String::new(),
        many => format!("; {many} handles need it"),
    }
}
