//! A plan's own tests as games in which the truth is known: what `suho simulate` plays. Pure.
//!
//! Nothing is measured here: a game says how often a test would err if the world were as supposed.

use chrono::{DateTime, TimeDelta, Utc};
use std::num::{NonZeroU32, NonZeroUsize};
use suho_domain::{BasisPoints, Duration, Fault, Name, Ratio, Timeframe};
use suho_driver::Candidate;
use suho_driver::controller::{self, Baseline, ControllerError};
use suho_plan::Plan;
use suho_rollout::{Comparison, Stage, Test};
use suho_stats::simulate::{CanaryPlan, EventModel};
use suho_stats::{Alpha, BlockLength, Measured, Power, Reason, StatsError};
use suho_time::Calendar;

/// Blocks from which on the harm test looks: two means say nothing of their own spread.
pub const LOOKS_FROM: u32 = 3;
/// By how much the discordance exceeds an effect where it is not given: some of the events on which
/// one model is right have to be the better one's.
const DISCORDANCE_BEYOND: f64 = 0.10;

/// A canary as its harm test sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct CanaryTrial {
    /// The canary.
    pub step: Name,
    /// The candidate's share of the requests.
    pub share: BasisPoints,
    /// How long it takes, in market time.
    pub duration: Duration,
    /// Length of a bar.
    pub bar: Duration,
    /// Length of a block.
    pub block: BlockLength,
    /// Events a bar: the symbols.
    pub events_per_bar: NonZeroU32,
    /// Whole blocks, with a look after each.
    pub looks: u32,
    /// One-sided error probability of the harm test over all its looks.
    pub alpha: Ratio,
    /// Requests that ask for the same event, on average.
    pub requests_per_event: NonZeroU32,
}

/// What is supposed of two models' events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supposed {
    /// Share of events on which exactly one of the models is right, in `0..=1`; `None` for the
    /// prior of plans, or as much as an effect needs.
    pub discordance: Option<f64>,
    /// Correlation of what differs on neighbouring bars, in `0..1`.
    pub autocorrelation: f64,
    /// Accuracy of the baseline, in `0..=1`.
    pub accuracy: f64,
}

/// Why a plan's canary cannot be played. `User`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrialError {
    /// There is none.
    #[error("`{pipeline}` has no canary")]
    NoCanary {
        /// The pipeline.
        pipeline: Name,
    },
    /// Its test is another.
    #[error(
        "the canary `{step}` compares by a confidence sequence; what is played is \
         `group_sequential`"
    )]
    AlwaysValid {
        /// The canary.
        step: Name,
    },
    /// It compares by an error probability or a horizon that is none.
    #[error("the canary `{step}` compares nothing")]
    NoComparison {
        /// The canary.
        step: Name,
    },
    /// Its declaration is no rollout.
    #[error(transparent)]
    Controller(#[from] ControllerError),
}

impl TrialError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Controller(error) => error.fault(),
            Self::NoCanary { .. } | Self::AlwaysValid { .. } | Self::NoComparison { .. } => {
                Fault::User
            }
        }
    }

    /// The kebab-case code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCanary { .. } => "no-canary",
            Self::AlwaysValid { .. } => "not-played",
            Self::NoComparison { .. } => "no-comparison",
            Self::Controller(_) => "rollout",
        }
    }
}

/// The canary of `plan` as it would be against a baseline, under `requests_per_minute`.
///
/// # Errors
/// When there is none that compares by a group-sequential test.
pub fn canary_trial(
    plan: &Plan,
    candidate: &Candidate,
    requests_per_minute: u32,
) -> Result<CanaryTrial, TrialError> {
    let node = plan
        .of_kind("canary")
        .next()
        .ok_or_else(|| TrialError::NoCanary { pipeline: plan.pipeline.clone() })?;
    let step = node.name.clone();
    let (spec, _) = controller::spec(plan, node, candidate, &Baseline::Some(Vec::new()))?;
    let (Stage::Canary(canary), Some(comparison)) = (&spec.stage, &spec.comparison) else {
        return Err(TrialError::NoComparison { step });
    };
    let Test::GroupSequential { alpha } = comparison.test else {
        return Err(TrialError::AlwaysValid { step });
    };
    let bars = candidate.horizon.nanos() / comparison.bar.nanos().max(1);
    let horizon = u32::try_from(bars).ok().and_then(NonZeroU32::new);
    let Some(horizon) = horizon else { return Err(TrialError::NoComparison { step }) };
    Ok(CanaryTrial {
        step,
        share: canary.share,
        duration: canary.duration,
        bar: comparison.bar,
        block: BlockLength::of_horizon(horizon),
        events_per_bar: comparison.events_per_bar,
        looks: u32::try_from(comparison.blocks_in(canary.duration)).unwrap_or(u32::MAX),
        alpha: alpha.ratio(),
        requests_per_event: requests_per_event(comparison, requests_per_minute),
    })
}

/// Requests spread evenly over the events of a bar; at least one, as nobody's event is none.
fn requests_per_event(comparison: &Comparison, requests_per_minute: u32) -> NonZeroU32 {
    let minutes = comparison.bar.nanos() / Duration::MINUTE.nanos();
    let a_bar = u32::try_from(minutes).unwrap_or(u32::MAX).saturating_mul(requests_per_minute);
    NonZeroU32::new(a_bar / comparison.events_per_bar).unwrap_or(NonZeroU32::MIN)
}

impl CanaryTrial {
    /// The canary to play with a candidate that is `effect` more accurate, in `-1..1`.
    ///
    /// Undefined when it has fewer blocks than the harm test needs to look once.
    ///
    /// # Errors
    /// When the error probability is none: a bug, it was checked.
    pub fn game(
        &self,
        supposed: &Supposed,
        effect: f64,
    ) -> Result<Measured<CanaryPlan>, StatsError> {
        let Some(looks) = NonZeroU32::new(self.looks).filter(|looks| looks.get() >= LOOKS_FROM)
        else {
            let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
            let (needed, found) = (count(LOOKS_FROM), count(self.looks));
            return Ok(Measured::Undefined(Reason::TooFew { needed, found }));
        };
        Ok(Measured::Defined(CanaryPlan {
            events: EventModel {
                block: self.block,
                symbols: self.events_per_bar,
                discordance: supposed.discordance_of(effect),
                effect,
                autocorrelation: supposed.autocorrelation,
                correlation: 0.0,
            },
            looks,
            alpha: Alpha::new(self.alpha.to_f64())?,
            requests_per_event: self.requests_per_event,
            traffic: f64::from(self.share.points()) / f64::from(BasisPoints::ALL.points()),
            accuracy: supposed.accuracy,
        }))
    }
}

impl Supposed {
    /// The share of events on which exactly one of the models is right, with this `effect`.
    pub fn discordance_of(&self, effect: f64) -> f64 {
        let enough = || Power::DISCORDANCE_PRIOR.max(effect.abs() + DISCORDANCE_BEYOND).min(1.0);
        self.discordance.unwrap_or_else(enough)
    }
}

/// How a model's inputs are watched for drift: a window of a week that moves on by a day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DriftWatch {
    /// Events of a week without holidays.
    pub window: NonZeroUsize,
    /// Events of a day in its middle, by which the window moves on; at least one.
    pub events_per_day: NonZeroUsize,
}

impl DriftWatch {
    /// Under `calendar`, with one event a bar. `None` when a week has no bar.
    ///
    /// Source: domain §10.2, where a week of hourly FX has 120 events.
    pub fn of(calendar: Calendar, timeframe: Timeframe) -> Option<Self> {
        // Any week without a holiday or a change of clocks: Monday, 5 February 2018.
        let monday = DateTime::<Utc>::from_timestamp(1_517_788_800, 0)?;
        let day = |days: i64| monday + TimeDelta::days(days);
        let bar = TimeDelta::minutes(timeframe.minutes().into());
        let bars = |from: i64, to: i64| calendar.bars_between(day(from), day(to), bar);
        let window = NonZeroUsize::new(bars(0, 7))?;
        let events_per_day = NonZeroUsize::new(bars(2, 3)).unwrap_or(NonZeroUsize::MIN);
        Some(Self { window, events_per_day })
    }
}

#[cfg(test)]
pub(crate) mod tests;
