//! What to do next.

use crate::{HandlerEvent, SkipReason};
use serde::{Deserialize, Serialize};
use suho_domain::{Name, RunStatus};

/// What to do next. Each says which event ends it; until that event is applied it stays due.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`step`, `attempt` and `status` say themselves")]
pub enum Command {
    /// Begin an attempt: `AttemptStarted`; or find an earlier result: `StepCached`; or find that the
    /// step's condition does not hold: `StepSkipped`.
    Start { step: Name, attempt: u32 },
    /// Do the step's work in the engine: `StepDecided`, `StepRejected`, `StepFailed`, or
    /// `StepSkipped` when its condition does not hold.
    Decide { step: Name },
    /// Ask people: `ApprovalAsked`, `StepFailed` or `StepSkipped`.
    Ask { step: Name },
    /// Nobody answered in time, and the answer is no: `StepRejected`.
    Lapse { step: Name },
    /// Begin a rollout: `RolloutStarted`, `StepFailed` or `StepSkipped`. The attempt tells this
    /// deployment from those before it.
    BeginRollout { step: Name, attempt: u32 },
    /// Take the candidate back, because the run is to end: `RolloutEnded`.
    AbortRollout { step: Name, attempt: u32, reason: SkipReason },
    /// Stop an attempt that took too long or is no longer wanted: `KillSent`, and in time
    /// `AttemptFailed` or `AttemptLost`.
    Kill { step: Name, attempt: u32 },
    /// Leave the step out: `StepSkipped` with this reason.
    Skip { step: Name, reason: SkipReason },
    /// Record that the deadline passed: `DeadlinePassed`.
    Expire,
    /// Record the run's end: `RunEnded` with this status.
    End { status: RunStatus },
    /// Carry out the pipeline's exit block: `HandlerRan`.
    RunHandler { event: HandlerEvent },
}
