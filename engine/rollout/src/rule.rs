//! The rules a rollout declares, and for how long their conditions have held.

use serde::{Deserialize, Serialize};
use suho_domain::Duration;

/// Time between two observations.
pub(crate) const SAMPLE: Duration = Duration::MINUTE;

/// Longest gap over which a condition still counts as having held, and a clock as having run: two
/// samples.
pub(crate) const GAP_MAX: Duration = SAMPLE.plus(SAMPLE);

/// What a rule's condition came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nothing was measured, or too little: never a pass, never a failure.
    NoData,
    /// It compares with a baseline and there is none: shown, not deciding.
    NotApplicable,
}

/// What follows from a rule's condition.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It must hold when the rollout, or a step of a ramp, is to end.
    Require,
    /// While it holds, the candidate is taken back.
    Rollback,
    /// While it holds, the rollout's clock stands still.
    Hold,
}

/// A declared rule. Its condition is the caller's to evaluate.
///
/// A floor under accuracy is no rule: a short window would roll back good models. It is
/// [`crate::Canary::accuracy_floor`].
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What follows.
    pub verb: Verb,
    /// As its author wrote it, for reasons and reports.
    pub text: String,
    /// `for D`: how long the condition has to have held. Market time.
    pub lasting: Option<Duration>,
}

/// Since when a condition has held.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Streak {
    /// Market time of the first and of the latest observation that found it true.
    held: Option<(Duration, Duration)>,
}

impl Streak {
    /// Takes in the answer at `market`.
    ///
    /// Without data a streak goes on, but no longer than two samples: then the next true one begins
    /// anew.
    pub(crate) fn take(&mut self, answer: Answer, market: Duration) {
        match (answer, self.held) {
            (Answer::True, Some((since, latest))) if market.minus(latest) <= GAP_MAX => {
                self.held = Some((since, market));
            }
            (Answer::True, _) => self.held = Some((market, market)),
            (Answer::False | Answer::NotApplicable, _) => self.held = None,
            (Answer::NoData, _) => {}
        }
    }

    /// Whether the condition holds at `market` and has held over all of `lasting`.
    pub(crate) fn fires(&self, market: Duration, lasting: Option<Duration>) -> bool {
        self.held.is_some_and(|(since, latest)| {
            latest == market && latest.minus(since) >= lasting.unwrap_or(Duration::ZERO)
        })
    }
}

#[cfg(test)]
mod tests;
