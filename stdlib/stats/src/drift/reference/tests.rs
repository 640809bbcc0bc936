use super::*;
use crate::golden::{assert_near, file, g12, number};
use proptest::prelude::*;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// An autoregression of 4,000 values, as `statistics.py` makes it.
fn persistent() -> Vec<f64> {
    let mut before = 0.0;
    let next = |noise: f64| {
        before = 0.9 * before + noise;
        before
    };
    g12(201, 4_000).into_iter().map(next).collect()
}

#[test]
fn the_null_agrees_with_numpy() {
    let golden = &file("statistics.json")["ks_null"];
    let series = persistent();
    let reference = Reference::new(&series[..3_000]).unwrap();
    let null = reference.null(count(120)).defined().unwrap();
    assert_eq!(null.distances().len() as u64, golden["windows"].as_u64().unwrap());
    let sum = null.distances().iter().sum::<f64>();
    assert_near("sum", sum, number(&golden["distance_sum"]), 1e-12, 0.0);
    for case in golden["live"].as_array().unwrap() {
        let start = usize::try_from(case["start"].as_u64().unwrap()).unwrap();
        let live: Vec<f64> =
            series[start..start + 120].iter().map(|value| value + number(&case["shift"])).collect();
        let ks = reference.ks(&Sample::new(&live).unwrap());
        let name = format!("{case}");
        assert_near(&name, ks.distance, number(&case["distance"]), 0.0, 1e-15);
        assert_near(&name, ks.p, number(&case["p_ks"]), 1e-9, 1e-12);
        assert_near(&name, null.p(ks.distance), number(&case["p_calibrated"]), 0.0, 1e-15);
    }
}

#[test]
fn a_short_reference_has_no_null() {
    let reference = Reference::new(&g12(1, 199)).unwrap();
    let none = Measured::Undefined(Reason::TooFew { needed: 200, found: 199 });
    assert_eq!(reference.null(count(20)), none);
    assert!(reference.null(count(19)).defined().is_some());
}

#[test]
fn missing_values_are_counted_and_left_out() {
    let reference = Reference::new(&[1.0, f64::NAN, 2.0, 3.0]).unwrap();
    assert_eq!(reference.sample().as_slice(), [1.0, 2.0, 3.0]);
    assert_near("missing", reference.missing(), 0.25, 0.0, 0.0);
    assert!(Reference::new(&[f64::NAN]).is_err());
    assert!(Reference::new(&[f64::INFINITY, 1.0]).is_err());
}

#[test]
fn a_stored_null_answers_as_the_one_it_was_made_of() {
    let null = Reference::new(&persistent()).unwrap().null(count(100)).defined().unwrap();
    let mut distances = null.distances().to_vec();
    distances.reverse();
    assert_eq!(KsNull::stored(count(100), &distances), Ok(null));
    assert!(KsNull::stored(count(100), &[]).is_err());
    assert!(KsNull::stored(count(100), &[0.1, f64::NAN]).is_err());
}

#[test]
fn a_distance_beyond_all_windows_has_the_smallest_p() {
    let null = KsNull::stored(count(5), &[0.1, 0.2, 0.2, 0.3]).unwrap();
    for (distance, p) in [(0.31, 0.2), (0.3, 0.4), (0.2, 0.8), (0.0, 1.0)] {
        assert_near(&format!("{distance}"), null.p(distance), p, 1e-15, 0.0);
    }
}

proptest! {
    #[test]
    fn distances_by_place_are_distances_by_value(
        trained in prop::collection::vec(-3..4_i32, 1..30),
        live in prop::collection::vec(-4..5_i32, 1..30),
    ) {
        let trained: Vec<f64> = trained.into_iter().map(f64::from).collect();
        let live: Vec<f64> = live.into_iter().map(f64::from).collect();
        let by_place = Reference::new(&trained).unwrap().ks(&Sample::new(&live).unwrap());
        prop_assert_eq!(by_place, crate::ks_two_sample(&trained, &live).unwrap());
    }
}
