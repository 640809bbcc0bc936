//! How a step ended, and what the ends of its steps make of a run.

use suho_domain::{RunStatus, StepStatus};

/// How a step ended, from the best to the gravest: the gravest decides how the run did.
///
/// A rollback is gravest, because live traffic saw it; then what a person decided; then failures
/// before answers that are no.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Outcome {
    /// It ended well.
    Succeeded,
    /// An earlier result was taken.
    Cached,
    /// Its condition did not hold.
    SkippedByCondition,
    /// What it needs did not come to be, or the run ended before its turn.
    Skipped,
    /// Its rollout was inconclusive.
    Inconclusive,
    /// It is a gate and said no.
    Rejected,
    /// It failed for good.
    Failed,
    /// The run was cancelled before it ended.
    Cancelled,
    /// Its rollout took the candidate back.
    RolledBack,
}

impl Outcome {
    /// Whether what the step makes is there to be used.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Succeeded | Self::Cached)
    }

    /// The word that lists show.
    pub const fn status(self) -> StepStatus {
        match self {
            Self::Succeeded => StepStatus::Succeeded,
            Self::Cached => StepStatus::Cached,
            Self::SkippedByCondition | Self::Skipped => StepStatus::Skipped,
            Self::Cancelled => StepStatus::Cancelled,
            Self::Inconclusive | Self::Rejected | Self::Failed | Self::RolledBack => {
                StepStatus::Failed
            }
        }
    }

    /// The end of a run whose gravest outcome this is.
    pub(crate) const fn run_status(self) -> RunStatus {
        match self {
            Self::RolledBack => RunStatus::RolledBack,
            // Skipped for want of another step, which then ended in a graver way; or for want of
            // time, and that is a failure.
            Self::Failed | Self::Skipped => RunStatus::Failed,
            Self::Rejected => RunStatus::Rejected,
            Self::Inconclusive => RunStatus::Inconclusive,
            Self::Cancelled => RunStatus::Cancelled,
            Self::Succeeded | Self::Cached | Self::SkippedByCondition => RunStatus::Succeeded,
        }
    }
}
