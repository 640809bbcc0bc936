//! How often a canary's harm test errs, and how often a test of its requests would.

use super::events::{Events, Hidden};
use super::{EventModel, Rate};
use crate::sequential::{mean_and_deviation, t_boundary};
use crate::{
    Alpha, Alternative, Measured, Proportion, StatsError, Stream, boundaries, two_proportions,
};
use std::num::NonZeroU32;

/// A canary as it is planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CanaryPlan {
    /// How events come about; an effect of 0 makes every alarm a false one.
    pub events: EventModel,
    /// Blocks planned: the harm test looks once a block.
    pub looks: NonZeroU32,
    /// One-sided error probability of the harm test over all its looks.
    pub alpha: Alpha,
    /// Requests that ask for the same event. They are right or wrong together.
    pub requests_per_event: NonZeroU32,
    /// Share of requests that the candidate answers, in `0..=1`.
    pub traffic: f64,
    /// Accuracy of the baseline, in `0..=1`; only the test of requests looks at it.
    pub accuracy: f64,
}

/// What happened to canaries of one plan.
#[derive(Clone, Debug, PartialEq)]
pub struct CanaryRates {
    /// Canaries that the harm test called off: false alarms when the effect is 0, power when the
    /// candidate is worse.
    pub harm: Rate,
    /// The same by the end of each look, in order.
    pub harm_by_look: Vec<Rate>,
    /// Canaries whose requests differ by a two-sided test of two proportions at `alpha`, made once
    /// at the end as if requests were independent.
    pub naive: Rate,
    /// The same, made after every block until it differs.
    pub naive_at_each_look: Rate,
    /// Mean difference of accuracies over all events played, for a check on the effect.
    pub difference: f64,
    /// Variance of the block means over that of as many independent events: 1 without dependence.
    pub inflation: f64,
}

/// Plays `runs` canaries.
///
/// # Errors
/// When a figure of the plan is out of range.
///
/// Reproduces domain §8.3 and scenario 55: with 200 requests an event the naive test rejects equal
/// models about 60 % of the time where 5 % are meant.
pub fn canary(plan: &CanaryPlan, runs: NonZeroU32, seed: u64) -> Result<CanaryRates, StatsError> {
    plan.check()?;
    let looks = plan.looks.get();
    let fractions: Vec<f64> = (1..=looks).map(|k| f64::from(k) / f64::from(looks)).collect();
    let solved = boundaries(plan.alpha, &fractions)?;
    let bounds: Vec<Measured<f64>> =
        (1..).zip(solved).map(|(k, z)| z.and_then(|z| t_boundary(z, k))).collect();
    let hidden = Hidden::behind(&plan.events);
    let mut harmed_at = vec![0_u32; bounds.len()];
    let (mut naive, mut peeking) = (0, 0);
    let (mut sum, mut squares) = (0.0, 0.0);
    for run in 0..runs.get() {
        let game = plan.play(&bounds, hidden, Stream::part(seed, u64::from(run)));
        if let Some(count) = game.harm.and_then(|look| harmed_at.get_mut(look)) {
            *count += 1;
        }
        naive += u32::from(game.naive);
        peeking += u32::from(game.peeking);
        sum += game.means.iter().sum::<f64>();
        squares += game.means.iter().map(|mean| mean * mean).sum::<f64>();
    }
    let blocks = f64::from(runs.get()) * f64::from(looks);
    let difference = sum / blocks;
    let independent = plan.events.variance() / f64::from(plan.events.events_per_block());
    let mut so_far = 0;
    let by_look = |count: &u32| {
        so_far += count;
        Rate::of_games(so_far, runs)
    };
    let harm_by_look: Vec<Rate> = harmed_at.iter().map(by_look).collect();
    Ok(CanaryRates {
        harm: Rate::of_games(harmed_at.iter().sum(), runs),
        harm_by_look,
        naive: Rate::of_games(naive, runs),
        naive_at_each_look: Rate::of_games(peeking, runs),
        difference,
        inflation: (squares / blocks - difference * difference) / independent,
    })
}

/// How one canary went.
struct Game {
    /// The look, from zero, at which harm was found.
    harm: Option<usize>,
    naive: bool,
    peeking: bool,
    means: Vec<f64>,
}

impl CanaryPlan {
    fn check(&self) -> Result<(), StatsError> {
        self.events.check()?;
        // Enough events on which both are right, and on which both are wrong, have to be left.
        let both_right = self.accuracy - self.events.baseline_alone();
        let both_wrong = 1.0 - self.accuracy - self.events.candidate_alone();
        if !(0.0..=1.0).contains(&self.traffic) {
            return Err(StatsError::OutOfRange { what: "traffic", value: self.traffic });
        }
        if both_right >= 0.0 && both_wrong >= 0.0 {
            Ok(())
        } else {
            Err(StatsError::OutOfRange { what: "accuracy", value: self.accuracy })
        }
    }

    fn play(&self, bounds: &[Measured<f64>], hidden: Hidden, stream: Stream) -> Game {
        let mut events = Events::new(&self.events, hidden, stream);
        let mut requests = Requests::default();
        let per_block = f64::from(self.events.events_per_block());
        let mut game = Game { harm: None, naive: false, peeking: false, means: Vec::new() };
        for (look, bound) in bounds.iter().enumerate() {
            let mut sum = 0;
            for _ in 0..self.events.block.bars().get() {
                events.bar(|difference, stream| {
                    sum += difference;
                    requests.ask(self, difference, stream);
                });
            }
            game.means.push(f64::from(sum) / per_block);
            if game.harm.is_none() && is_harm(&game.means, *bound) {
                game.harm = Some(look);
            }
            game.naive = requests.differ(self.alpha);
            game.peeking |= game.naive;
        }
        game
    }
}

/// Whether the harm test of `means` has reached its `bound` on Student's scale: the same decision
/// as [`HarmTest`](crate::HarmTest)'s, with the bound solved once for all games.
fn is_harm(means: &[f64], bound: Measured<f64>) -> bool {
    match (bound, mean_and_deviation(means)) {
        (Measured::Defined(bound), Measured::Defined((mean, deviation))) => {
            mean * (means.len() as f64).sqrt() <= -bound * deviation
        }
        _ => false,
    }
}

/// Requests answered, and those answered rightly.
#[derive(Default)]
struct Requests {
    candidate: (u64, u64),
    baseline: (u64, u64),
}

impl Requests {
    /// Splits the requests of one event among the arms.
    fn ask(&mut self, plan: &CanaryPlan, difference: i32, stream: &mut Stream) {
        let both = (plan.accuracy - plan.events.baseline_alone()) / (1.0 - plan.events.discordance);
        let is_right_together = stream.uniform() < both;
        let candidate_right = difference > 0 || (difference == 0 && is_right_together);
        let baseline_right = difference < 0 || (difference == 0 && is_right_together);
        let mut asked = 0_u64;
        for _ in 0..plan.requests_per_event.get() {
            asked += u64::from(stream.uniform() < plan.traffic);
        }
        let rest = u64::from(plan.requests_per_event.get()) - asked;
        self.candidate.0 += asked * u64::from(candidate_right);
        self.candidate.1 += asked;
        self.baseline.0 += rest * u64::from(baseline_right);
        self.baseline.1 += rest;
    }

    /// Whether the arms' shares of right answers differ as if requests were independent.
    fn differ(&self, alpha: Alpha) -> bool {
        let arm = |(right, asked): (u64, u64)| Proportion::new(right, asked).ok();
        let tested = arm(self.candidate).zip(arm(self.baseline));
        tested
            .and_then(|(a, b)| two_proportions(a, b, Alternative::TwoSided).defined())
            .is_some_and(|test| test.p < alpha.get())
    }
}

#[cfg(test)]
mod tests;
