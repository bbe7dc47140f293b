//! What every store has to do, whichever it is.

#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "it is a test")]

use statescope::Location;
use statescope::storage::{ObjectInfo, Settings, Storage, StorageErrorKind};

/// Names that some part on the way may want to encode, decode, split or trim.
pub(crate) const ODD_NAMES: [&str; 14] = [
    "100%",
    "a b",
    "a#1",
    "a#b",
    "a%20b",
    "a%2Fb",
    "a&b;c=d",
    "a'b,c",
    "a+b",
    "a:b@c",
    "what?x=y",
    "{a}[b]~`^",
    "ünïcödé ☃",
    "日本",
];

/// More than a page of S3's, Azure's or HDFS's has.
pub(crate) const MANY: usize = 1_203;

/// A file of the suite's tree.
pub(crate) struct SeedFile {
    pub(crate) key: String,
    pub(crate) content: Vec<u8>,
}

/// Which names a store cannot have, and whether it has empty directories.
#[derive(Clone, Copy, Default)]
pub(crate) struct Store {
    /// Names of `ODD_NAMES` that the server itself refuses.
    pub(crate) impossible: &'static [&'static str],
    /// The test made a directory `base/nothing`.
    pub(crate) has_empty_directory: bool,
    /// The server answers requests for the content of a directory with an internal error.
    pub(crate) fails_on_directories: bool,
}

impl Store {
    fn odd_names(&self) -> impl Iterator<Item = &'static str> {
        let impossible = self.impossible;
        ODD_NAMES
            .into_iter()
            .filter(move |name| !impossible.contains(name))
    }

    /// The tree that `run` expects below its base.
    pub(crate) fn tree(&self) -> Vec<SeedFile> {
        let mut files = Vec::new();
        let mut add = |key: String, content: Vec<u8>| files.push(SeedFile { key, content });
        add("flat/one".to_owned(), b"one".to_vec());
        add("flat/two".to_owned(), b"two!".to_vec());
        add("flat/empty".to_owned(), Vec::new());
        add("flat/sub/deep".to_owned(), b"d".to_vec());
        add("flat/another/deep".to_owned(), b"d".to_vec());
        add("large".to_owned(), large());
        for number in 0..MANY {
            add(format!("many/file-{number:05}"), vec![b'x'; number % 7]);
        }
        for number in 0..12 {
            add(format!("many/dir-{number:02}/f"), b"f".to_vec());
        }
        for name in self.odd_names() {
            add(format!("odd names %25/{name}"), name.as_bytes().to_vec());
            add(format!("odd dirs/{name}/f"), name.as_bytes().to_vec());
        }
        files
    }

    /// Lists, looks up and reads the tree below `base`.
    pub(crate) async fn run(&self, settings: Settings, base: &Location) {
        let storage = Storage::new(settings.clone());
        storage.trust(base);
        self.run_with(&storage, base).await;

        let mut small = settings;
        small.max_object_bytes = 3;
        let storage = Storage::new(small);
        storage.trust(base);
        assert_eq!(
            &storage.read(&base.join("flat/one")).await.unwrap()[..],
            b"one"
        );
        let error = storage.read(&base.join("flat/two")).await.unwrap_err();
        let kind = StorageErrorKind::TooLarge { size: 4, limit: 3 };
        assert_eq!(*error.kind(), kind, "{error}");
    }

    /// As `run`, with a storage that the test made.
    pub(crate) async fn run_with(&self, storage: &Storage, base: &Location) {
        levels(storage, base).await;
        many(storage, base).await;
        reads(storage, base).await;
        self.odd(storage, base).await;
        self.missing(storage, base).await;
    }

    async fn odd(&self, storage: &Storage, base: &Location) {
        let directory = base.join("odd names %25");
        let listing = storage.list(&directory).await.unwrap();
        let mut expected: Vec<_> = self.odd_names().collect();
        expected.sort_unstable();
        assert_eq!(names(&listing.files), expected);
        assert_eq!(listing.skipped, 0);
        for file in &listing.files {
            let content = storage.read(&file.location).await.unwrap();
            assert_eq!(content, file.name().as_bytes());
            let info = storage.head(&file.location).await.unwrap();
            assert_eq!(info.size, file.size, "{}", file.name());
        }
        let listing = storage.list(&base.join("odd dirs")).await.unwrap();
        let directories: Vec<_> = listing.directory_names().collect();
        assert_eq!(directories, expected);
        for name in &expected {
            let inside = storage
                .list(&base.join("odd dirs").join(name))
                .await
                .unwrap();
            assert_eq!(names(&inside.files), ["f"], "{name}");
        }
    }

    async fn missing(&self, storage: &Storage, base: &Location) {
        for name in ["nowhere", "flat/nowhere", "large/below-a-file", "fla"] {
            let place = base.join(name);
            let errors = [
                storage.read(&place).await.unwrap_err(),
                storage.read_range(&place, 0..1).await.unwrap_err(),
                storage.head(&place).await.unwrap_err(),
                storage.list(&place).await.unwrap_err(),
            ];
            for error in errors {
                assert!(error.is_not_found(), "{error}");
                assert!(error.to_string().contains(name), "{error}");
                assert!(error.hint().is_some());
            }
        }
        // A file is no directory, and a directory no file.
        let error = storage.list(&base.join("large")).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        let error = storage.read(&base.join("flat")).await.unwrap_err();
        assert!(error.is_not_found() || self.fails_on_directories, "{error}");
        if self.has_empty_directory {
            assert!(
                storage
                    .list(&base.join("nothing"))
                    .await
                    .unwrap()
                    .is_empty()
            );
        }
    }
}

async fn levels(storage: &Storage, base: &Location) {
    let top = storage.list(base).await.unwrap();
    assert_eq!(names(&top.files), ["large"]);
    assert!(top.directory_names().any(|name| name == "flat"));
    assert_eq!(top.skipped, 0);

    for directory in [base.join("flat"), base.join("flat/")] {
        let flat = storage.list(&directory).await.unwrap();
        assert_eq!(names(&flat.files), ["empty", "one", "two"]);
        assert!(flat.directory_names().eq(["another", "sub"]));
        let sizes: Vec<_> = flat.files.iter().map(|file| file.size).collect();
        assert_eq!(sizes, [0, 3, 4]);
        assert!(flat.files.iter().all(|file| file.modified.is_some()));
        for file in &flat.files {
            let info = storage.head(&file.location).await.unwrap();
            assert_eq!((info.size, info.name()), (file.size, file.name()));
        }
    }
}

async fn many(storage: &Storage, base: &Location) {
    let listing = storage.list(&base.join("many")).await.unwrap();
    let expected: Vec<_> = (0..MANY)
        .map(|number| format!("file-{number:05}"))
        .collect();
    assert_eq!(names(&listing.files), expected);
    let expected: Vec<_> = (0..12).map(|number| format!("dir-{number:02}")).collect();
    let directories: Vec<_> = listing.directory_names().collect();
    assert_eq!(directories, expected);
    assert_eq!(listing.files[10].size, 3);
}

async fn reads(storage: &Storage, base: &Location) {
    let file = base.join("large");
    let content = large();
    assert_eq!(storage.read(&file).await.unwrap(), content);
    let (info, fetched) = storage.fetch(&file).await.unwrap();
    assert_eq!((info.size, fetched.len()), (100_000, 100_000));
    assert!(info.modified.is_some());
    for range in [0..1, 0..content.len(), 4_095..70_001, 99_999..100_000] {
        let expected = content[range.clone()].to_vec();
        let range = range.start as u64..range.end as u64;
        let part = storage.read_range(&file, range).await.unwrap();
        assert_eq!(part, expected);
    }
    assert!(storage.read_range(&file, 5..5).await.unwrap().is_empty());
    assert!(storage.read_range(&file, 99_999..100_002).await.is_err());
    assert!(storage.read_range(&file, 200_000..200_001).await.is_err());
    assert!(
        storage
            .read(&base.join("flat/empty"))
            .await
            .unwrap()
            .is_empty()
    );

    // More at once than the settings allow.
    let reads = (0..40).map(|number| {
        let (storage, file) = (
            storage.clone(),
            base.join(&format!("many/file-{number:05}")),
        );
        tokio::spawn(async move { storage.read(&file).await })
    });
    for (number, read) in reads.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(read.await.unwrap().unwrap().len(), number % 7);
    }
}

fn large() -> Vec<u8> {
    (0..100_000_u32).map(|number| (number / 7) as u8).collect()
}

fn names(files: &[ObjectInfo]) -> Vec<&str> {
    files.iter().map(ObjectInfo::name).collect()
}
