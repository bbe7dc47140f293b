use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
#[cfg(feature = "hdfs")]
use std::sync::OnceLock;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::ObjectStore;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::storage::call::Call;
use crate::storage::local;
use crate::storage::objects::Objects;
use crate::storage::open::{self, Place, StoreKey};
use crate::storage::relocations::Relocations;
use crate::storage::trust::{StoreName, Trust};
use crate::storage::{
    FlinkConf, Listing, ObjectInfo, Request, Settings, StorageError, StorageErrorKind,
};
use statescope_format::location::Location;

/// All stores, by location. Cheap to clone; clones share the stores that are open and the bound
/// on requests under way.
///
/// It needs a tokio runtime with timers and, for anything but local disk, I/O. Dropping a future
/// ends its request.
#[derive(Clone)]
pub struct Storage {
    shared: Arc<Shared>,
    relocations: Arc<Relocations>,
}

struct Shared {
    settings: Settings,
    trust: Trust,
    #[cfg(feature = "hdfs")]
    clusters: OnceLock<super::hdfs::Clusters>,
    open: Mutex<HashMap<StoreKey, Arc<Objects>>>,
    permits: Semaphore,
}

impl Storage {
    /// Stores reached as `settings` say. Nothing is opened yet, and only those may be asked that
    /// the settings name: [`trust`](Self::trust) allows others.
    pub fn new(settings: Settings) -> Self {
        let permits = Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        let relocations = Arc::new(Relocations {
            pairs: settings.relocations.clone(),
            assumed: settings.assume_relocations,
        });
        let storage = Self {
            relocations,
            shared: Arc::new(Shared {
                settings,
                trust: Trust::default(),
                #[cfg(feature = "hdfs")]
                clusters: OnceLock::new(),
                open: Mutex::default(),
                permits,
            }),
        };
        for named in storage.shared.settings.named() {
            storage.trust(&named);
        }
        storage
    }

    /// The same stores, with files looked for elsewhere than their paths say: the first of each pair
    /// is a directory as paths have it, the second where to look instead, which may be asked. With
    /// `assumed`, the files will be at their own paths again when a job needs them.
    #[must_use]
    pub fn relocating(&self, pairs: Vec<(Location, Location)>, assumed: bool) -> Self {
        for (_, to) in &pairs {
            self.trust(to);
        }
        Self {
            shared: Arc::clone(&self.shared),
            relocations: Arc::new(Relocations { pairs, assumed }),
        }
    }

    /// What Flink's configuration says, as the settings have it.
    pub fn flink_configuration(&self) -> &FlinkConf {
        &self.shared.settings.flink
    }

    /// Allows requests to the store of a location, for all clones: somebody who may decide about it
    /// named it. To a place that came out of a file this must not be applied.
    pub fn trust(&self, location: &Location) {
        if let Some(store) = self.name(location) {
            self.shared.trust.allow(store);
        }
    }

    /// The store of a location by the name that decides whether it is asked.
    fn name(&self, location: &Location) -> Option<StoreName> {
        #[cfg(feature = "hdfs")]
        let cluster = |authority: &str| {
            let settings = &self.shared.settings;
            let clusters = &self.shared.clusters;
            clusters
                .get_or_init(|| super::hdfs::Clusters::of(settings))
                .name(authority)
        };
        #[cfg(not(feature = "hdfs"))]
        let cluster = |_: &str| None;
        StoreName::of(location, cluster)
    }

    /// Fails unless the store of a request may be asked.
    fn check_trust(&self, call: &Call<'_>) -> Result<(), StorageError> {
        let unsupported = || open::unsupported(call);
        if !open::is_supported(call.location.scheme()) {
            return Err(unsupported());
        }
        let store = self.name(call.location).ok_or_else(unsupported)?;
        match self.shared.trust.allows(&store) {
            true => Ok(()),
            false => {
                let store = store.to_string();
                Err(call.error(StorageErrorKind::NotAsked { store }))
            }
        }
    }

    /// Whether a request to a place may be made.
    pub(super) fn may_ask(&self, location: &Location) -> bool {
        let store = self.name(location);
        store.is_some_and(|store| self.shared.trust.allows(&store))
    }

    /// Uses `store` for all locations with the scheme and authority of `base`, in place of the
    /// store that the settings would open.
    pub fn set_store(&self, base: &Location, store: Arc<dyn ObjectStore>) {
        self.trust(base);
        if let Some(key) = open::key(base) {
            let objects = Arc::new(Objects::plain(store, &self.shared.settings));
            self.lock().insert(key, objects);
        }
    }

    /// How the store of a location is known: its address and, in a store with buckets, the bucket.
    pub fn identity(&self, location: &Location) -> String {
        let Some((scheme, authority)) = open::key(location) else {
            return "local disk".to_owned();
        };
        let endpoint = open::endpoint(&self.shared.settings, location);
        let endpoint = endpoint.map_or_else(String::new, |endpoint| format!(" at {endpoint}"));
        format!("{scheme:?} {authority}{endpoint}").to_lowercase()
    }

    /// How many seconds the clock of a store behind HTTP was last seen to be ahead of this
    /// machine's; negative if it is behind.
    pub fn clock_ahead_seconds(&self) -> Option<i64> {
        self.shared.settings.counts.clock_ahead_seconds()
    }

    /// The same place by its absolute path; only local paths can be relative.
    pub fn absolute(&self, location: &Location) -> Location {
        local::absolute(location)
    }

    /// The whole content of a file.
    ///
    /// # Errors
    /// When it is not there, cannot be had, is larger than [`Settings::max_object_bytes`], or ends
    /// before its length.
    pub async fn read(&self, location: &Location) -> Result<Bytes, StorageError> {
        let (_, content) = self.get(location, None).await?;
        Ok(content)
    }

    /// The whole content of a file, with what the store knows of it, in one request.
    ///
    /// # Errors
    /// As [`read`](Self::read) does.
    pub async fn fetch(&self, location: &Location) -> Result<(ObjectInfo, Bytes), StorageError> {
        self.get(location, None).await
    }

    /// A part of a file. The range must lie within the file.
    ///
    /// # Errors
    /// As [`read`](Self::read) does.
    pub async fn read_range(
        &self,
        location: &Location,
        range: Range<u64>,
    ) -> Result<Bytes, StorageError> {
        if range.start >= range.end {
            return Ok(Bytes::new());
        }
        let (_, content) = self.get(location, Some(range)).await?;
        Ok(content)
    }

    /// Size and time of a file.
    ///
    /// # Errors
    /// When there is no such file, or the store cannot be asked.
    pub async fn head(&self, location: &Location) -> Result<ObjectInfo, StorageError> {
        let location = &*self.moved(location);
        let call = self.call(location, Request::LookUp);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(path) => local::look_up(&call, &path).await,
                Place::Object(objects, key) => objects.look_up(&call, &key).await,
            }
        })
        .await
    }

    /// The entries directly in a directory. A directory that is not there is an error, one that
    /// holds nothing is not; object stores have no empty directories.
    ///
    /// # Errors
    /// When there is no such directory, or the store cannot be asked.
    pub async fn list(&self, directory: &Location) -> Result<Listing, StorageError> {
        let directory = &*self.moved(directory);
        let call = self.call(directory, Request::List);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(path) => local::list(&call, &path).await,
                Place::Object(objects, key) => objects.list(&call, &key).await,
            }
        })
        .await
    }

    async fn get(
        &self,
        location: &Location,
        range: Option<Range<u64>>,
    ) -> Result<(ObjectInfo, Bytes), StorageError> {
        let location = &*self.moved(location);
        let call = self.call(location, Request::Read);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(path) => local::read(&call, &path, range).await,
                Place::Object(objects, key) => {
                    repeated(&call, || objects.read(&call, &key, range.clone())).await
                }
            }
        })
        .await
    }

    pub(super) fn relocations(&self) -> &Relocations {
        &self.relocations
    }

    /// Where a location is looked for.
    pub(super) fn moved<'l>(&self, location: &'l Location) -> Cow<'l, Location> {
        self.relocations.relocated(location)
    }

    pub(super) fn call<'a>(&'a self, location: &'a Location, request: Request) -> Call<'a> {
        Call {
            settings: &self.shared.settings,
            location,
            request,
        }
    }

    pub(super) async fn permit(
        &self,
        call: &Call<'_>,
    ) -> Result<SemaphorePermit<'_>, StorageError> {
        self.shared
            .permits
            .acquire()
            .await
            .map_err(|_| call.error(StorageErrorKind::Other))
    }

    /// Finds the store of a location, and opens it where that was not yet done. Every request comes
    /// through here, so that none goes to a store that nobody named.
    pub(super) fn place<'a>(&self, call: &Call<'a>) -> Result<Place<'a>, StorageError> {
        self.check_trust(call)?;
        if let Some(path) = call.location.local_path() {
            return Ok(Place::Local(path));
        }
        let key = open::key(call.location).ok_or_else(|| open::unsupported(call))?;
        let known = self.lock().get(&key).map(Arc::clone);
        let objects = match known {
            Some(objects) => objects,
            None => {
                let opened = Arc::new(open::open(call)?);
                // Another task may have been faster; then its store is used.
                Arc::clone(self.lock().entry(key).or_insert(opened))
            }
        };
        Ok(Place::Object(objects, open::path(call.location)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<StoreKey, Arc<Objects>>> {
        // Nothing panics while it is held; the map is whole in any case.
        self.shared
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whatever a store says, none of the settings' secrets gets out.
    pub(super) async fn clean<T>(
        &self,
        work: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        work.await.map_err(|error| {
            if error.said().is_none() {
                return error;
            }
            let settings = &self.shared.settings;
            #[cfg(feature = "s3")]
            let profile = super::s3::secrets(settings);
            #[cfg(not(feature = "s3"))]
            let profile: Vec<super::Secret> = Vec::new();
            let profile = profile.iter().map(super::Secret::reveal);
            error.without(settings.secrets().chain(profile))
        })
    }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Storage")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}

/// Reads again what ended early. Clients that can resume have tried to before; this is for those
/// that cannot, so one more attempt has to do.
async fn repeated<T, F: Future<Output = Result<T, StorageError>>>(
    call: &Call<'_>,
    mut read: impl FnMut() -> F,
) -> Result<T, StorageError> {
    const PAUSE: Duration = Duration::from_millis(200);
    let begun = Instant::now();
    match read().await {
        Err(error)
            if *error.kind() == StorageErrorKind::Truncated
                && call.settings.retries > 0
                && begun.elapsed() < call.settings.retry_budget =>
        {
            tokio::time::sleep(PAUSE).await;
            read().await
        }
        done => done,
    }
}
