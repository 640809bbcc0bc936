//! Sealed artifacts: files that belong together, and the manifest that says so.
//!
//! The manifest is written last, so a folder without one is the rest of an attempt that was cut
//! off, and making it again completes it.

use crate::{ArtifactError, ArtifactPath, Artifacts, NotAPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use suho_domain::{Digest, ModelId, Version, canonical};

/// The version of the manifest's own format.
const SCHEMA: u32 = 1;
/// The manifest's name in its folder.
const MANIFEST: &str = "manifest.json";

/// What a sealed artifact consists of.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format: 1.
    pub schema: u32,
    /// Which model it is.
    pub model_id: ModelId,
    /// Which version of it.
    pub version: Version,
    /// Its files but for the manifest, in the order of their paths.
    pub files: Vec<ManifestFile>,
    /// The digest of this manifest's canonical JSON without this field: what the artifact is.
    pub artifact_digest: Digest,
}

/// One file of a sealed artifact.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its path in the artifact's folder.
    pub path: ArtifactPath,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Digest,
    /// Its media type: `application/json`.
    pub media_type: String,
}

/// A file to be sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewFile {
    /// Its path in the artifact's folder.
    pub path: ArtifactPath,
    /// Its media type: `application/json`.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl NewFile {
    /// The file `path` of the type `media_type`, holding `bytes`.
    ///
    /// # Errors
    /// When `path` is none.
    pub fn new(path: &str, media_type: &str, bytes: Vec<u8>) -> Result<Self, NotAPath> {
        Ok(Self { path: ArtifactPath::new(path)?, media_type: media_type.to_owned(), bytes })
    }
}

impl Manifest {
    /// The manifest of `files`.
    fn of(
        model_id: ModelId,
        version: Version,
        files: Vec<ManifestFile>,
    ) -> Result<Self, ArtifactError> {
        let artifact_digest = Digest::of(&[]);
        let mut manifest = Self { schema: SCHEMA, model_id, version, files, artifact_digest };
        manifest.artifact_digest = manifest.digest()?;
        Ok(manifest)
    }

    /// The digest that [`artifact_digest`](Self::artifact_digest) should be.
    fn digest(&self) -> Result<Digest, ArtifactError> {
        let mut json = serde_json::to_value(self).map_err(ArtifactError::Encode)?;
        if let Some(fields) = json.as_object_mut() {
            fields.remove("artifact_digest");
        }
        Ok(Digest::of_json(&json))
    }

    fn text(&self) -> Result<String, ArtifactError> {
        serde_json::to_value(self).map(|json| canonical::json(&json)).map_err(ArtifactError::Encode)
    }
}

impl Artifacts {
    /// Makes `files` one sealed artifact in `folder`: writes them, reads each back, and writes the
    /// manifest last. Doing the same again, or completing what was cut off, is no error.
    ///
    /// # Errors
    /// When the folder holds other content under one of the names, what was written does not read
    /// back, two files have one name, or the store refuses.
    pub fn seal(
        &self,
        folder: &ArtifactPath,
        files: Vec<NewFile>,
        model_id: ModelId,
        version: Version,
    ) -> Result<Manifest, ArtifactError> {
        let mut sorted = BTreeMap::new();
        for file in files {
            let path = file.path.clone();
            if path.as_str() == MANIFEST || sorted.insert(path.clone(), file).is_some() {
                return Err(ArtifactError::Duplicate { folder: folder.clone(), name: path });
            }
        }
        let mut listed = Vec::with_capacity(sorted.len());
        for (path, file) in sorted {
            self.put_once(&folder.join(&path)?, &file.bytes)?;
            let (size, sha256) = (size(&file.bytes), Digest::of(&file.bytes));
            listed.push(ManifestFile { path, size, sha256, media_type: file.media_type });
        }
        for file in &listed {
            self.get_verified(&folder.join(&file.path)?, &file.sha256)?;
        }
        let manifest = Manifest::of(model_id, version, listed)?;
        self.put_once(&manifest_path(folder)?, manifest.text()?.as_bytes())?;
        Ok(manifest)
    }

    /// The manifest of the sealed artifact in `folder`, after reading every file and finding it as
    /// it was sealed.
    ///
    /// # Errors
    /// When the artifact was never sealed, a file is missing or corrupt (the error names it, with
    /// the expected and the found digest), or the store refuses.
    pub fn verify(&self, folder: &ArtifactPath) -> Result<Manifest, ArtifactError> {
        let path = manifest_path(folder)?;
        let bytes = self.get(&path).map_err(|error| match error {
            ArtifactError::Missing { .. } => ArtifactError::Unsealed { folder: folder.clone() },
            other => other,
        })?;
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|source| ArtifactError::CorruptManifest { path: path.clone(), source })?;
        let (expected, found) = (manifest.artifact_digest.clone(), manifest.digest()?);
        if expected != found {
            return Err(ArtifactError::Corrupt { path, expected, found });
        }
        for file in &manifest.files {
            self.get_verified(&folder.join(&file.path)?, &file.sha256)?;
        }
        Ok(manifest)
    }

    /// Removes everything in `folder`, its manifest first: a removal that is cut off leaves what
    /// an attempt that was cut off leaves. Nothing there is no error.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn unseal(&self, folder: &ArtifactPath) -> Result<(), ArtifactError> {
        self.remove(&manifest_path(folder)?)?;
        self.list(folder)?.iter().try_for_each(|listed| self.remove(&listed.path))
    }
}

fn manifest_path(folder: &ArtifactPath) -> Result<ArtifactPath, NotAPath> {
    folder.join(&ArtifactPath::new(MANIFEST)?)
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
