//! A server that says what a test tells it to, and nothing more: for faults.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What to do with a request.
pub(crate) enum Reply {
    /// Send these bytes and close the connection.
    Send(Vec<u8>),
    /// Send these bytes, and then nothing, with the connection open.
    Stall(Vec<u8>),
    /// Send the first bytes, and then the others again and again.
    Endless(Vec<u8>, Vec<u8>),
    /// Send the first bytes, and then one byte after each pause.
    Drip(Vec<u8>, Duration),
}

pub(crate) struct Scripted {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Scripted {
    /// Starts a server that answers by the number of the request, counted from 0, and its head.
    pub(crate) async fn start(
        reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, reply) = (Arc::clone(&requests), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (counter, reply) = (Arc::clone(&counter), Arc::clone(&reply));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    let mut piece = [0; 4096];
                    while !head.windows(4).any(|part| part == b"\r\n\r\n") {
                        match stream.read(&mut piece).await {
                            Ok(0) | Err(_) => return,
                            Ok(size) => head.extend_from_slice(&piece[..size]),
                        }
                    }
                    let number = counter.fetch_add(1, Ordering::SeqCst);
                    match reply(number, &String::from_utf8_lossy(&head)) {
                        Reply::Send(bytes) => {
                            let _ = stream.write_all(&bytes).await;
                        }
                        Reply::Endless(bytes, more) => {
                            let _ = stream.write_all(&bytes).await;
                            while stream.write_all(&more).await.is_ok() {}
                        }
                        Reply::Drip(bytes, pause) => {
                            let _ = stream.write_all(&bytes).await;
                            while stream.write_all(b"x").await.is_ok() {
                                tokio::time::sleep(pause).await;
                            }
                        }
                        Reply::Stall(bytes) => {
                            let _ = stream.write_all(&bytes).await;
                            std::future::pending::<()>().await;
                        }
                    }
                });
            }
        });
        Self { address, requests }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A whole HTTP answer.
pub(crate) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// An S3 failure.
pub(crate) fn s3_error(status: &str, code: &str, message: &str) -> Vec<u8> {
    let body = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    http(status, "content-type: application/xml\r\n", &body)
}

/// A page of an S3 listing.
pub(crate) fn s3_page(keys: &[&str], prefixes: &[&str], next: Option<&str>) -> Vec<u8> {
    let mut body = "<?xml version=\"1.0\"?><ListBucketResult>".to_owned();
    for key in keys {
        body.push_str(&format!(
            "<Contents><Key>{key}</Key><Size>1</Size>\
             <LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>"
        ));
    }
    for prefix in prefixes {
        body.push_str(&format!(
            "<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>"
        ));
    }
    if let Some(next) = next {
        body.push_str(&format!(
            "<NextContinuationToken>{next}</NextContinuationToken>"
        ));
    }
    body.push_str("</ListBucketResult>");
    http("200 OK", "content-type: application/xml\r\n", &body)
}
