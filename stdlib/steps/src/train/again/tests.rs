//! Small networks, sealed and made again.

use super::{Nearness, Reproduction, reproduce};
use crate::tests::{World, adam, changed, read, spec, train_inputs};
use std::fs;
use std::ops::ControlFlow;
use suho_artifacts::Artifacts;
use suho_domain::{Record, Value};
use suho_step::{Inputs, StepError};

const FOLDER: &str = "platform/eurusd_direction/v1.0.0";

fn again(world: &World, inputs: Record) -> Result<Reproduction, StepError> {
    let artifacts = Artifacts::at(&world.artifacts()).unwrap();
    let mut heard = |_: &suho_train::Epoch| ControlFlow::Continue(());
    reproduce(&artifacts, FOLDER, &Inputs::new(inputs), &mut heard)
}

#[test]
fn the_same_inputs_make_the_same_model_to_the_last_bit() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let files = fs::read_dir(world.artifacts().join(FOLDER)).unwrap().count();
    let made = again(&world, train_inputs(&data)).unwrap();
    assert_eq!(made.nearness(), Nearness::Exact);
    assert!(made.holds());
    assert_eq!((made.epochs, made.best_epoch), (made.sealed.epochs, made.sealed.best_epoch));
    let after = fs::read_dir(world.artifacts().join(FOLDER)).unwrap().count();
    assert_eq!(files, after, "what is compared is not changed");
}

#[test]
fn another_seed_or_another_learning_rate_is_another_model() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let faster = changed(spec(), "optimizer", adam(0.02));
    for (input, value) in [("seed", Value::Int(43)), ("model", Value::Record(faster))] {
        let made = again(&world, changed(train_inputs(&data), input, value)).unwrap();
        assert_ne!(made.weights, made.sealed.weights, "{input}");
        assert_eq!(Some(&made.scaler), made.sealed.scaler.as_ref(), "{input}");
        assert!(!made.holds(), "{input}");
    }
}

#[test]
fn a_model_of_class_r1_may_differ_by_what_the_class_allows() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let exact = again(&world, train_inputs(&data)).unwrap();
    let apart = |accuracy: f64, loss: f64| {
        let mut made = exact.clone();
        made.weights = suho_domain::Digest::of(b"others");
        made.sealed.class = "R1".to_owned();
        made.validation_accuracy += accuracy;
        made.validation_loss *= 1.0 + loss;
        (made.nearness(), made.holds())
    };
    assert_eq!(apart(0.004, 0.009), (Nearness::Statistical, true));
    assert_eq!(apart(-0.006, 0.0), (Nearness::Apart, false));
    assert_eq!(apart(0.0, -0.011), (Nearness::Apart, false));
    assert_eq!(apart(f64::NAN, 0.0), (Nearness::Apart, false));
}

#[test]
fn what_is_not_there_any_more_cannot_be_trained_on() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let bars = world.sealed("bars.parquet").pop().unwrap();
    let kept = fs::read(&bars).unwrap();
    fs::write(&bars, &kept[..kept.len() - 1]).unwrap();
    let error = again(&world, train_inputs(&data)).unwrap_err();
    assert_eq!(error.fault(), suho_domain::Fault::World, "{}", read(&error));
    fs::write(&bars, &kept).unwrap();
    fs::remove_file(world.sealed("scaler.json").pop().unwrap()).unwrap();
    let error = again(&world, train_inputs(&data)).unwrap_err();
    assert_eq!(error.fault(), suho_domain::Fault::World, "{}", read(&error));
}

#[test]
fn whoever_waits_can_end_it() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let artifacts = Artifacts::at(&world.artifacts()).unwrap();
    let mut heard = 0;
    let mut hear = |_: &suho_train::Epoch| {
        heard += 1;
        ControlFlow::Break(())
    };
    let inputs = Inputs::new(train_inputs(&data));
    let error = reproduce(&artifacts, FOLDER, &inputs, &mut hear).unwrap_err();
    assert_eq!((error.code.as_str(), heard), ("cancelled", 1));
}
