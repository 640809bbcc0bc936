//! What happened to a schedule, as the log holds it.

use serde::{Deserialize, Serialize};
use suho_domain::{Instant, RunStatus};

use super::ScheduleSpec;

/// What happened to a schedule: the payload of its log.
///
/// Variants and fields may be added, never changed. `at` is the instant it happened, which may lie
/// before that of an earlier event when the clock was set back.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`by`, `why`, `tick`, `status` and `at` say themselves")]
pub enum ScheduleEvent {
    /// A text that declares it came into force, for the first time or instead of another.
    Applied { spec: Box<ScheduleSpec>, at: Instant },
    /// No text declares it any more. What runs goes on; what waited to begin is forgotten.
    Removed { at: Instant },
    /// A person wants no runs to begin.
    Paused { by: String, why: String, at: Instant },
    /// A person wants it to go on. Ticks in between stay skipped.
    Resumed { by: String, why: String, at: Instant },
    /// The clock was looked at.
    Looked { at: Instant },
    /// The run of a tick began.
    Started { tick: Instant, at: Instant },
    /// The run of a tick was asked to end, because a later one waits.
    CancelAsked { tick: Instant, at: Instant },
    /// The run of a tick ended.
    Ended { tick: Instant, status: RunStatus, at: Instant },
}

impl ScheduleEvent {
    /// The word for it, as the log holds it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::Removed { .. } => "removed",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::Looked { .. } => "looked",
            Self::Started { .. } => "started",
            Self::CancelAsked { .. } => "cancel_asked",
            Self::Ended { .. } => "ended",
        }
    }

    /// When it happened.
    pub const fn at(&self) -> Instant {
        match self {
            Self::Applied { at, .. }
            | Self::Removed { at }
            | Self::Paused { at, .. }
            | Self::Resumed { at, .. }
            | Self::Looked { at }
            | Self::Started { at, .. }
            | Self::CancelAsked { at, .. }
            | Self::Ended { at, .. } => *at,
        }
    }
}
