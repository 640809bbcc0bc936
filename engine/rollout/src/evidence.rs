//! What a rollout is shown each minute.

use crate::{Answer, Block};
use serde::{Deserialize, Serialize};
use suho_domain::{BasisPoints, Duration, Instant};

/// One minute's evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// World time. One that is not after the last is not taken in.
    pub at: Instant,
    /// Market time since the rollout began.
    pub market: Duration,
    /// Whether the market is open.
    pub open: bool,
    /// Whether a freeze window forbids steps up and promotions. Never forbids a rollback.
    pub frozen: bool,
    /// Whether a person holds the rollout: traffic stays, the clock stands, guardrails go on.
    pub paused: bool,
    /// The candidate's share as all live nodes have acknowledged it.
    pub share: BasisPoints,
    /// What was measured; `None` when the source of measurements did not answer.
    pub evidence: Option<Evidence>,
}

/// What was measured. Counts are the candidate's unless they say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The last five minutes.
    pub window: Window,
    /// Since the rollout began.
    pub total: Totals,
    /// Answers that were not finite or no probabilities, since the rollout began.
    pub non_finite: u64,
    /// Uptime probes, since the rollout began.
    pub probes: Probes,
    /// Distinct units seen in this routing epoch. Given at the close of a bar only, so that the
    /// test is not repeated every minute.
    pub units: Option<Units>,
    /// Events (labels) of the rollout's window.
    pub events: Events,
    /// Matured events the candidate answered right.
    pub correct: Correct,
    /// The complete blocks so far, by index: [`suho_stats::block_means`] of the paired events.
    pub blocks: Vec<Block>,
    /// One answer a rule, in the order of the rules; those missing are no data.
    pub answers: Vec<Answer>,
}

/// Requests of the last five minutes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Requests.
    pub requests: u64,
    /// Those that failed.
    pub errors: u64,
    /// Latency, when there was any request to time.
    pub latency: Option<Latency>,
}

/// Latency of some requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// 95th percentile.
    pub p95: Duration,
    /// Requests it is of.
    pub requests: u64,
}

/// Requests since the rollout began.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Requests the candidate answered: live ones, or mirrored ones in a shadow.
    pub requests: u64,
    /// Those that failed.
    pub errors: u64,
    /// Those not mirrored because the queue was full; shadow only.
    pub dropped: u64,
    /// Latency of all of them.
    pub latency: Option<Latency>,
}

/// Uptime probes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Probes {
    /// Probes that were answered well.
    pub answered: u64,
    /// Probes sent.
    pub sent: u64,
    /// Probes that failed since the last one answered.
    pub failed_in_a_row: u64,
}

/// Distinct units an arm, in one routing epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Units {
    /// Units the candidate answered.
    pub candidate: u64,
    /// Units the baseline answered.
    pub baseline: u64,
    /// The candidate's share in that epoch.
    pub share: BasisPoints,
}

/// Events by what is known of their labels.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// Those whose labels are there.
    pub matured: u64,
    /// Those whose labels are due, there or not.
    pub due: u64,
}

/// Answers that were right.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Correct {
    /// Right ones.
    pub right: u64,
    /// All that could be judged.
    pub events: u64,
}
