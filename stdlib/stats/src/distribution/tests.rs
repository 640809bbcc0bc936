use super::*;
use crate::golden::{assert_near, file, number};

fn freedom(value: &serde_json::Value) -> NonZeroU32 {
    value.as_f64().unwrap().to_string().parse().unwrap()
}

#[test]
fn the_normal_tail_agrees_with_scipy_however_far_out() {
    for (x, theirs) in file("distributions.json")["norm_sf"].as_object().unwrap() {
        let x: f64 = x.parse().unwrap();
        assert_near(&format!("{x}"), normal_above(x), number(theirs), 1e-9, 0.0);
    }
}

#[test]
fn the_normal_quantile_agrees_with_scipy() {
    for (p, theirs) in file("distributions.json")["norm_ppf"].as_object().unwrap() {
        let p: f64 = p.parse().unwrap();
        assert_near(&format!("{p}"), normal_quantile(p), number(theirs), 1e-12, 1e-15);
    }
}

#[test]
fn students_tail_agrees_with_scipy_and_its_quantile_inverts_it() {
    for case in file("distributions.json")["t_sf"].as_array().unwrap() {
        let (x, freedom, theirs) = (number(&case[0]), number(&case[1]), number(&case[2]));
        assert_near(&format!("t {freedom} above {x}"), t_above(x, freedom), theirs, 1e-9, 0.0);
        assert_near(&format!("{theirs}"), t_quantile_above(theirs, freedom), x, 1e-9, 0.0);
        assert_near("mirrored", t_above(-x, freedom), 1.0 - theirs, 1e-12, 0.0);
    }
}

#[test]
fn the_chi_squared_tail_agrees_with_scipy() {
    for case in file("distributions.json")["chi2_sf"].as_array().unwrap() {
        let ours = chi_squared_above(number(&case[0]), freedom(&case[1]));
        assert_near(&format!("{case}"), ours, number(&case[2]), 1e-9, 0.0);
    }
}
