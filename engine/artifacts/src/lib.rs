//! Artifacts: put once, verify, list. The only crate that links object_store.
//!
//! Everything here is synchronous; the runtime that the store wants is inside. What is put is never
//! changed: a second put of the same bytes is no error, of other bytes it is refused.

pub mod access;
mod blocking;
mod bucket;
mod error;
mod layout;
mod manifest;
mod path;
mod store;

pub use bucket::{Bucket, BucketError};
pub use error::ArtifactError;
pub use layout::{NotAFolder, dataset_folder, model_folder, source_folder};
pub use manifest::{Manifest, ManifestFile, NewFile};
pub use path::{ArtifactPath, NotAPath};
pub use store::{Artifacts, Listed, Put};
