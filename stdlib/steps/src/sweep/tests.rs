//! Small sweeps on real bars.

use crate::tests::{Heard, World, changed, choice, fields, read, spec, train_inputs, word};
use suho_domain::{Record, Value};

fn rates(values: &[f64]) -> Value {
    let values = values.iter().copied().map(Value::Float).collect();
    choice("one_of", [("values", Value::List(values))])
}

fn space(name: &str, range: Value) -> Value {
    let names =
        ["learning_rate", "weight_decay", "batch_size", "width", "dropout", "label_smoothing"];
    let mut all: Record = names.map(|name| (name.to_owned(), Value::None)).into_iter().collect();
    all.insert(name.to_owned(), range);
    Value::Record(all)
}

/// Three learning rates, two epochs each.
pub(crate) fn sweep_inputs(data: &Record) -> Record {
    fields([
        ("model", Value::Record(spec())),
        ("train", data["train"].clone()),
        ("validation", data["validation"].clone()),
        ("over", space("learning_rate", rates(&[0.0001, 0.003, 0.03]))),
        ("search", word("grid")),
        ("by", word("val_loss")),
        ("batch_size", Value::Int(256)),
        ("epochs", Value::Int(2)),
        ("early_stopping", Value::None),
        ("class_weights", word("even")),
        ("label_smoothing", Value::Ratio("0%".parse().unwrap())),
        ("seed", Value::Int(42)),
    ])
}

fn cores(cores: i64) -> Value {
    choice("cpu", [("cores", Value::Int(cores)), ("memory", Value::None)])
}

fn losses(outputs: &suho_step::Outputs) -> Vec<f64> {
    let Some(Value::List(tried)) = outputs.get("tried") else { panic!("no trials") };
    let loss = |trial: &Value| match trial.field("validation_loss") {
        Some(Value::Float(loss)) => *loss,
        _ => f64::INFINITY,
    };
    tried.iter().map(loss).collect()
}

#[test]
fn the_best_of_all_trials_is_found_and_trained_alike() {
    let world = World::new();
    let data = world.data();
    let found = world.run("sweep", sweep_inputs(&data)).unwrap();
    let losses = losses(&found);
    assert_eq!(losses.len(), 3);
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let winner = losses.iter().position(|loss| *loss <= least).unwrap() + 1;
    assert_eq!(found.get("winner"), Some(&Value::Int(i64::try_from(winner).unwrap())));
    let reason = found.get("reason").unwrap().to_string();
    assert!(reason.starts_with(&format!("trial {winner} (learning_rate ")), "{reason}");
    assert!(reason.ends_with("; 3 were tried"), "{reason}");

    // What `train` makes of it is what the trial was.
    let tuned = found.get("best").unwrap().clone();
    let inputs = changed(train_inputs(&data), "tuned", tuned);
    let trained = world.run("train", changed(inputs, "early_stopping", Value::None)).unwrap();
    assert_eq!(trained.get("validation_loss"), Some(&Value::Float(least)));
    assert_eq!(trained.get("trials"), Some(&Value::Int(3)));
    let card = std::fs::read_to_string(&world.sealed("model_card.md")[0]).unwrap();
    assert!(card.contains("- found among 3 settings: learning_rate "), "{card}");
    assert!(world.sealed("trial-0-0.json").is_empty(), "trials are left behind");
}

#[test]
fn trials_at_the_same_time_come_to_the_same() {
    let world = World::new();
    let data = world.data();
    let one = world.run("sweep", sweep_inputs(&data)).unwrap();
    let three = world.run("sweep", changed(sweep_inputs(&data), "compute", cores(3))).unwrap();
    assert_eq!(one, three);
    world.runs_twice_alike("sweep", sweep_inputs(&data));
}

#[test]
fn a_sweep_that_is_broken_off_goes_on_without_repeating_what_is_done() {
    let world = World::new();
    let data = world.data();
    let whole = world.run("sweep", sweep_inputs(&data)).unwrap();
    // Broken off once the first trial is done, and with it 3 of the 6 epochs.
    let mut cut = Heard { cancelled_from: Some(u64::MAX), ..Heard::default() };
    let mut from = 0;
    let broken = loop {
        cut.cancelled_from = Some(from);
        let error = world.run_heard("sweep", sweep_inputs(&data), &mut cut).unwrap_err();
        if !world.sealed("trial-0-0.json").is_empty() {
            break error;
        }
        from += 1;
        cut = Heard::default();
    };
    assert_eq!(broken.class, suho_domain::FailureClass::Cancelled);
    let mut heard = Heard::default();
    let resumed = world.run_heard("sweep", sweep_inputs(&data), &mut heard).unwrap();
    assert_eq!(resumed, whole);
    assert!(heard.log.iter().any(|line| line.contains("done already")), "{:?}", heard.log);
    assert!(heard.progress.len() < 6, "{} epochs were trained anew", heard.progress.len());
}

#[test]
fn halving_trains_the_best_to_the_end_and_goes_on_where_it_stood() {
    let world = World::new();
    let data = world.data();
    let search = choice("halving", [("trials", Value::Int(3)), ("factor", Value::Int(3))]);
    let inputs = changed(sweep_inputs(&data), "search", search);
    let inputs = changed(inputs, "epochs", Value::Int(3));
    let found = world.run("sweep", inputs.clone()).unwrap();
    let Some(Value::List(tried)) = found.get("tried") else { panic!("no trials") };
    let mut epochs: Vec<_> =
        tried.iter().map(|trial| trial.field("epochs").unwrap().to_string()).collect();
    epochs.sort();
    assert_eq!(epochs, ["1", "1", "3"]);
    // In stages or in one go, a training comes to the same.
    let tuned = found.get("best").unwrap().clone();
    let alone = changed(changed(train_inputs(&data), "tuned", tuned), "epochs", Value::Int(3));
    let trained = world.run("train", changed(alone, "early_stopping", Value::None)).unwrap();
    assert_eq!(trained.get("validation_loss"), found.get("validation_loss"));
    world.undone_leaves_nothing("sweep", inputs);
}

#[test]
fn a_trial_that_diverges_loses() {
    let world = World::new();
    let data = world.data();
    let inputs = changed(sweep_inputs(&data), "over", space("learning_rate", rates(&[1e9, 0.003])));
    let found = world.run("sweep", inputs.clone()).unwrap();
    assert_eq!(found.get("winner"), Some(&Value::Int(2)));
    assert!(losses(&found)[0].is_infinite());
    let all = changed(inputs, "over", space("learning_rate", rates(&[1e9])));
    let refused = read(&world.run("sweep", all).unwrap_err());
    assert!(refused.starts_with("user diverged\neach of the 1 trials diverged\n"), "{refused}");
}

#[test]
fn a_network_that_cannot_be_built_names_its_trial() {
    let world = World::new();
    let data = world.data();
    let widths = space("width", rates(&[1.0, 100_000.0]));
    let refused =
        read(&world.run("sweep", changed(sweep_inputs(&data), "over", widths)).unwrap_err());
    assert!(refused.contains("trial 2 (width 100000): "), "{refused}");
}

#[test]
fn overfitting_is_measured_from_ten_trials_on() {
    let world = World::new();
    let data = world.data();
    let few = world.run("sweep", sweep_inputs(&data)).unwrap();
    assert!(matches!(few.get("overfitting"), Some(Value::Undefined(_))));
    let many: Vec<f64> = (1..=10_u32).map(|at| 0.001 * f64::from(at)).collect();
    let inputs = changed(sweep_inputs(&data), "over", space("learning_rate", rates(&many)));
    let found = world.run("sweep", changed(inputs, "epochs", Value::Int(1))).unwrap();
    let Some(Value::Ratio(share)) = found.get("overfitting") else { panic!("{found:?}") };
    assert!((0.0..=1.0).contains(&share.to_f64()));
}
