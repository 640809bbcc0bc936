//! A sealed model: what lies in its folder, and how it is asked.
//!
//! [`load`] trusts nothing: every file is held against the manifest, the manifest against itself
//! and against the digest that the registry has, the features' definitions against those of this
//! build, and the answers to a few stored windows against those given when the model was sealed.

mod card;
mod error;
mod files;
mod remembered;

pub use crate::train::{Nearness, Reproduction, reproduce};
pub use error::ModelError;
pub use files::Signature;
pub(crate) use files::{Lineage, Sealing, seal};
pub(crate) use remembered::lineage;
pub use remembered::{Remembered, remembered};
pub use suho_train::Epoch;

use crate::columns;
use files::{GOLDEN, GRAPH, SCALER, SIGNATURE, WEIGHTS};
use serde::de::DeserializeOwned;
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts, Manifest};
use suho_domain::Digest;
use suho_features::{Feature, Matrix};
use suho_market::Bars;
use suho_train::{
    Architecture, Deviation, Golden, OnnxGraph, Predictor, Probabilities, Scaler, networks,
};

/// Largest difference of a probability from the one given when the model was sealed (domain §3.2,
/// class R2).
pub const PARITY: f32 = 1e-4;

/// A model that was found as it was sealed, ready to be asked.
#[derive(Clone, Debug)]
pub struct LoadedModel {
    predictor: Predictor,
    features: Vec<Feature>,
    signature: Signature,
    manifest: Manifest,
}

/// The model sealed in `folder` of `artifacts`, which is the one that `expected_digest` names where
/// one is given.
///
/// # Errors
/// When a file is missing or is not what was sealed, the artifact is another one, it speaks of
/// features that this build defines otherwise, or it does not answer as it did.
pub fn load(
    artifacts: &Artifacts,
    folder: &str,
    expected_digest: Option<&str>,
) -> Result<LoadedModel, ModelError> {
    let folder = ArtifactPath::new(folder).map_err(ArtifactError::Path)?;
    let manifest = artifacts.verify(&folder)?;
    if let Some(expected) = expected_digest
        && expected != manifest.artifact_digest.as_str()
    {
        let (expected, found) = (expected.to_owned(), manifest.artifact_digest);
        return Err(ModelError::Other { folder, expected, found });
    }
    let files = Files { artifacts, folder: &folder, manifest: &manifest };
    let signature: Signature = files.json(SIGNATURE)?;
    let features = signature.features()?;
    let predictor = predictor(&files, &signature)?;
    let golden = Golden::from_bytes(&files.bytes(GOLDEN)?)
        .map_err(|source| ModelError::Golden { folder: folder.clone(), source })?;
    check(&golden, &predictor, &folder)?;
    Ok(LoadedModel { predictor, features, signature, manifest })
}

/// What answers: networks of the signature's shape, or where it has none the graph of another program.
fn predictor(files: &Files<'_>, signature: &Signature) -> Result<Predictor, ModelError> {
    let folder = || files.folder.clone();
    let Some(architecture) = &signature.architecture else {
        let expected = signature.expected();
        let graph = OnnxGraph::from_bytes(&files.bytes(GRAPH)?, expected)
            .map_err(|source| ModelError::Graph { folder: folder(), source: Box::new(source) })?;
        return Ok(Predictor::of_graph(graph));
    };
    let scaler: Scaler = files.json(SCALER)?;
    let networks = networks(architecture, &files.bytes(WEIGHTS)?)
        .map_err(|source| ModelError::Weights { folder: folder(), source })?;
    Predictor::of_several(networks, scaler)
        .map_err(|source| ModelError::Parts { folder: folder(), source })
}

/// Holds `predictor` against the answers of old.
fn check(golden: &Golden, predictor: &Predictor, folder: &ArtifactPath) -> Result<(), ModelError> {
    match golden.parity(predictor)?.furthest {
        Some(Deviation { window, found, expected }) if (found - expected).abs() > PARITY => {
            Err(ModelError::Parity { folder: folder.clone(), window, found, expected })
        }
        _ => Ok(()),
    }
}

/// The files of one artifact.
struct Files<'a> {
    artifacts: &'a Artifacts,
    folder: &'a ArtifactPath,
    manifest: &'a Manifest,
}

impl Files<'_> {
    fn bytes(&self, name: &str) -> Result<Vec<u8>, ModelError> {
        Ok(self.artifacts.get_verified(&self.path(name)?, &self.digest(name)?)?)
    }

    fn path(&self, name: &str) -> Result<ArtifactPath, ArtifactError> {
        Ok(self.folder.join(&ArtifactPath::new(name)?)?)
    }

    /// The digest of the file `name`, as the manifest has it.
    fn digest(&self, name: &str) -> Result<Digest, ModelError> {
        match self.manifest.files.iter().find(|file| file.path.as_str() == name) {
            Some(file) => Ok(file.sha256.clone()),
            None => Err(ArtifactError::Missing { path: self.path(name)? }.into()),
        }
    }

    fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, ModelError> {
        serde_json::from_slice(&self.bytes(name)?).map_err(|source| {
            let folder = self.folder.clone();
            ModelError::Unreadable { folder, name, source }
        })
    }
}

impl LoadedModel {
    /// The network behind its scaler.
    pub const fn predictor(&self) -> &Predictor {
        &self.predictor
    }

    /// The network's shape; none where it is a graph of another program.
    pub const fn architecture(&self) -> Option<&Architecture> {
        self.predictor.architecture()
    }

    /// What it scales its inputs by; none where a graph of another program does that itself.
    pub const fn scaler(&self) -> Option<&Scaler> {
        self.predictor.scaler()
    }

    /// What it computes of each bar, in the order of its inputs.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Bars in one window.
    pub fn sequence(&self) -> usize {
        self.predictor.sequence()
    }

    /// Its classes, in the order of its probabilities: `down`, `flat`, `up`.
    pub fn classes(&self) -> &[String] {
        self.predictor.classes()
    }

    /// What it takes and gives, for people and for other programs.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The digest of its artifact.
    pub const fn digest(&self) -> &Digest {
        &self.manifest.artifact_digest
    }

    /// How many bars, the newest included, one answer needs so that no longer history would change
    /// it.
    pub fn history_needed(&self) -> usize {
        let timeframe = self.signature.timeframe;
        // Features that bars of this timeframe cannot make up are refused where they are computed.
        let warm_up = suho_features::warm_up_on(&self.features, timeframe)
            .unwrap_or_else(|| suho_features::warm_up(&self.features));
        warm_up + self.sequence().max(1)
    }

    /// Its features of every bar, `[feature, bar]`; NaN where a feature is not there yet.
    ///
    /// # Errors
    /// When a column that a feature reads has a missing value.
    pub fn features_of(&self, bars: &Bars) -> Result<Matrix, ModelError> {
        Ok(columns::matrix(&self.features, bars)?)
    }

    /// The answers after each of the bars `ends` (indices into `bars`), in that order.
    ///
    /// `bars`: in order of time, with at least [`history_needed`](Self::history_needed) of them up
    /// to the first of `ends`, so that the answers are those of the whole history.
    ///
    /// # Errors
    /// When a feature cannot be computed or is missing in a window, or a window is not inside the
    /// bars.
    pub fn predict_bars(
        &self,
        bars: &Bars,
        ends: &[usize],
    ) -> Result<Vec<Probabilities>, ModelError> {
        let matrix = self.features_of(bars)?;
        Ok(self.predictor.predict_many(&matrix.interleaved(), ends)?)
    }

    /// As [`predict_bars`](Self::predict_bars), with no answer after bars in whose window a feature
    /// is missing.
    ///
    /// # Errors
    /// When a feature cannot be computed of these bars at all.
    pub fn predict_where_whole(
        &self,
        bars: &Bars,
        ends: &[usize],
    ) -> Result<Vec<Option<Probabilities>>, ModelError> {
        let matrix = self.features_of(bars)?;
        let is_whole = |end: &usize| {
            let first = (end + 1).checked_sub(self.sequence());
            first.is_some_and(|first| (first..=*end).all(|bar| matrix.is_whole(bar)))
        };
        let whole: Vec<usize> = ends.iter().copied().filter(is_whole).collect();
        let answers = self.predictor.predict_many(&matrix.interleaved(), &whole)?;
        let mut answers = whole.iter().zip(answers).peekable();
        let of = |end: &usize| answers.next_if(|(of, _)| *of == end).map(|(_, answer)| answer);
        Ok(ends.iter().map(of).collect())
    }
}

#[cfg(test)]
mod tests;
