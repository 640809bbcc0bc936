//! A bucket of an object store that speaks S3's protocol.
//!
//! object_store knows the protocol, ureq carries it: no second stack of HTTP and TLS comes in.

mod error;
mod wire;

pub use error::BucketError;
pub(crate) use error::heard;

use crate::access::Access;
use crate::blocking::Blocking;
use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as ObjectPath;
use object_store::{BackoffConfig, ObjectStore as _, ObjectStoreExt as _, RetryConfig};
use std::sync::Arc;
use std::time::Duration;

/// Most objects that are listed: a file a day and symbol of a large market.
const OBJECTS_MAX: usize = 200_000;

/// The objects of one bucket, to be read.
///
/// Must not be used from asynchronous code, which it would block.
#[derive(Debug)]
pub struct Bucket {
    /// As it was written: `s3://NAME`.
    url: String,
    store: AmazonS3,
    blocking: Blocking,
}

impl Bucket {
    /// The bucket that `url` is in: `s3://NAME`, and what follows is passed over.
    ///
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// When `url` names no bucket, or there is no key for it.
    pub fn open(url: &str, access: &Access) -> Result<Self, BucketError> {
        let (url, _) = split(url)?;
        let store = connect(&url, access)?;
        let blocking =
            Blocking::new().map_err(|source| BucketError::Runtime { source: Arc::new(source) })?;
        Ok(Self { url, store, blocking })
    }

    /// It, without what lies in it: `s3://NAME`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The names of all objects that begin with `prefix`, in no order.
    ///
    /// # Errors
    /// When the store refuses, or there are more than can be meant.
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, BucketError> {
        // Stores list folders; the rest of the prefix is looked at here.
        let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = ObjectPath::parse(folder).map_err(|_| self.missing(prefix))?;
        let mut names = Vec::new();
        let mut folders = vec![folder];
        while let Some(next) = folders.pop() {
            let found = self.wait(self.store.list_with_delimiter(Some(&next)))?;
            let found = found.map_err(|error| self.told(error))?;
            let below = found.common_prefixes.into_iter();
            folders.extend(below.filter(|folder| is_on_way(folder.as_ref(), prefix)));
            let objects = found.objects.into_iter().map(|object| object.location.to_string());
            // What begins with a point is hidden, as on a disk.
            names.extend(objects.filter(|name| name.starts_with(prefix) && !is_hidden(name)));
            if names.len().max(folders.len()) > OBJECTS_MAX {
                let (url, max) = (format!("{}/{prefix}", self.url), OBJECTS_MAX);
                return Err(BucketError::TooMany { url, max });
            }
        }
        Ok(names)
    }

    /// All bytes of the object `name`.
    ///
    /// # Errors
    /// When there is none, or the store refuses.
    pub fn read(&self, name: &str) -> Result<Bytes, BucketError> {
        let path = ObjectPath::parse(name).map_err(|_| self.missing(name))?;
        let bytes = self.wait(async { self.store.get(&path).await?.bytes().await })?;
        bytes.map_err(|error| match error {
            object_store::Error::NotFound { .. } => self.missing(name),
            error => self.told(error),
        })
    }

    fn told(&self, error: object_store::Error) -> BucketError {
        heard(error).unwrap_or_else(|error| BucketError::Odd {
            url: self.url.clone(),
            source: Arc::new(error),
        })
    }

    fn missing(&self, name: &str) -> BucketError {
        BucketError::Missing { url: format!("{}/{name}", self.url) }
    }

    fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, BucketError> {
        self.blocking.wait(work).map_err(|_| BucketError::Asynchronous)
    }
}

/// Whether a folder can hold names that begin with `prefix`.
fn is_on_way(folder: &str, prefix: &str) -> bool {
    let folder = format!("{folder}/");
    folder.starts_with(prefix) || prefix.starts_with(&folder)
}

fn is_hidden(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.starts_with('.'))
}

/// `s3://NAME` and what follows, without the line between them.
pub(crate) fn split(url: &str) -> Result<(String, &str), BucketError> {
    let refused = || BucketError::Url { url: url.to_owned() };
    let rest = url.strip_prefix("s3://").ok_or_else(refused)?;
    let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if name.is_empty() || !name.bytes().all(is_letter) {
        return Err(refused());
    }
    Ok((format!("s3://{name}"), path.trim_matches('/')))
}

/// The bucket `url`, which is `s3://NAME`, as `access` says.
pub(crate) fn connect(url: &str, access: &Access) -> Result<AmazonS3, BucketError> {
    let Some(key) = &access.key else {
        return Err(BucketError::NoKey { url: url.to_owned() });
    };
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: access.patience.retries,
        retry_timeout: access.patience.answer,
    };
    let builder = AmazonS3Builder::new()
        .with_bucket_name(url.trim_start_matches("s3://"))
        .with_region(&access.region)
        .with_access_key_id(&key.id)
        .with_secret_access_key(&key.secret)
        .with_retry(retry)
        // Every store has the plain one.
        .with_disable_bulk_delete(true)
        .with_http_connector(wire::Wire::of(url, access));
    let builder = match &key.session {
        Some(session) => builder.with_token(session),
        None => builder,
    };
    let builder = match &access.endpoint {
        Some(endpoint) => builder.with_endpoint(endpoint.trim_end_matches('/')),
        None => builder,
    };
    builder
        .build()
        .map_err(|source| BucketError::Odd { url: url.to_owned(), source: Arc::new(source) })
}

#[cfg(test)]
mod tests;
