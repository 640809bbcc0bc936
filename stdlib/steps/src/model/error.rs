//! Why a sealed model cannot be asked.

use suho_artifacts::{ArtifactError, ArtifactPath};
use suho_domain::{Digest, Fault};
use suho_features::{ComputeError, FeatureListError};
use suho_train::{GoldenError, GraphError, LoadError, PredictError};

/// Why a sealed model cannot be loaded or asked.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The store refused, or a file is not what was sealed.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The folder holds a sealed artifact, but not the one that was asked for. `World`.
    #[error("artifact `{folder}` is corrupt: expected {expected}, found {found}")]
    Other {
        /// The folder.
        folder: ArtifactPath,
        /// The digest asked for.
        expected: String,
        /// The digest of what is there.
        found: Digest,
    },
    /// A file that was sealed so makes no sense. `World`.
    #[error("artifact `{folder}/{name}` is corrupt")]
    Unreadable {
        /// The folder.
        folder: ArtifactPath,
        /// The file.
        name: &'static str,
        /// Where it stops making sense.
        #[source]
        source: serde_json::Error,
    },
    /// The weights are not those of the signature's network. `World`.
    #[error("artifact `{folder}/model.safetensors` is corrupt")]
    Weights {
        /// The folder.
        folder: ArtifactPath,
        /// What is wrong with them.
        #[source]
        source: LoadError,
    },
    /// The graph is not one that answers as the signature says. `World`.
    #[error("artifact `{folder}/model.onnx` is corrupt")]
    Graph {
        /// The folder.
        folder: ArtifactPath,
        /// What is wrong with it.
        #[source]
        source: Box<GraphError>,
    },
    /// The stored windows and answers are none. `World`.
    #[error("artifact `{folder}/golden.safetensors` is corrupt")]
    Golden {
        /// The folder.
        folder: ArtifactPath,
        /// What is wrong with them.
        #[source]
        source: GoldenError,
    },
    /// Scaler and network do not belong together. `World`.
    #[error("artifact `{folder}` is corrupt")]
    Parts {
        /// The folder.
        folder: ArtifactPath,
        /// How they differ.
        #[source]
        source: PredictError,
    },
    /// A feature of the model is not in this build's catalogue. `User`.
    #[error("the model's features are not in the catalogue of this build")]
    Features(#[from] FeatureListError),
    /// A feature means something else now than when the model was trained. `User`.
    #[error(
        "feature `{feature}` is defined otherwise than when the model was trained (catalogue {was})"
    )]
    Definition {
        /// The feature.
        feature: String,
        /// The version of the catalogue that it was trained with.
        was: String,
    },
    /// The model answers otherwise than when it was sealed. `World`: another machine, or a mistake.
    #[error("model `{folder}` answers {found} to stored window {window}, and answered {expected}")]
    Parity {
        /// The folder.
        folder: ArtifactPath,
        /// The window's place, from 0.
        window: usize,
        /// The probability that is furthest off.
        found: f32,
        /// What it was.
        expected: f32,
    },
    /// A feature cannot be computed of the bars.
    #[error("cannot compute the model's features")]
    Compute(#[from] ComputeError),
    /// There is no answer.
    #[error("the model has no answer")]
    Predict(#[from] PredictError),
}

impl ModelError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Artifact(error) => error.fault(),
            Self::Compute(error) => error.fault(),
            Self::Predict(error) => error.fault(),
            Self::Other { .. }
            | Self::Unreadable { .. }
            | Self::Weights { .. }
            | Self::Graph { .. }
            | Self::Golden { .. }
            | Self::Parts { .. }
            | Self::Parity { .. } => Fault::World,
            Self::Features(_) | Self::Definition { .. } => Fault::User,
        }
    }

    /// Which error, in words, as outcomes and alerts name it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Artifact(error) => error.code(),
            Self::Other { .. }
            | Self::Unreadable { .. }
            | Self::Weights { .. }
            | Self::Graph { .. }
            | Self::Golden { .. }
            | Self::Parts { .. } => "artifact-corrupt",
            Self::Features(_) | Self::Definition { .. } => "feature-version",
            Self::Parity { .. } => "artifact-parity",
            Self::Compute(_) => "features-not-computable",
            Self::Predict(_) => "no-answer",
        }
    }

    /// What can be done about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Artifact(_)
            | Self::Other { .. }
            | Self::Unreadable { .. }
            | Self::Weights { .. }
            | Self::Graph { .. }
            | Self::Golden { .. }
            | Self::Parts { .. } => {
                "a sealed model is never repaired: restore the file from a copy, or train again"
            }
            Self::Features(_) | Self::Definition { .. } => {
                "train the model again, or use the suho that made it"
            }
            Self::Parity { .. } => "train the model again on this machine",
            Self::Compute(_) | Self::Predict(_) => "look for missing values in the bars",
        }
    }
}
