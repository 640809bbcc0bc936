use super::*;
use crate::drift::{FeatureKind, Watched, Weight};
use crate::golden::g12;

fn count(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

fn size(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

const COEFFICIENTS: [f64; 4] = [0.5, 0.8, 0.9, 0.95];

fn plan(series: FeatureSeries<'_>) -> DriftPlan<'_> {
    DriftPlan {
        series,
        training: size(9_000),
        window: size(120),
        events_per_day: size(24),
        days: count(200),
        rule: DriftRule::USUAL,
        uncalibrated: UncalibratedRule::USUAL,
    }
}

/// Scenario 76, on three worlds of 20 features and 200 days.
#[test]
fn stationary_features_seldom_warn_never_drift_and_alarm_every_day_uncalibrated() {
    let coefficients = COEFFICIENTS.repeat(5);
    let plan = plan(FeatureSeries::Autoregressive(&coefficients));
    let rates = drift(&plan, count(3), 76).unwrap().defined().unwrap();
    assert!(rates.warning.share <= 0.08, "{rates:?}");
    assert!(rates.drift.share <= 0.0, "{rates:?}");
    assert!(rates.uncalibrated.share >= 0.9, "{rates:?}");
}

/// Features that depend on each other, taken from a market that is drawn again in long blocks.
#[test]
fn a_pipelines_own_features_are_drawn_again_together() {
    let mut before = 0.0;
    let common: Vec<f64> = g12(9, 3_000)
        .into_iter()
        .map(|noise| {
            before = 0.9 * before + noise;
            before
        })
        .collect();
    let noisy = |seed| common.iter().zip(g12(seed, 3_000)).map(|(c, own)| c + own).collect();
    let features: Vec<Vec<f64>> = (20..26).map(noisy).collect();
    let resampling = Resampling::Stationary { mean: size(600) };
    let observed = FeatureSeries::Observed { features: &features, resampling };
    let plan = DriftPlan { training: size(3_000), days: count(60), ..plan(observed) };
    let drawn = plan.draw(1, 0);
    assert_eq!((drawn.len(), drawn[0].len()), (6, 3_000 + 120 + 59 * 24));
    let row = features[0].iter().position(|value| (value - drawn[0][0]).abs() <= 0.0).unwrap();
    assert!((features[5][row] - drawn[5][0]).abs() <= 0.0);
    let rates = drift(&plan, count(4), 5).unwrap().defined().unwrap();
    assert!(rates.warning.share <= 0.12 && rates.uncalibrated.share > 0.6, "{rates:?}");
}

#[test]
fn a_day_of_a_game_is_a_day_of_the_rule() {
    let coefficients = [0.5, 0.9];
    let short = DriftPlan {
        training: size(1_500),
        days: count(3),
        ..plan(FeatureSeries::Autoregressive(&coefficients))
    };
    let mut features = short.draw(1, 1);
    for value in &mut features[1][1_500..] {
        *value += 6.0;
    }
    let game = short.play(&features, 2.0).unwrap().defined().unwrap();
    let references: Vec<_> =
        features.iter().map(|series| Reference::new(&series[..1_500]).unwrap()).collect();
    let nulls: Vec<_> = references.iter().map(|reference| reference.null(size(120))).collect();
    let mut earlier = [Vec::new(), Vec::new()];
    let mut verdicts = Vec::new();
    for day in 0..3 {
        let from = 1_500 + 24 * day;
        let watched: Vec<_> = (0..2)
            .map(|i| Watched {
                reference: &references[i],
                null: &nulls[i],
                live: &features[i][from..from + 120],
                earlier: &earlier[i],
                kind: FeatureKind::Numeric,
                weight: Weight::Ordinary,
            })
            .collect();
        let report = short.rule.report(&watched, 120).unwrap();
        verdicts.push(report.verdict.defined().unwrap());
        for (earlier, feature) in earlier.iter_mut().zip(report.features) {
            earlier.insert(0, feature.stands_out);
        }
    }
    assert_eq!(verdicts, [DriftVerdict::Stable, DriftVerdict::Drift, DriftVerdict::Drift]);
    assert_eq!((game.warning, game.drift, game.uncalibrated), (2, 2, 0));
}

#[test]
fn what_cannot_be_played_is_said() {
    let none = plan(FeatureSeries::Autoregressive(&[]));
    assert_eq!(drift(&none, count(1), 1), Err(StatsError::EmptySample));
    assert!(drift(&plan(FeatureSeries::Autoregressive(&[1.0])), count(1), 1).is_err());
    let short = DriftPlan { training: size(1_000), ..plan(FeatureSeries::Autoregressive(&[0.5])) };
    let too_few = Reason::TooFew { needed: 1_200, found: 1_000 };
    assert_eq!(drift(&short, count(1), 1), Ok(Measured::Undefined(too_few)));
    let resampling = Resampling::Circular { block: size(10) };
    for features in [vec![vec![1.0, f64::NAN]], vec![vec![1.0, 2.0], vec![1.0]], vec![]] {
        let observed = FeatureSeries::Observed { features: &features, resampling };
        assert!(drift(&plan(observed), count(1), 1).is_err(), "{features:?}");
    }
}
