//! The trials of a sweep that are done, kept in the artifact store until the sweep is: a sweep that is
//! killed goes on without repeating them.
//!
//! They lie in `_tmp/{run}/{step}/`, as the checkpoints of a training do.

use crate::failure;
use serde::{Deserialize, Serialize};
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts};
use suho_step::{Context, StepError};

/// What a trial came to when it was trained up to some epoch.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Came {
    /// Epochs that were trained.
    pub(super) epochs: usize,
    /// The best of them, from 1; 0 where it diverged before there was one.
    pub(super) best_epoch: usize,
    /// The mean loss on the validation rows in that epoch; none where it diverged.
    pub(super) validation_loss: Option<f64>,
    /// The accuracy on the validation rows in that epoch.
    pub(super) validation_accuracy: f64,
    /// Whether it goes no further: its last epoch, its patience, or it diverged.
    pub(super) is_over: bool,
    /// The loss of each validation row, where it was trained to its end.
    pub(super) losses: Vec<f64>,
}

/// Where the trials of a step are kept.
pub(super) struct Kept<'a> {
    artifacts: &'a Artifacts,
    folder: ArtifactPath,
}

impl<'a> Kept<'a> {
    /// Those of the step that the context's attempt is at.
    pub(super) fn of(context: &Context<'_>, artifacts: &'a Artifacts) -> Result<Self, StepError> {
        let key = context.key();
        let folder = ArtifactPath::new(format!("_tmp/{}/{}", key.run, key.step))
            .map_err(|error| failure::of_path(&error))?;
        Ok(Self { artifacts, folder })
    }

    /// What trial `number` came to at rung `rung`, if that is known.
    pub(super) fn found(&self, number: usize, rung: usize) -> Result<Option<Came>, StepError> {
        match self.artifacts.get(&self.path(number, rung, "json")?) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(ArtifactError::Missing { .. }) => Ok(None),
            Err(error) => Err(failure::of_artifacts(&error)),
        }
    }

    /// Where trial `number` stood at the end of rung `rung`, if it goes on from there.
    pub(super) fn checkpoint(
        &self,
        number: usize,
        rung: usize,
    ) -> Result<Option<Vec<u8>>, StepError> {
        match self.artifacts.get(&self.path(number, rung, "checkpoint")?) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ArtifactError::Missing { .. }) => Ok(None),
            Err(error) => Err(failure::of_artifacts(&error)),
        }
    }

    /// Keeps what trial `number` came to at rung `rung`; where it stood first, so that what is known to be
    /// done can go on.
    pub(super) fn keep(
        &self,
        number: usize,
        rung: usize,
        came: &Came,
        checkpoint: Option<&[u8]>,
    ) -> Result<(), StepError> {
        let put = |kind: &str, bytes: &[u8]| -> Result<(), StepError> {
            let put = self.artifacts.put_once(&self.path(number, rung, kind)?, bytes);
            put.map(drop).map_err(|error| failure::of_artifacts(&error))
        };
        if let Some(bytes) = checkpoint {
            put("checkpoint", bytes)?;
        }
        put("json", &serde_json::to_vec(came).map_err(|error| failure::of_json(&error))?)
    }

    /// Removes all.
    pub(super) fn clear(&self) -> Result<(), StepError> {
        let refused = |error: &ArtifactError| failure::of_artifacts(error);
        for file in self.artifacts.list(&self.folder).map_err(|error| refused(&error))? {
            self.artifacts.remove(&file.path).map_err(|error| refused(&error))?;
        }
        Ok(())
    }

    fn path(&self, number: usize, rung: usize, kind: &str) -> Result<ArtifactPath, StepError> {
        ArtifactPath::new(format!("trial-{number}-{rung}.{kind}"))
            .and_then(|name| self.folder.join(&name))
            .map_err(|error| failure::of_path(&error))
    }
}
