use super::*;
use crate::golden::{assert_near, file, number};
use proptest::prelude::*;

fn proportion(successes: u64, trials: u64) -> Proportion {
    Proportion::new(successes, trials).unwrap()
}

#[test]
fn agrees_with_statsmodels() {
    let golden = file("tests.json");
    let mut undefined = 0;
    for case in golden["two_proportions"].as_array().unwrap() {
        let count = |key: &str, arm: usize| case[key][arm].as_u64().unwrap();
        let arm = |arm| proportion(count("success", arm), count("n", arm));
        for (name, alternative) in [
            ("two-sided", Alternative::TwoSided),
            ("larger", Alternative::Larger),
            ("smaller", Alternative::Smaller),
        ] {
            let theirs = &case[format!("pooled/{name}").as_str()];
            match two_proportions(arm(0), arm(1), alternative) {
                Measured::Defined(ours) => {
                    assert_near(&format!("{case} z"), ours.z, number(&theirs["z"]), 1e-9, 1e-12);
                    assert_near(&format!("{case} p"), ours.p, number(&theirs["p"]), 1e-9, 1e-300);
                }
                Measured::Undefined(_) => {
                    assert!(number(&theirs["z"]).is_nan(), "{case}");
                    undefined += 1;
                }
            }
        }
        let wilson = arm(0).wilson(Alpha::new(0.025).unwrap()).defined().unwrap();
        let theirs = &case["ci95_p1/wilson"];
        assert_near(&format!("{case} lower"), wilson.lower, number(&theirs[0]), 1e-9, 1e-12);
        assert_near(&format!("{case} upper"), wilson.upper, number(&theirs[1]), 1e-9, 1e-12);
    }
    // Nobody succeeded anywhere, and everybody did.
    assert_eq!(undefined, 6);
}

#[test]
fn wilson_at_sixty_percent_of_46_is_as_published() {
    let interval = wilson(0.6, 46.0, normal_quantile(0.95));
    assert_near("lower", interval.lower, 0.479, 0.0, 5e-4);
    assert_near("upper", interval.upper, 0.710, 0.0, 5e-4);
}

#[test]
fn a_one_sided_bound_is_an_end_of_the_interval_with_that_error_on_each_side() {
    let seen = proportion(28, 46);
    let interval = seen.wilson(Alpha::FIVE_PERCENT).defined().unwrap();
    assert_eq!(seen.wilson_lower(Alpha::FIVE_PERCENT), Measured::Defined(interval.lower));
    assert_eq!(seen.wilson_upper(Alpha::FIVE_PERCENT), Measured::Defined(interval.upper));
}

#[test]
fn no_trials_have_no_share() {
    let nothing = Measured::Undefined(Reason::NoObservations);
    assert_eq!(proportion(0, 0).share(), nothing);
    assert_eq!(proportion(0, 0).wilson(Alpha::FIVE_PERCENT).reason(), nothing.reason());
    assert!(Proportion::new(2, 1).is_err());
}

proptest! {
    #[test]
    fn the_interval_holds_the_share_and_mirrors_with_failures(
        (n, k) in (1_u64..5_000).prop_flat_map(|n| (Just(n), 0..=n)),
    ) {
        let seen = proportion(k, n).wilson(Alpha::FIVE_PERCENT).defined().unwrap();
        let share = k as f64 / n as f64;
        prop_assert!((0.0..=share + 1e-12).contains(&seen.lower));
        prop_assert!((share - 1e-12..=1.0).contains(&seen.upper));
        let failures = proportion(n - k, n).wilson(Alpha::FIVE_PERCENT).defined().unwrap();
        prop_assert!((seen.lower + failures.upper - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_test_is_antisymmetric(a in 0_u64..50, b in 0_u64..60) {
        let (a, b) = (proportion(a, 50), proportion(b, 60));
        let there = two_proportions(a, b, Alternative::Larger);
        let back = two_proportions(b, a, Alternative::Smaller);
        match (there, back) {
            (Measured::Defined(there), Measured::Defined(back)) => {
                prop_assert!((there.z + back.z).abs() < 1e-12);
                prop_assert!((there.p - back.p).abs() < 1e-12);
            }
            (there, back) => prop_assert_eq!(there.reason(), back.reason()),
        }
    }
}
