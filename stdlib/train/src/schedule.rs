//! How the length of a step changes while training goes on.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// How the learning rate changes.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Not at all.
    #[default]
    Constant,
    /// Times `factor`, in `0..=1`, after every so many epochs.
    Step {
        /// 1 or more.
        every: usize,
        /// In `0..=1`.
        factor: f64,
    },
    /// Rises evenly over `warm_up` epochs, then falls to `least` times itself at the last step, along
    /// half a cosine.
    ///
    /// Source: Loshchilov & Hutter (2017), without restarts.
    Cosine {
        /// Epochs, fewer than there are.
        warm_up: usize,
        /// In `0..=1`.
        least: f64,
    },
}

/// Where training stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The epoch, from 1.
    pub(crate) epoch: usize,
    /// How many there are at most.
    pub(crate) epochs: usize,
    /// The batch of the epoch, from 0.
    pub(crate) batch: usize,
    /// How many an epoch has.
    pub(crate) batches: usize,
}

impl Schedule {
    /// What is wrong with it for so many epochs, if anything: the setting and what it must be.
    pub(crate) fn mistake(&self, epochs: usize) -> Option<(&'static str, &'static str)> {
        let unit = |share: f64| (0.0..=1.0).contains(&share);
        match *self {
            Self::Step { every: 0, .. } => Some(("every", "1 or more")),
            Self::Step { factor, .. } if !unit(factor) => Some(("factor", "in 0..=1")),
            Self::Cosine { warm_up, .. } if warm_up >= epochs => {
                Some(("warm_up", "fewer epochs than there are"))
            }
            Self::Cosine { least, .. } if !unit(least) => Some(("least", "in 0..=1")),
            _ => None,
        }
    }

    /// The learning rate of a step, where `base` is the one written.
    pub(crate) fn rate(&self, base: f64, moment: Moment) -> f64 {
        let Moment { epoch, epochs, batch, batches } = moment;
        match *self {
            Self::Constant => base,
            Self::Step { every, factor } => {
                let falls = (epoch.saturating_sub(1) / every.max(1)) as f64;
                base * factor.powf(falls)
            }
            Self::Cosine { warm_up, least } => {
                let step = (epoch.saturating_sub(1) * batches + batch) as f64;
                let (up, all) = ((warm_up * batches) as f64, (epochs * batches) as f64);
                if step < up {
                    return base * (step + 1.0) / up;
                }
                let share = (step - up) / (all - up - 1.0).max(1.0);
                let fall = f64::midpoint(1.0, (std::f64::consts::PI * share).cos());
                base * (least + (1.0 - least) * fall)
            }
        }
    }
}
