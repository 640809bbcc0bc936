//! What the tests play: drawn bars, models that are sure to be right or wrong, and a clock.

use crate::{Answer, Model, Models, Replay, ReplayConfig};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use suho_domain::{
    BasisPoints, DeploymentId, Digest, Duration, Instant, ModelId, ModelStatus, Name, Scope, Slot,
    Symbol, Timeframe, Value, Variant, Version,
};
use suho_driver::ports::ModelRow;
use suho_driver::registry::RouteRow;
use suho_driver::world::{Evidence as _, Look, Minute, RolloutFacts, Traffic as _, WorldError};
use suho_market::{Bars, LabelRule, labels};
use suho_time::Calendar;

/// Bars before the first held-back one: enough for a label's volatility.
pub(super) const BEFORE: usize = 150;
/// The label of every test: `vol_scaled(k: 0.43)`, four bars ahead.
pub(super) const RULE: LabelRule = LabelRule::VolScaled { k: 0.43 };
pub(super) const HORIZON: usize = 4;

/// A number in `0..1` that `seed` and `n` alone decide (SplitMix64).
pub(super) fn noise(seed: u64, n: u64) -> f64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(n);
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        x = (x ^ (x >> 30)).wrapping_mul(factor);
    }
    ((x ^ (x >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// `count` hourly FX bars from a Monday on, a drawn walk of up to 20 basis points an hour.
pub(super) fn bars(count: usize) -> Bars {
    let from: DateTime<Utc> = "2024-03-11T00:00:00Z".parse().unwrap();
    let hour = TimeDelta::hours(1);
    let times = Calendar::Fx.expected_bars(from, DateTime::<Utc>::MAX_UTC, hour).take(count);
    let mut bars = Bars::empty("EUR/USD", hour);
    let mut price = 1.1;
    for (n, time) in (0..).zip(times) {
        let open = price;
        price *= 1.0 + (noise(7, n) - 0.5) * 0.004;
        bars.time.push(time.timestamp_micros());
        bars.open.push(open);
        bars.high.push(open.max(price));
        bars.low.push(open.min(price));
        bars.close.push(price);
        bars.volume.push(100.0);
    }
    bars
}

/// When the first held-back bar opens.
pub(super) fn starts_at(bars: &Bars) -> Instant {
    Instant::from_micros(bars.time[BEFORE])
}

/// When bar `bar` closes.
pub(super) fn close(bars: &Bars, bar: usize) -> Instant {
    Instant::from_chrono(bars.close_time(bar).unwrap())
}

/// A model for tests.
#[derive(Clone, Debug)]
pub(super) enum Script {
    /// The direction of the last bar goes on.
    Momentum,
    /// Nothing ever happens.
    Flat,
    /// What the map says of the bar that opens then.
    Knows(BTreeMap<i64, usize>),
    /// As `Momentum` until the bar that opens then, from which on it fails.
    FailsFrom(i64),
    /// As `Momentum` until the bar that opens then, from which on it answers NaN.
    NanFrom(i64),
}

impl Script {
    /// Right about a share of `bars` that chance picks, else sure of another class.
    pub(super) fn right(bars: &Bars, share: f64, seed: u64) -> Self {
        let labels = labels(bars, RULE, HORIZON, Calendar::Fx).unwrap();
        let of_bar = |(bar, time): (usize, &i64)| {
            let truth = labels[bar].map_or(1, |label| label.class.index());
            let is_right = noise(seed, bar as u64) < share;
            (*time, if is_right { truth } else { (truth + 1) % 3 })
        };
        Self::Knows(bars.time.iter().enumerate().map(of_bar).collect())
    }

    fn class(&self, history: &Bars) -> usize {
        let last = history.len() - 1;
        match self {
            Self::Flat => 1,
            Self::Knows(classes) => classes[&history.time[last]],
            _ if history.close[last] > history.open[last] => 2,
            _ => 0,
        }
    }
}

impl Model for Script {
    fn history_needed(&self) -> usize {
        2
    }

    fn predict(&self, history: &Bars) -> Result<Answer, String> {
        assert_eq!(history.len(), 2, "as many bars as it asked for");
        let is_past = |from: &i64| history.time[1] >= *from;
        match self {
            Self::FailsFrom(from) if is_past(from) => return Err("no weights".to_owned()),
            Self::NanFrom(from) if is_past(from) => {
                return Ok(Answer { probabilities: [f32::NAN; 3] });
            }
            _ => {}
        }
        let mut probabilities = [0.1, 0.1, 0.1];
        probabilities[self.class(history)] = 0.8;
        Ok(Answer { probabilities })
    }
}

/// Models by id.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) candidate: Script,
    pub(super) baseline: Script,
}

impl Models for Cast {
    fn load(&mut self, model: &ModelRow) -> Result<Box<dyn Model>, WorldError> {
        let is_candidate = model.id == row("candidate").id;
        let script = if is_candidate { &self.candidate } else { &self.baseline };
        Ok(Box::new(script.clone()))
    }
}

pub(super) fn row(name: &str) -> ModelRow {
    let digest = Digest::of(name.as_bytes());
    ModelRow {
        id: ModelId::derive(&[name]),
        slot: Slot {
            scope: Scope::Platform,
            model: Name::new("eurusd").unwrap(),
            symbol: Symbol::new("EUR/USD").unwrap(),
            timeframe: Timeframe::from_minutes(60).unwrap(),
        },
        version: Version::FIRST,
        status: ModelStatus::Testing,
        status_reason: None,
        row_version: 1,
        quarantined: false,
        config_digest: digest.clone(),
        config: serde_json::Value::Null,
        dataset_digest: None,
        trained_on: None,
        artifact_digest: None,
        artifact: None,
        metrics: serde_json::Value::Null,
        seed: 1,
        code_digest: digest,
        parent: None,
        run: None,
        created_at: Instant::from_micros(0),
        trained_at: None,
        deployed_at: None,
    }
}

/// A rollout of the candidate against the baseline.
pub(super) fn facts(kind: &str) -> RolloutFacts {
    RolloutFacts {
        deployment: DeploymentId::derive(&["test", kind]),
        salt: DeploymentId::derive(&["test", "canary"]),
        step: Name::new(kind).unwrap(),
        kind: kind.to_owned(),
        candidate: row("candidate"),
        baseline: Some(row("baseline")),
        calendar: "fx".to_owned(),
        horizon: Duration::from_hours(4),
        sequence: 2,
        label: Value::Variant(Variant { name: "vol_scaled".to_owned(), fields: [].into() }),
        paired_from: None,
        seed: "rehearsal/eurusd/1".to_owned(),
    }
}

/// The same on a first model, which has no baseline.
pub(super) fn first_model(kind: &str) -> RolloutFacts {
    RolloutFacts { baseline: None, ..facts(kind) }
}

/// Two honest models that see nothing but closed bars.
pub(super) fn honest() -> Cast {
    Cast { candidate: Script::Momentum, baseline: Script::Flat }
}

pub(super) fn replay(bars: &Bars, cast: Cast) -> Replay {
    replay_at(bars, cast, starts_at(bars))
}

pub(super) fn replay_at(bars: &Bars, cast: Cast, at: Instant) -> Replay {
    let config = ReplayConfig {
        bars: bars.clone(),
        at,
        units: 1_000,
        requests_per_minute: 12,
        seed: "1".to_owned(),
        stopwatch: Box::new(|run| {
            run();
            Duration::from_millis(3)
        }),
    };
    Replay::new(config, Box::new(cast)).unwrap()
}

/// The route that gives the candidate of `facts` so many basis points.
pub(super) fn route(facts: &RolloutFacts, generation: u64, share: u16) -> RouteRow {
    let share = BasisPoints::new(share).unwrap();
    RouteRow {
        slot: facts.candidate.slot.clone(),
        generation,
        production: facts.baseline.as_ref().map(|row| row.id.clone()),
        candidate: Some((facts.candidate.id.clone(), share)),
        deployment: Some(facts.deployment.clone()),
    }
}

/// The next minute, which there is.
pub(super) fn look(replay: &mut Replay) -> Minute {
    match replay.look().unwrap() {
        Look::Minute(minute) => *minute,
        other => panic!("{other:?} instead of a minute"),
    }
}

pub(super) fn look_for(replay: &mut Replay, minutes: usize) -> Vec<Minute> {
    (0..minutes).map(|_| look(replay)).collect()
}

/// The minutes of a rollout of `facts` that has had `share` basis points from its start.
pub(super) fn play(
    bars: &Bars,
    cast: Cast,
    facts: &RolloutFacts,
    share: u16,
    minutes: usize,
) -> Vec<Minute> {
    let mut replay = replay(bars, cast);
    replay.begin(facts, None).unwrap();
    if share > 0 {
        replay.route(&route(facts, 1, share)).unwrap();
    }
    look_for(&mut replay, minutes)
}

pub(super) fn evidence(minute: &Minute) -> &suho_rollout::Evidence {
    minute.observation.evidence.as_ref().unwrap()
}
