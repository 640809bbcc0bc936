use super::*;
use crate::golden::{assert_near, file, number, numbers};

#[test]
fn agrees_with_scipy() {
    let mut undefined = Vec::new();
    for case in file("tests.json")["welch"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let ours = match Welch::of(&numbers(&case["x"]), &numbers(&case["y"])) {
            Ok(Measured::Defined(ours)) => ours,
            Ok(Measured::Undefined(reason)) => {
                undefined.push((name.to_owned(), reason));
                continue;
            }
            Err(refused) => {
                assert!(matches!(refused, StatsError::NotFinite { index: 1, .. }), "{name}");
                continue;
            }
        };
        for (word, alternative) in [
            ("two-sided", Alternative::TwoSided),
            ("less", Alternative::Smaller),
            ("greater", Alternative::Larger),
        ] {
            let theirs = &case[format!("welch/{word}").as_str()];
            let near = |what: &str, ours: f64, theirs: &serde_json::Value| {
                assert_near(&format!("{name} {word} {what}"), ours, number(theirs), 1e-9, 1e-12);
            };
            near("t", ours.t(), &theirs["t"]);
            near("df", ours.freedom, &theirs["df"]);
            near("p", ours.p(alternative), &theirs["p"]);
            let side = if alternative == Alternative::TwoSided { 0.025 } else { 0.05 };
            let interval = ours.interval(Alpha::new(side).unwrap());
            if alternative != Alternative::Smaller {
                near("lower", interval.lower, &theirs["ci"][0]);
            }
            if alternative != Alternative::Larger {
                near("upper", interval.upper, &theirs["ci"][1]);
            }
        }
    }
    let expected = [
        ("const".to_owned(), Reason::NoVariation),
        ("const_diff".to_owned(), Reason::NoVariation),
        ("n1".to_owned(), Reason::TooFew { needed: 2, found: 1 }),
    ];
    assert_eq!(undefined, expected);
}
