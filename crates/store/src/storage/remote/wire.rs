//! Every HTTP request and answer passes here.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};

use crate::storage::notes::Notes;
use crate::storage::remote::client::{Own, client};
use crate::storage::remote::odd_keys::without_odd_keys;
use crate::storage::remote::xml::{first_texts, root};
use crate::storage::{RequestCounts, RequestKind};
use statescope_format::location::Location;

/// Makes HTTP clients that count requests, note failures and filter listings.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    counts: RequestCounts,
    own: Own,
}

impl Wire {
    pub(super) fn new(counts: RequestCounts, own: Own) -> Self {
        Self { counts, own }
    }
}

impl HttpConnector for Wire {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Tapped {
            inner: HttpClient::new(client(options, &self.own)?),
            counts: self.counts.clone(),
        }))
    }
}

/// No answer in time. Waiting as long again would help nobody, so it is not retried.
#[derive(Debug, thiserror::Error)]
#[error("the server did not answer in time")]
pub(crate) struct TimedOut;

/// A body that goes on and on.
#[derive(Debug, thiserror::Error)]
#[error("the answer is longer than {0} bytes")]
struct TooLong(usize);

/// Success, but something else than was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the answer is no listing")]
struct NoListing;

/// A page of a listing has at most some thousand names of a kilobyte.
const PAGE_MAX: usize = 32 << 20;
/// Answers to all requests but reading and listing are short.
const ANSWER_MAX: usize = 8 << 20;

#[derive(Debug)]
struct Tapped {
    inner: HttpClient,
    counts: RequestCounts,
}

#[async_trait]
impl HttpService for Tapped {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let Some(notes) = request.extensions().get::<Notes>().cloned() else {
            // Not for the store, where credentials are being fetched; or what deletes.
            return self.without_notes(request).await;
        };
        let kind = kind(&request);
        self.counts.add(kind);
        notes.update(|answer| {
            answer.asked = true;
            answer.status = None;
        });
        let answer = self
            .inner
            .execute(request)
            .await
            .map_err(|error| match error.kind() {
                HttpErrorKind::Timeout => HttpError::new(HttpErrorKind::Unknown, TimedOut),
                _ => error,
            })?;
        self.note_clock(&answer);
        match answer.status().is_success() {
            true if kind == RequestKind::List => filtered(answer, &notes).await,
            true if matches!(kind, RequestKind::Get | RequestKind::Head) => Ok(answer),
            true => bounded(answer).await,
            false => Ok(noted(answer, &notes).await),
        }
    }
}

impl Tapped {
    /// The crate's functions that delete and copy take no notes along.
    async fn without_notes(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let query = request.uri().query().unwrap_or_default();
        match request.method().as_str() {
            "DELETE" => self.counts.add(RequestKind::Delete),
            "POST"
                if query
                    .split('&')
                    .any(|pair| pair == "delete" || pair == "delete=") =>
            {
                self.counts.add(RequestKind::Delete);
            }
            "PUT" if request.headers().contains_key("x-amz-copy-source") => {
                self.counts.add(RequestKind::Move);
            }
            _ => {}
        }
        bounded(self.inner.execute(request).await?).await
    }

    fn note_clock(&self, answer: &HttpResponse) {
        let date = answer.headers().get("date");
        let Some(date) = date.and_then(|date| date.to_str().ok()) else {
            return;
        };
        // The form of HTTP dates is that of mail.
        if let Ok(there) = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date) {
            let here = jiff::Timestamp::now().as_second();
            self.counts
                .note_clock(there.as_second().saturating_sub(here));
        }
    }
}

fn kind(request: &HttpRequest) -> RequestKind {
    let query = request.uri().query().unwrap_or_default();
    let lists = query
        .split('&')
        .any(|pair| matches!(pair, "list-type=2" | "comp=list"));
    match request.method().as_str() {
        "HEAD" => RequestKind::Head,
        "PUT" if request.headers().contains_key("x-amz-copy-source") => RequestKind::Move,
        "PUT" => RequestKind::Put,
        _ if lists => RequestKind::List,
        _ => RequestKind::Get,
    }
}

/// Takes entries out of a listing that would fail the whole of it.
async fn filtered(answer: HttpResponse, notes: &Notes) -> Result<HttpResponse, HttpError> {
    let (mut parts, body) = answer.into_parts();
    let page = collected(body, PAGE_MAX).await?;
    if !is_listing(&page) {
        // Taken for a listing, an error would be an empty directory.
        let [code, message] = first_texts(&page, [b"Code", b"Message"]);
        notes.update(|answer| {
            answer.status = Some(parts.status.as_u16());
            answer.message = message.or_else(|| code.is_none().then(|| NoListing.to_string()));
            answer.code = code;
        });
        return Err(HttpError::new(HttpErrorKind::Decode, NoListing));
    }
    let (page, skipped) = without_odd_keys(page);
    if skipped > 0 {
        parts.headers.remove("content-length");
        notes.update(|answer| answer.skipped += skipped);
    }
    Ok(HttpResponse::from_parts(parts, page.into()))
}

/// Whether a body is a whole listing of any of the stores.
fn is_listing(page: &[u8]) -> bool {
    let Some(root) = root(page) else {
        return false;
    };
    let local = root.rsplit(':').next().unwrap_or_default();
    let end = format!("</{root}>");
    let page = page.trim_ascii_end();
    matches!(local, "ListBucketResult" | "EnumerationResults")
        && (page.ends_with(end.as_bytes()) || page.ends_with(b"/>"))
}

/// An answer whose body is here, and short.
async fn bounded(answer: HttpResponse) -> Result<HttpResponse, HttpError> {
    let (parts, body) = answer.into_parts();
    let body = collected(body, ANSWER_MAX).await?;
    Ok(HttpResponse::from_parts(parts, body.into()))
}

/// A whole body, unless it is longer than any that is meant.
async fn collected(body: HttpResponseBody, most: usize) -> Result<Bytes, HttpError> {
    let mut whole = Vec::new();
    let mut pieces = body.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        if piece.len() > most - whole.len() {
            return Err(HttpError::new(HttpErrorKind::Decode, TooLong(most)));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

/// Notes what a store says about a failure.
async fn noted(answer: HttpResponse, notes: &Notes) -> HttpResponse {
    let (parts, body) = answer.into_parts();
    let body = beginning(body).await;
    let [code, message] = first_texts(&body, [b"Code", b"Message"]);
    let header = |name| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
    let region = header("x-amz-bucket-region");
    let code = code.or_else(|| header("x-ms-error-code"));
    let redirect = header("location").filter(|_| parts.status.is_redirection());
    let redirect = redirect.map(|to| host_of(&to));
    let status = parts.status.as_u16();
    notes.update(|answer| {
        answer.status = Some(status);
        answer.code = code;
        answer.message = message;
        answer.region = region;
        answer.redirect = redirect;
    });
    HttpResponse::from_parts(parts, body.into())
}

/// The host of an address; the rest may be signed.
fn host_of(address: &str) -> String {
    let address = Location::new(address);
    let host = address.parts().map_or("", |parts| parts.authority);
    match host {
        "" => "another path".to_owned(),
        host => host.split(['?', '#']).next().unwrap_or_default().to_owned(),
    }
}

/// The first part of a body, which for an error is all of it.
async fn beginning(body: HttpResponseBody) -> Bytes {
    const ENOUGH: usize = 64 << 10;
    let mut text = Vec::new();
    let mut pieces = body.bytes_stream();
    while let Some(Ok(piece)) = pieces.next().await {
        text.extend_from_slice(&piece);
        if text.len() >= ENOUGH {
            break;
        }
    }
    text.into()
}
