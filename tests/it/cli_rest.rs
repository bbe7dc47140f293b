//! `check --rest` against a stand-in for a cluster, with recorded answers.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]
#![cfg(all(feature = "cli", feature = "rest"))]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use serde_json::Value;

const JOB: &str = "a9e89e2a38397dce9a3939023fcb4aaa";
const SNAPSHOT: &str = "testdata/restore/flink-1.20.5/base/small";

/// Answers `requests` requests and ends; returns its URL.
fn cluster(requests: usize, answer: impl Fn(&str) -> (u16, Vec<u8>) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().take(requests) {
            let mut stream = stream.expect("a connection");
            let mut lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
            let request = lines.next().expect("a request").expect("text");
            while lines
                .next()
                .is_some_and(|line| !line.expect("text").is_empty())
            {}
            let path = request.split(' ').nth(1).expect("a path").to_owned();
            let (status, body) = answer(&path);
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            // The client may have had enough.
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    url
}

fn recorded(path: &str) -> (u16, Vec<u8>) {
    let what = match path.strip_prefix("/jobs/") {
        None => "config",
        Some(JOB) => "job",
        Some(rest) if rest == format!("{JOB}/checkpoints/config") => "checkpoints-config",
        Some(_) => return (404, b"{\"errors\":[\"Job could not be found\"]}".to_vec()),
    };
    let file = format!("testdata/rest/flink-1.20.5-{what}.json");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    (200, fs::read(file).expect("an answer"))
}

fn check(url: &str, job: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_statescope"))
        .args(["check", SNAPSHOT, "--rest", url, "--job-id", job, "--json"])
        .args(["--timeout", "5"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary")
}

#[test]
fn what_a_cluster_cannot_tell_is_said_and_no_yes_is_made_of_it() {
    let output = check(&cluster(3, recorded), JOB);
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(document["data"]["verdict"], Value::Null, "{document:#}");
    let findings = document["data"]["findings"].as_array().unwrap();
    let said = |part: &str| {
        let mut messages = findings.iter().map(|f| f["message"].as_str().unwrap());
        messages.any(|message| message.contains(part))
    };
    assert!(said("only the first operator of each chain"));
    assert!(said("who chose a max parallelism"));
}

#[test]
fn a_job_that_is_not_there_a_wrong_answer_and_a_wrong_url_fail() {
    let missing = check(&cluster(1, recorded), "0123456789abcdef0123456789abcdef");
    assert_eq!(missing.status.code(), Some(5));
    let other = cluster(1, |_| (200, b"<html>hello".to_vec()));
    assert_eq!(check(&other, JOB).status.code(), Some(6));
    let moved = cluster(1, |_| (302, Vec::new()));
    assert_eq!(check(&moved, JOB).status.code(), Some(6));
    for url in [
        "https://127.0.0.1:1",
        "ftp://127.0.0.1:1",
        "127.0.0.1:1",
        "",
    ] {
        assert_eq!(check(url, JOB).status.code(), Some(2), "{url}");
    }
    assert_eq!(check("http://127.0.0.1:1", "no-id").status.code(), Some(2));
}

/// Answers everything with a redirect.
fn redirecting(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!(
        "http://me:planted@{}",
        listener.local_addr().expect("an address")
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
            while lines
                .next()
                .is_some_and(|line| !line.expect("text").is_empty())
            {}
            let head = "HTTP/1.1 307 x\r\nContent-Length: 0\r\nConnection: close\r\n";
            let _ = stream.write_all(format!("{head}Location: {to}\r\n\r\n").as_bytes());
        }
    });
    url
}

#[test]
fn a_redirect_is_not_followed_and_only_its_host_is_told() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    other.set_nonblocking(true).expect("a socket");
    let host = other.local_addr().expect("an address").to_string();
    for (target, told) in [
        (format!("http://{host}/jobs?token=planted"), host.as_str()),
        (format!("http://me:planted@{host}/planted"), &host),
        (format!("//{host}/planted"), &host),
        ("https://host.invalid/planted".to_owned(), "host.invalid"),
        ("/planted".to_owned(), "another path of 127.0.0.1"),
        (
            "http://planted planted/".to_owned(),
            "an address that is none",
        ),
    ] {
        let output = check(&redirecting(target.clone()), JOB);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(6), "{target}: {said}");
        assert!(said.contains(&format!("it redirects to {told}")), "{said}");
        assert!(said.contains("if you trust that one"), "{said}");
        assert!(!said.contains("planted"), "{said}");
    }
    assert!(other.accept().is_err(), "somebody came");
}

#[test]
fn an_answer_without_an_end_is_cut_off() {
    let endless = cluster(1, |_| (200, vec![b' '; 65 << 20]));
    let output = check(&endless, JOB);
    assert_eq!(output.status.code(), Some(6));
    assert_eq!(output.stdout, b"");
}

#[test]
fn an_answer_that_nests_without_end_is_refused() {
    let deep = cluster(1, |_| (200, "[".repeat(1_000_000).into_bytes()));
    let output = check(&deep, JOB);
    assert_eq!(output.status.code(), Some(6));
    assert_eq!(output.stdout, b"");
}
