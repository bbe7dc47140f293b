//! Is a file on local disk part of a snapshot? Results are never written in its place.

use std::fs;
use std::path::Path;

use statescope::layout::{
    DirectoryKind, METADATA_FILE, directory_kind, is_state_file, is_unfinished_metadata,
};

/// Why a result must not be written to a path: there is a file of Flink's, as far as names tell, or
/// what is written would be taken for one. Links on the way there are for the caller to follow.
pub(crate) fn is_of_snapshot(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy();
    // Some file systems do not tell capitals from others.
    if name.eq_ignore_ascii_case(METADATA_FILE) || is_unfinished_metadata(&name) {
        return Some("that is what Flink calls the metadata of a snapshot");
    }
    // A new file beside those of a snapshot harms nothing.
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    if is_state_file(&name) {
        return Some("there is a file of that name, which is one that Flink gives to state");
    }
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let absolute = std::path::absolute(directory).ok()?;
    let mut above = absolute.ancestors();
    above
        .any(is_flinks)
        .then_some("there is a file, in a directory of Flink's")
}

/// Whether it is the directory of a snapshot, or one that snapshots of a job share.
fn is_flinks(directory: &Path) -> bool {
    let kind = |directory: &Path| {
        let name = directory.file_name().unwrap_or_default();
        directory_kind(&name.to_string_lossy())
    };
    let of_snapshot = matches!(
        kind(directory),
        DirectoryKind::Checkpoint(_) | DirectoryKind::Savepoint
    );
    let of_job = || {
        let is_common = matches!(
            kind(directory),
            DirectoryKind::Shared | DirectoryKind::TaskOwned
        );
        let job = directory.parent().filter(|_| is_common);
        job.is_some_and(|job| kind(job) == DirectoryKind::Job || has_checkpoints(job))
    };
    of_snapshot || directory.join(METADATA_FILE).exists() || of_job()
}

fn has_checkpoints(directory: &Path) -> bool {
    let is_checkpoint = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        matches!(
            directory_kind(&name.to_string_lossy()),
            DirectoryKind::Checkpoint(_)
        )
    };
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.flatten().any(|entry| is_checkpoint(&entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_snapshots_are_known_by_where_they_are() {
        let there = tempfile::tempdir().unwrap();
        let uuid = "b64485b9-fd06-4d43-8f81-5903f0df4111";
        let job = "0040568ceebf0040568ceebf0040568c";
        let file = |path: &str| {
            let path = there.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            path
        };
        file("renamed/_metadata");
        file("by-hand/chk-1/x");
        for path in [
            "another/_metadata",
            "renamed/x",
            "renamed/deeper/x",
            "chk-7/000012.sst",
            "savepoint-1a2b3c-0123456789ab/x",
            &format!("{job}/shared/op/000012.sst"),
            &format!("{job}/taskowned/x"),
            "by-hand/shared/x",
            &format!("anywhere/{uuid}"),
        ] {
            assert!(is_of_snapshot(&file(path)).is_some(), "{path}");
        }
        for path in [
            "report.html",
            "alone/shared/report.html",
            &format!("{job}/plan.json"),
        ] {
            assert_eq!(is_of_snapshot(&file(path)), None, "{path}");
        }
        assert_eq!(is_of_snapshot(&there.path().join("chk-7/new.html")), None);
        assert!(is_of_snapshot(Path::new("_metadata")).is_some());
    }
}
