//! What became of a tick.

use std::fmt;

use serde::{Deserialize, Serialize};
use suho_domain::Instant;

/// What became of a tick, or of ticks in a row that were skipped for the same reason.
///
/// The decisions of one schedule lie end to end and never overlap: `first` is unique among them,
/// and every tick lies in exactly one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The first tick.
    pub first: Instant,
    /// The last one, itself included; the same for a single tick.
    pub last: Instant,
    /// How many ticks; [`TICKS_MAX`](super::TICKS_MAX) stands for as many or more.
    pub ticks: u32,
    /// What became of them.
    pub choice: Choice,
}

/// What becomes of a tick.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// A run.
    Run {
        /// When the run may begin: the tick and the schedule's jitter; for a tick that was missed,
        /// the instant it was judged and the jitter, so that an engine that was down does not begin
        /// all it missed at once.
        not_before: Instant,
    },
    /// Nothing.
    Skip(TickSkip),
}

/// Why a tick becomes nothing.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TickSkip {
    /// The schedule was removed before the tick was judged.
    Removed,
    /// The schedule was paused.
    Paused,
    /// It was missed, and the schedule does not catch up so far.
    CatchUp,
    /// It was not on a business day.
    Calendar,
    /// An earlier run had not ended, or too many wait.
    Overlap,
}

impl fmt::Display for TickSkip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Removed => "the schedule was removed",
            Self::Paused => "the schedule was paused",
            Self::CatchUp => "it was missed, and is not caught up",
            Self::Calendar => "it was not on a business day",
            Self::Overlap => "an earlier run had not ended",
        })
    }
}
