use super::*;
use proptest::prelude::*;

#[test]
fn what_cannot_be_sorted_is_refused() {
    assert_eq!(Sample::new(&[]), Err(StatsError::EmptySample));
    let infinite = StatsError::NotFinite { index: 1, value: f64::INFINITY };
    assert_eq!(Sample::new(&[0.0, f64::INFINITY]), Err(infinite));
    assert!(Sample::new(&[f64::NAN]).is_err());
}

#[test]
fn both_zeros_are_one_value() {
    let sample = Sample::new(&[0.0, -0.0, -1.0]).unwrap();
    assert_eq!((sample.below(0.0), sample.up_to(-0.0)), (1, 3));
    assert!(Sample::new(&[-0.0, 0.0]).unwrap().is_constant());
}

proptest! {
    #[test]
    fn bits_sort_as_values_do(values in prop::collection::vec(any::<f64>(), 1..50)) {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        let ours = sorted(&values);
        values.sort_by(f64::total_cmp);
        prop_assert_eq!(ours, values);
    }
}
