//! `cargo run --release -p suho-stats --example error_rates`: how often the rules err, on many more
//! games than the tests play.
#![expect(clippy::print_stdout, reason = "an example prints its table")]
#![expect(clippy::expect_used, reason = "an example that cannot run should say where")]

use std::num::{NonZeroU32, NonZeroUsize};
use suho_stats::simulate::{
    CanaryPlan, ConfidencePlan, DriftPlan, EventModel, FeatureSeries, Rate, canary, confidence,
    drift,
};
use suho_stats::{Alpha, BlockLength, DriftRule, UncalibratedRule};

const ONE: NonZeroU32 = NonZeroU32::MIN;

fn main() {
    canaries();
    monitors();
    features();
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
    let coefficients = [0.5, 0.8, 0.9, 0.95].repeat(5);
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
