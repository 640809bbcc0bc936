//! Why an artifact cannot be put, read or trusted.

use crate::{ArtifactPath, BucketError, NotAPath};
use std::io;
use suho_domain::{Digest, Fault};

/// Why the artifact store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The place for artifacts cannot be opened. `World`.
    #[error("cannot open artifacts at `{location}`")]
    Open {
        /// The place, as it was given.
        location: String,
        /// What refused.
        #[source]
        source: io::Error,
    },
    /// This build knows no store of that kind. `User`.
    #[error("artifacts cannot be at `{location}`: only paths, `file://` and `s3://` are known")]
    UnknownStore {
        /// The place, as it was given.
        location: String,
    },
    /// The store takes a second put for a first: artifacts would not be safe there. `User`.
    #[error("the store at `{location}` does not refuse to put an object twice")]
    Unconditional {
        /// The place, as it was given.
        location: String,
    },
    /// The store was called from within another runtime. `Bug`.
    #[error("the artifact store is synchronous and was called from asynchronous code")]
    Asynchronous,
    /// The store refused. `World`.
    #[error("cannot {doing} artifact `{path}`")]
    Store {
        /// What was asked: `put`, `get`, `list`, `remove`.
        doing: &'static str,
        /// Of which artifact.
        path: ArtifactPath,
        /// What the store said.
        #[source]
        source: Box<object_store::Error>,
    },
    /// There is no room for it. `World`; what was put before stays, and what is not sealed counts as nothing.
    #[error("the disk is full: cannot {doing} artifact `{path}`")]
    Full {
        /// What was asked.
        doing: &'static str,
        /// Of which artifact.
        path: ArtifactPath,
        /// What the store said.
        #[source]
        source: Box<object_store::Error>,
    },
    /// The object store that holds artifacts did not do it.
    #[error("cannot {doing} artifacts")]
    Bucket {
        /// What was asked: `open`, `put`, `get`, `list`, `remove`.
        doing: &'static str,
        /// Why not.
        #[source]
        source: BucketError,
    },
    /// There is no such artifact. `World`: what was put is never removed before its time.
    #[error("there is no artifact `{path}`")]
    Missing {
        /// Where it should be.
        path: ArtifactPath,
    },
    /// Other bytes are there already. `User`, never retried: what was put stays.
    #[error("artifact `{path}` is there already with other content: {found}, not {given}")]
    Conflict {
        /// Where.
        path: ArtifactPath,
        /// The digest of what is there.
        found: Digest,
        /// The digest of what was to be put.
        given: Digest,
    },
    /// An artifact is not what was put. `World`; never repaired, never loaded.
    #[error("artifact `{path}` is corrupt: expected {expected}, found {found}")]
    Corrupt {
        /// Which.
        path: ArtifactPath,
        /// What it was when it was put.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// A manifest cannot be understood. `World`; as corrupt as any other file.
    #[error("manifest `{path}` is corrupt")]
    CorruptManifest {
        /// Which.
        path: ArtifactPath,
        /// Where it stops making sense.
        #[source]
        source: serde_json::Error,
    },
    /// The folder has no manifest: its making was cut off, or it is none. `World`.
    #[error("there is no sealed artifact in `{folder}`")]
    Unsealed {
        /// The folder.
        folder: ArtifactPath,
    },
    /// A file of an artifact is given twice, or is the manifest itself. `Bug`.
    #[error("artifact `{folder}` cannot have a file `{name}` twice or of that name")]
    Duplicate {
        /// The artifact's folder.
        folder: ArtifactPath,
        /// The file.
        name: ArtifactPath,
    },
    /// A path is none. `User`.
    #[error(transparent)]
    Path(#[from] NotAPath),
    /// A manifest cannot be written as JSON. `Bug`.
    #[error("cannot write a manifest as JSON")]
    Encode(#[source] serde_json::Error),
}

impl ArtifactError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Bucket { source, .. } => source.fault(),
            Self::UnknownStore { .. }
            | Self::Unconditional { .. }
            | Self::Conflict { .. }
            | Self::Path(_) => Fault::User,
            Self::Open { .. }
            | Self::Store { .. }
            | Self::Full { .. }
            | Self::Missing { .. }
            | Self::Corrupt { .. }
            | Self::CorruptManifest { .. }
            | Self::Unsealed { .. } => Fault::World,
            Self::Asynchronous | Self::Duplicate { .. } | Self::Encode(_) => Fault::Bug,
        }
    }

    /// What can be done about the object store, as a line that stands under the sentence; none where
    /// it is about what lies there.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Bucket { source: BucketError::Denied { .. }, .. } => {
                Some("give the key leave to list, read and write the bucket, or use another")
            }
            Self::Bucket { source, .. } => Some(source.help()),
            Self::Unconditional { .. } => Some("take a store that knows `If-None-Match`"),
            _ => None,
        }
    }

    /// Which error, in words, as outcomes and alerts name it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } | Self::Store { .. } => "artifact-store",
            Self::Full { .. } => "disk-full",
            Self::Bucket { source, .. } => source.code(),
            Self::UnknownStore { .. } => "unknown-artifact-store",
            Self::Unconditional { .. } => "unconditional-artifact-store",
            Self::Missing { .. } => "artifact-missing",
            Self::Conflict { .. } => "artifact-conflict",
            Self::Corrupt { .. } | Self::CorruptManifest { .. } => "artifact-corrupt",
            Self::Unsealed { .. } => "artifact-unsealed",
            Self::Path(_) => "artifact-path",
            Self::Asynchronous | Self::Duplicate { .. } | Self::Encode(_) => "artifact-bug",
        }
    }
}
