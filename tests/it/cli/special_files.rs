//! Only regular files are read, whatever option names them and whatever link leads to them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use statescope::model::checkpoint::OperatorId;

use super::{run, text};
use crate::shapes::handles::{Mode, NamedState, Stream};
use crate::shapes::properties::Properties;
use crate::shapes::writer::{MetadataWriter, OperatorHead};

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo").success());
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[test]
fn no_option_reads_anything_but_a_regular_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    fifo(&at("fifo"));
    symlink("fifo", at("link")).expect("a link");
    fs::create_dir(at("chk-1")).expect("a directory");
    symlink("/dev/zero", at("chk-1/_metadata")).expect("a link");
    fs::create_dir(at("conf")).expect("a directory");
    fifo(&at("conf/config.yaml"));
    let (fifo, link, chk, conf) = (at("fifo"), at("link"), at("chk-1"), at("conf"));
    let (fifo, link, chk, conf) = (path(&fifo), path(&link), path(&chk), path(&conf));
    const ORDERS: &str = "tests/cli/data/orders";
    for (arguments, code) in [
        (&["show", fifo][..], 6),
        (&["show", link], 6),
        (&["show", "/dev/zero"], 6),
        (&["show", chk], 6),
        (&["show", ORDERS, "--uids", fifo], 2),
        (&["show", ORDERS, "--jar", link], 2),
        (&["show", ORDERS, "--plan", "/dev/zero"], 2),
        (&["check", ORDERS, "--job", "/dev/zero"], 2),
        (&["check", ORDERS, "--job", link], 2),
        (&["check", ORDERS, "--new-jar", fifo], 2),
        (&["check", ORDERS, "--new-plan", fifo], 2),
        (&["retention", "apply", fifo, "--yes"], 2),
        (&["retention", "restore", fifo], 2),
        (&["retention", "restore", "/dev/zero"], 2),
        (&["list", ORDERS, "--flink-conf", conf], 2),
    ] {
        let output = run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let reason = "and only regular files are read";
        assert_eq!(said.matches(reason).count(), 1, "{arguments:?}: {said}");
    }
    let listed = run(&["list", path(directory.path())]);
    assert_eq!(listed.status.code(), Some(7), "{listed:?}");
    assert!(text(&listed.stdout).contains("unreadable"), "{listed:?}");
}

/// Two subtasks whose state is said to be in a file.
fn snapshot_of(file: &str) -> Vec<u8> {
    let mut writer = MetadataWriter::new(4, 1024);
    writer.body(1, 0);
    writer.count(1);
    writer.operator(&OperatorHead {
        id: *OperatorId::of_uid("a").as_bytes(),
        name: "",
        uid: "",
        parallelism: 2,
        max_parallelism: 128,
        coordinator: Stream::Null,
    });
    writer.count(2);
    for index in [0, 1] {
        writer.subtask(index);
        writer.operator_slot(true);
        let state = NamedState {
            name: "state",
            mode: Mode::Split,
            offsets: &[50, 60],
        };
        let stream = Stream::File {
            path: file,
            size: 1000,
        };
        writer.partitionable(&[state], &stream);
        writer.operator_slot(false);
        writer.no_keyed();
        writer.no_keyed();
        writer.no_channels();
    }
    writer.properties(Properties::Checkpoint);
    writer.into_bytes()
}

#[test]
fn state_that_is_said_to_be_in_a_device_or_a_pipe_is_not_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    fifo(&at("fifo"));
    symlink("/dev/urandom", at("link")).expect("a link");
    let (fifo, link) = (at("fifo"), at("link"));
    fs::create_dir(at("chk-1")).expect("a directory");
    for file in ["file:///dev/zero", path(&fifo), path(&link)] {
        fs::write(at("chk-1/_metadata"), snapshot_of(file)).expect("a file");
        for command in [&["show", "--states"][..], &["check"]] {
            let chk = at("chk-1");
            let output = run(&[command, &[path(&chk)]].concat());
            let said = [text(&output.stdout), text(&output.stderr)].concat();
            assert_eq!(output.status.code(), Some(7), "{file}: {said}");
            let reason = "and only regular files are read";
            assert!(said.contains(reason), "{file}: {said}");
        }
    }
}
