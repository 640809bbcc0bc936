//! A model that an earlier attempt sealed, and whose end nobody heard of: it is taken as it is.
//!
//! An attempt can die between sealing a model and saying so. The next one of the same step finds the
//! sealed model of its own identity, made from the same inputs by the same code, and trains nothing.

use crate::beside::Identity;
use crate::failure;
use crate::model::{Lineage, ModelError, lineage};
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts};
use suho_domain::Digest;
use suho_step::StepError;

/// The artifact's digest and what training came to, where `folder` holds the sealed model of `identity`
/// that `asked` makes; nothing where another one, or none, lies there.
pub(super) fn adopted(
    artifacts: &Artifacts,
    folder: &ArtifactPath,
    identity: &Identity,
    asked: &Digest,
) -> Result<Option<(Digest, Lineage)>, StepError> {
    let (manifest, came_to) = match lineage(artifacts, folder) {
        Ok(found) => found,
        // What is no model, or of another suho, is not adopted; sealing in its place says so.
        Err(
            ModelError::Artifact(ArtifactError::Unsealed { .. } | ArtifactError::Missing { .. })
            | ModelError::Unreadable { .. },
        ) => return Ok(None),
        Err(error) => {
            return Err(failure::of(error.fault(), error.code(), &error).help(error.help()));
        }
    };
    let is_own = manifest.model_id == identity.id
        && manifest.version == identity.version
        && came_to.asked.as_ref() == Some(asked);
    Ok(is_own.then_some((manifest.artifact_digest, came_to)))
}
