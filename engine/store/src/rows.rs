//! What the command line reads beside the engine's own rows.

use suho_domain::{DeploymentId, Instant, ModelId, ModelStatus, Name, RunId, RunStatus};
use suho_driver::registry::{EvaluationRow, RouteRow};

/// Which runs to list. `None` matches every run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunFilter {
    /// In this environment.
    pub environment: Option<String>,
    /// Of this pipeline.
    pub pipeline: Option<Name>,
    /// That stand so.
    pub status: Option<RunStatus>,
}

impl RunFilter {
    /// Every run.
    pub const ANY: Self = Self { environment: None, pipeline: None, status: None };
}

/// Which models to list. `None` matches every model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModelFilter {
    /// Of this name.
    pub name: Option<Name>,
    /// That stand so.
    pub status: Option<ModelStatus>,
    /// Made by this run.
    pub run: Option<RunId>,
}

impl ModelFilter {
    /// Every model.
    pub const ANY: Self = Self { name: None, status: None, run: None };
}

/// One move in a model's life.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transition {
    /// The model.
    pub model: ModelId,
    /// Where it stood; `None` when its version was reserved.
    pub from: Option<ModelStatus>,
    /// Where it came to stand.
    pub to: ModelStatus,
    /// The row version before the move, from 0.
    pub from_row_version: u64,
    /// The reason word.
    pub reason: String,
    /// The reason in words.
    pub detail: Option<String>,
    /// Who moved it.
    pub actor: String,
    /// In which run.
    pub run: Option<RunId>,
    /// By which rollout.
    pub deployment: Option<DeploymentId>,
    /// When, by the environment's clock.
    pub at: Instant,
}

/// What an evaluation found, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What it found.
    pub row: EvaluationRow,
    /// In which run.
    pub run: RunId,
    /// When, by the environment's clock.
    pub at: Instant,
}

/// Who served a slot from a moment on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// Who.
    pub row: RouteRow,
    /// In which run it was asked for.
    pub run: RunId,
    /// When, by the environment's clock.
    pub at: Instant,
}

/// Something a person should hear of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// Its number, from 1.
    pub id: u64,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// One sentence.
    pub message: String,
    /// The model it is about.
    pub model: Option<ModelId>,
    /// The run it came from.
    pub run: RunId,
    /// When, by the environment's clock.
    pub at: Instant,
}
