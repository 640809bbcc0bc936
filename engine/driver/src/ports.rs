//! What the loop needs of the world: traits, and the plain rows that pass through them.

pub use crate::plan_text::PlanText;

use crate::registry::{Change, RouteRow};
use serde::{Deserialize, Serialize};
use suho_domain::{
    BasisPoints, DeploymentId, Digest, Duration, Fault, Instant, ModelId, ModelStatus, Name,
    Record, RunId, RunStatus, Slot, Version,
};
use suho_scheduler::Event;

/// The durable memory. One commit is one transaction: events and registry changes together, or
/// neither.
pub trait Store {
    /// Begins a run: numbers it within (environment, pipeline) and derives its id from that.
    ///
    /// # Errors
    /// When the database refuses.
    fn create_run(&mut self, run: &NewRun) -> Result<RunRow, StoreError>;

    /// A run and its whole log, in order.
    ///
    /// # Errors
    /// When there is no such run, or its log cannot be read.
    fn load(&mut self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError>;

    /// Appends events and applies changes, all or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the log or a row has moved on; nothing is written then.
    fn commit(&mut self, commit: &Commit) -> Result<(), StoreError>;

    /// The results kept under content keys; those that there are, in no order.
    ///
    /// # Errors
    /// When the database refuses.
    fn cached(&mut self, keys: &[Digest]) -> Result<Vec<CacheEntry>, StoreError>;

    /// What the registry knows about a place in production. Verifies the rows it reads.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when a row contradicts its own history.
    fn slot(&mut self, slot: &Slot) -> Result<SlotFacts, StoreError>;

    /// One model version. Verifies the row.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when the row contradicts its own history.
    fn model(&mut self, model: &ModelId) -> Result<Option<ModelRow>, StoreError>;

    /// A rollout's row and the predictions made for it, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    fn rollout(
        &mut self,
        deployment: &DeploymentId,
    ) -> Result<Option<(DeploymentRow, Vec<Prediction>)>, StoreError>;

    /// Requests for `run` that nobody has answered yet.
    ///
    /// # Errors
    /// When the database refuses.
    fn requests(&mut self, run: &RunId) -> Result<Vec<Request>, StoreError>;
}

/// A run to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// The pipeline.
    pub pipeline: Name,
    /// The environment, `rehearsal` or an `env` block's name.
    pub environment: String,
    /// The plan's digest: the same command finds its unfinished run by it.
    pub plan_digest: Digest,
    /// The whole plan: a run needs nothing else.
    pub plan: PlanText,
    /// The logical time: what "now" means to everything the run computes.
    pub as_of: Instant,
    /// When it was asked for.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
}

/// A run's row. `status` is a cache of the replayed log.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// Its number within (environment, pipeline), from 1.
    pub number: u64,
    /// The pipeline.
    pub pipeline: Name,
    /// The environment.
    pub environment: String,
    /// How it stands.
    pub status: RunStatus,
    /// The plan's digest.
    pub plan_digest: Digest,
    /// The plan.
    pub plan: PlanText,
    /// The logical time.
    pub as_of: Instant,
    /// When it was asked for.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// One line of a run's log.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedEvent {
    /// Its place in the log, from 1, without gaps.
    pub seq: u64,
    /// When it was written, by the wall clock.
    pub recorded_at: Instant,
    /// When it took effect, by the environment's clock.
    pub effective_at: Instant,
    /// What happened.
    pub event: Event,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The run.
    pub run: RunId,
    /// The last sequence number the writer has seen; anything newer is a conflict.
    pub after_seq: u64,
    /// The wall clock.
    pub recorded_at: Instant,
    /// The environment's clock.
    pub effective_at: Instant,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What it does to the registry, in order.
    pub changes: Vec<Change>,
    /// How the run stands after the events.
    pub status: RunStatus,
}

/// A result kept for whoever asks for the same content.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheEntry {
    /// The content key.
    pub key: Digest,
    /// The step's kind.
    pub kind: Name,
    /// What it made.
    pub outputs: Record,
    /// The run that made it.
    pub run: RunId,
    /// The step's name there.
    pub step: Name,
    /// The inputs it was made from, untagged: what `why` compares.
    pub inputs: serde_json::Value,
    /// When.
    pub made_at: Instant,
}

/// What the registry knows about a place in production.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlotFacts {
    /// The model that serves it.
    pub production: Option<ModelRow>,
    /// Every version of the model's name in the scope, archived ones included, oldest first.
    pub versions: Vec<ModelRow>,
    /// The newest route, if there is one yet.
    pub route: Option<RouteRow>,
    /// A rollout that is not over, if there is one.
    pub live: Option<DeploymentRow>,
}

/// A model version's row.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRow {
    /// Its id.
    pub id: ModelId,
    /// Where it serves or would serve.
    pub slot: Slot,
    /// Its version.
    pub version: Version,
    /// Where it stands.
    pub status: ModelStatus,
    /// Why it stands there, for statuses that need a reason.
    pub status_reason: Option<String>,
    /// Counts its changes; every write names the one it saw.
    pub row_version: u64,
    /// Rolled back, and not to be moved forward by automation.
    pub quarantined: bool,
    /// The digest of what makes it: [`ModelRow::config`].
    pub config_digest: Digest,
    /// The whole configuration (domain §2.1).
    pub config: serde_json::Value,
    /// The snapshot it was trained on.
    pub dataset_digest: Option<Digest>,
    /// First and one-past-last bar of its train and validation data, if trained.
    pub trained_on: Option<(Instant, Instant)>,
    /// The digest of its sealed artifact.
    pub artifact_digest: Option<Digest>,
    /// Its folder in the artifact store.
    pub artifact: Option<String>,
    /// What was measured of it, untagged.
    pub metrics: serde_json::Value,
    /// The random seed.
    pub seed: i64,
    /// The digest of the code that made it.
    pub code_digest: Digest,
    /// The model it replaces or was derived from.
    pub parent: Option<ModelId>,
    /// The run that made it.
    pub run: Option<RunId>,
    /// When the version was reserved.
    pub created_at: Instant,
    /// When its artifact was sealed.
    pub trained_at: Option<Instant>,
    /// When it became production.
    pub deployed_at: Option<Instant>,
}

/// A rollout's row: its program counter.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentRow {
    /// Its id.
    pub id: DeploymentId,
    /// The place in production.
    pub slot: Slot,
    /// The candidate.
    pub model: ModelId,
    /// The model it is compared with.
    pub baseline: Option<ModelId>,
    /// `shadow`, `canary` or `ramp`.
    pub kind: String,
    /// `active`, `paused`, `promoted`, `rolled_back`, `inconclusive`, ….
    pub status: String,
    /// The candidate's share now.
    pub traffic: BasisPoints,
    /// The routing epoch it last wrote.
    pub routing_epoch: u64,
    /// Salt of the bucket function.
    pub salt: String,
    /// The controller's whole state, as JSON; what a restart continues from.
    pub state: serde_json::Value,
    /// Market time it has counted.
    pub accrued: Duration,
    /// What was decided, and why.
    pub decision: Option<(String, String)>,
    /// Counts its changes.
    pub row_version: u64,
    /// When it began, by the environment's clock.
    pub created_at: Instant,
    /// When it ended.
    pub finished_at: Option<Instant>,
}

/// One answer of one model to one request, or its mirror in shadow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The request; unique together with the model.
    pub request: String,
    /// When it was asked.
    pub time: Instant,
    /// The close of the bar it speaks about.
    pub event_time: Instant,
    /// Who asked.
    pub unit: String,
    /// The model.
    pub model: ModelId,
    /// `baseline`, `canary` or `shadow`.
    pub arm: String,
    /// Whether the answer was the one given.
    pub served: bool,
    /// The unit's bucket, `0..10_000`.
    pub bucket: u16,
    /// When its label is known, by the market's calendar.
    pub label_due_at: Instant,
    /// −1 down, 0 flat, 1 up.
    pub class: i8,
    /// Probabilities of down, flat, up.
    pub probabilities: [f32; 3],
    /// Time of the inference, in milliseconds.
    pub latency_ms: f64,
    /// Whether an earlier answer for the same bar was given again.
    pub cache_hit: bool,
    /// Why there is no answer, if there is none.
    pub error: Option<String>,
    /// What came true, once known.
    pub actual: Option<i8>,
}

/// Something a person asked of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// Its number.
    pub id: u64,
    /// `cancel`, `pause`, `resume`, `freeze`, `thaw`, `approve`, `reject`, `abort` of the rollout under
    /// way, or what [`weigh`](crate::weigh) answers.
    pub kind: String,
    /// The step it is about, if it is about one.
    pub subject: Option<Name>,
    /// Who asked.
    pub by: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Instant,
}

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or the database refused; nothing was written.
    #[error("cannot {doing}")]
    Refused {
        /// What was being done: `append to the log of run …`.
        doing: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The commit may or may not have happened: read again before deciding.
    #[error("cannot tell whether this was written: {doing}")]
    Unknown {
        /// What was being done.
        doing: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Somebody else wrote first.
    #[error("{what} has moved on: expected {expected}, found {found}")]
    Conflict {
        /// Which row or log.
        what: String,
        /// What the writer had seen.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Another process has the state.
    #[error("the state in `{path}` is in use by process {holder}")]
    Locked {
        /// The state folder.
        path: String,
        /// Who has it, as far as it says.
        holder: String,
    },
    /// People have stopped the line: no traffic is moved up, and nothing is promoted.
    #[error("the line of `{environment}` is stopped by {by}: {why}")]
    Frozen {
        /// The environment.
        environment: String,
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// This engine does not lead any more: nothing was written, and nothing may be begun.
    #[error("this engine does not lead `{what}` any more, as it did in epoch {epoch}: {why}")]
    Fenced {
        /// What it led: an environment.
        what: String,
        /// In which epoch.
        epoch: u64,
        /// How it knows.
        why: String,
    },
    /// A row contradicts its own history: it was edited by hand, or we are wrong.
    #[error("{what} was changed outside suho: {detail}")]
    Tampered {
        /// Which row.
        what: String,
        /// The contradiction.
        detail: String,
    },
    /// There is no such thing.
    #[error("there is no {0}")]
    Missing(String),
    /// The database was written by a newer suho.
    #[error("the database has schema {found}; this suho knows up to {known}")]
    Newer {
        /// In the database.
        found: i64,
        /// Known here.
        known: i64,
    },
}

impl StoreError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Refused { .. }
            | Self::Unknown { .. }
            | Self::Conflict { .. }
            | Self::Locked { .. }
            | Self::Frozen { .. }
            | Self::Fenced { .. }
            | Self::Tampered { .. } => Fault::World,
            Self::Missing(_) | Self::Newer { .. } => Fault::User,
        }
    }
}
