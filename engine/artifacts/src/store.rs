//! The store itself: a synchronous face over object_store.

use crate::access::Access;
use crate::blocking::Blocking;
use crate::bucket::{self, BucketError};
use crate::{ArtifactError, ArtifactPath};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};
use std::fs;
use std::io;
use std::path::Path;
use suho_domain::Digest;

/// A place for artifacts.
///
/// May be shared between threads; must not be used from asynchronous code, which it would block.
#[derive(Debug)]
pub struct Artifacts {
    location: String,
    store: Box<dyn ObjectStore>,
    blocking: Blocking,
}

/// What came of putting an artifact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Put {
    /// It is there now, down to the disk.
    New,
    /// It was there already, to the byte.
    Same,
}

/// One artifact of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Where it is.
    pub path: ArtifactPath,
    /// Its size in bytes.
    pub size: u64,
}

impl Artifacts {
    /// The artifacts below the folder `root`, which is made if need be.
    ///
    /// # Errors
    /// When the folder cannot be made or opened.
    pub fn at(root: &Path) -> Result<Self, ArtifactError> {
        let location = root.display().to_string();
        let opened = || -> io::Result<_> {
            fs::create_dir_all(root)?;
            let store = LocalFileSystem::new_with_prefix(root).map_err(io::Error::other)?;
            Ok((store.with_fsync(true), Blocking::new()?))
        };
        match opened() {
            Ok((store, blocking)) => Ok(Self { location, store: Box::new(store), blocking }),
            Err(source) => Err(ArtifactError::Open { location, source }),
        }
    }

    /// The artifacts in a bucket: at `url`, which is `s3://BUCKET` or `s3://BUCKET/FOLDER`.
    ///
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// When `url` names no bucket, or there is no key for it.
    pub fn in_bucket(url: &str, access: &Access) -> Result<Self, ArtifactError> {
        let location = url.to_owned();
        let opened = || -> Result<_, BucketError> {
            let (bucket, folder) = bucket::split(url)?;
            Ok(PrefixStore::new(bucket::connect(&bucket, access)?, folder))
        };
        let store = opened().map_err(|source| ArtifactError::Bucket { doing: "open", source })?;
        let blocking = Blocking::new()
            .map_err(|source| ArtifactError::Open { location: location.clone(), source })?;
        Ok(Self { location, store: Box::new(store), blocking })
    }

    /// The artifacts at `location`: a path, a `file://` URL, or an `s3://` URL whose store and key the
    /// environment names.
    ///
    /// # Errors
    /// When `location` is of a kind that this build does not know, or cannot be opened.
    pub fn open(location: &str) -> Result<Self, ArtifactError> {
        match location.split_once("://") {
            None => Self::at(Path::new(location)),
            Some(("file", path)) => Self::at(Path::new(path)),
            Some(("s3", _)) => Self::in_bucket(location, &Access::of_environment()),
            Some(_) => Err(ArtifactError::UnknownStore { location: location.to_owned() }),
        }
    }

    /// Puts `bytes` at `path`, once: whoever comes first, whole or not at all.
    ///
    /// # Errors
    /// When other bytes are there already, or the store refuses.
    pub fn put_once(&self, path: &ArtifactPath, bytes: &[u8]) -> Result<Put, ArtifactError> {
        if self.create(path, bytes)? {
            return Ok(Put::New);
        }
        let (found, given) = (Digest::of(&self.get(path)?), Digest::of(bytes));
        if found == given {
            Ok(Put::Same)
        } else {
            Err(ArtifactError::Conflict { path: path.clone(), found, given })
        }
    }

    /// The bytes at `path`.
    ///
    /// # Errors
    /// When there are none, or the store refuses.
    pub fn get(&self, path: &ArtifactPath) -> Result<Vec<u8>, ArtifactError> {
        let at = object(path);
        let got = self.wait(async { self.store.get(&at).await?.bytes().await })?;
        match got {
            Ok(bytes) => Ok(bytes.into()),
            Err(Error::NotFound { .. }) => Err(ArtifactError::Missing { path: path.clone() }),
            Err(error) => Err(refused("get", path)(error)),
        }
    }

    /// The bytes at `path`, which have the digest `expected`.
    ///
    /// # Errors
    /// When they have another, or there are none, or the store refuses.
    pub fn get_verified(
        &self,
        path: &ArtifactPath,
        expected: &Digest,
    ) -> Result<Vec<u8>, ArtifactError> {
        let bytes = self.get(path)?;
        let found = Digest::of(&bytes);
        if found == *expected {
            Ok(bytes)
        } else {
            Err(ArtifactError::Corrupt { path: path.clone(), expected: expected.clone(), found })
        }
    }

    /// All artifacts below `folder`, in the order of their paths; none when there is no such
    /// folder. What lies there under a name that no artifact can have is not listed.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn list(&self, folder: &ArtifactPath) -> Result<Vec<Listed>, ArtifactError> {
        let mut listed = Vec::new();
        let mut folders = vec![object(folder)];
        while let Some(next) = folders.pop() {
            let found = self.wait(self.store.list_with_delimiter(Some(&next)))?;
            let found = found.map_err(refused("list", folder))?;
            folders.extend(found.common_prefixes);
            listed.extend(found.objects.into_iter().filter_map(|object| {
                let path = ArtifactPath::new(object.location.as_ref()).ok()?;
                Some(Listed { path, size: object.size })
            }));
        }
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listed)
    }

    /// Removes the artifact at `path`; none there is no error. For undoing a step and for the
    /// retention of what nothing refers to any more, never for changing what is there.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn remove(&self, path: &ArtifactPath) -> Result<(), ArtifactError> {
        let at = object(path);
        match self.wait(self.store.delete(&at))? {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(refused("remove", path)(error)),
        }
    }

    /// Whether the store refuses a second put, which everything here rests on. To be asked once,
    /// before production; leaves a small object at `_tmp/probe`.
    ///
    /// # Errors
    /// When it does not, or refuses altogether.
    pub fn probe(&self) -> Result<(), ArtifactError> {
        let path = ArtifactPath::new(PROBE)?;
        // Some stores make a bucket that is not there, for whoever puts into it, out of a slip.
        self.list(&path)?;
        self.create(&path, b"1")?;
        if self.create(&path, b"2")? {
            return Err(ArtifactError::Unconditional { location: self.location.clone() });
        }
        Ok(())
    }

    /// Puts `bytes` at `path` unless something is there; answers whether it did.
    fn create(&self, path: &ArtifactPath, bytes: &[u8]) -> Result<bool, ArtifactError> {
        let at = object(path);
        let payload = PutPayload::from(bytes.to_vec());
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.wait(self.store.put_opts(&at, payload, options))? {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(refused("put", path)(error)),
        }
    }

    fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, ArtifactError> {
        self.blocking.wait(work).map_err(|_| ArtifactError::Asynchronous)
    }
}

/// Where [`Artifacts::probe`] leaves its object.
const PROBE: &str = "_tmp/probe";

/// Every artifact's path is a path of the store as it stands.
fn object(path: &ArtifactPath) -> ObjectPath {
    ObjectPath::from(path.as_str())
}

fn refused(doing: &'static str, path: &ArtifactPath) -> impl Fn(Error) -> ArtifactError {
    let path = path.clone();
    move |error| match bucket::heard(error) {
        Ok(source) => ArtifactError::Bucket { doing, source },
        Err(source) if is_full(&source) => {
            ArtifactError::Full { doing, path: path.clone(), source: Box::new(source) }
        }
        Err(source) => ArtifactError::Store { doing, path: path.clone(), source: Box::new(source) },
    }
}

/// Whether a disk without room is what is behind `error`: the file system is full, or a quota, or the size
/// that one file may have.
fn is_full(error: &Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let causes =
        std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    let mut kinds =
        causes.filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.any(|kind| matches!(kind, StorageFull | QuotaExceeded | FileTooLarge))
}

#[cfg(test)]
mod tests;
