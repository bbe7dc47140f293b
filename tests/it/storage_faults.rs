//! What goes wrong with stores, and what is then said.

#![cfg(feature = "s3")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "it is a test"
)]

use crate::heads;
mod hostile_store;
use crate::servers;
use crate::shapes;

use std::time::{Duration, Instant};

use servers::s3::{ACCESS_KEY, S3Server, SECRET_KEY, settings};
use servers::scripted::{Reply, Scripted, http, s3_error, s3_page};
use shapes::handles::{KeyGroupsForm, Stream};
use shapes::properties::Properties;
use shapes::writer::{MetadataWriter, OperatorHead};
use statescope::Location;
use statescope::finding::FindingKind;
use statescope::inspect::{self, LoadedMetadata, NoProgress, StatesOptions};
use statescope::storage::{Settings, Storage, StorageError, StorageErrorKind as Kind};

fn place() -> Location {
    Location::new("s3a://user:urlpassword@flink/dir/_metadata")
}

/// A storage that may ask the store of `place`.
fn asking(settings: Settings) -> Storage {
    let storage = Storage::new(settings);
    storage.trust(&place());
    storage
}

/// What reading, looking up and listing fail with.
async fn failures(settings: Settings) -> [StorageError; 3] {
    let storage = asking(settings);
    let failures = [
        storage.read(&place()).await.unwrap_err(),
        storage.head(&place()).await.unwrap_err(),
        storage.list(&place().parent()).await.unwrap_err(),
    ];
    for error in &failures {
        shows_no_secret(&format!("{error} {error:?} {:?}", error.hint()));
    }
    shows_no_secret(&format!("{storage:?}"));
    failures
}

fn shows_no_secret(text: &str) {
    for secret in [
        SECRET_KEY,
        "wrongwrong",
        "urlpassword",
        "T0KEN",
        "Signature=",
    ] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// A server that answers everything alike.
async fn always(reply: Vec<u8>) -> Scripted {
    Scripted::start(move |_, _| Reply::Send(reply.clone())).await
}

fn impatient(endpoint: &str) -> Settings {
    let mut settings = settings(endpoint);
    settings.timeout = Duration::from_millis(400);
    settings.retries = 1;
    settings
}

#[tokio::test]
async fn a_wrong_secret() {
    let server = S3Server::start().await;
    server.put("dir/_metadata", b"x");
    let settings = server
        .settings()
        .with_variables([("AWS_SECRET_ACCESS_KEY", "wrongwrong")]);
    let [read, head, list] = failures(settings).await;
    assert_eq!(*read.kind(), Kind::BadCredentials, "{read}");
    assert_eq!(*list.kind(), Kind::BadCredentials, "{list}");
    assert!(read.hint().unwrap().contains("secret key"));
    // Without a body there is no telling why.
    assert_eq!(*head.kind(), Kind::AccessDenied, "{head}");
}

#[tokio::test]
async fn a_bucket_that_is_not_there() {
    let server = S3Server::start().await;
    let storage = Storage::new(server.settings());
    let place = Location::new("s3://nobucket/dir");
    storage.trust(&place);
    let list = storage.list(&place).await.unwrap_err();
    assert_eq!(*list.kind(), Kind::NoSuchBucket, "{list}");

    let server = always(s3_error("404 Not Found", "NoSuchBucket", "no such bucket")).await;
    let [read, _, list] = failures(settings(&server.endpoint())).await;
    assert_eq!(*read.kind(), Kind::NoSuchBucket, "{read}");
    assert_eq!(*list.kind(), Kind::NoSuchBucket, "{list}");
}

#[tokio::test]
async fn access_denied() {
    let said = "User: arn:aws:iam::1:user/x is not authorized\n\tat line two";
    let server = always(s3_error("403 Forbidden", "AccessDenied", said)).await;
    for error in failures(settings(&server.endpoint())).await {
        assert_eq!(*error.kind(), Kind::AccessDenied, "{error}");
        assert!(error.hint().unwrap().contains("s3:ListBucket"));
        assert!(!error.to_string().contains("line two"));
    }
    assert_eq!(server.requests(), 3, "nothing is repeated");
}

#[tokio::test]
async fn an_expired_token_that_the_store_repeats() {
    let said = format!("token T0KENT0KEN of {ACCESS_KEY} with {SECRET_KEY} has expired");
    let server = always(s3_error("400 Bad Request", "ExpiredToken", &said)).await;
    let settings =
        settings(&server.endpoint()).with_variables([("AWS_SESSION_TOKEN", "T0KENT0KEN")]);
    let [read, _, list] = failures(settings).await;
    for error in [read, list] {
        assert_eq!(*error.kind(), Kind::BadCredentials, "{error}");
        assert!(error.hint().unwrap().contains("expired"));
    }
}

#[tokio::test]
async fn another_region() {
    let headers = "x-amz-bucket-region: eu-central-1\r\n";
    let server = always(http("301 Moved Permanently", headers, "")).await;
    for error in failures(settings(&server.endpoint())).await {
        assert!(error.hint().unwrap().contains("eu-central-1"), "{error}");
    }
}

#[tokio::test]
async fn overload_that_passes() {
    let server = Scripted::start(|number, _| {
        Reply::Send(match number {
            0 | 1 => s3_error("503 Slow Down", "SlowDown", "reduce your request rate"),
            _ => http(
                "200 OK",
                "last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n",
                "abc",
            ),
        })
    })
    .await;
    let storage = asking(settings(&server.endpoint()));
    assert_eq!(&storage.read(&place()).await.unwrap()[..], b"abc");
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn overload_that_stays() {
    let server = always(s3_error(
        "503 Slow Down",
        "SlowDown",
        "reduce your request rate",
    ))
    .await;
    let mut settings = settings(&server.endpoint());
    settings.retries = 2;
    let counts = settings.counts.clone();
    let begun = Instant::now();
    for error in failures(settings).await {
        assert_eq!(*error.kind(), Kind::Throttled, "{error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!((server.requests(), counts.total()), (9, 9));
}

#[tokio::test]
async fn a_failing_server() {
    let server = always(http("500 Internal Server Error", "", "<html>oops")).await;
    for error in failures(impatient(&server.endpoint())).await {
        assert_eq!(*error.kind(), Kind::Other, "{error}");
        assert!(error.said().unwrap().contains("HTTP 500"), "{error}");
    }
}

/// An answer that announces 1000 bytes and has 10.
fn half(headers: &str) -> Vec<u8> {
    let head = "last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
    format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n{head}{headers}\r\n0123456789").into_bytes()
}

#[tokio::test]
async fn a_body_that_stops_half_way() {
    let server = always(half("")).await;
    let storage = asking(impatient(&server.endpoint()));
    let error = storage.read(&place()).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::Truncated, "{error}");
    assert_eq!(server.requests(), 2, "tried once more");
}

#[tokio::test]
async fn a_body_that_stops_half_way_is_resumed() {
    let server = Scripted::start(|number, head| {
        let etag = "etag: \"e1\"\r\n";
        Reply::Send(match number {
            0 => half(etag),
            _ => {
                assert!(
                    head.to_lowercase().contains("range: bytes=10-999"),
                    "{head}"
                );
                let headers = "content-range: bytes 10-999/1000\r\n\
                               last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\netag: \"e1\"\r\n";
                http("206 Partial Content", headers, &"x".repeat(990))
            }
        })
    })
    .await;
    let storage = asking(settings(&server.endpoint()));
    let content = storage.read(&place()).await.unwrap();
    assert_eq!(content.len(), 1_000);
    assert!(content.starts_with(b"0123456789xx"));
}

#[tokio::test]
async fn a_body_that_stalls() {
    let server = Scripted::start(|_, _| Reply::Stall(half(""))).await;
    let storage = asking(impatient(&server.endpoint()));
    let begun = Instant::now();
    let error = storage.read(&place()).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::Timeout, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_server_that_never_answers() {
    let server = Scripted::start(|_, _| Reply::Stall(Vec::new())).await;
    let begun = Instant::now();
    for error in failures(impatient(&server.endpoint())).await {
        assert_eq!(*error.kind(), Kind::Timeout, "{error}");
    }
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(server.requests(), 3, "waiting again would not help");
}

#[tokio::test]
async fn a_refused_connection() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for error in failures(impatient(&endpoint)).await {
        assert_eq!(*error.kind(), Kind::Unreachable, "{error}");
        assert!(error.said().unwrap().contains("refused"), "{error}");
    }
}

#[tokio::test]
async fn dropping_a_request_ends_it() {
    let server = Scripted::start(|_, _| Reply::Stall(Vec::new())).await;
    let storage = asking(settings(&server.endpoint()));
    let place = place();
    let begun = Instant::now();
    let read = tokio::time::timeout(Duration::from_millis(100), storage.read(&place));
    assert!(read.await.is_err());
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn odd_keys_do_not_hide_the_others() {
    let server = Scripted::start(|number, head| {
        Reply::Send(match number {
            0 => {
                assert!(head.contains("prefix=dir%2F"), "{head}");
                let keys = ["dir/", "dir/a", "dir/x&#10;y", "dir/.", "dir/b%20c"];
                s3_page(&keys, &["dir//", "dir/chk-1/", "dir/../"], Some("next"))
            }
            _ => s3_page(&["dir/z&amp;", "dir/old_$folder$"], &["dir/chk-2/"], None),
        })
    })
    .await;
    let storage = asking(settings(&server.endpoint()));
    let listing = storage.list(&place().parent()).await.unwrap();
    let names: Vec<_> = listing.files.iter().map(|file| file.name()).collect();
    assert_eq!(names, ["a", "b%20c", "old_$folder$", "z&"]);
    assert!(listing.directory_names().eq(["chk-1", "chk-2"]));
    assert_eq!(listing.skipped, 4);
}

#[tokio::test]
async fn a_marked_directory_is_empty_and_not_missing() {
    let server = always(s3_page(&["dir/"], &[], None)).await;
    let storage = asking(settings(&server.endpoint()));
    assert!(storage.list(&place().parent()).await.unwrap().is_empty());
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_listing_that_never_ends() {
    let server = always(s3_page(&["dir/a"], &[], Some("again"))).await;
    let storage = asking(settings(&server.endpoint()));
    let error = storage.list(&place().parent()).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::Other, "{error}");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_web_page_is_no_listing() {
    let server = always(http("200 OK", "", "<html><body>Welcome</body></html>")).await;
    let storage = asking(impatient(&server.endpoint()));
    // An empty page names nothing, and what is not listed is then asked for by name.
    assert!(storage.list(&place().parent()).await.is_err());
}

#[tokio::test]
async fn no_credentials_at_all() {
    let mut settings = Settings::new().with_variables([("AWS_EC2_METADATA_DISABLED", "true")]);
    settings.endpoint = Some("http://127.0.0.1:9".to_owned());
    for error in failures(settings).await {
        assert_eq!(*error.kind(), Kind::BadCredentials, "{error}");
        assert!(error.hint().unwrap().contains("AWS_ACCESS_KEY_ID"));
    }
}

#[tokio::test]
async fn a_machine_without_a_role() {
    // Stands for the address that gives a cloud machine its credentials.
    let metadata = always(http("404 Not Found", "", "")).await;
    let mut settings =
        Settings::new().with_variables([("AWS_METADATA_ENDPOINT", metadata.endpoint().as_str())]);
    settings.endpoint = Some("http://127.0.0.1:9".to_owned());
    for error in failures(settings).await {
        assert_eq!(*error.kind(), Kind::BadCredentials, "{error}");
    }
}

#[tokio::test]
async fn an_option_that_does_not_exist() {
    let settings = Settings::new().with_option("aws_acces_key_id", "T0KENT0KEN");
    for error in failures(settings).await {
        assert_eq!(*error.kind(), Kind::BadSetting, "{error}");
        assert!(error.to_string().contains("aws_acces_key_id"));
    }
}

/// A NameNode's port that accepts, and then is silent or closes.
#[cfg(feature = "hdfs")]
#[tokio::test]
async fn a_name_node_that_never_answers() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut settings = Settings::new().with_variables([("HADOOP_USER_NAME", "flink")]);
    settings.timeout = Duration::from_millis(500);
    let storage = Storage::new(settings);
    let place = Location::new(format!("hdfs://{address}/dir"));
    storage.trust(&place);
    let begun = Instant::now();
    for error in [
        storage.read(&place).await.unwrap_err(),
        storage.head(&place).await.unwrap_err(),
        storage.list(&place).await.unwrap_err(),
    ] {
        assert_eq!(*error.kind(), Kind::Timeout, "{error}");
        assert!(error.hint().unwrap().contains("RPC port"));
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[cfg(feature = "hdfs")]
#[tokio::test]
async fn a_name_node_that_is_not_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let storage = Storage::new(Settings::new());
    let place = Location::new(format!("hdfs://{address}/dir"));
    storage.trust(&place);
    let begun = Instant::now();
    let error = storage.list(&place).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::Unreachable, "{error}");
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}

/// Metadata of one operator with so many files of keyed state in one directory.
fn keyed(files: usize, key_groups_at: i64, size: u64) -> LoadedMetadata {
    let mut writer = MetadataWriter::new(5, 1 << 14);
    writer.body(1, 0);
    writer.count(1);
    let parallelism = u32::try_from(files).unwrap();
    writer.operator(&OperatorHead {
        id: [7; 16],
        name: "",
        uid: "",
        parallelism,
        max_parallelism: parallelism,
        coordinator: Stream::Null,
    });
    writer.count(files);
    for at in 0..parallelism {
        writer.subtask(at);
        writer.operator_slot(false);
        writer.operator_slot(false);
        let path = format!("s3://flink/dir/state-{at}");
        let stream = Stream::File { path: &path, size };
        let form = KeyGroupsForm::V2;
        writer.key_groups_handle(
            form,
            at,
            &[key_groups_at],
            &stream,
            "6c1d2e3f-0000-4000-8000-00000000000b",
        );
        writer.no_keyed();
        writer.no_channels();
    }
    writer.properties(Properties::Checkpoint);
    LoadedMetadata::from_bytes("_metadata", writer.into_bytes())
}

/// In a stream of key group 0 alone, only its entries tell canonical from heap: a store that does not
/// deliver them tells nothing.
#[tokio::test]
async fn a_store_that_refuses_makes_no_stream_one_of_the_heap() {
    const SIZE: usize = 100_000;
    let head = heads::keyed(
        &heads::basic("String"),
        &[heads::value_state("count", &heads::basic("Long"))],
    );
    let loaded = keyed(1, i64::try_from(head.len()).unwrap(), SIZE as u64);
    let refusals = [
        s3_error("403 Forbidden", "AccessDenied", "not you"),
        s3_error("503 Slow Down", "SlowDown", "later"),
    ];
    for refusal in refusals {
        let mut content = head.clone();
        content.resize(SIZE, 0);
        let server = Scripted::start(move |_, request| {
            let request = request.to_lowercase();
            let range = request
                .lines()
                .find_map(|line| line.strip_prefix("range: bytes="));
            let (first, last) = range.unwrap().split_once('-').unwrap();
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            if last - first >= 16 << 10 {
                return Reply::Send(refusal.clone());
            }
            let head = format!(
                "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\n\
                 content-range: bytes {first}-{last}/{SIZE}\r\nconnection: close\r\n\
                 last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\netag: \"e1\"\r\n\r\n",
                last + 1 - first
            );
            Reply::Send([head.as_bytes(), &content[first..=last]].concat())
        })
        .await;
        let storage = Storage::new(impatient(&server.endpoint()));
        storage.trust(&place());
        let options = StatesOptions {
            sizes: true,
            ..StatesOptions::default()
        };
        let states = inspect::states(&storage, &loaded, options, |_| true, &NoProgress);
        let (_, states) = states.await.unwrap().into_iter().next().unwrap();
        let told = serde_json::to_string(&states).unwrap();
        assert!(told.contains("count"), "the head was read: {told}");
        assert!(!told.contains("heap"), "{told}");
        assert!(
            told.contains("access denied") || told.contains("overloaded"),
            "{told}"
        );
    }
}

/// Only who may not list is asked for every file, and that is said.
#[tokio::test]
async fn a_listing_that_fails_is_no_reason_to_ask_for_every_file() {
    const FILES: usize = 20;
    for (refusal, may_list) in [
        (
            s3_error("403 Forbidden", "AccessDenied", "no listing"),
            false,
        ),
        (
            s3_error("500 Internal Server Error", "InternalError", "oops"),
            true,
        ),
    ] {
        let server = Scripted::start(move |_, request| {
            let is_head = request.starts_with("HEAD ");
            let found = http(
                "200 OK",
                "last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n",
                &"x".repeat(10),
            );
            Reply::Send(match (is_head, request.contains("list-type=2")) {
                (true, _) => found[..found.len() - 10].to_vec(),
                (false, true) => refusal.clone(),
                // A byte of some files, which shows that they can be read.
                (false, false) => {
                    let headers = "content-range: bytes 0-0/10\r\n\
                                   last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
                    http("206 Partial Content", headers, "x")
                }
            })
        })
        .await;
        let mut settings = impatient(&server.endpoint());
        settings.retries = 0;
        let storage = Storage::new(settings);
        storage.trust(&place());
        let loaded = keyed(FILES, 5, 10);
        let (check, findings) = inspect::verify(&storage, &loaded, &NoProgress)
            .await
            .unwrap();
        let codes: Vec<_> = findings.iter().map(|finding| finding.kind.code()).collect();
        if may_list {
            assert_eq!(check.unreachable, FILES as u64, "{findings:?}");
            assert_eq!(server.requests(), 1);
            assert_eq!(codes, ["file-unreachable"; FILES]);
        } else {
            assert_eq!(check.present, FILES as u64, "{findings:?}");
            assert!(server.requests() > FILES);
            assert_eq!(codes, ["not-listed"]);
            assert!(
                matches!(&findings[0].kind, FindingKind::NotListed { reason } if reason.contains("access denied"))
            );
        }
    }
}
