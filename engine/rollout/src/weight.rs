//! A candidate's share as a person wants it.

use crate::Stage;
use crate::rollout::Rollout;
use suho_domain::{BasisPoints, Fault};

/// Why a candidate does not get the share that a person wants. `User`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotAWeight {
    /// A shadow answers nobody.
    #[error("a shadow has no traffic")]
    Shadow,
    /// It has ended.
    #[error("the rollout is over")]
    Over,
    /// With no traffic nothing is learned.
    #[error("with none of the traffic the rollout would stand still for ever")]
    None,
    /// More than the evidence so far speaks for.
    #[error("the candidate may have {max} of the traffic at most now")]
    TooMuch {
        /// The most: the canary's share, or the ramp's next step.
        max: BasisPoints,
    },
}

impl NotAWeight {
    /// Who has to act.
    pub const fn fault(self) -> Fault {
        Fault::User
    }
}

impl Rollout {
    /// Whether a person may give the candidate `share` now: as little as they like, or as much as
    /// comes next anyway.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, share: BasisPoints) -> Result<(), NotAWeight> {
        let max = match &self.spec.stage {
            Stage::Shadow(_) => return Err(NotAWeight::Shadow),
            Stage::Canary(canary) => canary.share,
            Stage::Ramp(ramp) => {
                let next = ramp.steps.iter().find(|step| **step > self.share);
                next.copied().unwrap_or(BasisPoints::ALL)
            }
        };
        if self.verdict().is_some() {
            return Err(NotAWeight::Over);
        }
        if share == BasisPoints::NONE {
            return Err(NotAWeight::None);
        }
        if share > max { Err(NotAWeight::TooMuch { max }) } else { Ok(()) }
    }

    /// Gives the candidate `share` from now on. A ramp holds it as long as any of its steps, and goes
    /// on with the next greater one. Less is to be routed at once by whoever calls; more is asked for
    /// by the next observation, if nothing forbids it.
    ///
    /// # Errors
    /// As [`admits`](Self::admits); nothing changes then.
    pub fn weigh(&mut self, share: BasisPoints) -> Result<(), NotAWeight> {
        self.admits(share)?;
        if let Stage::Ramp(ramp) = &self.spec.stage {
            self.step = ramp.steps.iter().rposition(|step| *step <= share).unwrap_or(0);
            self.step_began = self.accrued();
        }
        self.want(share);
        Ok(())
    }
}
