//! Changes of the registry, as data: what one commit does to models, evaluations, rollouts and
//! routes. Each names the row version it saw; a stale writer changes nothing.

use crate::ports::Prediction;
use suho_domain::{
    BasisPoints, DeploymentId, Digest, Duration, Instant, ModelId, ModelStatus, Move, Name, Record,
    RunId, Slot, Version,
};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A frozen snapshot is known; the same digest twice is one row.
    SealDataset(DatasetRow),
    /// T0: a version is reserved.
    Reserve(Box<NewModel>),
    /// A model moves; writes the transition and the audit line with it.
    Move(MoveModel),
    /// T2's facts: what training made. Set once, together with the move to `testing`.
    SetArtifact {
        /// The model.
        model: ModelId,
        /// The sealed artifact's digest.
        digest: Digest,
        /// Its folder in the artifact store.
        folder: String,
        /// The snapshot it was trained on.
        dataset: Digest,
        /// First and one-past-last bar of train and validation.
        trained_on: (Instant, Instant),
        /// Losses, epochs and the like, untagged.
        metrics: serde_json::Value,
    },
    /// What an evaluation found; the same (model, kind, spec, data) twice is one row.
    Evaluate(EvaluationRow),
    /// A rollout begins.
    Deploy(NewDeployment),
    /// A rollout's row moves on.
    Rollout(RolloutUpdate),
    /// Traffic of a slot: a new generation, refused unless it is the next.
    Route(RouteRow),
    /// Answers to requests; the same (request, model) twice is one row.
    Predictions {
        /// The rollout they were made for.
        deployment: DeploymentId,
        /// Whose they are.
        slot: Slot,
        /// How far ahead they look.
        horizon: Duration,
        /// The rows.
        rows: Vec<Prediction>,
    },
    /// The labels of one bar came true.
    Label {
        /// The rollout.
        deployment: DeploymentId,
        /// The bar's close.
        event_time: Instant,
        /// −1, 0 or 1.
        actual: i8,
        /// When it was known.
        at: Instant,
    },
    /// A result to keep under its content key.
    Cache {
        /// The key.
        key: Digest,
        /// The step's kind.
        kind: Name,
        /// The step.
        step: Name,
        /// What it made.
        outputs: Record,
        /// From what, untagged.
        inputs: serde_json::Value,
    },
    /// A person's request was answered.
    Answer {
        /// Its number.
        request: u64,
    },
    /// Something a person should hear of.
    Notice {
        /// `info`, `warning` or `critical`.
        severity: String,
        /// One sentence.
        message: String,
        /// The model it is about.
        model: Option<ModelId>,
    },
}

impl Change {
    /// Whether it changes what the registry answers of models, rollouts and routes.
    pub const fn is_of_registry(&self) -> bool {
        !matches!(self, Self::Cache { .. } | Self::Answer { .. } | Self::Notice { .. })
    }
}

/// A frozen snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetRow {
    /// Digest of its canonical content.
    pub digest: Digest,
    /// Whose data.
    pub slot: Slot,
    /// Open time of the first bar, and one past the last.
    pub range: (Instant, Instant),
    /// The instant up to which the source was known.
    pub as_of: Instant,
    /// How many bars.
    pub rows: u64,
    /// The catalogue's version.
    pub feature_version: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Where it came from.
    pub source: String,
    /// Its manifest in the artifact store.
    pub manifest: String,
}

/// A version to reserve.
#[derive(Clone, Debug, PartialEq)]
pub struct NewModel {
    /// Its id.
    pub id: ModelId,
    /// Its slot.
    pub slot: Slot,
    /// How far ahead it looks.
    pub horizon: Duration,
    /// The version.
    pub version: Version,
    /// What it is derived from.
    pub parent: Option<ModelId>,
    /// The whole configuration (domain §2.1); its digest is computed from it.
    pub config: serde_json::Value,
    /// Layers, a part of the configuration.
    pub architecture: serde_json::Value,
    /// Hyperparameters, a part of the configuration.
    pub hyperparameters: serde_json::Value,
    /// Feature names.
    pub features: Vec<String>,
    /// The catalogue's version.
    pub feature_version: String,
    /// The seed.
    pub seed: i64,
    /// This engine's version.
    pub engine_version: String,
    /// The digest of the code that trains.
    pub code_digest: Digest,
    /// The run.
    pub run: RunId,
    /// Who asked for it.
    pub created_by: String,
}

/// A move of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveModel {
    /// The model.
    pub model: ModelId,
    /// Where the writer saw it.
    pub from: ModelStatus,
    /// The row version the writer saw.
    pub row_version: u64,
    /// What happens to it.
    pub attempted: Move,
    /// The reason word: `acceptance_failed`, `superseded`, `trained`, ….
    pub reason: String,
    /// The reason in words.
    pub detail: Option<String>,
    /// Sets or clears the quarantine; `None` leaves it.
    pub quarantined: Option<bool>,
    /// The rollout that moved it.
    pub deployment: Option<DeploymentId>,
    /// Who moved it.
    pub actor: String,
}

/// What an evaluation found.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationRow {
    /// The model.
    pub model: ModelId,
    /// `test`, `backtest`, `latency`, `leakage` or `shadow`.
    pub kind: String,
    /// The data.
    pub dataset: Option<Digest>,
    /// First and one-past-last bar.
    pub window: Option<(Instant, Instant)>,
    /// The model it was compared with.
    pub baseline: Option<ModelId>,
    /// What was found, untagged.
    pub metrics: serde_json::Value,
    /// What was found of the baseline on the same rows.
    pub baseline_metrics: Option<serde_json::Value>,
    /// The digest of what was asked.
    pub spec_digest: Digest,
    /// `pass`, `fail`, `error` or `none`.
    pub verdict: String,
}

/// A rollout to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// Its slot.
    pub slot: Slot,
    /// The candidate.
    pub model: ModelId,
    /// What it is compared with.
    pub baseline: Option<ModelId>,
    /// `shadow`, `canary` or `ramp`.
    pub kind: String,
    /// Salt of the bucket function.
    pub salt: String,
    /// The controller's specification, as JSON.
    pub spec: serde_json::Value,
    /// Its rules as written.
    pub criteria: serde_json::Value,
    /// Its first state, as JSON.
    pub state: serde_json::Value,
}

/// A rollout's row moves on.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutUpdate {
    /// The rollout.
    pub id: DeploymentId,
    /// The row version the writer saw.
    pub row_version: u64,
    /// `active`, `paused`, `inconclusive`, `promoted`, `rolled_back`, ….
    pub status: String,
    /// Which declared step it is at.
    pub step_index: u32,
    /// The candidate's share.
    pub traffic: BasisPoints,
    /// The routing epoch it has written.
    pub routing_epoch: u64,
    /// Market time counted.
    pub accrued: Duration,
    /// The controller's state.
    pub state: serde_json::Value,
    /// What was decided, and why; ends the rollout.
    pub decision: Option<(String, String)>,
}

/// Who serves a slot from now on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteRow {
    /// The slot.
    pub slot: Slot,
    /// One more than the generation before it.
    pub generation: u64,
    /// The champion, if there is one.
    pub production: Option<ModelId>,
    /// The candidate and its share.
    pub candidate: Option<(ModelId, BasisPoints)>,
    /// The rollout that asks for it.
    pub deployment: Option<DeploymentId>,
}
