use super::*;
use proptest::prelude::*;

fn one_to(n: u32) -> Vec<f64> {
    (1..=n).rev().map(f64::from).collect()
}

#[test]
fn the_p95_of_one_to_a_hundred_is_95() {
    assert_eq!(nearest_rank(&one_to(100), Quantile::P95), Measured::Defined(95.0));
}

#[test]
fn ranks_are_exact_where_floats_would_round_up() {
    let seventh = Quantile::new(700).unwrap();
    assert_eq!(nearest_rank(&one_to(100), seventh), Measured::Defined(7.0));
}

#[test]
fn few_values_give_the_nearest_of_them() {
    assert_eq!(nearest_rank(&[3.0], Quantile::P50), Measured::Defined(3.0));
    assert_eq!(nearest_rank(&[1.0, 2.0], Quantile::P50), Measured::Defined(1.0));
    assert_eq!(nearest_rank(&one_to(19), Quantile::P95), Measured::Defined(19.0));
    assert_eq!(nearest_rank(&one_to(20), Quantile::P95), Measured::Defined(19.0));
    assert_eq!(nearest_rank(&one_to(7), Quantile::MAX), Measured::Defined(7.0));
}

#[test]
fn nothing_has_no_quantile_and_zero_is_none() {
    assert_eq!(nearest_rank(&[], Quantile::P95), Measured::Undefined(Reason::NoObservations));
    assert!(Quantile::new(0).is_err());
    assert!(Quantile::new(10_001).is_err());
}

proptest! {
    #[test]
    fn enough_values_are_at_or_below_the_quantile_and_not_with_the_next_smaller_one(
        values in prop::collection::vec(-1e6..1e6_f64, 1..60),
        at in 1_u16..=10_000,
    ) {
        let Measured::Defined(quantile) = nearest_rank(&values, Quantile::new(at).unwrap()) else {
            return Err(TestCaseError::fail("undefined"));
        };
        let at_most = values.iter().filter(|v| **v <= quantile).count() * 10_000;
        let below = values.iter().filter(|v| **v < quantile).count() * 10_000;
        prop_assert!(at_most >= usize::from(at) * values.len());
        prop_assert!(below < usize::from(at) * values.len());
    }
}
