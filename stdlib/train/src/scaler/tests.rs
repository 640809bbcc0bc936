use expect_test::expect;

use super::*;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("f{at}")).collect()
}

#[test]
fn agrees_with_scikit_learn() {
    let golden: Golden =
        serde_json::from_str(include_str!("../../tests/golden/scaler.json")).unwrap();
    let scaler = Scaler::fit(names(golden.mean.len()), &golden.rows, [0, 1]).unwrap();
    let close = |ours: &[f64], theirs: &[f64]| {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() <= 1e-12 * theirs.abs(), "{ours} instead of {theirs}");
        }
    };
    close(scaler.mean(), &golden.mean);
    close(scaler.scale(), &golden.scale);
    let ours = scaler.transform(&golden.rows).unwrap();
    for (ours, theirs) in ours.iter().zip(&golden.transformed) {
        assert!((f64::from(*ours) - theirs).abs() <= 1e-6 * theirs.abs().max(1.0));
    }
}

#[derive(Deserialize)]
struct Golden {
    rows: Vec<f64>,
    mean: Vec<f64>,
    scale: Vec<f64>,
    transformed: Vec<f64>,
}

#[test]
fn rows_it_was_not_fitted_to_do_not_move_it() {
    let train = [1.0, 10.0, 2.0, 20.0, 3.0, 60.0];
    let scaler = Scaler::fit(names(2), &train, [5, 7]).unwrap();
    assert_eq!((scaler.fit_rows(), scaler.fit_range()), (3, [5, 7]));
    let before = scaler.clone();
    assert_eq!(scaler.transform(&[2.0, 30.0]).unwrap(), [0.0, 0.0]);
    assert!(scaler.transform(&[1e9, -1e9]).unwrap()[0] > 1e9);
    assert_eq!(scaler, before);
}

#[test]
fn a_feature_that_does_not_vary_is_only_centred() {
    let rows: Vec<f64> = (0..1_000).flat_map(|row| [0.1, f64::from(row)]).collect();
    let scaler = Scaler::fit(names(2), &rows, [0, 0]).unwrap();
    assert_eq!(scaler.scale()[0].to_bits(), 1.0_f64.to_bits());
    assert!(scaler.transform(&[0.1, 0.0]).unwrap()[0].abs() < 1e-6);
}

#[test]
fn a_file_reads_back_to_the_same_bits() {
    let rows: Vec<f64> =
        (1..200).flat_map(|row| [1.0 / f64::from(row), f64::from(row).ln() * 1e-9]).collect();
    let scaler = Scaler::fit(names(2), &rows, [-1, i64::MAX]).unwrap();
    let text = serde_json::to_string(&scaler).unwrap();
    let back: Scaler = serde_json::from_str(&text).unwrap();
    let bits = |scaler: &Scaler| -> Vec<u64> {
        scaler.mean().iter().chain(scaler.scale()).map(|number| number.to_bits()).collect()
    };
    assert_eq!(bits(&back), bits(&scaler));
    assert_eq!(back, scaler);
    expect![[r#"{"kind":"standard","features":["f0","f1"],"mean":[0.029512718332268574,4.3112244714867204e-9],"scale":[0.08584760477532423,9.519189289084772e-10],"fit_rows":199,"fit_range":[-1,9223372036854775807]}"#]].assert_eq(&text);
}

#[test]
fn what_cannot_be_scaled_is_said() {
    let fit = |features, rows: &[f64]| Scaler::fit(features, rows, [0, 0]).unwrap_err().to_string();
    let read = |text: &str| serde_json::from_str::<Scaler>(text).unwrap_err().to_string();
    let file = |mean: &str, scale: &str, rows: &str| {
        let rest = r#""kind":"standard","features":["f0"],"fit_range":[0,1]"#;
        read(&format!(r#"{{{rest},"mean":{mean},"scale":{scale},"fit_rows":{rows}}}"#))
    };
    let said = [
        fit(names(2), &[]),
        fit(names(2), &[1.0]),
        fit(names(0), &[]),
        fit(names(1), &[1.0, f64::NAN]),
        fit(names(1), &[f64::MAX, -f64::MAX, f64::MAX]),
        fit(vec!["a".into(), "a".into()], &[1.0, 2.0]),
        file("[1,2]", "[1]", "3"),
        file("[1]", "[0]", "3"),
        file("[1]", "[1]", "0"),
        Scaler::fit(names(2), &[1.0, 2.0], [0, 0])
            .unwrap()
            .transform(&[1.0])
            .unwrap_err()
            .to_string(),
    ]
    .join("\n");
    expect![[r#"
        there is no row to fit the scaler to
        1 values make no rows of 2 features
        0 values make no rows of 0 features
        feature `f0` has a value, a mean or a scale out of range
        feature `f0` has a value, a mean or a scale out of range
        feature `a` is named twice
        2 values make no rows of 1 features
        feature `f0` has a value, a mean or a scale out of range
        there is no row to fit the scaler to
        1 values make no rows of 2 features"#]]
    .assert_eq(&said);
}
