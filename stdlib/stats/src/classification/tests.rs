use super::*;
use crate::golden::{Uniform, assert_near, file, number, numbers};
use proptest::prelude::*;
use serde_json::Value;
use std::num::{NonZeroU32, NonZeroUsize};

fn scoring() -> Scoring {
    Scoring { flat: Some(1), block: BlockLength::of_horizon(NonZeroU32::new(4).unwrap()) }
}

fn scored(values: &[f64], labels: &[usize]) -> Classification {
    classify(&Probabilities::new(values, 3).unwrap(), labels, scoring()).unwrap()
}

/// Probabilities that are certain of `predicted`.
fn certain(predicted: &[usize]) -> Vec<f64> {
    predicted.iter().flat_map(|class| (0..3).map(|c| indicator(c == *class))).collect()
}

fn classes(value: &Value) -> Vec<usize> {
    let class = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    value.as_array().unwrap().iter().map(class).collect()
}

/// The generator's `synth(seed, n)`.
fn synth(seed: u64, n: usize) -> (Vec<f64>, Vec<usize>) {
    let labels: Vec<usize> = Uniform::new(seed)
        .take(n)
        .map(|u| usize::from(u * 3.0 >= 1.0) + usize::from(u * 3.0 >= 2.0))
        .collect();
    let mut values: Vec<f64> = Uniform::new(seed + 1).take(3 * n).collect();
    for ((row, label), lift) in values.chunks_mut(3).zip(&labels).zip(Uniform::new(seed + 2)) {
        row[*label] += 0.5 * lift;
        let sum = (row[0] + row[1]) + row[2];
        for value in row {
            *value /= sum;
        }
    }
    (values, labels)
}

fn assert_agrees(name: &str, ours: &Classification, theirs: &Value, has_probabilities: bool) {
    let near = |what: &str, ours: Measured<f64>, theirs: &Value| {
        let ours = ours.defined().unwrap_or_else(|| panic!("{name} {what} is undefined"));
        assert_near(&format!("{name} {what}"), ours, number(theirs), 1e-12, 1e-12);
    };
    near("accuracy", ours.accuracy, &theirs["accuracy"]);
    // Recall leaves out classes that do not occur, as balanced accuracy does.
    near("recall", ours.recall_macro, &theirs["balanced_accuracy"]);
    let macros = &theirs["prf/macro/zero_division=0"];
    near("precision", ours.precision_macro, &macros["p"]);
    near("f1", ours.f1_macro, &macros["f1"]);
    let weighted = &theirs["prf/weighted/zero_division=0"];
    near("weighted precision", ours.precision_weighted, &weighted["p"]);
    near("weighted f1", ours.f1_weighted, &weighted["f1"]);
    for (row, theirs) in ours.confusion.rows().zip(theirs["confusion"].as_array().unwrap()) {
        assert_eq!(row, classes(theirs), "{name}");
    }
    let each = &theirs["prf/None/zero_division=0"];
    for (class, score) in ours.per_class.iter().enumerate() {
        near("precision of class", Measured::Defined(score.precision), &each["p"][class]);
        near("f1 of class", Measured::Defined(score.f1), &each["f1"][class]);
        if score.support > 0 {
            near("recall of class", score.recall, &each["r"][class]);
        }
    }
    match ours.mcc {
        Measured::Defined(_) => near("mcc", ours.mcc, &theirs["mcc"]),
        Measured::Undefined(reason) => {
            assert_eq!((reason, number(&theirs["mcc"])), (Reason::OneClass, 0.0), "{name}");
        }
    }
    if has_probabilities {
        near("log loss", ours.log_loss, &theirs["log_loss"]);
        near("brier", ours.brier, &theirs["brier_multi_sum"]);
        match ours.auc_macro {
            Measured::Defined(_) => near("auc", ours.auc_macro, &theirs["auc/ovr/macro"]),
            Measured::Undefined(_) => assert!(number(&theirs["auc/ovr/macro"]).is_nan(), "{name}"),
        }
    }
}

#[test]
fn agrees_with_scikit_learn() {
    for case in file("classification.json")["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (values, labels) = match (name, case.get("proba")) {
            ("synth10000", _) => synth(120, 10_000),
            ("synth1000000", _) => synth(130, 1_000_000),
            (_, Some(Value::Array(rows))) => {
                (rows.iter().flat_map(numbers).collect(), classes(&case["y_true"]))
            }
            _ => (certain(&classes(&case["y_pred"])), classes(&case["y_true"])),
        };
        let has_probabilities = case.get("proba").is_none_or(|rows| !rows.is_null());
        let ours = scored(&values, &labels);
        assert_agrees(name, &ours, &case["results"], has_probabilities);
    }
}

#[test]
fn averages_that_are_less_than_they_seem_are_named() {
    let never = scored(&certain(&[0, 1, 0, 0, 1, 1]), &[0, 1, 2, 0, 1, 2]);
    assert_eq!(never.ill_defined, [IllDefined::NeverPredicted { class: 2 }]);
    let absent = scored(&certain(&[0, 1, 2, 1, 0, 2]), &[0, 1, 0, 1, 0, 1]);
    assert_eq!(absent.ill_defined, [IllDefined::AbsentFromTruth { class: 2 }]);
    assert_eq!(absent.per_class[2].recall, Measured::Undefined(Reason::NoObservations));
    assert_eq!(scored(&certain(&[0, 1, 2]), &[2, 0, 1]).ill_defined, []);
}

#[test]
fn direction_is_judged_where_one_is_taken() {
    let ours = scored(&certain(&[0, 1, 2, 2]), &[0, 1, 2, 0]);
    assert_eq!(ours.coverage, Measured::Defined(0.75));
    assert_eq!(ours.directional_accuracy, Measured::Defined(2.0 / 3.0));
    let flat = scored(&certain(&[1, 1]), &[0, 1]);
    assert_eq!(flat.coverage, Measured::Defined(0.0));
    assert_eq!(flat.directional_accuracy, Measured::Undefined(Reason::NoDirection));
}

#[test]
fn calibration_is_the_gap_between_confidence_and_accuracy() {
    // Two bins: 0.8 confident and right three times in four, 0.5 confident and never right.
    let values = [[0.8, 0.1, 0.1]; 4].into_iter().chain([[0.5, 0.25, 0.25]; 2]);
    let ours = scored(&values.flatten().collect::<Vec<_>>(), &[0, 0, 0, 1, 1, 2]);
    let expected = (4.0 * 0.05 + 2.0 * 0.5) / 6.0;
    assert_near("ece", ours.calibration_error.defined().unwrap(), expected, 1e-12, 0.0);
    let bins: Vec<_> = ours.confidences.iter().map(|bin| (bin.rows, bin.accuracy)).collect();
    assert_eq!(bins, [(2, 0.0), (4, 0.75)]);
    for bin in &ours.confidences {
        assert!(bin.above < bin.mean && bin.mean <= bin.to, "{bin:?}");
    }
}

#[test]
fn calibration_and_errors_by_block_agree_with_numpy() {
    let (values, labels) = synth(120, 10_000);
    let ours = scored(&values, &labels);
    let golden = &file("statistics.json")["calibration"];
    for (key, ours) in [
        ("calibration_error", ours.calibration_error),
        ("accuracy_error_block", ours.accuracy_error_block),
    ] {
        assert_near(key, ours.defined().unwrap(), number(&golden[key]), 1e-12, 0.0);
    }
}

#[test]
fn errors_by_block_see_runs_that_errors_by_row_do_not() {
    // 48 rows, right and wrong in turns of twelve: four observations, not 48.
    let labels: Vec<usize> = (0..48).map(|row| (row / 12) % 2).collect();
    let ours = scored(&certain(&[0; 48]), &labels);
    assert_near(
        "iid",
        ours.accuracy_error.defined().unwrap(),
        (0.25_f64 / 48.0).sqrt(),
        1e-12,
        0.0,
    );
    let block = ours.accuracy_error_block.defined().unwrap();
    assert_near("block", block, (1.0_f64 / 3.0 / 4.0).sqrt(), 1e-12, 0.0);
    let short = scored(&certain(&[0; 23]), &[0; 23]);
    assert_eq!(
        short.accuracy_error_block,
        Measured::Undefined(Reason::TooFew { needed: 2, found: 1 })
    );
}

#[test]
fn nothing_scored_is_undefined_throughout() {
    let ours = scored(&[], &[]);
    let nothing = Measured::Undefined(Reason::NoObservations);
    for metric in [
        ours.accuracy,
        ours.accuracy_error,
        ours.precision_macro,
        ours.recall_macro,
        ours.f1_macro,
        ours.auc_macro,
        ours.log_loss,
        ours.brier,
        ours.calibration_error,
        ours.mcc,
        ours.coverage,
        ours.directional_accuracy,
    ] {
        assert_eq!(metric, nothing);
    }
}

#[test]
fn what_is_no_probability_is_an_error_not_a_number() {
    let at = |row: [f64; 3]| Probabilities::new(&[0.2, 0.3, 0.5, row[0], row[1], row[2]], 3).err();
    assert!(matches!(at([f64::NAN, 0.5, 0.5]), Some(StatsError::NotAProbability { row: 1, .. })));
    assert!(matches!(at([f64::INFINITY, 0.5, 0.5]), Some(StatsError::NotAProbability { .. })));
    assert!(matches!(at([-0.1, 0.6, 0.5]), Some(StatsError::NotAProbability { .. })));
    assert!(matches!(at([0.5, 0.5, 0.002]), Some(StatsError::Sum { row: 1, .. })));
    assert!(matches!(at([0.5, 0.498, 0.0]), Some(StatsError::Sum { row: 1, .. })));
    assert_eq!(at([0.5, 0.5, 0.0009]), None);
    assert_eq!(Probabilities::new(&[0.5; 4], 3), Err(StatsError::Shape { values: 4, classes: 3 }));
    assert_eq!(Probabilities::new(&[1.0], 1), Err(StatsError::Classes(1)));
    let rows = Probabilities::new(&[0.2, 0.3, 0.5], 3).unwrap();
    assert!(classify(&rows, &[0, 1], scoring()).is_err());
    assert!(matches!(classify(&rows, &[3], scoring()), Err(StatsError::Label { label: 3, .. })));
}

#[test]
fn baselines_are_the_trivial_answers() {
    assert_eq!(majority_class(&[2, 0, 1, 0, 2]), Some(0));
    assert_eq!(majority_class(&[]), None);
    assert_eq!(majority_accuracy(0, &[0, 1, 2, 0]), Measured::Defined(0.5));
    assert_eq!(majority_accuracy(0, &[]), Measured::Undefined(Reason::NoObservations));
    let two = NonZeroUsize::new(2).unwrap();
    assert_eq!(persistence_accuracy(&[0, 1, 0, 2, 1], two), Measured::Defined(1.0 / 3.0));
    assert_eq!(persistence_accuracy(&[0, 1], two), Measured::Undefined(Reason::NoObservations));
}

proptest! {
    #[test]
    fn rows_in_any_order_score_the_same(seed in 0_u64..1_000, n in 1_usize..60) {
        let (values, labels) = synth(seed, n);
        let there = scored(&values, &labels);
        let turned: Vec<f64> = values.chunks(3).rev().flatten().copied().collect();
        let back = scored(&turned, &labels.iter().rev().copied().collect::<Vec<_>>());
        prop_assert_eq!(there.confusion, back.confusion);
        for (a, b) in [(there.auc_macro, back.auc_macro), (there.log_loss, back.log_loss),
                       (there.brier, back.brier), (there.calibration_error, back.calibration_error)] {
            match (a, b) {
                (Measured::Defined(a), Measured::Defined(b)) => prop_assert!((a - b).abs() < 1e-12),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }

    #[test]
    fn renaming_the_classes_changes_no_average(seed in 0_u64..1_000, n in 2_usize..60) {
        let (values, labels) = synth(seed, n);
        let there = scored(&values, &labels);
        let turned: Vec<f64> = values.chunks(3).flat_map(|row| [row[1], row[2], row[0]]).collect();
        let renamed: Vec<usize> = labels.iter().map(|label| (label + 2) % 3).collect();
        let back = scored(&turned, &renamed);
        for (a, b) in [(there.accuracy, back.accuracy), (there.f1_macro, back.f1_macro),
                       (there.recall_macro, back.recall_macro), (there.auc_macro, back.auc_macro),
                       (there.mcc, back.mcc), (there.brier, back.brier)] {
            match (a, b) {
                (Measured::Defined(a), Measured::Defined(b)) => prop_assert!((a - b).abs() < 1e-12),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
