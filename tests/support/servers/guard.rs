//! Looks at every request to the S3 server before it is served.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

/// Decides whether a request is allowed, by its operation and `bucket/key`; of a listing, the key
/// is the prefix.
type Rule = dyn Fn(&str, &str) -> bool + Send + Sync;

/// Writes down all requests and refuses some.
#[derive(Clone)]
pub(crate) struct Guard {
    /// Where the buckets are.
    directory: PathBuf,
    rule: Arc<Mutex<Arc<Rule>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Guard {
    pub(super) fn new(directory: &Path) -> Self {
        let allow_all: Arc<Rule> = Arc::new(|_, _| true);
        Self {
            directory: directory.to_owned(),
            rule: Arc::new(Mutex::new(allow_all)),
            seen: Arc::default(),
        }
    }

    /// Puts a rule in place of the one there is.
    pub(crate) fn allow(&self, rule: impl Fn(&str, &str) -> bool + Send + Sync + 'static) {
        *self.rule.lock().unwrap() = Arc::new(rule);
    }

    /// The operations of the requests that came since this was last asked.
    pub(crate) fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

#[async_trait]
impl S3Access for Guard {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if cx.credentials().is_none() {
            return Err(s3_error!(AccessDenied));
        }
        let operation = cx.s3_op().name();
        let path = match cx.s3_path() {
            S3Path::Root => String::new(),
            S3Path::Bucket { bucket } => format!("{bucket}/{}", prefix(cx.uri().query())),
            S3Path::Object { bucket, key } => format!("{bucket}/{key}"),
        };
        self.seen.lock().unwrap().push(operation.to_owned());
        // The server itself would say that there is no such key, which S3 does not.
        let bucket = path.split('/').next().unwrap_or_default();
        if !self.directory.join(bucket).is_dir() {
            return Err(s3_error!(NoSuchBucket));
        }
        let rule = Arc::clone(&self.rule.lock().unwrap());
        match rule(operation, &path) {
            true => Ok(()),
            false => Err(s3_error!(AccessDenied, "the guard says no")),
        }
    }
}

/// The prefix that a listing asks for.
fn prefix(query: Option<&str>) -> String {
    let mut pairs = query.unwrap_or_default().split('&');
    let prefix = pairs.find_map(|pair| pair.strip_prefix("prefix="));
    prefix.unwrap_or_default().replace("%2F", "/")
}
