use super::*;
use crate::golden::assert_near;
use proptest::prelude::*;

fn p(units: &[u64], shares: &[u32]) -> f64 {
    sample_ratio(units, shares).unwrap().defined().unwrap().p
}

#[test]
fn agrees_with_scipys_chisquare() {
    assert_near("130/870", p(&[130, 870], &[1_000, 9_000]), 0.001_565_4, 1e-4, 0.0);
    assert_near("1300/8700", p(&[1_300, 8_700], &[1_000, 9_000]), 1.5e-23, 2e-2, 0.0);
}

#[test]
fn the_expected_split_is_a_perfect_fit() {
    let outcome = sample_ratio(&[100, 900], &[1_000, 9_000]).unwrap();
    assert_eq!(outcome, Measured::Defined(SampleRatio { statistic: 0.0, freedom: 1, p: 1.0 }));
}

#[test]
fn arms_without_traffic_are_left_out_unless_somebody_was_there() {
    assert_near("closed", p(&[100, 0, 900], &[1, 0, 9]), p(&[100, 900], &[1, 9]), 0.0, 0.0);
    let seen = sample_ratio(&[100, 1, 900], &[1, 0, 9]);
    assert_eq!(seen, Err(StatsError::ClosedArm { arm: 1, units: 1 }));
}

#[test]
fn too_few_units_or_arms_decide_nothing() {
    for (units, shares) in [(&[0, 0][..], &[1, 9][..]), (&[5, 40], &[1, 9]), (&[50], &[9])] {
        assert_eq!(sample_ratio(units, shares).unwrap().defined(), None, "{units:?}");
    }
    assert!(sample_ratio(&[5, 45], &[1, 9]).unwrap().defined().is_some());
}

proptest! {
    #[test]
    fn the_order_of_arms_does_not_matter(a in 100_u64..9_999, b in 100_u64..9_999, c in 100_u64..9_999) {
        let there = p(&[a, b, c], &[2, 3, 5]);
        let back = p(&[c, b, a], &[5, 3, 2]);
        prop_assert!((there - back).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&there));
    }

    #[test]
    fn a_larger_imbalance_is_less_probable(off in 1_u64..400) {
        let smaller = p(&[500 + off, 500 - off], &[1, 1]);
        let larger = p(&[500 + off + 1, 500 - off - 1], &[1, 1]);
        prop_assert!(larger < smaller);
    }
}
