use super::*;
use crate::golden::{assert_near, file, number, numbers};
use proptest::prelude::*;
use std::cmp::Ordering;

#[test]
fn agrees_with_scipy_exactly_and_by_approximation() {
    for case in file("tests.json")["welch"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        for (word, alternative) in [
            ("two-sided", Alternative::TwoSided),
            ("less", Alternative::Smaller),
            ("greater", Alternative::Larger),
        ] {
            let theirs = &case[format!("mwu/{word}").as_str()];
            match mann_whitney(&numbers(&case["x"]), &numbers(&case["y"]), alternative) {
                Ok(Measured::Defined(ours)) => {
                    let what = format!("{name} {word}");
                    assert_near(&what, ours.wins, number(&theirs["U"]), 0.0, 0.0);
                    assert_near(&what, ours.p, number(&theirs["p"]), 1e-9, 1e-12);
                }
                Ok(Measured::Undefined(reason)) => {
                    assert_eq!((name, reason), ("const", Reason::NoVariation));
                }
                Err(_) => assert_eq!(name, "nan"),
            }
        }
    }
}

#[test]
fn exact_probabilities_are_those_of_counting_by_hand() {
    // Of the ten orders of two among three, one has six wins and one has five.
    assert_near("6 wins", at_least(6.0, 2, 3), 0.1, 1e-15, 0.0);
    assert_near("5 wins", at_least(5.0, 2, 3), 0.2, 1e-15, 0.0);
    assert_near("none", at_least(0.0, 8, 500), 1.0, 1e-15, 0.0);
    // By symmetry more than half of an odd number of pairs is one half.
    assert_near("half", at_least(17.5, 5, 7), 0.5, 1e-12, 0.0);
}

proptest! {
    #[test]
    fn wins_are_counted_pair_by_pair(
        mut x in prop::collection::vec(0..6_i32, 1..20),
        mut y in prop::collection::vec(0..6_i32, 1..20),
    ) {
        x.sort_unstable();
        y.sort_unstable();
        let of_pair = |(a, b): (i32, i32)| match a.cmp(&b) {
            Ordering::Greater => 1.0,
            Ordering::Equal => 0.5,
            Ordering::Less => 0.0,
        };
        let pairs = x.iter().flat_map(|a| y.iter().map(|b| (*a, *b)));
        let by_hand = pairs.map(of_pair).sum::<f64>();
        prop_assert!((wins(&x, &y) - by_hand).abs() < 1e-12);
    }
}
