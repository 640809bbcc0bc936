use super::*;
use crate::golden::{assert_near, file, g12, number, numbers};
use proptest::prelude::*;

fn agrees(name: &str, ours: KsTest, theirs: &serde_json::Value, relative: f64) {
    assert_near(&format!("{name} D"), ours.distance, number(&theirs["statistic"]), 0.0, 1e-12);
    assert_near(&format!("{name} p"), ours.p, number(&theirs["pvalue"]), relative, 1e-12);
}

#[test]
fn agrees_with_scipy_on_small_samples_and_refuses_what_scipy_answers_nan() {
    let mut refused = Vec::new();
    for case in file("ks_2samp.json")["inline"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        match ks_two_sample(&numbers(&case["x"]), &numbers(&case["y"])) {
            Ok(ours) => agrees(name, ours, &case["results"]["two-sided/auto"], 1e-9),
            Err(_) => refused.push(name.to_owned()),
        }
    }
    // An infinite feature is broken upstream; scipy would rank it.
    assert_eq!(refused, ["inf_values", "nan_in_x", "nan_both", "all_nan", "empty_x", "empty_both"]);
}

#[test]
fn agrees_with_scipy_on_large_samples() {
    for case in file("ks_2samp.json")["generated"].as_array().unwrap() {
        let count = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
        // A million each, and exact paths through a rectangle of 10^8, are beyond a quick test.
        if count("n") > 100_000 || (count("n"), count("m")) == (9_999, 10_000) {
            continue;
        }
        let x = g12(case["seed_x"].as_u64().unwrap(), count("n"));
        let (mul, add) = (number(&case["mul"]), number(&case["add"]));
        let y: Vec<f64> = g12(case["seed_y"].as_u64().unwrap(), count("m"))
            .into_iter()
            .map(|value| value * mul + add)
            .collect();
        let name = format!("{} × {}", count("n"), count("m"));
        // From z² = 2.2 on scipy doubles the one-sided tail and leaves off 2 exp(-8 z²), some 3e-7
        // of the whole there.
        let relative = if count("n").max(count("m")) > EXACT_MAX { 1e-6 } else { 1e-9 };
        let theirs = &case["results"]["two-sided/auto"];
        agrees(&name, ks_two_sample(&x, &y).unwrap(), theirs, relative);
    }
}

proptest! {
    #[test]
    fn the_test_is_symmetric_and_unmoved_by_order_and_monotone_maps(
        x in prop::collection::vec(-3..4_i32, 1..30),
        y in prop::collection::vec(-3..4_i32, 1..30),
    ) {
        let x: Vec<f64> = x.into_iter().map(f64::from).collect();
        let y: Vec<f64> = y.into_iter().map(f64::from).collect();
        let there = ks_two_sample(&x, &y).unwrap();
        prop_assert_eq!(there, ks_two_sample(&y, &x).unwrap());
        let mut turned: Vec<f64> = x.iter().map(|v| v.exp()).collect();
        turned.reverse();
        let mapped: Vec<f64> = y.iter().map(|v| v.exp()).collect();
        prop_assert_eq!(there, ks_two_sample(&turned, &mapped).unwrap());
        prop_assert!((0.0..=1.0).contains(&there.distance) && (0.0..=1.0).contains(&there.p));
    }
}
