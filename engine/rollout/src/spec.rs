//! What a rollout is to do: a shadow, a canary or a ramp, and by which rules.

use crate::comparison::{ALWAYS_VALID_BLOCKS_MIN, Test};
use crate::{Accept, Comparison, Guardrails, Rule};
use serde::{Deserialize, Serialize};
use suho_domain::{BasisPoints, Duration, Fault, Ratio};

/// A rollout. All durations are market time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Which.
    pub stage: Stage,
    /// How the candidate is compared; `None` on a first model, which has no baseline.
    pub comparison: Option<Comparison>,
    /// What its author declared.
    pub rules: Vec<Rule>,
    /// The built-in guardrails that declared rules have not replaced.
    pub guardrails: Guardrails,
    /// Longest time it may take with all extensions and stand-stills, the labels' grace excepted;
    /// then it is inconclusive.
    pub market_max: Duration,
}

/// Which rollout.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Mirrored requests, nobody is answered.
    Shadow(Shadow),
    /// A share of live requests.
    Canary(Canary),
    /// Growing shares of live requests.
    Ramp(Ramp),
}

/// A shadow: it sees live requests and answers none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Shadow {
    /// How long.
    pub duration: Duration,
    /// Mirrored requests it needs; 200 by default.
    pub requests_min: u64,
    /// Largest share of failed requests at the end; `None` when a declared rule replaces it.
    pub error_rate_max: Option<Ratio>,
    /// Longest 95th percentile of latency at the end; `None` when a declared rule replaces it.
    pub latency_p95_max: Option<Duration>,
    /// Largest share of requests that could not be mirrored.
    pub dropped_max: Ratio,
}

/// A canary: it answers a share of live requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    /// The share.
    pub share: BasisPoints,
    /// How long, before the labels' grace.
    pub duration: Duration,
    /// How long the last events' labels are waited for: the horizon and half an hour.
    pub label_grace: Duration,
    /// Matured events it needs; 30 by default.
    pub events_min: u64,
    /// Requests it needs; 200 by default.
    pub requests_min: u64,
    /// The candidate is taken back when its accuracy is surely below: Wilson's upper bound, on 30
    /// events or more.
    pub accuracy_floor: Option<Ratio>,
}

/// A ramp: growing shares of live requests, each held for a while.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Ramp {
    /// The shares, growing to all of the traffic; the last hold is the bake.
    pub steps: Vec<BasisPoints>,
    /// How long each is held.
    pub every: Duration,
    /// Time from the start of the canary's window to the ramp's start, its labels' grace included:
    /// the harm test's blocks are counted from there.
    pub before: Duration,
    /// How long the last events' labels would be waited for; later blocks are not looked at.
    pub label_grace: Duration,
}

/// Why a rollout cannot be done as asked. `User`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotARollout {
    /// A duration that has to be positive.
    #[error("a rollout cannot last `{0}`")]
    Duration(Duration),
    /// It would have to end before it is planned to.
    #[error("a rollout planned to take `{planned}` may not be ended after `{max}`")]
    TooShort {
        /// Planned.
        planned: Duration,
        /// Longest.
        max: Duration,
    },
    /// A share that has to be more than nothing.
    #[error("a canary with `{0}` of the traffic sees none")]
    Share(BasisPoints),
    /// A ramp's shares have to grow up to all of the traffic.
    #[error("the steps of a ramp have to grow up to `100%`")]
    Steps,
    /// An always-valid test that would never look: `test-never-looks`.
    #[error(
        "an always-valid test looks from {ALWAYS_VALID_BLOCKS_MIN} blocks on, and this rollout has \
         {blocks}: it would have to last `{needed}`"
    )]
    TestNeverLooks {
        /// Blocks it has.
        blocks: u64,
        /// How long it would have to last.
        needed: Duration,
    },
    /// A margin of zero or less can never be shown.
    #[error("a non-inferiority margin has to be above `0pp`")]
    Margin,
    /// Blocks without length.
    #[error("a bar cannot last `{0}`")]
    Bar(Duration),
}

impl NotARollout {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

impl Spec {
    /// Checks that the rollout can be done.
    ///
    /// # Errors
    /// When it cannot, with what would have to change.
    pub fn check(&self) -> Result<(), NotARollout> {
        match &self.stage {
            Stage::Shadow(shadow) => positive(shadow.duration)?,
            Stage::Canary(canary) => {
                positive(canary.duration)?;
                if canary.share == BasisPoints::NONE {
                    return Err(NotARollout::Share(canary.share));
                }
            }
            Stage::Ramp(ramp) => {
                positive(ramp.every)?;
                let grows = ramp.steps.iter().zip(ramp.steps.iter().skip(1)).all(|(a, b)| a < b);
                let first = ramp.steps.first().is_some_and(|first| *first > BasisPoints::NONE);
                if !grows || !first || ramp.steps.last() != Some(&BasisPoints::ALL) {
                    return Err(NotARollout::Steps);
                }
            }
        }
        let planned = self.duration();
        if self.market_max < planned {
            return Err(NotARollout::TooShort { planned, max: self.market_max });
        }
        self.comparison.as_ref().map_or(Ok(()), |comparison| self.check_comparison(comparison))
    }

    fn check_comparison(&self, comparison: &Comparison) -> Result<(), NotARollout> {
        if comparison.bar <= Duration::ZERO {
            return Err(NotARollout::Bar(comparison.bar));
        }
        if matches!(comparison.accept, Accept::NonInferior { margin } if margin.to_f64() <= 0.0) {
            return Err(NotARollout::Margin);
        }
        let looks_always = matches!(comparison.test, Test::AlwaysValid { .. });
        let blocks = comparison.blocks_in(self.window(self.duration()));
        if looks_always
            && !matches!(self.stage, Stage::Shadow(_))
            && blocks < ALWAYS_VALID_BLOCKS_MIN
        {
            let block = comparison.block().nanos();
            let needed =
                block.saturating_mul(i64::try_from(ALWAYS_VALID_BLOCKS_MIN).unwrap_or(i64::MAX));
            return Err(NotARollout::TestNeverLooks {
                blocks,
                needed: Duration::from_nanos(needed),
            });
        }
        Ok(())
    }

    /// Planned market time, without the labels' grace.
    pub fn duration(&self) -> Duration {
        match &self.stage {
            Stage::Shadow(shadow) => shadow.duration,
            Stage::Canary(canary) => canary.duration,
            Stage::Ramp(ramp) => times(ramp.every, ramp.steps.len()),
        }
    }

    /// Market time from the start of the harm test's first block to the end of the last one that
    /// this rollout can look at, when it takes `duration`.
    pub(crate) fn window(&self, duration: Duration) -> Duration {
        match &self.stage {
            Stage::Shadow(_) | Stage::Canary(_) => duration,
            Stage::Ramp(ramp) => ramp.before.plus(duration).minus(ramp.label_grace),
        }
    }

    /// How long labels are waited for at the end.
    pub(crate) const fn label_grace(&self) -> Duration {
        match &self.stage {
            Stage::Canary(canary) => canary.label_grace,
            Stage::Shadow(_) | Stage::Ramp(_) => Duration::ZERO,
        }
    }
}

fn positive(duration: Duration) -> Result<(), NotARollout> {
    if duration > Duration::ZERO { Ok(()) } else { Err(NotARollout::Duration(duration)) }
}

/// `each`, `count` times.
pub(crate) fn times(each: Duration, count: usize) -> Duration {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Duration::from_nanos(each.nanos().saturating_mul(count))
}
