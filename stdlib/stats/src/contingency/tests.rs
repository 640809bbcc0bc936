use super::*;
use crate::golden::{assert_near, file, number};

#[test]
fn agrees_with_scipy() {
    let golden = file("drift_other.json");
    let counts = |shares: &serde_json::Value, n: f64| -> Vec<u64> {
        let share = |share: &serde_json::Value| (number(share) * n).round().to_string();
        shares.as_array().unwrap().iter().map(|s| share(s).parse().unwrap()).collect()
    };
    let (x, y) = (counts(&golden["psi_p"], 3_000.0), counts(&golden["psi_q"], 2_000.0));
    let ours = homogeneity(&x, &y).unwrap().defined().unwrap();
    let theirs = &golden["chi2_contingency"];
    assert_near("statistic", ours.statistic, number(&theirs["stat"]), 1e-12, 0.0);
    assert_near("p", ours.p, number(&theirs["p"]), 1e-9, 0.0);
    assert_near("freedom", f64::from(ours.freedom), number(&theirs["dof"]), 0.0, 0.0);
}

#[test]
fn classes_that_nobody_has_do_not_count() {
    let with = homogeneity(&[10, 0, 20], &[30, 0, 10]).unwrap();
    assert_eq!(with, homogeneity(&[10, 20], &[30, 10]).unwrap());
    assert_eq!(homogeneity(&[5, 0], &[9, 0]), Ok(Measured::Undefined(Reason::NoVariation)));
    assert_eq!(homogeneity(&[0, 0], &[9, 1]), Ok(Measured::Undefined(Reason::NoObservations)));
    assert!(homogeneity(&[1], &[1, 2]).is_err());
}
