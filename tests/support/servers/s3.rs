//! An S3 server over a directory: every object is a file below it. It checks signatures.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use statescope::storage::Settings;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::counted::{Counted, Sent};
use super::guard::Guard;

pub(crate) const ACCESS_KEY: &str = "AKIATESTTESTTEST";
pub(crate) const SECRET_KEY: &str = "s3cr3t/that+must=never/show";
pub(crate) const BUCKET: &str = "flink";

pub(crate) struct S3Server {
    address: SocketAddr,
    directory: TempDir,
    guard: Guard,
    sent: Sent,
}

impl S3Server {
    /// Starts a server with one empty bucket; it ends with the test's runtime.
    pub(crate) async fn start() -> Self {
        Self::with_auth(Some(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY))).await
    }

    /// As `start`, but anyone may ask.
    pub(crate) async fn start_public() -> Self {
        Self::with_auth(None).await
    }

    async fn with_auth(auth: Option<SimpleAuth>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(directory.path()).unwrap());
        let guard = Guard::new(directory.path());
        if let Some(auth) = auth {
            builder.set_auth(auth);
            builder.set_access(guard.clone());
        }
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sent = Sent::default();
        let counter = sent.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                let stream = Counted::new(stream, counter.clone());
                tokio::spawn(async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self {
            address,
            directory,
            guard,
            sent,
        }
    }

    /// What the server has sent.
    pub(crate) fn sent(&self) -> &Sent {
        &self.sent
    }

    /// What looks at the requests, unless anyone may ask.
    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the bucket's objects are.
    pub(crate) fn bucket(&self) -> PathBuf {
        self.directory.path().join(BUCKET)
    }

    /// Makes another bucket; returns where its objects are.
    pub(crate) fn make_bucket(&self, name: &str) -> PathBuf {
        let directory = self.directory.path().join(name);
        std::fs::create_dir(&directory).unwrap();
        directory
    }

    pub(crate) fn put(&self, key: &str, content: &[u8]) {
        put_file(&self.bucket(), key, content);
    }

    /// Settings with the right keys.
    pub(crate) fn settings(&self) -> Settings {
        settings(&self.endpoint())
    }
}

/// Settings for an S3 server at that address.
pub(crate) fn settings(endpoint: &str) -> Settings {
    let mut settings = Settings::new().with_variables([
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ]);
    settings.endpoint = Some(endpoint.to_owned());
    settings
}

/// Writes a file below a directory.
pub(crate) fn put_file(directory: &Path, key: &str, content: &[u8]) {
    let path = directory.join(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
