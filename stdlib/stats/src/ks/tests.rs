use super::*;
use crate::golden::{assert_near, file, g12, number, numbers};
use proptest::prelude::*;

fn agrees(name: &str, ours: KsTest, theirs: &serde_json::Value) {
    assert_near(&format!("{name} D"), ours.distance, number(&theirs["statistic"]), 0.0, 1e-12);
    assert_near(&format!("{name} p"), ours.p, number(&theirs["pvalue"]), 1e-9, 1e-12);
}

const METHODS: [(&str, KsMethod); 2] =
    [("exact", KsMethod::Exact), ("asymp", KsMethod::Asymptotic)];

#[test]
fn agrees_with_scipy_on_small_samples_and_refuses_what_scipy_answers_nan() {
    let mut refused = Vec::new();
    for case in file("ks_2samp.json")["inline"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (x, y) = (numbers(&case["x"]), numbers(&case["y"]));
        let Ok(ours) = ks_two_sample(&x, &y) else {
            refused.push(name.to_owned());
            continue;
        };
        agrees(name, ours, &case["results"]["two-sided/auto"]);
        for (method, ours) in METHODS {
            let theirs = &case["results"][format!("two-sided/{method}").as_str()];
            // scipy's approximation of one against one is worth no observation: NaN.
            if !number(&theirs["pvalue"]).is_nan() {
                let ours = Sample::new(&x).unwrap().ks(&Sample::new(&y).unwrap(), ours);
                agrees(&format!("{name} {method}"), ours, theirs);
            }
        }
    }
    // An infinite feature is broken upstream; scipy would rank it.
    assert_eq!(refused, ["inf_values", "nan_in_x", "nan_both", "all_nan", "empty_x", "empty_both"]);
}

#[test]
fn agrees_with_scipy_on_samples_of_up_to_a_million() {
    let mut compared = 0;
    for case in file("ks_2samp.json")["generated"].as_array().unwrap() {
        let count = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
        let x = g12(case["seed_x"].as_u64().unwrap(), count("n"));
        let (mul, add) = (number(&case["mul"]), number(&case["add"]));
        let y: Vec<f64> = g12(case["seed_y"].as_u64().unwrap(), count("m"))
            .into_iter()
            .map(|value| value * mul + add)
            .collect();
        let name = format!("{} × {}", count("n"), count("m"));
        let (x, y) = (Sample::new(&x).unwrap(), Sample::new(&y).unwrap());
        let auto = KsMethod::of_sizes(count("n"), count("m"));
        agrees(&name, x.ks(&y, auto), &case["results"]["two-sided/auto"]);
        for (method, ours) in METHODS {
            if let Some(theirs) = case["results"].get(format!("two-sided/{method}")) {
                agrees(&format!("{name} {method}"), x.ks(&y, ours), theirs);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 15 + 8);
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
