//! What is below a directory.

use futures_util::StreamExt;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::{ObjectMeta, ObjectStore};

use crate::storage::call::Call;
use crate::storage::classify::classify;
use crate::storage::level::{Level, info};
use crate::storage::notes::Notes;
use crate::storage::objects::{Lister, Objects, parse};
use crate::storage::{Listing, ObjectInfo, Request, StorageError, StorageErrorKind};

/// So many pages a listing without levels may have: fifty million objects.
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
const FLAT_PAGES_MAX: usize = 50_000;

impl Objects {
    /// One level of the tree.
    pub(in crate::storage) async fn list(
        &self,
        call: &Call<'_>,
        key: &str,
    ) -> Result<Listing, StorageError> {
        let mut level = Level::new(call, key);
        match &self.lister {
            Lister::Delimiter => self.list_at_once(&mut level, key).await?,
            #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
            Lister::Pages(pages) => self.list_pages(&mut level, &**pages).await?,
            #[cfg(feature = "http")]
            Lister::Absent => {
                return Err(call
                    .error(StorageErrorKind::Other)
                    .saying("web servers do not list directories")
                    .hinting("give the address of the _metadata file itself"));
            }
            #[cfg(feature = "hdfs")]
            Lister::Hdfs(client) => {
                call.count();
                return crate::storage::hdfs::list(call, client, key, self.patience).await;
            }
        }
        let Level {
            listing, marked, ..
        } = level;
        if listing.is_empty() && !marked && !key.is_empty() {
            self.must_exist(call, key).await?;
        }
        Ok(listing.arranged())
    }

    async fn list_at_once(&self, level: &mut Level<'_>, key: &str) -> Result<(), StorageError> {
        let call = level.call;
        let prefix = parse(call, key)?;
        call.count();
        let result = call
            .within(self.patience, self.store.list_with_delimiter(Some(&prefix)))
            .await?
            .map_err(|error| classify(&error, &Notes::default().answer(), call))?;
        level.take(result, self.patience)
    }

    #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
    async fn list_pages(
        &self,
        level: &mut Level<'_>,
        pages: &dyn PaginatedListStore,
    ) -> Result<(), StorageError> {
        let call = level.call;
        let prefix = (!level.prefix.is_empty()).then(|| level.prefix.clone());
        let mut token = None;
        loop {
            let notes = Notes::default();
            let mut options = PaginatedListOptions {
                delimiter: Some("/".into()),
                page_token: token.clone(),
                ..PaginatedListOptions::default()
            };
            options.extensions.insert(notes.clone());
            let page = call
                .within(
                    self.patience,
                    pages.list_paginated(prefix.as_deref(), options),
                )
                .await?
                .map_err(|error| classify(&error, &notes.answer(), call))?;
            level.listing.skipped += notes.answer().skipped;
            level.take(page.result, self.patience)?;
            match page.page_token.filter(|next| !next.is_empty()) {
                None => return Ok(()),
                Some(next) if token.as_ref() == Some(&next) => {
                    return Err(call
                        .error(StorageErrorKind::Other)
                        .saying("the same page of the listing came twice"));
                }
                next => token = next,
            }
        }
    }

    /// The objects of one name below a directory, at any depth.
    pub(in crate::storage) async fn find_below(
        &self,
        call: &Call<'_>,
        key: &str,
        name: &str,
    ) -> Result<Option<Vec<ObjectInfo>>, StorageError> {
        let prefix = match key {
            "" => String::new(),
            key => format!("{key}/"),
        };
        let mut found = Vec::new();
        let mut take = |object: ObjectMeta| {
            let below = object.location.as_ref().strip_prefix(&prefix);
            if let Some(below) = below.filter(|below| below.rsplit('/').next() == Some(name)) {
                let location = call.location.join(below);
                found.push(info(location, object));
            }
        };
        match &self.lister {
            Lister::Delimiter => {
                let path = parse(call, key)?;
                call.count();
                let mut objects = self.store.list(Some(&path));
                while let Some(object) = call.within(self.patience, objects.next()).await? {
                    take(
                        object
                            .map_err(|error| classify(&error, &Notes::default().answer(), call))?,
                    );
                }
            }
            #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
            Lister::Pages(pages) => {
                let prefix = (!prefix.is_empty()).then_some(prefix.as_str());
                let mut token = None;
                for _ in 0..FLAT_PAGES_MAX {
                    let notes = Notes::default();
                    let mut options = PaginatedListOptions {
                        page_token: token.clone(),
                        ..PaginatedListOptions::default()
                    };
                    options.extensions.insert(notes.clone());
                    let page = call
                        .within(self.patience, pages.list_paginated(prefix, options))
                        .await?
                        .map_err(|error| classify(&error, &notes.answer(), call))?;
                    page.result.objects.into_iter().for_each(&mut take);
                    match page.page_token.filter(|next| !next.is_empty()) {
                        None => return Ok(Some(found)),
                        Some(next) if token.as_ref() == Some(&next) => break,
                        next => token = next,
                    }
                }
                return Err(call
                    .error(StorageErrorKind::Other)
                    .saying("the listing has no end"));
            }
            #[cfg(feature = "http")]
            Lister::Absent => return Ok(None),
            #[cfg(feature = "hdfs")]
            Lister::Hdfs(_) => return Ok(None),
        }
        Ok(Some(found))
    }

    /// Nothing was listed: is it an empty directory, or none?
    async fn must_exist(&self, call: &Call<'_>, key: &str) -> Result<(), StorageError> {
        let path = parse(call, key)?;
        let probe = Call {
            request: Request::LookUp,
            ..*call
        };
        match self.get(&probe, &path, &Notes::default(), None, true).await {
            // Stores with real directories show them as empty objects.
            Ok(found) if found.meta.size == 0 => Ok(()),
            Ok(_) => Err(call
                .error(StorageErrorKind::NotFound)
                .saying("it is a file, not a directory")),
            Err(error)
                if matches!(
                    error.kind(),
                    StorageErrorKind::NotFound | StorageErrorKind::AccessDenied
                ) =>
            {
                Err(call.error(StorageErrorKind::NotFound))
            }
            Err(error) => Err(error),
        }
    }
}
