//! What steps hand each other: rows of a split, a data set's outputs, a model.

use crate::failure;
use crate::snapshot::Part;
use serde::Deserialize;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_domain::{Digest, Instant, ModelId, Version};
use suho_step::{Context, StepError};

/// From `start` to just before `end`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub(crate) struct Window {
    pub(crate) start: Instant,
    pub(crate) end: Instant,
}

/// Rows of one split, as `dataset` gives them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rows {
    /// The digest of the whole snapshot.
    pub(crate) dataset: Digest,
    /// The snapshot's folder in the artifact store.
    pub(crate) folder: String,
    /// Which of its splits.
    pub(crate) split: Part,
    /// From the first row's decision time to just after the last one's.
    pub(crate) window: Window,
}

/// All of a data set's outputs that other steps read.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Data {
    pub(crate) digest: Digest,
    pub(crate) validation: Rows,
    pub(crate) test: Rows,
}

/// A model version, as `train` gives it and the registry keeps it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ModelRecord {
    pub(crate) name: String,
    pub(crate) version: Version,
    /// The digest of the artifact; none for a version that was never sealed.
    pub(crate) digest: Option<Digest>,
    /// The artifact's folder in the artifact store.
    pub(crate) artifact: Option<String>,
    /// The digest of the snapshot it was trained on.
    pub(crate) dataset: Option<Digest>,
    /// From the first bar it has learned from to just after the last bar of its validation rows.
    pub(crate) trained_on: Option<Window>,
}

impl ModelRecord {
    /// `eurusd_direction v1.0.0`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

/// Who a model to be trained is, as the engine has registered it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Identity {
    pub(crate) id: ModelId,
    pub(crate) name: String,
    pub(crate) version: Version,
    /// The scope's folder: `platform`, `T` or `T/U`.
    pub(crate) scope: String,
    pub(crate) parent: Option<ModelId>,
    /// The canonical JSON of the configuration that the version follows from.
    pub(crate) config: String,
}

impl Identity {
    /// The folder of this version in the artifact store.
    pub(crate) fn folder(&self) -> Result<ArtifactPath, StepError> {
        use suho_artifacts::model_folder;
        use suho_domain::{Name, Scope};
        let scope = match self.scope.split_once('/') {
            None if self.scope == "platform" => Ok(Scope::Platform),
            None => Scope::tenant(self.scope.as_str()),
            Some((tenant, user)) => Scope::user(tenant, user),
        };
        let refused = |error: &dyn std::error::Error| {
            failure::of(suho_domain::Fault::Bug, "bad-identity", error)
        };
        let scope = scope.map_err(|error| refused(&error))?;
        let name = Name::new(self.name.as_str()).map_err(|error| refused(&error))?;
        model_folder(&scope, &name, self.version).map_err(|error| failure::of_folder(&error))
    }
}

/// The artifact store of the attempt.
pub(crate) fn artifacts(context: &Context<'_>) -> Result<Artifacts, StepError> {
    Artifacts::open(context.artifacts()).map_err(|error| failure::of_artifacts(&error))
}
