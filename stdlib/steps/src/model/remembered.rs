//! What a sealed model's files say of its training, for comparing another one with it.

use super::files::{GRAPH, METADATA};
use super::{Files, Lineage, ModelError, SCALER, WEIGHTS};
use serde::Deserialize;
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts, Manifest};
use suho_domain::Digest;

/// What a sealed model's files say of its training.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// The digest of its weights.
    pub weights: Digest,
    /// The digest of its scaler; none where a graph of another program scales by itself.
    pub scaler: Option<Digest>,
    /// The class of reproducibility it was sealed with, `R0` or `R1`.
    pub class: String,
    /// What it was trained on, for people.
    pub device: String,
    /// The version of the suho that trained it.
    pub engine_version: String,
    /// The digest of the steps' code that trained it.
    pub code_digest: Digest,
    /// Epochs trained.
    pub epochs: usize,
    /// The epoch whose weights were kept, from 1.
    pub best_epoch: usize,
    /// Its mean loss on the train rows, with dropout.
    pub train_loss: f64,
    /// Its mean loss on the validation rows.
    pub validation_loss: f64,
    /// Its accuracy on the validation rows, `0..=1`.
    pub validation_accuracy: f64,
}

/// The part of `metadata.json` that is compared.
#[derive(Deserialize)]
struct Metadata {
    lineage: Lineage,
    engine_version: String,
    code_digest: Digest,
    device: String,
    repro_class: String,
}

/// What the model sealed in `folder` says of its training, all of its files verified.
///
/// # Errors
/// When the artifact was never sealed, or a file is missing or is not what was sealed.
pub fn remembered(artifacts: &Artifacts, folder: &str) -> Result<Remembered, ModelError> {
    let folder = ArtifactPath::new(folder).map_err(ArtifactError::Path)?;
    let manifest = artifacts.verify(&folder)?;
    let files = Files { artifacts, folder: &folder, manifest: &manifest };
    let Metadata { lineage, engine_version, code_digest, device, repro_class } =
        files.json(METADATA)?;
    Ok(Remembered {
        weights: files.digest(WEIGHTS).or_else(|_| files.digest(GRAPH))?,
        scaler: files.digest(SCALER).ok(),
        class: repro_class,
        device,
        engine_version,
        code_digest,
        epochs: lineage.epochs,
        best_epoch: lineage.best_epoch,
        train_loss: lineage.train_loss,
        validation_loss: lineage.validation_loss,
        validation_accuracy: lineage.validation_accuracy,
    })
}

/// The manifest of the model sealed in `folder`, all of its files verified, and where it comes from.
///
/// # Errors
/// As [`remembered`].
pub(crate) fn lineage(
    artifacts: &Artifacts,
    folder: &ArtifactPath,
) -> Result<(Manifest, Lineage), ModelError> {
    let manifest = artifacts.verify(folder)?;
    let files = Files { artifacts, folder, manifest: &manifest };
    let Metadata { lineage, .. } = files.json(METADATA)?;
    Ok((manifest, lineage))
}
