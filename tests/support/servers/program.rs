//! Runs the program as a user would, with an environment of its own.

#![allow(dead_code, reason = "each test uses some of it")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How to run the program: all of its environment, and what it must never say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    environment: BTreeMap<String, String>,
    secrets: Vec<String>,
    /// What is started instead of the program: a command that starts it.
    launcher: Vec<String>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Program {
    /// With nothing in its environment that leads out of this machine.
    pub(crate) fn new() -> Self {
        Self::default()
            .with("HOME", "/nonexistent")
            .with("AWS_EC2_METADATA_DISABLED", "true")
    }

    pub(crate) fn with(mut self, variable: &str, value: &str) -> Self {
        self.environment
            .insert(variable.to_owned(), value.to_owned());
        self
    }

    /// As `with`, for a value that no output may hold.
    pub(crate) fn with_secret(mut self, variable: &str, value: &str) -> Self {
        self.secrets.push(value.to_owned());
        self.with(variable, value)
    }

    /// No output may hold that.
    pub(crate) fn never_saying(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    /// As a user who owns nothing, for tests that run as root: root may read everything. The
    /// directory gets a copy of the program which that user can reach.
    pub(crate) fn unprivileged(mut self, directory: &Path) -> Self {
        let copy = directory.join("statescope");
        // By another process: a file that this one has open for writing, in any thread that starts
        // a program at that moment, cannot be started.
        let copied = Command::new("cp")
            .args([env!("CARGO_BIN_EXE_statescope").as_ref(), copy.as_os_str()])
            .status();
        assert!(copied.unwrap().success(), "no copy of the program");
        for path in [directory, &copy] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.launcher = [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            copy.to_str().unwrap(),
        ]
        .map(str::to_owned)
        .to_vec();
        self
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let program = [env!("CARGO_BIN_EXE_statescope").to_owned()];
        let launcher = match self.launcher.as_slice() {
            [] => &program,
            launcher => launcher,
        };
        Command::new(&launcher[0])
            .args(&launcher[1..])
            .args(arguments)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let begun = Instant::now();
        let output = self.start(arguments).wait_with_output().unwrap();
        self.ended(output, begun)
    }

    /// What came of a run that ended, which held no secret.
    pub(crate) fn ended(&self, output: Output, begun: Instant) -> Run {
        let run = Run {
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            took: begun.elapsed(),
        };
        for secret in &self.secrets {
            let silent = !run.stdout.contains(secret) && !run.stderr.contains(secret);
            assert!(silent, "a secret was shown: {run:?}");
        }
        run
    }
}

impl Run {
    /// The `data` of a JSON document, of a run that ended with this code.
    pub(crate) fn data(&self, code: i32) -> serde_json::Value {
        assert_eq!(self.code, Some(code), "{self:?}");
        let document: serde_json::Value = serde_json::from_str(&self.stdout).unwrap();
        document["data"].clone()
    }

    /// The one line that says why there is no result, of a run that ended with this code.
    pub(crate) fn error(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        let mut lines = self.stderr.lines();
        let error = lines.next().and_then(|line| line.strip_prefix("error: "));
        let hint = lines.next().map(|line| line.starts_with("hint: "));
        assert_ne!(hint, Some(false), "{self:?}");
        assert_eq!(lines.next(), None, "{self:?}");
        error.unwrap()
    }
}
