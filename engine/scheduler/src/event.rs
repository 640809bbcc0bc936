//! What happened, as the log holds it.

use serde::{Deserialize, Serialize};
use std::fmt;
use suho_domain::{FailureClass, Instant, Name, Record, RunStatus};

/// How a rollout ended.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The candidate goes on.
    Promoted,
    /// The candidate was taken back.
    RolledBack {
        /// Why.
        reason: String,
    },
    /// The evidence did not suffice; the candidate was taken back.
    Inconclusive {
        /// What was missing.
        reason: String,
    },
}

impl Verdict {
    /// Why the candidate was taken back, if it was.
    pub const fn reason(&self) -> Option<&str> {
        match self {
            Self::Promoted => None,
            Self::RolledBack { reason } | Self::Inconclusive { reason } => Some(reason.as_str()),
        }
    }
}

/// Why a step was left out.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Its `when` did not hold.
    Condition,
    /// This step, which it needs, came to nothing.
    Need(Name),
    /// The run was cancelled.
    Cancelled,
    /// The run's deadline passed.
    Deadline,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition => f.write_str("its condition did not hold"),
            Self::Need(step) => write!(f, "`{step}` came to nothing"),
            Self::Cancelled => f.write_str("the run was cancelled"),
            Self::Deadline => f.write_str("the run's deadline passed"),
        }
    }
}

/// The end of a run that an exit block of a pipeline is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandlerEvent {
    /// `on rollback`: a rollout took the candidate back, for a reason or for want of evidence.
    Rollback,
    /// `on failure`: a step failed for good, or a gate said no.
    Failure,
    /// `on cancel`: a person ended the run.
    Cancel,
}

impl HandlerEvent {
    /// The event that the end `status` is.
    pub const fn of(status: RunStatus) -> Option<Self> {
        match status {
            RunStatus::RolledBack | RunStatus::Inconclusive => Some(Self::Rollback),
            RunStatus::Failed | RunStatus::Rejected => Some(Self::Failure),
            RunStatus::Cancelled => Some(Self::Cancel),
            RunStatus::Succeeded
            | RunStatus::Queued
            | RunStatus::Running
            | RunStatus::Waiting
            | RunStatus::Paused
            | RunStatus::Unknown => None,
        }
    }
}

/// What happened to a run: the payload of its log. Attempts are counted from 1 and never reused.
///
/// The JSON is `{"attempt_started":{"step":"train",…}}`. Logs live as long as runs do: variants and
/// fields may be added, never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`step`, `attempt`, `at`, `outputs` and `message` say themselves")]
pub enum Event {
    /// The run began; its deadline counts from here.
    RunStarted { at: Instant },
    /// An earlier result was taken; `source` names the step that made it.
    StepCached { step: Name, source: String, outputs: Record, at: Instant },
    /// An attempt was given to its executor, or may have been.
    AttemptStarted { step: Name, attempt: u32, at: Instant },
    /// The attempt did its work.
    AttemptSucceeded { step: Name, attempt: u32, outputs: Record, at: Instant },
    /// The attempt did not.
    AttemptFailed { step: Name, attempt: u32, class: FailureClass, message: String, at: Instant },
    /// Nobody can tell how the attempt ended. Not the step's fault, so not counted.
    AttemptLost { step: Name, attempt: u32, at: Instant },
    /// The attempt was told to stop; its end will be reported like any other.
    KillSent { step: Name, attempt: u32, at: Instant },
    /// The engine did the step's work.
    StepDecided { step: Name, outputs: Record, at: Instant },
    /// A gate said no.
    StepRejected { step: Name, reason: String, outputs: Record, at: Instant },
    /// The engine could not do the step's work, or could not go on with its rollout.
    StepFailed { step: Name, class: FailureClass, message: String, at: Instant },
    /// People were asked, `of` them, or anybody; the answer is a `StepDecided` or `StepRejected`.
    ApprovalAsked { step: Name, of: Vec<String>, until: Option<Instant>, at: Instant },
    /// The candidate's rollout began.
    RolloutStarted { step: Name, attempt: u32, at: Instant },
    /// The rollout ended, and traffic is where its verdict wants it.
    RolloutEnded { step: Name, attempt: u32, verdict: Verdict, outputs: Record, at: Instant },
    /// A rollout extended itself by this much; the run's deadline moves with it.
    DeadlineMoved { by: suho_domain::Duration, at: Instant },
    /// The step was left out.
    StepSkipped { step: Name, reason: SkipReason, at: Instant },
    /// A person wants nothing more of the run to begin. What is at work goes on to its end.
    Paused { by: String, why: String, at: Instant },
    /// A person wants the run to go on; its deadline moves by the time it was held.
    Resumed { by: String, why: String, at: Instant },
    /// People stopped the line: nothing that moves traffic begins, and rollouts stand still.
    Frozen { by: String, why: String, at: Instant },
    /// The line goes on; the deadline moves by the time the run was held.
    Thawed { by: String, why: String, at: Instant },
    /// A person wants the run to end.
    CancelRequested { by: String, why: String, at: Instant },
    /// The run took longer than it may.
    DeadlinePassed { at: Instant },
    /// Nothing is left to do.
    RunEnded { status: RunStatus, at: Instant },
    /// The pipeline's exit block was carried out.
    HandlerRan { event: HandlerEvent, at: Instant },
    /// A person wants what did not succeed to be done again, and `from` with all that follows it
    /// in any case.
    RetryRequested { from: Option<Name>, at: Instant },
}

impl Event {
    /// The word for it, as the log holds it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run_started",
            Self::StepCached { .. } => "step_cached",
            Self::AttemptStarted { .. } => "attempt_started",
            Self::AttemptSucceeded { .. } => "attempt_succeeded",
            Self::AttemptFailed { .. } => "attempt_failed",
            Self::AttemptLost { .. } => "attempt_lost",
            Self::KillSent { .. } => "kill_sent",
            Self::StepDecided { .. } => "step_decided",
            Self::StepRejected { .. } => "step_rejected",
            Self::StepFailed { .. } => "step_failed",
            Self::ApprovalAsked { .. } => "approval_asked",
            Self::RolloutStarted { .. } => "rollout_started",
            Self::RolloutEnded { .. } => "rollout_ended",
            Self::DeadlineMoved { .. } => "deadline_moved",
            Self::StepSkipped { .. } => "step_skipped",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::Frozen { .. } => "frozen",
            Self::Thawed { .. } => "thawed",
            Self::CancelRequested { .. } => "cancel_requested",
            Self::DeadlinePassed { .. } => "deadline_passed",
            Self::RunEnded { .. } => "run_ended",
            Self::HandlerRan { .. } => "handler_ran",
            Self::RetryRequested { .. } => "retry_requested",
        }
    }

    /// The step it is about, if it is about one.
    pub const fn step(&self) -> Option<&Name> {
        match self {
            Self::StepCached { step, .. }
            | Self::AttemptStarted { step, .. }
            | Self::AttemptSucceeded { step, .. }
            | Self::AttemptFailed { step, .. }
            | Self::AttemptLost { step, .. }
            | Self::KillSent { step, .. }
            | Self::StepDecided { step, .. }
            | Self::StepRejected { step, .. }
            | Self::StepFailed { step, .. }
            | Self::ApprovalAsked { step, .. }
            | Self::RolloutStarted { step, .. }
            | Self::RolloutEnded { step, .. }
            | Self::StepSkipped { step, .. } => Some(step),
            Self::RunStarted { .. }
            | Self::DeadlineMoved { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::Frozen { .. }
            | Self::Thawed { .. }
            | Self::CancelRequested { .. }
            | Self::DeadlinePassed { .. }
            | Self::RunEnded { .. }
            | Self::HandlerRan { .. }
            | Self::RetryRequested { .. } => None,
        }
    }

    /// When it happened.
    pub const fn at(&self) -> Instant {
        match self {
            Self::RunStarted { at }
            | Self::StepCached { at, .. }
            | Self::AttemptStarted { at, .. }
            | Self::AttemptSucceeded { at, .. }
            | Self::AttemptFailed { at, .. }
            | Self::AttemptLost { at, .. }
            | Self::KillSent { at, .. }
            | Self::StepDecided { at, .. }
            | Self::StepRejected { at, .. }
            | Self::StepFailed { at, .. }
            | Self::ApprovalAsked { at, .. }
            | Self::RolloutStarted { at, .. }
            | Self::RolloutEnded { at, .. }
            | Self::DeadlineMoved { at, .. }
            | Self::StepSkipped { at, .. }
            | Self::Paused { at, .. }
            | Self::Resumed { at, .. }
            | Self::Frozen { at, .. }
            | Self::Thawed { at, .. }
            | Self::CancelRequested { at, .. }
            | Self::DeadlinePassed { at }
            | Self::RunEnded { at, .. }
            | Self::HandlerRan { at, .. }
            | Self::RetryRequested { at, .. } => *at,
        }
    }
}
