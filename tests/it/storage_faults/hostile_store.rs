//! Stores that do not play by the rules. Each case ends, soon, in little memory, and says what
//! happened.

use std::time::{Duration, Instant};

use statescope::Location;
use statescope::storage::{Listing, Settings, Storage, StorageError, StorageErrorKind as Kind};

use super::{always, asking, impatient, place};
use crate::servers::scripted::{Reply, Scripted, http, s3_page};

/// What listing the directory of `place` gives.
async fn list(settings: Settings) -> Result<Listing, StorageError> {
    asking(settings).list(&place().parent()).await
}

async fn read(settings: Settings) -> StorageError {
    asking(settings).read(&place()).await.unwrap_err()
}

fn said(error: &StorageError) -> &str {
    error.said().unwrap_or_default()
}

/// As `impatient`, with no time for a second attempt.
fn hurried(endpoint: &str) -> Settings {
    let mut settings = impatient(endpoint);
    settings.retries = 0;
    settings.retry_budget = Duration::from_millis(100);
    settings
}

#[tokio::test]
async fn ever_new_tokens_with_the_same_names_are_followed_so_far_and_no_further() {
    let server = Scripted::start(|number, _| {
        Reply::Send(s3_page(
            &["dir/a", "dir/b"],
            &["dir/c/"],
            Some(&format!("token-{number}")),
        ))
    })
    .await;
    let mut settings = impatient(&server.endpoint());
    settings.timeout = Duration::from_secs(60);
    let error = list(settings).await.unwrap_err();
    assert!(said(&error).contains("does not end"), "{error}");
    assert!(server.requests() < 120, "{}", server.requests());
}

#[tokio::test]
async fn ever_new_names_are_read_up_to_the_bound() {
    let server = Scripted::start(|number, _| {
        let keys: Vec<_> = (0..1_000)
            .map(|key| format!("dir/{number:06}-{key:04}"))
            .collect();
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        Reply::Send(s3_page(&keys, &[], Some(&format!("token-{number}"))))
    })
    .await;
    let mut settings = impatient(&server.endpoint());
    settings.timeout = Duration::from_secs(60);
    settings.max_listing_entries = 20_000;
    let error = list(settings).await.unwrap_err();
    assert!(said(&error).contains("more than 20000 entries"), "{error}");
    assert!(error.hint().unwrap().contains("max_listing_entries"));
    assert_eq!(server.requests(), 21);
}

#[tokio::test]
async fn a_page_that_never_ends_is_not_read_to_its_end() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n\r\n<ListBucketResult>";
    let entry = b"<Contents><Key>dir/a</Key><Size>1</Size></Contents>".repeat(1_000);
    let server = Scripted::start(move |_, _| Reply::Endless(head.to_vec(), entry.clone())).await;
    let mut settings = impatient(&server.endpoint());
    settings.timeout = Duration::from_secs(60);
    let error = list(settings).await.unwrap_err();
    assert!(said(&error).contains("longer than"), "{error}");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn an_error_that_never_ends_is_an_error() {
    let head = b"HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>AccessDenied</Code>";
    let server =
        Scripted::start(move |_, _| Reply::Endless(head.to_vec(), vec![b'x'; 10_000])).await;
    let settings = impatient(&server.endpoint());
    let error = list(settings.clone()).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::AccessDenied, "{error}");
    assert_eq!(*read(settings).await.kind(), Kind::AccessDenied);
}

#[tokio::test]
async fn an_answer_to_a_deletion_that_never_ends_deletes_nothing_as_far_as_is_known() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n<DeleteResult>";
    let server =
        Scripted::start(move |_, _| Reply::Endless(head.to_vec(), vec![b' '; 100_000])).await;
    let mut settings = impatient(&server.endpoint());
    settings.timeout = Duration::from_secs(60);
    let answers = asking(settings).delete(&[place()]).await;
    let error = answers[0].as_ref().unwrap_err();
    assert!(said(error).contains("longer than"), "{error}");
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_however_regularly_it_does() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\
                last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n";
    let server = Scripted::start(move |_, _| {
        Reply::Drip(head.as_bytes().to_vec(), Duration::from_millis(50))
    })
    .await;
    let begun = Instant::now();
    let error = read(hurried(&server.endpoint())).await;
    assert_eq!(*error.kind(), Kind::Timeout, "{error}");
    assert!(said(&error).contains("of 1000 bytes came"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_page_that_drips_is_given_up_however_regularly_it_does() {
    let head = "HTTP/1.1 200 OK\r\n\r\n<ListBucketResult>";
    let server = Scripted::start(move |_, _| {
        Reply::Drip(head.as_bytes().to_vec(), Duration::from_millis(50))
    })
    .await;
    let begun = Instant::now();
    let error = list(hurried(&server.endpoint())).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::Timeout, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_body_longer_than_announced_is_cut_or_refused() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\
                last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n";
    let server =
        Scripted::start(move |_, _| Reply::Endless(head.as_bytes().to_vec(), vec![b'x'; 100_000]))
            .await;
    let content = asking(impatient(&server.endpoint())).read(&place()).await;
    assert!(content.is_err() || content.is_ok_and(|content| content.len() == 3));
}

#[tokio::test]
async fn a_file_above_the_limit_is_refused_by_its_size() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\
                last-modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n";
    let server = Scripted::start(move |_, _| Reply::Stall(head.as_bytes().to_vec())).await;
    let begun = Instant::now();
    let mut settings = impatient(&server.endpoint());
    settings.timeout = Duration::from_secs(60);
    let error = read(settings).await;
    let (size, limit) = (99_999_999_999, Settings::MAX_OBJECT_BYTES);
    assert_eq!(*error.kind(), Kind::TooLarge { size, limit }, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn success_with_an_error_inside_is_no_empty_directory() {
    for (body, words) in [
        (
            "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>again</Message></Error>",
            "InternalError: again",
        ),
        ("<html><body>Welcome</body></html>", "no listing"),
        ("", "no listing"),
        ("{}", "no listing"),
        ("<ListBucketResult><Contents>", "no listing"),
        ("<DeleteResult></DeleteResult>", "no listing"),
    ] {
        let server = always(http("200 OK", "", body)).await;
        let error = list(impatient(&server.endpoint())).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Other, "{error}");
        assert!(said(&error).contains(words), "{body}: {error}");
        assert_eq!(server.requests(), 1, "{body}");
    }
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    let server = always(http("200 OK", "", denied)).await;
    let error = list(impatient(&server.endpoint())).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::AccessDenied, "{error}");
}

#[tokio::test]
async fn a_listing_without_entries_is_one_in_any_spelling() {
    for body in [
        "<ListBucketResult/>",
        "<?xml version=\"1.0\"?><!-- x --><s3:ListBucketResult xmlns:s3=\"u\"></s3:ListBucketResult>\n",
    ] {
        let server = Scripted::start(move |number, _| {
            Reply::Send(match number {
                0 => http("200 OK", "", body),
                _ => http("404 Not Found", "", ""),
            })
        })
        .await;
        let error = list(impatient(&server.endpoint())).await.unwrap_err();
        assert!(error.is_not_found(), "{body}: {error}");
    }
}

/// An entry of a listing.
fn entry(key: &str, size: u64) -> String {
    format!(
        "<Contents><Key>{key}</Key><Size>{size}</Size>\
         <LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>"
    )
}

#[tokio::test]
async fn a_name_that_comes_twice_counts_once_unless_it_contradicts_itself() {
    let page = |entries: &str| {
        let body = format!("<ListBucketResult>{entries}</ListBucketResult>");
        http("200 OK", "", &body)
    };
    let twice = "<CommonPrefixes><Prefix>dir/d/</Prefix></CommonPrefixes>".repeat(2);
    let same = page(&(entry("dir/a", 1) + &entry("dir/b", 2) + &entry("dir/a", 1) + &twice));
    let server = always(same).await;
    let listing = list(impatient(&server.endpoint())).await.unwrap();
    assert_eq!(listing.files.len(), 2);
    assert!(listing.directory_names().eq(["d"]));
    let server = always(page(&(entry("dir/a", 1) + &entry("dir/a", 2)))).await;
    let error = list(impatient(&server.endpoint())).await.unwrap_err();
    assert!(said(&error).contains("twice"), "{error}");
}

#[tokio::test]
async fn what_was_not_asked_for_is_no_part_of_a_listing() {
    for keys in [&["dir/a", "other/b"][..], &["etc/passwd"], &["dirt"]] {
        let server = always(s3_page(keys, &[], None)).await;
        let error = list(impatient(&server.endpoint())).await.unwrap_err();
        assert!(said(&error).contains("not asked for"), "{error}");
    }
    let server = always(s3_page(&[], &["other/"], None)).await;
    assert!(list(impatient(&server.endpoint())).await.is_err());
    // A store that lists all levels at once: what is further down is left out, and that is told.
    let server = always(s3_page(&["dir/a", "dir/b/c"], &[], None)).await;
    let listing = list(impatient(&server.endpoint())).await.unwrap();
    assert_eq!((listing.files.len(), listing.skipped), (1, 1));
}

#[tokio::test]
async fn a_stale_listing_is_found_out_by_whoever_reads() {
    let server = Scripted::start(|_, head| {
        Reply::Send(match head.contains("list-type=2") {
            true => s3_page(&["dir/a"], &[], None),
            false => super::s3_error("404 Not Found", "NoSuchKey", "gone"),
        })
    })
    .await;
    let storage = asking(impatient(&server.endpoint()));
    let listing = storage.list(&place().parent()).await.unwrap();
    let error = storage.read(&listing.files[0].location).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

/// Settings with all that must not get to another host.
fn with_secrets(endpoint: &str) -> Settings {
    impatient(endpoint).with_variables([("AWS_SESSION_TOKEN", "T0KENT0KEN")])
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let elsewhere = always(http("200 OK", "", "<ListBucketResult/>")).await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let target = format!("location: {}/x?sig=s1gs1g\r\n", elsewhere.endpoint());
        let server = always(http(status, &target, "")).await;
        for error in super::failures(with_secrets(&server.endpoint())).await {
            let host = elsewhere.address().to_string();
            assert!(said(&error).contains(&host), "{status}: {error}");
            assert!(said(&error).contains("not followed"), "{status}: {error}");
            assert!(!error.to_string().contains("s1gs1g"), "{error}");
        }
        let storage = asking(with_secrets(&server.endpoint()));
        assert!(storage.put(&place(), "x".into()).await.is_err());
        assert!(storage.delete(&[place()]).await[0].is_err());
    }
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn a_redirect_within_the_store_is_followed_so_far_and_no_further() {
    let server = always(http("307 Temporary Redirect", "location: /again\r\n", "")).await;
    assert!(list(hurried(&server.endpoint())).await.is_err());
    assert!(server.requests() <= 7, "{}", server.requests());
}

#[tokio::test]
async fn the_store_of_a_snapshot_is_asked_and_no_other() {
    let server = always(http("404 Not Found", "", "")).await;
    let settings = impatient(&server.endpoint());
    let storage = Storage::new(settings.clone());
    let file = Location::new("s3://other/x");
    let own = place();
    storage.trust(&own);
    let answers = [
        storage.read(&file).await.map(drop),
        storage.read_range(&file, 0..1).await.map(drop),
        storage.head(&file).await.map(drop),
        storage.list(&file).await.map(drop),
        storage.put(&file, "x".into()).await,
        storage.move_file(&file, &file.join("y")).await,
        storage.remove_empty_directory(&file).await.map(drop),
        storage.delete(std::slice::from_ref(&file)).await.remove(0),
        storage
            .read(&Location::new("/etc/hostname"))
            .await
            .map(drop),
    ];
    for (at, answer) in answers.into_iter().enumerate() {
        let error = answer.unwrap_err();
        assert!(
            matches!(error.kind(), Kind::NotAsked { .. }),
            "{at} {error}"
        );
    }
    assert!(!storage.is_link(&Location::new("/proc/self")).await);
    assert_eq!(server.requests(), 0);
    assert!(storage.head(&own).await.unwrap_err().is_not_found());
    let mut allowing = settings;
    allowing.allowed_stores.push(Location::new("s3a://other"));
    let error = Storage::new(allowing).head(&file).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(server.requests(), 2);
}
