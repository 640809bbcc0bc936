//! Rollouts in a small market: bars of an hour, a label four bars ahead, twelve requests a minute.

mod canary;
mod crash;
mod guardrails;
mod ramp;
mod random;
mod shadow;
mod specs;
mod table;
mod weight;

use crate::*;
use std::num::{NonZeroU32, NonZeroU64};
use suho_domain::{BasisPoints, Duration, Instant, Points, Ratio};

const HORIZON_BARS: i64 = 4;
const BLOCK_BARS: i64 = 3 * HORIZON_BARS;

fn hours(hours: i64) -> Duration {
    Duration::from_hours(hours)
}

fn minutes(minutes: i64) -> Duration {
    Duration::from_minutes(minutes)
}

fn share(points: u16) -> BasisPoints {
    BasisPoints::new(points).unwrap()
}

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn points(text: &str) -> Points {
    text.parse().unwrap()
}

fn group_sequential(alpha: &str) -> Test {
    Test::GroupSequential { alpha: Level::new(ratio(alpha)).unwrap() }
}

fn comparison() -> Comparison {
    Comparison {
        test: group_sequential("5%"),
        accept: Accept::NoHarm,
        block_bars: NonZeroU32::new(12).unwrap(),
        bar: Duration::HOUR,
        events_per_bar: NonZeroU32::MIN,
        earlier: Vec::new(),
    }
}

fn guardrails() -> Guardrails {
    Guardrails {
        error_rate_max: Some(ratio("5%")),
        latency_p95_max: Some(Duration::from_millis(250)),
        uptime_min: Some(ratio("99.9%")),
    }
}

fn canary_stage(duration: Duration) -> Canary {
    Canary {
        share: share(1_000),
        duration,
        label_grace: minutes(270),
        events_min: 30,
        requests_min: 200,
        accuracy_floor: Some(ratio("60%")),
    }
}

/// The example's canary: a tenth of the traffic for 48 hours.
fn canary() -> Spec {
    Spec {
        stage: Stage::Canary(canary_stage(hours(48))),
        comparison: Some(comparison()),
        rules: Vec::new(),
        guardrails: guardrails(),
        market_max: hours(336),
    }
}

/// The example's ramp, after that canary.
fn ramp() -> Spec {
    let stage = Ramp {
        steps: [1_000, 2_500, 5_000, 10_000].map(share).into(),
        every: hours(6),
        before: hours(48).plus(minutes(270)),
        label_grace: minutes(270),
    };
    Spec {
        stage: Stage::Ramp(stage),
        comparison: Some(Comparison { test: group_sequential("1%"), ..comparison() }),
        rules: Vec::new(),
        guardrails: guardrails(),
        market_max: hours(96),
    }
}

fn shadow() -> Spec {
    let stage = Shadow {
        duration: hours(24),
        requests_min: 200,
        error_rate_max: Some(ratio("1%")),
        latency_p95_max: Some(Duration::from_millis(250)),
        dropped_max: ratio("1%"),
    };
    Spec { stage: Stage::Shadow(stage), comparison: None, market_max: hours(72), ..canary() }
}

fn rule(verb: Verb, text: &str, lasting: Option<i64>) -> Rule {
    Rule { verb, text: text.to_owned(), lasting: lasting.map(minutes) }
}

/// What the world looks like at `minute` when all is well: 65 % of answers are right, and the
/// models never differ.
fn well(minute: i64, share: BasisPoints) -> Observation {
    let count = |number: i64| u64::try_from(number.max(0)).unwrap();
    let requests = count(minute) * 2;
    let latency = |requests| Some(Latency { p95: Duration::from_millis(20), requests });
    let due_bars = (minute / 60 - HORIZON_BARS).max(0);
    let window = Window { requests: 60, errors: 0, latency: latency(60) };
    let total = Totals { requests, errors: 0, dropped: 0, latency: latency(requests) };
    let evidence = Evidence {
        window,
        total,
        non_finite: 0,
        probes: Probes { answered: requests * 3, sent: requests * 3, failed_in_a_row: 0 },
        units: None,
        events: Events { matured: count(due_bars), due: count(due_bars) },
        correct: Correct { right: count(due_bars * 65 / 100), events: count(due_bars) },
        blocks: (0..due_bars / BLOCK_BARS).map(|index| block(count(index), 0)).collect(),
        answers: Vec::new(),
    };
    Observation {
        at: Instant::from_micros(0).plus(minutes(minute)),
        market: minutes(minute),
        open: true,
        frozen: false,
        paused: false,
        share,
        evidence: Some(evidence),
    }
}

fn block(index: u64, difference: i64) -> Block {
    Block { index, difference, events: NonZeroU64::new(12).unwrap() }
}

/// What happened when.
type Log = Vec<(i64, Action)>;

/// Lives through `rollout` minute by minute until it has ended and its traffic is acknowledged.
/// `change` makes of a minute when all is well what the test is about.
fn live(rollout: &mut Rollout, change: impl Fn(i64, &mut Observation)) -> Log {
    live_from(rollout, 0, change)
}

fn live_from(rollout: &mut Rollout, from: i64, change: impl Fn(i64, &mut Observation)) -> Log {
    live_with(rollout, from, BasisPoints::NONE, change)
}

fn live_with(
    rollout: &mut Rollout,
    from: i64,
    mut acknowledged: BasisPoints,
    change: impl Fn(i64, &mut Observation),
) -> Log {
    let mut log = Log::new();
    for minute in from..60 * 24 * 60 {
        let mut seen = well(minute, acknowledged);
        change(minute, &mut seen);
        for action in rollout.observe(&seen) {
            if let Action::SetTraffic { share } = action {
                acknowledged = share;
            }
            log.push((minute, action));
        }
        if rollout.verdict().is_some() {
            return log;
        }
    }
    panic!("no end after sixty days: {log:?}");
}

fn evidence(seen: &mut Observation) -> &mut Evidence {
    seen.evidence.as_mut().unwrap()
}

/// An action in a few words, without the figures of looks.
fn words(action: &Action) -> String {
    match action {
        Action::SetTraffic { share } => format!("traffic {share}"),
        Action::Advance { step } => format!("step {step}"),
        Action::Look(look) => {
            format!("look {}{}", look.block, if look.harm { ": harm" } else { "" })
        }
        Action::Pause { reason } => format!("pause ({reason})"),
        Action::Resume => "resume".to_owned(),
        Action::Extend { by, until, reason } => format!("extend by {by} to {until} ({reason})"),
        Action::Decide(Verdict::Promote) => "promote".to_owned(),
        Action::Decide(Verdict::RollBack { reason }) => format!("roll back ({reason})"),
        Action::Decide(Verdict::Inconclusive { reason }) => format!("inconclusive ({reason})"),
    }
}

/// A log, a line a minute: `48h: promote`.
fn story(log: &Log) -> String {
    let mut lines: Vec<(i64, Vec<String>)> = Vec::new();
    for (minute, action) in log {
        match lines.last_mut() {
            Some((at, line)) if at == minute => line.push(words(action)),
            _ => lines.push((*minute, vec![words(action)])),
        }
    }
    lines.iter().map(|(at, line)| format!("{}: {}\n", minutes(*at), line.join(", "))).collect()
}

/// A generator of numbers below a bound, the same on every machine (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Blocks of a candidate and a baseline that are each right so often, in percent.
    fn blocks(&mut self, count: u64, candidate: u64, baseline: u64) -> Vec<Block> {
        let mut right = |percent| i64::from(self.below(100) < percent);
        let blocks = (0..count).map(|index| {
            let difference = (0..BLOCK_BARS).map(|_| right(candidate) - right(baseline)).sum();
            block(index, difference)
        });
        blocks.collect()
    }
}

/// Only those of `blocks` that are complete by then.
fn reveal(seen: &mut Observation, blocks: &[Block]) {
    let complete = evidence(seen).blocks.len();
    evidence(seen).blocks = blocks[..complete.min(blocks.len())].to_vec();
}
