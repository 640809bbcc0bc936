//! Folds that are trained and judged, and histories that they make up.

use super::*;
use crate::tests::{World, changed, dataset_inputs, train_inputs};
use suho_domain::{Duration, Record, Value};

fn days(days: i64) -> Value {
    Value::Duration(Duration::from_hours(24 * days))
}

fn split(world: &World, name: &str, fields: Vec<(&'static str, Value)>) -> Record {
    let mut fields = fields;
    fields.push(("validation", Value::Ratio("15%".parse().unwrap())));
    for gap in ["purge", "embargo"] {
        fields.push((gap, Value::text("auto")));
    }
    let split = Value::Variant(suho_domain::Variant {
        name: name.to_owned(),
        fields: fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
    });
    world.run("dataset", changed(dataset_inputs(), "split", split)).unwrap().into_record()
}

/// What the engine gives the step.
pub(crate) fn inputs(data: &Record) -> Record {
    let names = [
        "model",
        "batch_size",
        "epochs",
        "early_stopping",
        "class_weights",
        "label_smoothing",
        "seed",
    ];
    let of_train = train_inputs(data).into_iter();
    let mut inputs: Record = of_train.filter(|(name, _)| names.contains(&name.as_str())).collect();
    inputs.insert("data".to_owned(), Value::Record(data.clone()));
    inputs
}

/// A data set of a walk forward.
pub(crate) fn folded(world: &World) -> Record {
    let windows = vec![
        ("train", days(120)),
        ("test", days(30)),
        ("step", Value::None),
        ("growth", Value::text("rolling")),
    ];
    split(world, "walk_forward", windows)
}

fn judged(world: &World, data: &Record) -> Outputs {
    world.run("cross_validate", inputs(data)).unwrap()
}

fn number(of: &Value, field: &str) -> i64 {
    match of.field(field) {
        Some(Value::Int(number)) => *number,
        other => panic!("{field}: {other:?}"),
    }
}

#[test]
fn a_walk_forward_is_judged_on_all_its_folds() {
    let world = World::new();
    let data = folded(&world);
    let Some(Value::List(folds)) = data.get("folds") else { panic!("{data:?}") };
    assert!(folds.len() >= 3, "{}", folds.len());
    // The model is made of the last fold.
    let last = folds.last().unwrap();
    for part in ["train", "validation", "test"] {
        assert_eq!(number(last, part), number(&data[part], "rows"), "{part}");
    }
    let outputs = judged(&world, &data);
    let events: i64 = folds.iter().map(|fold| number(fold, "test")).sum();
    assert_eq!(outputs.get("events"), Some(&Value::Int(events)));
    let Some(Value::List(paths)) = outputs.get("paths") else { panic!("{outputs:?}") };
    assert_eq!(paths.as_slice(), [outputs.get("accuracy").unwrap().clone()]);
}

#[test]
fn every_choice_of_groups_is_judged_and_makes_up_histories() {
    let world = World::new();
    let data =
        split(&world, "combinatorial", vec![("groups", Value::Int(4)), ("test", Value::Int(2))]);
    let Some(Value::List(folds)) = data.get("folds") else { panic!("{data:?}") };
    assert_eq!(folds.len(), 6);
    let outputs = judged(&world, &data);
    let Some(Value::List(paths)) = outputs.get("paths") else { panic!("{outputs:?}") };
    assert_eq!(paths.len(), 3);
    let Some(Value::List(scores)) = outputs.get("folds") else { panic!("{outputs:?}") };
    assert_eq!(scores.len(), 6);
}

#[test]
fn a_history_takes_each_group_from_another_fold() {
    let fold = |right: &[bool], groups: &[usize]| Judged {
        right: right.to_vec(),
        groups: groups.iter().map(|group| [*group, 1]).collect(),
        majority: Measured::Defined(0.5),
        best_epoch: 1,
    };
    // Three groups of one row, two tested at a time: two histories.
    let folds = [
        fold(&[true, true], &[0, 1]),
        fold(&[false, true], &[0, 2]),
        fold(&[false, false], &[1, 2]),
    ];
    let shares = paths(&folds);
    assert_eq!(shares, [share(1.0), share(0.0)]);
    assert_eq!(outputs(&folds).accuracy, share(0.5));
    assert_eq!(outputs(&folds).worst, share(0.0));
}

#[test]
fn a_data_set_that_is_split_once_has_no_folds() {
    let world = World::new();
    let data = world.data();
    assert_eq!(world.run("cross_validate", inputs(&data)).unwrap_err().code, "no-folds");
}
