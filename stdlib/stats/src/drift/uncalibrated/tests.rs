use super::*;
use crate::golden::g12;

fn persistent(seed: u64, n: usize, persistence: f64) -> Vec<f64> {
    let mut before = 0.0;
    let next = |noise: f64| {
        before = persistence * before + noise;
        before
    };
    g12(seed, n).into_iter().map(next).collect()
}

fn window() -> NonZeroUsize {
    NonZeroUsize::new(120).unwrap()
}

#[test]
fn any_feature_below_the_level_is_drift() {
    let reference = Reference::new(&g12(1, 2_000)).unwrap();
    let (still, moved) = (g12(2, 120), g12(3, 120).iter().map(|v| v + 1.0).collect::<Vec<_>>());
    let verdict = |features: &[(&Reference, &[f64])]| UncalibratedRule::USUAL.verdict(features);
    let stable = Ok(Measured::Defined(DriftVerdict::Stable));
    assert_eq!(verdict(&[(&reference, &still)]), stable);
    let drift = Ok(Measured::Defined(DriftVerdict::Drift));
    assert_eq!(verdict(&[(&reference, &still), (&reference, &moved)]), drift);
    assert_eq!(verdict(&[]), Ok(Measured::Undefined(Reason::NoObservations)));
}

#[test]
fn the_critical_distance_is_where_p_crosses_the_level() {
    for (reference, live) in [(300, 120), (120, 120), (20_000, 120)] {
        let rule = UncalibratedRule::USUAL;
        let critical = rule.critical_distance(reference, live);
        let step = 1.0 / (reference as f64 * live as f64);
        let p = |distance: f64| {
            let steps = (distance / step).round().to_string().parse().unwrap();
            Gap::new(reference, live, steps).p(KsMethod::of_sizes(reference, live))
        };
        assert!(p(critical) < 0.05 && p(critical - step) >= 0.05, "{reference} {live}");
    }
}

#[test]
fn false_alarms_are_few_on_independent_values_and_many_on_persistent_ones() {
    let alarms = |persistence: f64| {
        let features: Vec<_> = (0..5)
            .map(|seed| Reference::new(&persistent(seed, 5_000, persistence)).unwrap())
            .collect();
        let features: Vec<_> = features.iter().collect();
        let alarms = UncalibratedRule::USUAL.false_alarms(&features, window()).unwrap();
        alarms.defined().unwrap()
    };
    let independent = alarms(0.0);
    assert!((independent.independent - (1.0 - 0.95_f64.powi(5))).abs() < 1e-12);
    assert!((0.1..0.35).contains(&independent.any), "{independent:?}");
    let dependent = alarms(0.9);
    assert!(dependent.any > 0.9, "{dependent:?}");
    assert!(dependent.each.iter().all(|share| *share > 0.4), "{dependent:?}");
}

#[test]
fn no_rate_without_features_or_with_short_ones() {
    let short = Reference::new(&g12(1, 1_000)).unwrap();
    let long = Reference::new(&g12(1, 2_000)).unwrap();
    let rate = |features: &[&Reference]| UncalibratedRule::USUAL.false_alarms(features, window());
    assert_eq!(rate(&[]).unwrap().defined(), None);
    let few = Reason::TooFew { needed: 1_200, found: 1_000 };
    assert_eq!(rate(&[&short]), Ok(Measured::Undefined(few)));
    assert!(rate(&[&long, &short]).is_err());
}
