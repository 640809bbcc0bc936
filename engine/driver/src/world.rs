//! The world around a run: its clocks, its sources, its traffic and its evidence.

use crate::bell::Bell;
use crate::ports::{ModelRow, Prediction};
use crate::registry::RouteRow;
use crate::rooms::Rooms;
use std::collections::BTreeMap;
use std::sync::Arc;
use suho_domain::{DeploymentId, Digest, Duration, Fault, Instant, Name, RunStatus, Value};
use suho_plan::{Answer, Rule};
use suho_rollout::{Action, Observation};
use suho_scheduler::Event;
use suho_step::Progress;

/// What time it is, and whether somebody wants the run to end.
pub trait Clock {
    /// The wall clock.
    fn wall(&self) -> Instant;

    /// Waits `at_most`, or until something may have happened.
    fn wait(&mut self, at_most: Duration);

    /// Whether the terminal asked for an end.
    fn is_interrupted(&self) -> bool;

    /// Longest time before the loop looks at everything again, whatever the timers say and though
    /// nobody rang. On a clock whose time is made up nothing happens between two timers, and it may
    /// be as long as one likes.
    fn patience(&self) -> Duration {
        Duration::from_millis(50)
    }

    /// Whether a run that only people can bring on is let go of, to be taken up again when one of
    /// them has said something; else it is waited for.
    fn may_park(&self) -> bool {
        false
    }

    /// What ends a wait before its time, where there is such a thing: whoever starts attempts has it
    /// rung when one ends.
    fn bell(&self) -> Option<Arc<Bell>> {
        None
    }

    /// The room that this run shares with others; none where it is alone on its machine.
    fn rooms(&self) -> Option<Arc<Rooms>> {
        None
    }

    /// Whether a person may have asked something of the run since the last call. The store is asked
    /// then, and once in the patience in any case.
    fn is_asked(&mut self) -> bool {
        true
    }

    /// Whether the engine goes away and leaves the run, attempts at work included, to the next one.
    fn is_leaving(&self) -> bool {
        false
    }
}

/// Where data comes from.
pub trait Sources {
    /// The content digest of what `source` (a choice like `parquet(path: …)`) names now.
    ///
    /// # Errors
    /// When it is not there or cannot be read; says which place and what to do.
    fn fingerprint(&self, source: &Value) -> Result<Digest, WorldError>;
}

/// Where answers to live requests come from.
pub trait Traffic {
    /// Sends traffic as `route` says, from now on. A generation not newer than the last is ignored.
    ///
    /// # Errors
    /// When the route could not be published.
    fn route(&mut self, route: &RouteRow) -> Result<(), WorldError>;
}

/// What a rollout is judged by.
pub trait Evidence {
    /// The environment's clock: the wall's, or the replay's.
    fn now(&self) -> Instant;

    /// Begins to gather for a rollout, or takes it up again after a restart.
    ///
    /// # Errors
    /// When a model cannot be loaded or data is missing.
    fn begin(&mut self, rollout: &RolloutFacts, resumed: Option<Resumed>)
    -> Result<(), WorldError>;

    /// Goes on to the next moment worth a look.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    fn look(&mut self) -> Result<Look, WorldError>;

    /// Gathers no more for the rollout that is going on.
    fn end(&mut self);
}

/// All of the world a rollout lives in.
pub trait World: Traffic + Evidence {}

impl<T: Traffic + Evidence> World for T {}

/// What a person watching sees.
pub trait Observer {
    /// Something happened and is durable.
    fn event(&mut self, event: &Event, effective_at: Instant);

    /// An attempt reports how far it is.
    fn progress(&mut self, step: &Name, progress: &Progress);

    /// A rollout was looked at.
    fn rollout(&mut self, look: &RolloutLook<'_>);

    /// The run ended.
    fn ended(&mut self, status: RunStatus);

    /// A rule of `step` was asked, and this is what it said.
    fn answered(&mut self, _step: &Name, _rule: &Rule, _answer: &Answer) {}

    /// A rollout's controller did something, and it is durable.
    fn acted(&mut self, _step: &Name, _action: &Action) {}

    /// People are to be told.
    fn told(&mut self, _message: &Message) {}
}

/// What people are told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// The names of the channels it goes to.
    pub channels: Vec<String>,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// One sentence.
    pub text: String,
}

/// A rollout as the world needs to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutFacts {
    /// Its id.
    pub deployment: DeploymentId,
    /// The salt of the bucket function: its id, or for a ramp its canary's, so that whoever met the
    /// candidate in the canary keeps it through the ramp (domain §8.2).
    pub salt: DeploymentId,
    /// The step.
    pub step: Name,
    /// `shadow`, `canary` or `ramp`.
    pub kind: String,
    /// The candidate.
    pub candidate: ModelRow,
    /// What it is compared with.
    pub baseline: Option<ModelRow>,
    /// `fx`, `xnys` or `always`.
    pub calendar: String,
    /// How far ahead the models look.
    pub horizon: Duration,
    /// Bars in one input.
    pub sequence: i64,
    /// How a move becomes a class, as declared.
    pub label: Value,
    /// Start of the window whose events are paired: this rollout's own, or for a ramp its canary's.
    /// `None` means it begins now.
    pub paired_from: Option<Instant>,
    /// What seeds everything drawn: environment, pipeline, run number.
    pub seed: String,
}

/// Where a rollout stood when the engine went away.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumed {
    /// The environment's clock at the last commit.
    pub at: Instant,
    /// What had been answered until then.
    pub predictions: Vec<Prediction>,
}

/// What a look finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// Nothing new; ask again after waiting.
    Idle,
    /// The recorded bars are at their end.
    OutOfBars,
    /// One minute of the environment's clock.
    Minute(Box<Minute>),
}

/// One minute of a rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct Minute {
    /// The environment's clock at its end.
    pub now: Instant,
    /// Whether a bar closed with it: a good moment to commit.
    pub is_bar_close: bool,
    /// What the controller looks at; its `answers` are filled in by the loop.
    pub observation: Observation,
    /// What rules may speak of; what has no answer is [`Value::Undefined`].
    pub metrics: BTreeMap<String, Value>,
    /// Those of them that are rates or quantiles of requests, of the last minutes alone: what
    /// `rollback` and `hold` see. A total would tell of a late outage late.
    pub recent: BTreeMap<String, Value>,
    /// Answers since the last minute.
    pub predictions: Vec<Prediction>,
    /// Bars whose label is known since the last minute: close time and class.
    pub labels: Vec<(Instant, i8)>,
}

/// A look at a rollout, for who watches.
#[derive(Clone, Copy, Debug)]
pub struct RolloutLook<'a> {
    /// The step.
    pub step: &'a Name,
    /// The environment's clock.
    pub now: Instant,
    /// The candidate's share of traffic.
    pub share: suho_domain::BasisPoints,
    /// Market time counted, and how much there will be.
    pub accrued: Duration,
    /// See `accrued`.
    pub total: Duration,
    /// What was measured.
    pub metrics: &'a BTreeMap<String, Value>,
}

/// Why the world could not answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct WorldError {
    /// A kebab-case code.
    pub code: String,
    /// One fragment: what, where, why.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Who has to act.
    pub fault: Fault,
}
