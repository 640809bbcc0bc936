//! What queries answered, kept.

use crate::failure;
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts};
use suho_domain::{Fault, Instant};
use suho_market::{Bars, Frozen, Lineage, Manifest, SnapshotError, freeze, thaw};
use suho_step::StepError;

/// Written last, and once: whoever comes second takes what the first has kept. The bars lie beside it
/// under a name of their own content, so that what a crash left behind is in nobody's way.
const MANIFEST: &str = "manifest.json";

/// The bars kept in `folder`, verified, and what was asked; none where nothing is.
pub(super) fn find(
    artifacts: &Artifacts,
    folder: &ArtifactPath,
) -> Result<Option<(Bars, Lineage)>, StepError> {
    let path = inside(folder, MANIFEST)?;
    let manifest = match artifacts.get(&path) {
        Ok(manifest) => manifest,
        Err(ArtifactError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(failure::of_artifacts(&error)),
    };
    let changed = |path: &ArtifactPath, error: &dyn std::error::Error| {
        failure::of(Fault::World, "artifact-corrupt", error).help(format!(
            "`{path}` was changed after it was frozen: remove its folder, and the source is asked \
             again"
        ))
    };
    let manifest: Manifest =
        serde_json::from_slice(&manifest).map_err(|error| changed(&path, &error))?;
    let path = bars_of(folder, &manifest)?;
    let file = artifacts
        .get_verified(&path, &manifest.file_digest)
        .map_err(|error| changed(&path, &error))?;
    let bars = thaw(file, &manifest).map_err(|error| changed(&path, &error))?;
    let lineage = manifest.lineage.unwrap_or(Lineage::Files(Vec::new()));
    Ok(Some((bars, lineage)))
}

/// Keeps what was answered, unless somebody else has kept an answer in the meantime.
pub(super) fn keep(
    artifacts: &Artifacts,
    folder: &ArtifactPath,
    bars: &Bars,
    (source, as_of): (&str, Instant),
    lineage: &Lineage,
) -> Result<(), StepError> {
    let failed = |error: SnapshotError| failure::of(error.fault(), "unwritable-bars", &error);
    let Frozen { file, manifest } =
        freeze(bars, source, as_of.to_chrono(), Some(lineage.clone())).map_err(failed)?;
    let refused = |error: ArtifactError| failure::of_artifacts(&error);
    artifacts.put_once(&bars_of(folder, &manifest)?, &file).map_err(refused)?;
    let manifest = serde_json::to_vec_pretty(&manifest).map_err(|e| failure::of_json(&e))?;
    match artifacts.put_once(&inside(folder, MANIFEST)?, &manifest) {
        Ok(_) | Err(ArtifactError::Conflict { .. }) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

/// Where the bars that `manifest` speaks of lie.
fn bars_of(folder: &ArtifactPath, manifest: &Manifest) -> Result<ArtifactPath, StepError> {
    inside(folder, &format!("{}.parquet", manifest.file_digest.hex()))
}

fn inside(folder: &ArtifactPath, name: &str) -> Result<ArtifactPath, StepError> {
    ArtifactPath::new(name).and_then(|name| folder.join(&name)).map_err(|e| failure::of_path(&e))
}
