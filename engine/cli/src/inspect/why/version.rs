//! Which version a training made, and which changes moved it there.

use crate::failure::Failure;
use crate::inspect::place::{State, refused};
use crate::inspect::seen::Seen;
use serde::Serialize;
use serde_json::Value as Json;
use suho_domain::{Bump, ModelId, Version};
use suho_driver::ports::{ModelRow, SlotFacts, Store as _};
use suho_driver::version::Change;
use suho_driver::{Candidate, id_of, next_version};
use suho_scheduler::StepView;
use suho_store::ModelFilter;

/// A version, and how it came to be.
#[derive(Debug, Serialize)]
pub(super) struct Made {
    pub(super) id: ModelId,
    pub(super) version: Version,
    /// The version it was compared with.
    pub(super) since: Option<Version>,
    pub(super) bump: Bump,
    /// Every change that counts, the gravest first. Empty where it cannot be told any more.
    pub(super) reasons: Vec<Change>,
}

/// The version of the model that the `train` step in `view` made or took from the cache.
pub(super) fn of(
    state: &mut State,
    seen: &Seen,
    view: &StepView<'_>,
) -> Result<Option<Made>, Failure> {
    let model = if let Some(id) = id_of(view.outputs.get("model")) {
        state.store.model(&id).map_err(|error| refused(&error))?
    } else {
        let filter = ModelFilter { run: Some(seen.row.id.clone()), ..ModelFilter::ANY };
        state.store.models(&filter).map_err(|error| refused(&error))?.pop()
    };
    let Some(model) = model else { return Ok(None) };
    let facts = state.store.slot(&model.slot).map_err(|error| refused(&error))?;
    let earlier: Vec<_> = facts.versions.into_iter().take_while(|row| row.id != model.id).collect();
    let feature_version = model.config.get("feature_version").and_then(Json::as_str);
    let candidate = Candidate::of(&seen.plan, feature_version.unwrap_or_default())
        .map_err(|error| Failure::from_error(error.fault(), "no-candidate", &error))?;
    let Some(candidate) = candidate else { return Ok(None) };
    // As it was made: a cached model may come from a plan that was written otherwise.
    let candidate = Candidate { config: model.config.clone(), seed: model.seed, ..candidate };
    Ok(Some(made(&model, &candidate, earlier)))
}

/// The registry keeps the version, not its reasons; they follow again from what stood there before.
/// Which version that was is told by its parent, or else by which one leads to this version.
fn made(model: &ModelRow, candidate: &Candidate, earlier: Vec<ModelRow>) -> Made {
    let parent = earlier.iter().find(|row| Some(&row.id) == model.parent.as_ref()).cloned();
    let trained = earlier.iter().rev().filter(|row| row.artifact_digest.is_some()).cloned();
    let bases: Vec<Option<ModelRow>> =
        parent.map(Some).into_iter().chain([None]).chain(trained.map(Some)).collect();
    let mut facts = SlotFacts { versions: earlier, ..SlotFacts::default() };
    for base in bases {
        let since = base.as_ref().map(|row| row.version);
        facts.production = base;
        let data = model.dataset_digest.as_ref();
        let next = next_version(&facts, candidate, data, &model.code_digest);
        let Ok((version, bump, reasons)) = next else { continue };
        if version == model.version {
            let since = since.or_else(|| newest_trained(&facts));
            return Made { id: model.id.clone(), version, since, bump, reasons };
        }
    }
    let (id, version) = (model.id.clone(), model.version);
    Made { id, version, since: None, bump: Bump::None, reasons: Vec::new() }
}

/// What `next_version` compares with where nothing is in production.
fn newest_trained(facts: &SlotFacts) -> Option<Version> {
    let is_base = |row: &&ModelRow| {
        row.artifact_digest.is_some() && row.status != suho_domain::ModelStatus::Archived
    };
    facts.versions.iter().rfind(is_base).map(|row| row.version)
}
