//! `suho model verify`: the registry held against its history, the artifact against its digests.

use super::place::{State, States, refused};
use super::words::many;
use crate::args;
use crate::failure::Failure;
use crate::keeping;
use crate::terminal;
use serde_json::json;
use std::path::Path;
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts};
use suho_domain::Digest;
use suho_driver::ports::{ModelRow, StoreError};
use suho_store::SqliteStore;

/// `suho model verify MODEL`: what holds on standard output, the first thing that does not as the
/// error.
pub(super) fn verify(args: &args::ModelShow) -> Result<u8, Failure> {
    let (State { folder, store }, model) = States::of(&args.place)?.model(&args.model)?;
    let notation = args.output.notation();
    let mut held = Vec::new();
    let mut hold = |said: String| {
        if notation.is_none() {
            terminal::out(&format!("ok  {said}\n"));
        }
        held.push(said);
    };
    hold(registry(&store)?);
    hold(artifact(&folder, &model)?);
    if let Some(notation) = notation {
        terminal::out(&notation.page(&json!({
            "version": 1,
            "model": { "id": model.id, "name": model.slot.model, "version": model.version },
            "ok": true,
            "checks": held,
        })));
    }
    Ok(0)
}

/// The whole registry: a model's row is only as good as the chain it stands in.
pub(super) fn registry(store: &SqliteStore) -> Result<String, Failure> {
    let all = store.verify_all().map_err(|error| refused(&error))?;
    let Some(first) = all.found.first() else {
        let (models, lines) = (many(all.models, "model"), many(all.audit_lines, "line"));
        return Ok(format!("registry: {models} and {lines} of the audit log agree"));
    };
    let also = all.found.iter().skip(1).map(StoreError::to_string);
    Err(also.fold(refused(first), |failure, other| failure.help(format!("also: {other}"))))
}

/// The artifacts of `state`, in which one was found.
pub(super) fn artifacts(state: &Path) -> Result<Artifacts, Failure> {
    Artifacts::open(&keeping::artifacts(state)).map_err(|error| keeping::refused(&error))
}

/// Every file of the model's artifact, and the artifact against the registry.
pub(super) fn artifact(state: &Path, model: &ModelRow) -> Result<String, Failure> {
    let (Some(folder), Some(expected)) = (&model.artifact, &model.artifact_digest) else {
        return Ok(format!("artifact: {} has none yet", model.version));
    };
    let corrupt = |error: &ArtifactError| {
        let failure = keeping::refused(error).at(format!("{}/{folder}", keeping::artifacts(state)));
        match error {
            // Nothing is known of what lies there.
            ArtifactError::Bucket { .. } => failure,
            _ => failure
                .help("restore the folder from a backup; an artifact is never repaired in place"),
        }
    };
    let path = ArtifactPath::new(folder.as_str()).map_err(|e| corrupt(&e.into()))?;
    let Some(artifacts) = keeping::open(state).map_err(|error| corrupt(&error))? else {
        return Err(corrupt(&ArtifactError::Unsealed { folder: path }));
    };
    let manifest = artifacts.verify(&path).map_err(|error| corrupt(&error))?;
    let found: &Digest = &manifest.artifact_digest;
    if found != expected {
        let (expected, found) = (expected.clone(), found.clone());
        return Err(corrupt(&ArtifactError::Corrupt { path, expected, found }));
    }
    let files = u64::try_from(manifest.files.len()).unwrap_or(u64::MAX);
    Ok(format!("artifact: {folder}, {}, {}", many(files, "file"), expected.short()))
}
