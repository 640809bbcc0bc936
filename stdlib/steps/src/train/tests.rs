//! Small networks on real bars.

use crate::tests::{
    Heard, World, adam, changed, choice, identity, number, read, spec, train_inputs, word,
};
use expect_test::expect;
use std::fmt::Write as _;
use std::fs;
use suho_domain::{Digest, Record, Value};

#[test]
fn a_model_says_who_it_is_and_what_it_has_seen() {
    let world = World::new();
    let data = world.data();
    let mut heard = Heard::default();
    let outputs = world.run_heard("train", train_inputs(&data), &mut heard).unwrap();
    let model = outputs.get("model").unwrap();
    let mut text = String::new();
    for name in ["name", "version", "artifact", "trained_on"] {
        writeln!(text, "{name}: {}", model.field(name).unwrap()).unwrap();
    }
    writeln!(text, "parameters: {}", outputs.get("parameters").unwrap()).unwrap();
    let steps: Vec<&str> = heard.progress.iter().map(|progress| progress.text.as_str()).collect();
    writeln!(text, "{}", steps.join(", ")).unwrap();
    let figures: Vec<&String> = heard.progress[0].figures.keys().collect();
    writeln!(text, "{figures:?}").unwrap();
    expect![[r#"
        name: eurusd_direction
        version: v1.0.0
        artifact: platform/eurusd_direction/v1.0.0
        trained_on: 2017-05-05T15:00:00Z .. 2017-12-28T03:00:00Z
        parameters: 163
        epoch 1 of 2, epoch 2 of 2
        ["samples_per_second", "seconds_left", "train_loss", "validation_accuracy", "validation_loss"]
    "#]]
    .assert_eq(&text);
    assert_eq!(model.field("dataset"), data.get("digest"));
    // Validation ends before the test begins.
    let (Some(Value::Range(seen)), Some(Value::Range(test))) =
        (model.field("trained_on"), data["test"].field("window"))
    else {
        panic!("no windows");
    };
    let (Value::Instant(seen), Value::Instant(test)) = (&seen.1, &test.0) else {
        panic!("no instants");
    };
    assert!(seen < test);
}

#[test]
fn the_same_training_gives_the_same_bytes() {
    let world = World::new();
    let data = world.data();
    world.runs_twice_alike("train", train_inputs(&data));
}

#[test]
fn a_training_that_is_undone_leaves_nothing() {
    let world = World::new();
    let data = world.data();
    world.undone_leaves_nothing("train", train_inputs(&data));
}

#[test]
fn undoing_leaves_another_models_artifact() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let sealed = world.sealed("model.safetensors");
    let other = changed(train_inputs(&data), "identity", identity("other", "v1.0.0"));
    let order = world.order("train", other.clone());
    let (mut heard, folder) = (Heard::default(), world.project());
    let mut context = suho_step::Context::new(&order, &folder, &mut heard);
    let step = crate::find("train").unwrap();
    step.undo(&mut context, &suho_step::Inputs::new(other)).unwrap();
    assert_eq!(world.sealed("model.safetensors"), sealed);
}

#[test]
fn another_model_cannot_take_a_sealed_version() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let other = changed(train_inputs(&data), "seed", Value::Int(43));
    let error = world.run("train", other).unwrap_err();
    assert_eq!(error.code, "artifact-conflict", "{}", read(&error));
    assert!(error.help.is_some());
}

#[test]
fn a_model_that_was_sealed_and_never_heard_of_is_taken_as_it_is() {
    let world = World::new();
    let data = world.data();
    let first = world.run("train", train_inputs(&data)).unwrap();
    let mut heard = Heard::default();
    let second = world.run_heard("train", train_inputs(&data), &mut heard).unwrap();
    assert_eq!(first, second);
    assert_eq!(heard.progress.len(), 0, "nothing was trained");
    assert_eq!(heard.log, ["an earlier attempt has sealed the model: nothing is trained anew"]);
}

#[test]
fn a_sealed_model_that_was_changed_is_not_taken() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let weights = world.sealed("model.safetensors").pop().unwrap();
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    let error = world.run("train", train_inputs(&data)).unwrap_err();
    assert_eq!(error.code, "artifact-corrupt", "{}", read(&error));
}

#[test]
fn what_is_sealed_is_all_that_a_stranger_needs() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let file = |name: &str| fs::read_to_string(&world.sealed(name)[0]).unwrap();
    let signature: serde_json::Value = serde_json::from_str(&file("signature.json")).unwrap();
    assert_eq!(signature["input"]["names"], serde_json::json!(["close", "rsi_14", "atr_14"]));
    assert_eq!(signature["input"]["shape"], serde_json::json!([12, 3]));
    assert_eq!(signature["output"]["classes"], serde_json::json!(["down", "flat", "up"]));
    let metadata: serde_json::Value = serde_json::from_str(&file("metadata.json")).unwrap();
    assert_eq!(metadata["lineage"]["dataset_digest"], data["digest"].to_plain());
    assert_eq!(metadata["lineage"]["seed"], 42);
    assert_eq!(file("config.json"), "{\"model_type\":\"lstm\"}");
    assert_eq!(file("metrics.jsonl").lines().count(), 2);
    let card = file("model_card.md");
    assert!(card.starts_with("# eurusd_direction v1.0.0\n"), "{card}");
    for said in [
        "from 2017-05-05T15:00:00Z to 2017-12-28T03:00:00Z",
        "better than what to expect",
        "rows whose labels overlap and count as about",
        "always naming the train rows' commonest class",
        "`suho model reproduce eurusd_direction@v1.0.0`",
    ] {
        assert!(card.contains(said), "{said}: {card}");
    }
}

#[test]
fn the_scaler_knows_train_rows_alone() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let scaler = fs::read_to_string(&world.sealed("scaler.json")[0]).unwrap();
    let scaler: serde_json::Value = serde_json::from_str(&scaler).unwrap();
    let field = |name: &str| data["train"].field(name).unwrap().as_f64().unwrap();
    // Each bar once: the rows, and what the first window saw before its last bar.
    let bars = field("last") - field("first") + 12.0;
    assert!((scaler["fit_rows"].as_f64().unwrap() - bars).abs() < 0.5);
}

/// Batches of an epoch: before each the step asks once whether to go on.
fn batches(data: &Record) -> u64 {
    let Some(Value::Int(rows)) = data["train"].field("rows") else { panic!("no rows") };
    rows.cast_unsigned().div_ceil(256)
}

#[test]
fn a_training_that_is_cancelled_ends_before_its_next_batch() {
    let world = World::new();
    let data = world.data();
    let inputs = changed(train_inputs(&data), "epochs", Value::Int(50));
    let cut = 2 * batches(&data) + 3;
    let mut heard = Heard { cancelled_from: Some(cut), ..Heard::default() };
    let error = world.run_heard("train", inputs, &mut heard).unwrap_err();
    assert_eq!(error.code, "cancelled");
    assert_eq!((heard.progress.len(), heard.asked.get()), (2, cut + 1));
    assert!(world.sealed("model.safetensors").is_empty());
}

#[test]
fn an_attempt_goes_on_where_the_one_before_it_was_broken_off() {
    let world = World::new();
    let data = world.data();
    let inputs = changed(train_inputs(&data), "epochs", Value::Int(6));
    let weights = |world: &World| fs::read(&world.sealed("model.safetensors")[0]).unwrap();
    world.run("train", inputs.clone()).unwrap();
    let whole = weights(&world);
    // In the first batch of all, in the middle of an epoch, and at the end of one.
    for cut in [0, batches(&data) + 5, 3 * batches(&data)] {
        let world = World::new();
        world.data();
        let mut heard = Heard { cancelled_from: Some(cut), ..Heard::default() };
        world.run_heard("train", inputs.clone(), &mut heard).unwrap_err();
        let done = heard.progress.len();
        assert_eq!(world.sealed(&format!("checkpoint-0-{done}")).len(), usize::from(done > 0));
        let mut heard = Heard::default();
        world.run_heard("train", inputs.clone(), &mut heard).unwrap();
        assert_eq!(heard.progress[0].done, done as u64 + 1, "cut {cut}");
        assert_eq!(weights(&world), whole, "cut {cut}");
        assert_eq!(world.sealed("_tmp").len(), 0);
        assert!((1..=6).all(|epoch| world.sealed(&format!("checkpoint-0-{epoch}")).is_empty()));
    }
}

#[test]
fn a_checkpoint_that_is_none_is_left() {
    let world = World::new();
    let data = world.data();
    let cut = batches(&data) + 1;
    let mut heard = Heard { cancelled_from: Some(cut), ..Heard::default() };
    world.run_heard("train", train_inputs(&data), &mut heard).unwrap_err();
    let checkpoint = &world.sealed("checkpoint-0-1")[0];
    fs::write(checkpoint, b"nothing").unwrap();
    let mut heard = Heard::default();
    world.run_heard("train", train_inputs(&data), &mut heard).unwrap();
    expect!["the checkpoint of epoch 1 is left: the checkpoint's weights cannot be read: not a whole safetensors file: header too small"].assert_eq(&heard.log.join("\n"));
    assert_eq!(heard.progress.len(), 2);
}

#[test]
fn what_is_wrong_with_a_training_is_said() {
    let world = World::new();
    let data = world.data();
    let mut text = String::new();
    let mut say = |what: &str, inputs: Record| {
        writeln!(text, "## {what}\n{}", world.refused("train", inputs)).unwrap();
    };
    let model = |name: &str, value: Value| {
        let spec = changed(spec(), name, value);
        changed(train_inputs(&data), "model", Value::Record(spec))
    };
    say("diverged", model("optimizer", adam(1e30)));
    say("another sequence", model("sequence", Value::Int(60)));
    say("another feature", model("features", crate::tests::texts(["close", "adx_14"])));
    let fixed = choice("fixed", [("threshold", Value::Ratio("10bps".parse().unwrap()))]);
    say("another label", model("label", fixed));
    say("classes", model("classes", Value::List(["up", "flat", "down"].map(word).to_vec())));
    let lstm = [("units", Value::Int(4)), ("dropout", Value::Ratio("0%".parse().unwrap()))];
    let layers = Value::List(vec![choice("lstm", lstm)]);
    say("no output", model("layers", layers));
    let swapped = changed(train_inputs(&data), "validation", data["test"].clone());
    say("test rows", swapped);
    let samples = &world.sealed("samples.json")[0];
    let was = Digest::of(&fs::read(samples).unwrap());
    fs::write(samples, b"{}").unwrap();
    say("changed samples", train_inputs(&data));
    let digest: Digest = data["digest"].to_string().parse().unwrap();
    let text = text
        .replace(digest.hex(), "DATASET")
        .replace(digest.short(), "DATASET")
        .replace(was.as_str(), "WAS")
        .replace(Digest::of(b"{}").as_str(), "IS");
    expect![[r#"
        ## diverged
        user diverged
        training diverged in epoch 1: the loss is NaN
        take a smaller `learning_rate`

        ## another sequence
        user wrong-data
        the model's `sequence` is 60, and the data set has 12
        give the data set the `sequence` of the model trained on it

        ## another feature
        user wrong-data
        the model's `features` is [.. adx_14 ..], and the data set has [close, rsi_14, atr_14]
        give the data set the `features` of the model trained on it

        ## another label
        user wrong-data
        the model's `label` is one rule, and the data set has labels by another
        give the data set the `label` of the model trained on it

        ## classes
        user class-order
        the classes are [up, flat, down]
        write `classes = [down, flat, up]`

        ## no output
        user bad-architecture
        layer 1 (`lstm`) is the last layer, which has to be an `output`
        correct the model's `layers`

        ## test rows
        user wrong-rows
        `train` is given train rows of DATASET and `validation` test rows of DATASET
        write `train = data.train` and `validation = data.validation` of one data set

        ## changed samples
        infrastructure artifact-corrupt
        artifact `_datasets/platform/DATASET/samples.json` is corrupt: expected WAS, found IS
        the file was changed after it was sealed: restore it from a copy, or make it again

    "#]]
    .assert_eq(&text);
}

#[test]
fn early_stopping_keeps_the_best_epoch() {
    let world = World::new();
    let data = world.data();
    let inputs = changed(train_inputs(&data), "epochs", Value::Int(12));
    let outputs = world.run("train", inputs).unwrap();
    let (epochs, best) = (number(&outputs, "epochs"), number(&outputs, "best_epoch"));
    assert!(best >= 1.0 && best <= epochs);
    assert!(epochs >= 12.0 || epochs - best >= 2.0, "{best} of {epochs}");
}

#[test]
fn settings_by_which_nothing_is_learnt_are_said() {
    let world = World::new();
    let data = world.data();
    let mut text = String::new();
    let mut say = |what: &str, inputs: Record| {
        writeln!(text, "## {what}\n{}", world.refused("train", inputs)).unwrap();
    };
    let spec = changed(spec(), "optimizer", adam(0.0));
    say("no step", changed(train_inputs(&data), "model", Value::Record(spec)));
    let size = |rows| changed(train_inputs(&data), "batch_size", Value::Int(rows));
    say("a batch of more than all", size(1_000_000));
    say("a batch of nothing", size(0));
    expect![[r#"
        ## no step
        user bad-setting
        `learning_rate` must be finite and above 0
        write a `learning_rate` that is finite and above 0

        ## a batch of more than all
        user batch-too-large
        a batch is 1000000 samples, and there are 3327 training samples
        write a `batch_size` of at most 3327

        ## a batch of nothing
        user bad-setting
        `batch_size` must be 1 or more
        write a `batch_size` that is 1 or more

    "#]]
    .assert_eq(&text);
}

/// `bytes` under a name by their content, as files of scripts are kept.
fn kept(world: &World, bytes: &[u8]) -> String {
    let path = format!("files/{}/weights.safetensors", Digest::of(bytes).hex());
    let place = world.artifacts().join(&path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, bytes).unwrap();
    path
}

#[test]
fn weights_from_elsewhere_make_a_model_that_lives_as_any_other() {
    let trained = World::new();
    let data = trained.data();
    trained.model(&data);
    let weights = fs::read(&trained.sealed("model.safetensors")[0]).unwrap();
    let world = World::new();
    let data = world.data();
    let path = kept(&world, &weights);
    let inputs = changed(train_inputs(&data), "weights", Value::text(&path));
    let mut heard = Heard::default();
    let outputs = world.run_heard("train", inputs.clone(), &mut heard).unwrap();
    assert_eq!(heard.progress.len(), 0, "nothing was trained");
    assert!(number(&outputs, "epochs").abs() < 0.5);
    assert_eq!(fs::read(&world.sealed("model.safetensors")[0]).unwrap(), weights);
    let file = |name: &str| fs::read_to_string(&world.sealed(name)[0]).unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&file("metadata.json")).unwrap();
    assert_eq!(metadata["lineage"]["weights"], path.as_str());
    assert_eq!(metadata["repro_class"], "none");
    assert!(file("model_card.md").contains("trained elsewhere"));
    let judged = crate::tests::fields([
        ("model", outputs.get("model").unwrap().clone()),
        ("data", data["test"].clone()),
        ("against", Value::None),
    ]);
    world.run("evaluate", judged).unwrap();
    world.runs_twice_alike("train", inputs);
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let world = World::new();
    let data = world.data();
    world.model(&data);
    let weights = fs::read(&world.sealed("model.safetensors")[0]).unwrap();
    let wider = ("units", Value::Int(5));
    let lstm = [wider, ("dropout", Value::Ratio("0%".parse().unwrap()))];
    let mut layers = match &spec()["layers"] {
        Value::List(layers) => layers.clone(),
        other => panic!("{other}"),
    };
    layers[0] = choice("lstm", lstm);
    let wide = changed(spec(), "layers", Value::List(layers));
    let other = changed(train_inputs(&data), "identity", identity("other", "v1.1.0"));
    let with = |inputs: &Record, path: &str| changed(inputs.clone(), "weights", Value::text(path));
    let path = kept(&world, &weights);
    let refused = |inputs: Record| world.run("train", inputs).unwrap_err();
    let error = refused(changed(with(&other, &path), "model", Value::Record(wide)));
    assert_eq!(error.code, "bad-weights");
    let said = "tensor `lstm_0.w_ih` is [3, 16] and the network has [3, 20]";
    assert!(read(&error).contains(said), "{}", read(&error));
    let error = refused(with(&other, &kept(&world, &weights[..weights.len() / 2])));
    assert_eq!(error.code, "bad-weights");
    assert!(read(&error).contains("not a whole safetensors file"), "{}", read(&error));
    let error = refused(with(&other, "files/nothing"));
    assert_eq!(error.fault(), suho_domain::Fault::World, "{}", read(&error));
    fs::write(world.artifacts().join(&path), &weights[1..]).unwrap();
    let error = refused(with(&other, &path));
    assert_eq!(error.code, "artifact-corrupt", "{}", read(&error));
    let folder = world.artifacts().join("platform/eurusd_direction/v1.1.0");
    assert!(!folder.exists(), "nothing was half sealed");
}

#[test]
fn on_what_a_model_was_trained_is_said_and_recorded() {
    let world = World::new();
    let data = world.data();
    let on = |compute: &str| changed(train_inputs(&data), "compute", choice(compute, []));
    let mut heard = Heard::default();
    world.run_heard("train", on("auto"), &mut heard).unwrap();
    let metadata = fs::read_to_string(&world.sealed("metadata.json")[0]).unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    if suho_train::Device::knows_gpus() {
        return;
    }
    let device = suho_train::Device::cpu().identity().to_string();
    let said = format!(
        "this suho was built without GPUs: training on the processor\ntraining on {device}"
    );
    assert_eq!(heard.log.join("\n"), said);
    assert_eq!(metadata["device"], device);
    assert_eq!(metadata["repro_class"], "R0");
    expect![[r#"
        user no-gpu
        this suho was built without GPUs
        write `compute = auto`, which trains on the processor where there is none
    "#]]
    .assert_eq(&world.refused("train", on("gpu")));
}

#[test]
fn several_networks_answer_their_mean_and_are_sealed_together() {
    let world = World::new();
    let data = world.data();
    let inputs = changed(train_inputs(&data), "ensemble", Value::Int(3));
    let mut heard = Heard::default();
    let outputs = world.run_heard("train", inputs.clone(), &mut heard).unwrap();
    assert_eq!(outputs.get("parameters"), Some(&Value::Int(3 * 163)));
    let steps: Vec<&str> = heard.progress.iter().map(|progress| progress.text.as_str()).collect();
    assert_eq!((steps.len(), steps[2]), (6, "network 2 of 3, epoch 1"));
    let metadata = fs::read(&world.sealed("metadata.json")[0]).unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    let members = metadata["lineage"]["members"].as_array().unwrap();
    let seeds: Vec<u64> = members.iter().map(|member| member["seed"].as_u64().unwrap()).collect();
    assert_eq!(seeds, [42, 43, 44]);
    // No better than its best, and better than its worst: the loss is convex.
    let loss = |member: &serde_json::Value| member["validation_loss"].as_f64().unwrap();
    let Some(Value::Float(together)) = outputs.get("validation_loss") else { panic!() };
    let mean = members.iter().map(loss).sum::<f64>() / 3.0;
    assert!(*together <= mean + 1e-9, "{together} {mean}");
    // It loads: its golden answers are its own.
    let artifacts = suho_artifacts::Artifacts::at(&world.artifacts()).unwrap();
    let folder = outputs.get("model").unwrap().field("artifact").unwrap().to_string();
    let loaded = crate::model::load(&artifacts, &folder, None).unwrap();
    assert_eq!(loaded.predictor().networks().len(), 3);
    world.runs_twice_alike("train", inputs);
}

#[test]
fn an_ensemble_that_is_broken_off_goes_on_to_the_same_weights() {
    let world = World::new();
    let data = world.data();
    let inputs = changed(train_inputs(&data), "ensemble", Value::Int(2));
    let whole = world.run("train", inputs.clone()).unwrap();
    let order = world.order("train", inputs.clone());
    let (mut nobody, folder) = (Heard::default(), world.project());
    let mut context = suho_step::Context::new(&order, &folder, &mut nobody);
    let step = crate::find("train").unwrap();
    step.undo(&mut context, &suho_step::Inputs::new(inputs.clone())).unwrap();
    let mut from = 0;
    loop {
        let mut cut = Heard { cancelled_from: Some(from), ..Heard::default() };
        world.run_heard("train", inputs.clone(), &mut cut).unwrap_err();
        if !world.sealed("checkpoint-1-1").is_empty() {
            break;
        }
        from += 1;
    }
    let mut heard = Heard::default();
    let resumed = world.run_heard("train", inputs, &mut heard).unwrap();
    assert_eq!(resumed, whole);
    assert_eq!(heard.progress.len(), 1, "{:?}", heard.log);
}
