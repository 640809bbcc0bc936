//! When what is planned to happen, in market time: what `suho plan` shows before anything runs.

use crate::spec::times;
use crate::{Spec, Stage};
use serde::{Deserialize, Serialize};
use std::fmt;
use suho_domain::{BasisPoints, Duration};

/// One planned moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Market time from the start of the first stage.
    pub offset: Duration,
    /// The candidate's share from here on.
    pub share: BasisPoints,
    /// What happens.
    pub what: What,
}

/// What happens at a planned moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Requests are mirrored.
    Shadow,
    /// The shadow decides.
    ShadowDecides,
    /// A share of live requests is answered.
    Canary,
    /// The canary's window is over; its last labels are waited for.
    Labels,
    /// The canary decides.
    CanaryDecides,
    /// A step of the ramp, from one, of so many.
    Step {
        /// Which, from one.
        step: usize,
        /// Of how many.
        of: usize,
    },
    /// The bake is over.
    RampDecides,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shadow => f.write_str("shadow begins"),
            Self::ShadowDecides => f.write_str("shadow decides"),
            Self::Canary => f.write_str("canary begins"),
            Self::Labels => f.write_str("canary waits for its last labels"),
            Self::CanaryDecides => f.write_str("canary decides"),
            Self::Step { step, of } => write!(f, "ramp step {step} of {of}"),
            Self::RampDecides => f.write_str("ramp decides"),
        }
    }
}

/// What `stages`, one after another, are planned to do: nothing is extended and the clock never
/// stands still.
pub fn timeline(stages: &[Spec]) -> Vec<Moment> {
    let mut moments = Vec::new();
    let (mut offset, mut share) = (Duration::ZERO, BasisPoints::NONE);
    for spec in stages {
        let mut moment = |after: Duration, share: BasisPoints, what: What| {
            moments.push(Moment { offset: offset.plus(after), share, what });
        };
        match &spec.stage {
            Stage::Shadow(shadow) => {
                share = BasisPoints::NONE;
                moment(Duration::ZERO, share, What::Shadow);
                moment(shadow.duration, share, What::ShadowDecides);
            }
            Stage::Canary(canary) => {
                share = canary.share;
                moment(Duration::ZERO, share, What::Canary);
                moment(canary.duration, share, What::Labels);
                moment(canary.duration.plus(canary.label_grace), share, What::CanaryDecides);
            }
            Stage::Ramp(ramp) => {
                let of = ramp.steps.len();
                for (held, next) in ramp.steps.iter().enumerate() {
                    share = *next;
                    let step = held.saturating_add(1);
                    moment(times(ramp.every, held), share, What::Step { step, of });
                }
                moment(times(ramp.every, of), share, What::RampDecides);
            }
        }
        offset = offset.plus(spec.duration()).plus(spec.label_grace());
    }
    moments
}
