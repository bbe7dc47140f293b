//! Pages are self-contained, and a name from a file is text on them, whatever it is.
//! `tests/html_chromium.sh` opens them in a browser.

#![cfg(feature = "cli")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::inputs;
use crate::series;

use std::collections::BTreeSet;
use std::process::Command;

use roxmltree::{Document, Node};
use serde_json::Value;
use statescope::output::plain;

const SAVEPOINT: &str =
    "testdata/flink-2.3.0/types-canonical-rocksdb/savepoint-211f62-09f194095885";

fn output(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_statescope"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(!text.is_empty(), "{arguments:?}");
    text
}

fn page(arguments: &[&str]) -> String {
    output(&[arguments, &["-f", "html"]].concat())
}

/// What is behind the head, which alone has elements without an end.
fn body(page: &str) -> &str {
    let (_, rest) = page.split_once("</head>").expect("a head");
    rest.trim_end().strip_suffix("</html>").expect("an end")
}

fn parse(page: &str) -> Document<'_> {
    Document::parse(body(page)).expect("a well-formed page")
}

fn elements<'d>(document: &'d Document<'d>, name: &str) -> Vec<Node<'d, 'd>> {
    let all = document.root().descendants();
    all.filter(|node| node.has_tag_name(name)).collect()
}

fn text_of(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    texts.filter_map(|node| node.text()).collect()
}

/// A page of every command, and those with figures in several shapes.
fn pages() -> Vec<String> {
    inputs::are_on_disk();
    let base = tempfile::tempdir().expect("a directory");
    series::real_series(base.path());
    let base = base.path().to_str().unwrap();
    let commands: &[&[&str]] = &[
        &["growth", base, "--by", "state", "--limit-bytes", "1MiB"],
        &["growth", base, "--by", "total"],
        &["growth", "testdata/flink-2.3.0"],
        &["show", "tests/cli/data/orders"],
        &["show", "tests/cli/data/orders", "--subtasks"],
        &["show", "tests/cli/data/hostile"],
        &["show", "tests/cli/data/hostile", "--files"],
        &["show", SAVEPOINT, "--states"],
        &["list", "testdata/flink-2.3.0"],
        &["check", "tests/cli/data/hostile", "--no-files"],
        &["diff", "tests/cli/data/orders", "tests/cli/data/hostile"],
        &["dump", "tests/cli/data/hostile"],
        &["uid", "<b>", "a&b"],
        &[
            "retention",
            "plan",
            "testdata/flink-2.3.0",
            "--keep-last",
            "1",
        ],
    ];
    commands.iter().map(|command| page(command)).collect()
}

#[test]
fn pages_ask_for_nothing_and_run_nothing() {
    let allowed_elements = BTreeSet::from([
        "body",
        "b",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "header",
        "li",
        "line",
        "main",
        "ol",
        "p",
        "polygon",
        "rect",
        "section",
        "span",
        "strong",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]);
    let allowed_attributes = BTreeSet::from([
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "class",
        "height",
        "id",
        "points",
        "preserveAspectRatio",
        "role",
        "scope",
        "style",
        "tabindex",
        "title",
        "viewBox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
    ]);
    for page in pages() {
        let (head, _) = page.split_once("</head>").unwrap();
        assert!(head.contains("default-src 'none'"));
        assert_eq!(
            head.matches("href").count() + head.matches("src=").count(),
            1
        );
        assert!(head.contains(r#"href="data:,""#));
        for fetching in ["url(", "@import", "<script", "http://", "https://"] {
            assert!(!head.contains(fetching), "{fetching}");
        }
        let document = parse(&page);
        let mut ids = BTreeSet::new();
        for node in document.root().descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            assert!(allowed_elements.contains(name), "{name}");
            for attribute in node.attributes() {
                let (name, value) = (attribute.name(), attribute.value());
                assert!(allowed_attributes.contains(name), "{name}");
                assert!(
                    name != "style" || !value.contains(['(', '\\', '"']),
                    "{value}"
                );
                assert!(
                    name != "id" || ids.insert(value.to_owned()),
                    "{value} twice"
                );
            }
        }
        for node in document.root().descendants() {
            let label = node.attribute("aria-labelledby");
            assert!(label.is_none_or(|id| ids.contains(id)), "{label:?}");
        }
    }
}

#[test]
fn names_from_files_are_text_whatever_they_are() {
    inputs::are_on_disk();
    for arguments in [
        &["show", "tests/cli/data/hostile"][..],
        &["check", "tests/cli/data/hostile"],
    ] {
        let page = page(arguments);
        assert!(!page.contains("<script"));
        assert!(!page.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}', '\r']));
    }
    let page = page(&["show", "tests/cli/data/hostile"]);
    let document = parse(&page);
    let cells = elements(&document, "th").into_iter().map(text_of);
    let cells: BTreeSet<String> = cells.collect();
    let shown = inputs::HOSTILE
        .iter()
        .filter(|name| cells.contains(plain(name).as_ref()));
    assert!(shown.count() >= 3, "{cells:?}");
}

#[test]
fn a_page_of_show_has_the_figures_of_its_json() {
    let json: Value =
        serde_json::from_str(&output(&["show", SAVEPOINT, "--states", "--json"])).unwrap();
    let page = page(&["show", SAVEPOINT, "--states", "--bytes", "exact"]);
    let document = parse(&page);
    let treemap = elements(&document, "ul").into_iter();
    let treemap = treemap.filter(|node| node.attribute("class") == Some("treemap"));
    let tiles: Vec<String> = treemap
        .flat_map(|node| node.children().filter(Node::is_element))
        .map(|tile| tile.attribute("title").unwrap().to_owned())
        .collect();
    let operators = json["data"]["operators"].as_array().unwrap();
    let mut expected = 0;
    for operator in operators
        .iter()
        .filter(|operator| operator["state_bytes"] != 0)
    {
        let bytes = operator["state_bytes"].as_u64().unwrap();
        let name = operator["uid"]
            .as_str()
            .or(operator["name"].as_str())
            .unwrap();
        let start = format!("{name}: {bytes}, ");
        assert!(
            tiles.iter().any(|tile| tile.starts_with(&start)),
            "{start} {tiles:?}"
        );
        expected += 1;
    }
    assert_eq!(tiles.len(), expected);
}

#[test]
fn the_numbers_of_a_chart_are_those_of_the_json() {
    let base = tempfile::tempdir().expect("a directory");
    series::real_series(base.path());
    let growth = ["growth", base.path().to_str().unwrap()];
    let json: Value = serde_json::from_str(&output(&[&growth[..], &["--json"]].concat())).unwrap();
    let job = &json["data"]["jobs"][0];
    let points = job["series"].as_array().unwrap();
    let page = page(&[&growth[..], &["--bytes", "exact"]].concat());
    let document = parse(&page);
    let details = elements(&document, "details")[0];
    let rows = details
        .descendants()
        .filter(|node| node.has_tag_name("tr"))
        .skip(1);
    let mut count = 0;
    for row in rows {
        let mut cells = row.children().filter(Node::is_element).map(text_of);
        let time = cells.next().unwrap();
        let sum: u64 = cells.map(|cell| cell.parse::<u64>().unwrap()).sum();
        let point = points.iter().find(|point| point["time"] == time.as_str());
        assert_eq!(point.expect("the snapshot")["state_bytes"], sum, "{time}");
        count += 1;
    }
    assert_eq!(count, 17, "the first, and every second of 32 snapshots");
    let findings = elements(&document, "code").into_iter().map(text_of);
    let codes: Vec<_> = json["data"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let codes: Vec<_> = codes
        .iter()
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(findings.collect::<Vec<_>>(), codes);
}
