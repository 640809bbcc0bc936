//! A shadow, its canary and its ramp, carried out together with the controller.

use super::scene::*;
use crate::Replay;
use std::num::NonZeroU32;
use suho_domain::units::{Decimal, Ratio};
use suho_domain::{BasisPoints, Duration};
use suho_driver::world::{Evidence as _, Look, RolloutFacts, Traffic as _};
use suho_market::Bars;
use suho_rollout::{
    Accept, Action, Block, Canary, Comparison, Guardrails, Level, Ramp, Reason, Rollout, Shadow,
    Spec, Stage, Test, Verdict,
};

const GRACE: Duration = Duration::from_minutes(4 * 60 + 30);

fn percent(hundredths: i64) -> Ratio {
    Ratio::new(Decimal::new(hundredths, 2))
}

fn comparison(alpha: i64, earlier: Vec<Block>) -> Comparison {
    Comparison {
        test: Test::GroupSequential { alpha: Level::new(percent(alpha)).unwrap() },
        accept: Accept::NoHarm,
        block_bars: NonZeroU32::new(12).unwrap(),
        bar: Duration::HOUR,
        events_per_bar: NonZeroU32::MIN,
        earlier,
    }
}

fn spec(stage: Stage, comparison: Option<Comparison>) -> Spec {
    let guardrails = Guardrails {
        error_rate_max: Some(percent(5)),
        latency_p95_max: Some(Duration::from_millis(250)),
        uptime_min: Some(Ratio::new(Decimal::new(999, 3))),
    };
    let market_max = Duration::from_hours(336);
    Spec { stage, comparison, rules: Vec::new(), guardrails, market_max }
}

fn shadow() -> Spec {
    let stage = Shadow {
        duration: Duration::DAY,
        requests_min: 200,
        error_rate_max: Some(percent(1)),
        latency_p95_max: Some(Duration::from_millis(250)),
        dropped_max: percent(1),
    };
    spec(Stage::Shadow(stage), None)
}

fn canary() -> Spec {
    let stage = Canary {
        share: BasisPoints::new(1_000).unwrap(),
        duration: Duration::from_hours(48),
        label_grace: GRACE,
        events_min: 30,
        requests_min: 200,
        accuracy_floor: None,
    };
    spec(Stage::Canary(stage), Some(comparison(5, Vec::new())))
}

fn ramp(earlier: Vec<Block>) -> Spec {
    let stage = Ramp {
        steps: [1_000, 2_500, 5_000, 10_000].map(|bp| BasisPoints::new(bp).unwrap()).to_vec(),
        every: Duration::from_hours(6),
        before: Duration::from_hours(48).plus(GRACE),
        label_grace: GRACE,
    };
    spec(Stage::Ramp(stage), Some(comparison(1, earlier)))
}

/// What the driver does of a rollout, without its memory.
struct Drive {
    replay: Replay,
    generation: u64,
    share: BasisPoints,
    rows: usize,
    labels: usize,
}

impl Drive {
    fn new(bars: &Bars, cast: Cast) -> Self {
        let (replay, share) = (replay(bars, cast), BasisPoints::NONE);
        Self { replay, generation: 0, share, rows: 0, labels: 0 }
    }

    fn carry_out(&mut self, facts: &RolloutFacts, spec: Spec) -> Rollout {
        let mut rollout = Rollout::new(spec).unwrap();
        self.replay.begin(facts, None).unwrap();
        while rollout.verdict().is_none() {
            let actions = match self.replay.look().unwrap() {
                Look::Idle => panic!("a replay is never idle"),
                Look::OutOfBars => {
                    rollout.conclude(Verdict::Inconclusive { reason: Reason::OutOfBars })
                }
                Look::Minute(mut minute) => {
                    minute.observation.share = self.share;
                    self.rows += minute.predictions.len();
                    self.labels += minute.labels.len();
                    rollout.observe(&minute.observation)
                }
            };
            for action in actions {
                if let Action::SetTraffic { share } = action
                    && facts.kind != "shadow"
                {
                    self.generation += 1;
                    self.share = share;
                    let route = route(facts, self.generation, share.points());
                    self.replay.route(&route).unwrap();
                }
            }
        }
        self.replay.end();
        rollout
    }
}

fn rolled_out(bars: &Bars, cast: Cast) -> (Drive, Vec<Verdict>) {
    let mut drive = Drive::new(bars, cast);
    let mut verdicts = Vec::new();
    verdicts.extend(drive.carry_out(&facts("shadow"), shadow()).verdict().cloned());
    let began = drive.replay.now();
    let tried = drive.carry_out(&facts("canary"), canary());
    verdicts.extend(tried.verdict().cloned());
    if tried.verdict() == Some(&Verdict::Promote) {
        let facts = RolloutFacts { paired_from: Some(began), ..facts("ramp") };
        let ramped = drive.carry_out(&facts, ramp(tried.blocks()));
        verdicts.extend(ramped.verdict().cloned());
        assert_eq!(ramped.blocks().len(), 6, "four of the canary, two of the ramp");
    }
    (drive, verdicts)
}

#[test]
fn a_candidate_as_good_as_its_baseline_goes_all_the_way() {
    let bars = bars(BEFORE + 150);
    let cast =
        Cast { candidate: Script::right(&bars, 0.6, 3), baseline: Script::right(&bars, 0.6, 4) };
    let (drive, verdicts) = rolled_out(&bars, cast);
    assert_eq!(verdicts, [Verdict::Promote, Verdict::Promote, Verdict::Promote]);
    assert_eq!(drive.share, BasisPoints::ALL);
    // 24 h, 48 h and the grace, 24 h; one minute of each rollout passes before its route is there.
    let market = drive.replay.now().since(starts_at(&bars));
    let weekend = Duration::from_hours(48);
    let planned = Duration::from_hours(96).plus(GRACE).plus(weekend);
    assert!(market.minus(planned) < Duration::from_minutes(5), "{market}");
    // About 12 requests a minute, in the shadow twice.
    assert!((80_000..100_000).contains(&drive.rows), "{}", drive.rows);
}

#[test]
fn a_candidate_far_worse_than_its_baseline_is_taken_back() {
    let bars = bars(BEFORE + 150);
    let cast =
        Cast { candidate: Script::right(&bars, 0.25, 3), baseline: Script::right(&bars, 0.65, 4) };
    let (drive, verdicts) = rolled_out(&bars, cast);
    let harm = Verdict::RollBack { reason: Reason::AccuracyHarm };
    assert_eq!(verdicts, [Verdict::Promote, harm]);
    assert_eq!(drive.share, BasisPoints::NONE);
}

#[test]
fn a_candidate_that_breaks_is_taken_back_within_minutes() {
    let bars = bars(BEFORE + 150);
    let breaks = bars.time[BEFORE + 40];
    for (candidate, wait) in [(Script::FailsFrom(breaks), 10), (Script::NanFrom(breaks), 1)] {
        let (drive, verdicts) = rolled_out(&bars, Cast { candidate, ..honest() });
        assert!(
            matches!(verdicts[..], [Verdict::Promote, Verdict::RollBack { .. }]),
            "{verdicts:?}"
        );
        let late = drive.replay.now().since(close(&bars, BEFORE + 40));
        assert!(late <= Duration::from_minutes(wait), "{late}");
    }
}

#[test]
fn too_few_bars_end_a_rollout_without_a_verdict() {
    let bars = bars(BEFORE + 40);
    let (_, verdicts) = rolled_out(&bars, honest());
    let out = Verdict::Inconclusive { reason: Reason::OutOfBars };
    assert_eq!(verdicts, [Verdict::Promote, out]);
}
