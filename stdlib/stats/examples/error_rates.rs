//! `cargo run --release -p suho-stats --example error_rates`: how often the rules err, on many more
//! games than the tests play.
#![expect(clippy::print_stdout, reason = "an example prints its table")]
#![expect(clippy::indexing_slicing, reason = "lengths are constants of this file")]
#![expect(clippy::expect_used, reason = "an example that cannot run should say where")]

use std::num::{NonZeroU32, NonZeroUsize};
use suho_stats::simulate::{
    CanaryPlan, ConfidencePlan, DriftPlan, EventModel, FeatureSeries, Rate, canary, confidence,
    drift,
};
use suho_stats::{
    Alpha, BlockLength, DriftRule, DriftVerdict, FeatureKind, KsNull, Measured, Reference, Stream,
    UncalibratedRule, Watched, Weight,
};

const ONE: NonZeroU32 = NonZeroU32::MIN;
const COEFFICIENTS: [f64; 4] = [0.5, 0.8, 0.9, 0.95];
/// The usual rule with nothing that has to last: as domain §10.2 has it.
const AT_ONCE: DriftRule = DriftRule { far: 0.0, ..DriftRule::USUAL };
const GAMES: u64 = 20;
const DAYS: usize = 30;
const WINDOW: usize = 120;
const TRAINING: usize = 3_000;
const PER_DAY: usize = 24;
/// What becomes of a value, in standard deviations of the feature.
type Planted = fn(f64) -> f64;
const PLANTED: [(&str, Planted); 5] = [
    ("one sd higher", |value| value + 1.0),
    ("two sd higher", |value| value + 2.0),
    ("four sd higher", |value| value + 4.0),
    ("spread × 2", |value| 2.0 * value),
    ("spread × 3", |value| 3.0 * value),
];

fn main() {
    canaries();
    monitors();
    features();
    println!("drift planted in ten of them, from 3,000 training rows, day by day, 30 days");
    for (what, planted) in PLANTED {
        let shown = [DriftRule::USUAL, AT_ONCE].map(|rule| Called::of(rule, planted).to_string());
        let [usual, at_once] = shown;
        println!("  {what:16} drift {usual}");
        println!("  {:16}       {at_once} if it need not last", "");
    }
}

fn shown(rate: Rate) -> String {
    format!("{:5.1} ± {:.1} %", 100.0 * rate.share, 100.0 * rate.error)
}

fn events(autocorrelation: f64, effect: f64) -> EventModel {
    EventModel {
        block: BlockLength::of_horizon(ONE.saturating_add(3)),
        symbols: ONE,
        discordance: 0.3,
        effect,
        autocorrelation,
        correlation: 0.0,
    }
}

fn canaries() {
    println!("canary, 200 requests a bar, one in ten to the candidate, blocks of 12 bars");
    println!(
        "  looks  autocorr.  effect  inflation            harm           naive    naive at each"
    );
    for (looks, autocorrelation, effect) in [
        (4, 0.0, 0.0),
        (4, 0.2, 0.0),
        (4, 0.4, 0.0),
        (8, 0.2, 0.0),
        (8, 0.4, 0.0),
        (20, 0.2, 0.0),
        (4, 0.2, -0.11),
        (4, 0.2, -0.25),
        (10, 0.2, -0.11),
        (10, 0.2, -0.25),
        (20, 0.2, -0.25),
    ] {
        let plan = CanaryPlan {
            events: events(autocorrelation, effect),
            looks: ONE.saturating_add(looks - 1),
            alpha: Alpha::FIVE_PERCENT,
            requests_per_event: ONE.saturating_add(199),
            traffic: 0.1,
            accuracy: 0.6,
        };
        let rates = canary(&plan, ONE.saturating_add(9_999), 1).expect("figures in range");
        println!(
            "  {looks:5} {autocorrelation:10.1} {effect:7.2} {:10.2} {:>15} {:>15} {:>16}",
            rates.inflation,
            shown(rates.harm),
            shown(rates.naive),
            shown(rates.naive_at_each_look),
        );
    }
}

fn monitors() {
    println!(
        "confidence sequence, alpha 5 % a side, sharpest near block 100, 2 000 blocks watched"
    );
    for autocorrelation in [0.0, 0.2] {
        let plan = ConfidencePlan {
            events: events(autocorrelation, 0.0),
            alpha: Alpha::FIVE_PERCENT,
            planned: ONE.saturating_add(99),
            watched: ONE.saturating_add(1_999),
        };
        let rates = confidence(&plan, ONE.saturating_add(3_999), 1).expect("figures in range");
        println!(
            "  autocorrelation {autocorrelation}: missed below {}, above {}; a fixed bound {}",
            shown(rates.below),
            shown(rates.above),
            shown(rates.below_fixed),
        );
    }
}

fn features() {
    println!("drift, 20 stationary autoregressions, windows of 120, 200 days");
    let coefficients = COEFFICIENTS.repeat(5);
    for training in [1_200, 3_000, 9_000] {
        let size = |count: usize| NonZeroUsize::MIN.saturating_add(count - 1);
        let plan = DriftPlan {
            series: FeatureSeries::Autoregressive(&coefficients),
            training: size(training),
            window: size(120),
            events_per_day: size(24),
            days: ONE.saturating_add(199),
            rule: DriftRule::USUAL,
            uncalibrated: UncalibratedRule::USUAL,
        };
        let rates = drift(&plan, ONE.saturating_add(39), 1).expect("finite").defined();
        let rates = rates.expect("long enough");
        println!(
            "  {training:5} training rows: warning {}, drift {}, uncalibrated {}",
            shown(rates.warning),
            shown(rates.drift),
            shown(rates.uncalibrated),
        );
    }
}

/// When drift was called first, in games in which it began on the first day.
struct Called(Vec<Option<usize>>);

impl Called {
    fn of(rule: DriftRule, planted: Planted) -> Self {
        Self((0..GAMES).map(|game| first(rule, planted, game)).collect())
    }

    fn by(&self, day: usize) -> f64 {
        let called = self.0.iter().flatten().filter(|first| **first <= day).count();
        100.0 * called as f64 / self.0.len() as f64
    }
}

impl std::fmt::Display for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (week, two, all) = (self.by(7), self.by(14), self.by(DAYS));
        write!(f, "by day 7 {week:5.1} %, 14 {two:5.1} %, {DAYS} {all:5.1} % of games")
    }
}

/// The first day of drift in a game: twenty features, every other one moves.
fn first(rule: DriftRule, planted: Planted, game: u64) -> Option<usize> {
    let mut stream = Stream::part(77, game);
    let features: Vec<(Reference, Measured<KsNull>, Vec<f64>)> = (0..20)
        .map(|feature| {
            let values = wanderer(COEFFICIENTS[feature % 4], &mut stream);
            let reference = Reference::new(&values[..TRAINING]).expect("finite");
            let null = reference.null(NonZeroUsize::MIN.saturating_add(WINDOW - 1));
            // On the first day only the window's last day has moved.
            let moves = |(row, value): (usize, &f64)| {
                let moved = row >= WINDOW - PER_DAY && feature < 10;
                if moved { planted(*value) } else { *value }
            };
            let live = values[TRAINING..].iter().enumerate().map(moves).collect();
            (reference, null, live)
        })
        .collect();
    let mut earlier = vec![Vec::new(); features.len()];
    (1..=DAYS).find(|day| {
        let from = (day - 1) * PER_DAY;
        let watched: Vec<Watched<'_>> = features
            .iter()
            .zip(&earlier)
            .map(|((reference, null, live), earlier)| Watched {
                reference,
                null,
                live: &live[from..from + WINDOW],
                earlier,
                kind: FeatureKind::Numeric,
                weight: Weight::Ordinary,
            })
            .collect();
        let report = rule.report(&watched, WINDOW).expect("features of one length");
        for (earlier, feature) in earlier.iter_mut().zip(report.features) {
            earlier.insert(0, feature.stands_out);
        }
        report.verdict == Measured::Defined(DriftVerdict::Drift)
    })
}

/// A stationary autoregression with mean 0 and deviation 1.
fn wanderer(coefficient: f64, stream: &mut Stream) -> Vec<f64> {
    let fresh = (1.0 - coefficient * coefficient).sqrt();
    let mut value = stream.normal();
    let next = |_| {
        value = coefficient * value + fresh * stream.normal();
        value
    };
    (0..TRAINING + WINDOW + PER_DAY * (DAYS - 1)).map(next).collect()
}
