//! The rollout's own clock: market time in which there was something to see.

use crate::rule::GAP_MAX;
use serde::{Deserialize, Serialize};
use suho_domain::Duration;

/// Without a request for longer than this the clock stands still.
const REQUEST_GAP_MAX: Duration = Duration::from_minutes(30);

/// Market time as the rollout counts it. Persisted, so that neither jumps of the wall clock nor
/// weekends nor an engine that was away can complete a hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Clock {
    /// Market time since the rollout began, as last observed.
    market: Duration,
    /// The part of it that counts.
    accrued: Duration,
    /// When the last request was seen.
    requested: Option<Duration>,
}

/// Whether the clock may run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Run {
    Free,
    Stopped,
}

impl Clock {
    /// Moves on to `market`. What lies further back than two samples was not observed and does not
    /// count.
    pub(crate) fn tick(&mut self, market: Duration, requests: u64, run: Run) {
        let passed = market.minus(self.market).clamp(Duration::ZERO, GAP_MAX);
        self.market = self.market.max(market);
        if requests > 0 {
            self.requested = Some(self.market);
        }
        if run == Run::Free && self.requested.is_some() && self.is_served() {
            self.accrued = self.accrued.plus(passed);
        }
    }

    /// Whether there was a request within the last half hour; before the first, whether there may
    /// still be one in time.
    pub(crate) fn is_served(&self) -> bool {
        self.market.minus(self.requested.unwrap_or_default()) <= REQUEST_GAP_MAX
    }

    pub(crate) const fn market(&self) -> Duration {
        self.market
    }

    pub(crate) const fn accrued(&self) -> Duration {
        self.accrued
    }

    /// Market time that did not count.
    pub(crate) const fn lost(&self) -> Duration {
        self.market.minus(self.accrued)
    }
}
