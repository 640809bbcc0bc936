use super::*;
use crate::golden::{assert_near, file, numbers};
use proptest::prelude::*;

const THEIRS: [(&str, Correction); 4] = [
    ("fdr_bh", Correction::BenjaminiHochberg),
    ("fdr_by", Correction::BenjaminiYekutieli),
    ("holm", Correction::Holm),
    ("bonferroni", Correction::Bonferroni),
];

#[test]
fn agrees_with_statsmodels() {
    for case in file("tests.json")["multiple_testing"].as_array().unwrap() {
        let p = numbers(&case["p"]);
        for (name, correction) in THEIRS {
            let ours = correction.adjust(&p).unwrap();
            let theirs = numbers(&case[name]["adjusted"]);
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_near(&format!("{} {name}", case["name"]), *ours, *theirs, 1e-12, 0.0);
            }
            // Where an adjusted p is the level itself, the last bit decides.
            for (ours, theirs) in ours.iter().zip(case[name]["reject"].as_array().unwrap()) {
                let is_rejected = *ours <= 0.05 * (1.0 + 1e-15);
                assert_eq!(is_rejected, theirs.as_bool().unwrap(), "{} {name}", case["name"]);
            }
        }
    }
}

#[test]
fn no_test_has_no_p_and_no_p_is_above_one() {
    assert_eq!(Correction::Holm.adjust(&[]), Ok(vec![]));
    assert_eq!(Correction::BenjaminiYekutieli.adjust(&[0.9, 0.8]), Ok(vec![1.0, 1.0]));
    assert!(Correction::None.adjust(&[0.5, f64::NAN]).is_err());
    assert!(Correction::None.adjust(&[1.1]).is_err());
}

proptest! {
    #[test]
    fn corrections_are_ordered_by_caution_and_keep_the_order_of_tests(
        p in prop::collection::vec(0.0..=1.0_f64, 1..20),
    ) {
        let by = |correction: Correction| correction.adjust(&p).unwrap();
        prop_assert_eq!(&by(Correction::None), &p);
        let bonferroni = by(Correction::Bonferroni);
        for (i, raw) in p.iter().enumerate() {
            prop_assert!(by(Correction::Holm)[i] <= bonferroni[i]);
            prop_assert!(by(Correction::BenjaminiHochberg)[i] <= by(Correction::Holm)[i]);
            prop_assert!(by(Correction::BenjaminiHochberg)[i] <= by(Correction::BenjaminiYekutieli)[i]);
            for (j, other) in p.iter().enumerate() {
                prop_assert!(raw > other || by(Correction::Holm)[i] <= by(Correction::Holm)[j]);
            }
        }
    }
}
