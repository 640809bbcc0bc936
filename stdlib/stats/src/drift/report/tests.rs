use super::*;
use crate::golden::g12;

struct Feature {
    reference: Reference,
    null: Measured<KsNull>,
    live: Vec<f64>,
}

/// A feature of independent noise whose live window of 100 events lies `shift` higher.
fn feature(seed: u64, shift: f64) -> Feature {
    let reference = Reference::new(&g12(seed, 3_000)).unwrap();
    let live: Vec<f64> = g12(seed + 1_000, 100).into_iter().map(|value| value + shift).collect();
    let null = reference.null(NonZeroUsize::new(100).unwrap());
    Feature { reference, null, live }
}

fn watch<'a>(feature: &'a Feature, earlier: &'a [bool]) -> Watched<'a> {
    Watched {
        reference: &feature.reference,
        null: &feature.null,
        live: &feature.live,
        earlier,
        kind: FeatureKind::Numeric,
        weight: Weight::Ordinary,
    }
}

fn report(features: &[Watched<'_>]) -> DriftReport {
    DriftRule::USUAL.report(features, 100).unwrap()
}

const BEFORE: &[bool] = &[true];

#[test]
fn features_that_stay_are_stable() {
    let features: Vec<_> = (0..5).map(|seed| feature(seed, 0.0)).collect();
    let report = report(&features.iter().map(|f| watch(f, BEFORE)).collect::<Vec<_>>());
    assert_eq!(report.verdict, Measured::Defined(DriftVerdict::Stable));
    assert_eq!((report.tested, report.drifted), (5, 0));
}

#[test]
fn one_of_five_is_a_warning_and_two_are_drift() {
    let shifted = |moved: u64| -> DriftReport {
        let features: Vec<_> =
            (0..5).map(|seed| feature(seed, if seed < moved { 1.0 } else { 0.0 })).collect();
        report(&features.iter().map(|f| watch(f, BEFORE)).collect::<Vec<_>>())
    };
    assert_eq!(shifted(1).verdict, Measured::Defined(DriftVerdict::Warning));
    assert_eq!(shifted(2).verdict, Measured::Defined(DriftVerdict::Drift));
}

#[test]
fn a_critical_feature_is_drift_alone() {
    let features: Vec<_> =
        (0..5).map(|seed| feature(seed, if seed < 1 { 1.0 } else { 0.0 })).collect();
    let mut watched: Vec<_> = features.iter().map(|f| watch(f, BEFORE)).collect();
    watched[0].weight = Weight::Critical;
    assert_eq!(report(&watched).verdict, Measured::Defined(DriftVerdict::Drift));
    watched[0].weight = Weight::Ordinary;
    watched[1].weight = Weight::Critical;
    assert_eq!(report(&watched).verdict, Measured::Defined(DriftVerdict::Warning));
}

#[test]
fn a_feature_has_to_stand_out_on_two_of_three_days() {
    let moved = feature(1, 1.0);
    for (earlier, drifted) in [
        (&[][..], false),
        (&[false, false, true], false),
        (&[true], true),
        (&[false, true], true),
        (&[true, true], true),
    ] {
        let report = report(&[watch(&moved, earlier)]);
        assert!(report.features[0].stands_out);
        assert_eq!(report.features[0].drifted, drifted, "{earlier:?}");
    }
    // What stood out before does not count unless it does today.
    let settled = feature(2, 0.0);
    assert_eq!(report(&[watch(&settled, &[true, true])]).drifted, 0);
}

/// A feature that wanders, as those of a market do: its own windows lie far apart already.
fn wanderer(seed: u64, shift: f64) -> Feature {
    let mut level = 0.0;
    let mut values: Vec<f64> = g12(seed, 3_100)
        .into_iter()
        .map(|noise| {
            level = 0.8 * level + 0.6 * noise;
            level
        })
        .collect();
    let live = values.split_off(3_000).into_iter().map(|value| value + shift).collect();
    let reference = Reference::new(&values).unwrap();
    let null = reference.null(NonZeroUsize::new(100).unwrap());
    Feature { reference, null, live }
}

#[test]
fn drift_that_training_could_have_brought_forth_has_to_last_over_windows_without_a_common_event() {
    let features: Vec<_> = (0..4).map(|seed| wanderer(seed, 1.2)).collect();
    let eleven = [&[true; 4][..], &[false; 6], &[true]].concat();
    let ten = [&[true][..], &[false; 8], &[true]].concat();
    let (yesterday, five_days, four_days) =
        (&[true][..], &[true, true, true, true, true][..], &[true, true, true, true, false][..]);
    let of = |earlier, weight| {
        let watch = |feature| Watched { weight, ..watch(feature, earlier) };
        report(&features.iter().map(watch).collect::<Vec<_>>())
    };
    for earlier in [yesterday, four_days, &eleven] {
        for weight in [Weight::Ordinary, Weight::Critical] {
            let seen = of(earlier, weight);
            assert_eq!(seen.drifted, 4, "{:?}", seen.features);
            assert_eq!(seen.verdict, Measured::Defined(DriftVerdict::Warning));
        }
    }
    for earlier in [five_days, &ten] {
        let seen = of(earlier, Weight::Ordinary);
        assert!(seen.features.iter().all(|feature| feature.lasting));
        assert_eq!(seen.verdict, Measured::Defined(DriftVerdict::Drift));
    }
    // Far beyond what training has seen, nobody has to wait.
    let features: Vec<_> = (0..4).map(|seed| wanderer(seed, 9.0)).collect();
    let seen = report(&features.iter().map(|f| watch(f, yesterday)).collect::<Vec<_>>());
    assert_eq!(seen.verdict, Measured::Defined(DriftVerdict::Drift));
}

#[test]
fn a_telling_distance_that_is_small_is_none() {
    let moved = feature(3, 0.3);
    let rule = |effect_min| DriftRule { effect_min, level: 0.2, ..DriftRule::USUAL };
    let stands_out = |effect_min| {
        let report = rule(effect_min).report(&[watch(&moved, BEFORE)], 100).unwrap();
        report.features[0].stands_out
    };
    let distance = report(&[watch(&moved, BEFORE)]).features[0].ks.defined().unwrap().distance;
    assert!(stands_out(distance) && !stands_out(distance + 1e-9), "{distance}");
}

#[test]
fn a_holiday_week_decides_nothing() {
    let mut quiet = feature(4, 2.0);
    quiet.live.truncate(59);
    quiet.null = quiet.reference.null(NonZeroUsize::new(59).unwrap());
    let few =
        |expected| DriftRule::USUAL.report(&[watch(&quiet, BEFORE)], expected).unwrap().verdict;
    assert_eq!(few(60), Measured::Undefined(Reason::TooFew { needed: 60, found: 59 }));
    assert_eq!(few(200), Measured::Undefined(Reason::TooFew { needed: 100, found: 59 }));
    let report = DriftRule::USUAL.report(&[watch(&quiet, BEFORE)], 60).unwrap();
    assert_eq!((report.features[0].stands_out, report.drifted), (false, 0));
    let nothing = DriftRule::USUAL.report(&[], 0).unwrap().verdict;
    assert_eq!(nothing, Measured::Undefined(Reason::TooFew { needed: 60, found: 0 }));
}

#[test]
fn training_data_too_short_for_a_null_decide_nothing() {
    let mut short = feature(12, 3.0);
    short.reference = Reference::new(&g12(12, 999)).unwrap();
    short.null = short.reference.null(NonZeroUsize::new(100).unwrap());
    let few = Reason::TooFew { needed: 1_000, found: 999 };
    assert_eq!(report(&[watch(&short, BEFORE)]).verdict, Measured::Undefined(few));
}

#[test]
fn constants_that_move_and_values_that_go_missing_are_drift_of_their_own_kind() {
    let constant = |live: f64| {
        let reference = Reference::new(&[7.0; 2_000]).unwrap();
        let null = reference.null(NonZeroUsize::new(100).unwrap());
        Feature { reference, null, live: vec![live; 100] }
    };
    let seen = report(&[watch(&constant(7.0), BEFORE)]);
    assert_eq!(seen.verdict, Measured::Undefined(Reason::NoVariation));
    let seen = report(&[watch(&constant(7.1), BEFORE)]);
    assert_eq!((seen.features[0].change, seen.drifted), (Change::Domain, 1));
    let mut gaps = feature(5, 0.0);
    gaps.live[..6].fill(f64::NAN);
    let seen = report(&[watch(&gaps, BEFORE)]);
    assert_eq!((seen.features[0].change, seen.drifted), (Change::Missing, 1));
    gaps.live.fill(f64::NAN);
    let seen = report(&[watch(&gaps, BEFORE)]);
    assert_eq!((seen.features[0].ks.defined(), seen.drifted), (None, 1));
}

#[test]
fn flags_are_tested_by_how_often_they_are_set() {
    let flags = |seed: u64, n: usize, share: f64| -> Vec<f64> {
        g12(seed, n).into_iter().map(|value| f64::from(u8::from(value < share))).collect()
    };
    let reference = Reference::new(&flags(6, 2_000, 0.0)).unwrap();
    let null = reference.null(NonZeroUsize::new(100).unwrap());
    let stands_out = |share: f64| {
        let live = flags(7, 100, share);
        let feature = Feature { reference: reference.clone(), null: null.clone(), live };
        let watched = Watched { kind: FeatureKind::Flag, ..watch(&feature, BEFORE) };
        report(&[watched]).features[0].stands_out
    };
    assert!(!stands_out(0.0) && stands_out(0.8));
    let numbers = feature(8, 0.0);
    let watched = Watched { kind: FeatureKind::Flag, ..watch(&numbers, BEFORE) };
    assert!(DriftRule::USUAL.report(&[watched], 100).is_err());
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let mut other = feature(9, 0.0);
    other.null = other.reference.null(NonZeroUsize::new(99).unwrap());
    let refused = Err(StatsError::Rows { first: 99, second: 100 });
    assert_eq!(DriftRule::USUAL.report(&[watch(&other, BEFORE)], 100), refused);
    let (whole, mut short) = (feature(10, 0.0), feature(11, 0.0));
    short.live.pop();
    let watched = [watch(&whole, BEFORE), watch(&short, BEFORE)];
    assert!(DriftRule::USUAL.report(&watched, 100).is_err());
}
