use expect_test::expect;

use super::*;
use crate::adam::Adam;
use crate::architecture::Architecture;
use crate::checkpoint::CheckpointError;
use crate::layer::{Activation, Layer};
use crate::schedule::Schedule;
use suho_domain::Fault;

const SEQUENCE: usize = 8;

fn architecture() -> Architecture {
    let layers = vec![
        Layer::Lstm { units: 8, dropout: 0.1 },
        Layer::Lstm { units: 6, dropout: 0.1 },
        Layer::Dense { units: 4, activation: Activation::Relu, dropout: 0.0 },
        Layer::Output { units: 2, activation: Activation::Softmax },
    ];
    Architecture::new(layers, 2, SEQUENCE, ["down", "up"].map(String::from).into()).unwrap()
}

pub(crate) fn fitting() -> Fitting {
    Fitting {
        batch_size: 32,
        epochs: 2,
        learning_rate: 0.01,
        optimizer: Optimizer::Adam(Adam::default()),
        schedule: Schedule::Constant,
        gradient_norm_max: None,
        label_smoothing: 0.0,
        early_stopping: None,
        seed: 1,
        class_weights: ClassWeights::Even,
    }
}

/// Noise in two features; the label says whether the first one's mean over the window is above 0.
pub(crate) fn samples(windows: usize, seed: u64) -> Samples {
    let mut chance = Stream::new(seed, Purpose::Order { epoch: 0 });
    let rows: Vec<f32> = (0..2 * (windows + SEQUENCE - 1)).map(|_| chance.signed_unit()).collect();
    let ends: Vec<usize> = (SEQUENCE - 1..windows + SEQUENCE - 1).collect();
    let label = |end: &usize| {
        let window = &rows[2 * (end + 1 - SEQUENCE)..2 * (end + 1)];
        u8::from(window.iter().step_by(2).sum::<f32>() > 0.0)
    };
    let labels = ends.iter().map(label).collect();
    Samples::new(2, SEQUENCE, rows, ends, labels).unwrap()
}

/// As `samples`, but with labels that nothing in the window tells.
fn riddles(windows: usize, seed: u64) -> Samples {
    let mut chance = Stream::new(seed, Purpose::Order { epoch: 9 });
    let labels = (0..windows).map(|_| u8::from(chance.signed_unit() > 0.0)).collect();
    let known = samples(windows, seed);
    Samples::new(2, SEQUENCE, known.rows().to_vec(), known.ends().to_vec(), labels).unwrap()
}

/// A watcher that ends a fit after so many epochs, or before so many batches, and keeps what it hears.
#[derive(Default)]
struct Watcher {
    epochs: Vec<(usize, usize)>,
    checkpoints: Vec<Vec<u8>>,
    asked: usize,
    ends_after: Option<usize>,
    ends_before: Option<usize>,
}

impl Watch for Watcher {
    fn is_ended(&mut self) -> bool {
        self.asked += 1;
        self.ends_before == Some(self.asked)
    }

    fn epoch(&mut self, epoch: &Epoch, checkpoint: &Checkpoint<'_>) -> Flow {
        self.epochs.push((epoch.epoch, epoch.epochs));
        self.checkpoints.push(checkpoint.to_bytes().unwrap());
        if self.ends_after == Some(epoch.epoch) { Flow::End } else { Flow::Continue }
    }
}

fn watched(
    train: &Samples,
    validation: &Samples,
    fitting: &Fitting,
    checkpoint: Option<&[u8]>,
    watcher: &mut Watcher,
) -> Result<Fitted, TrainError> {
    fit(Lesson { train, validation }, &architecture(), fitting, checkpoint, watcher)
}

fn run(train: &Samples, validation: &Samples, fitting: &Fitting) -> Result<Fitted, TrainError> {
    watched(train, validation, fitting, None, &mut Watcher::default())
}

pub(crate) fn run_on(
    device: &Device,
    train: &Samples,
    validation: &Samples,
    fitting: &Fitting,
) -> Result<Fitted, TrainError> {
    let lesson = Lesson { train, validation };
    fit_on(device, lesson, &architecture(), fitting, None, &mut Watcher::default())
}

/// What the loss counts, for a test of the loss.
pub(crate) fn targets_of(labels: &[u8], weights: &[f32], smoothing: f64) -> Vec<f32> {
    let windows: Vec<(usize, u8)> = labels.iter().map(|label| (0, *label)).collect();
    targets(&windows, weights, smoothing)
}

fn bytes(fitting: &Fitting) -> Vec<u8> {
    run(&samples(200, 1), &samples(50, 2), fitting).unwrap().model.to_safetensors().unwrap()
}

#[test]
fn what_can_be_learnt_is_learnt() {
    let fitting = Fitting { epochs: 12, ..fitting() };
    let fitted = run(&samples(1_500, 1), &samples(300, 2), &fitting).unwrap();
    let best = fitted.history[fitted.best_epoch - 1];
    assert!(best.validation_accuracy > 0.9, "{best:?}");
    // Samples that neither the weights nor the choice among epochs have seen.
    let (_, accuracy) = assess(&fitted.model, &samples(300, 3));
    assert!(accuracy > 0.9, "{accuracy}");
}

#[test]
fn equal_seeds_give_equal_bytes_and_others_others() {
    let first = bytes(&fitting());
    assert_eq!(first, bytes(&fitting()));
    assert_ne!(first, bytes(&Fitting { seed: 2, ..fitting() }));
}

#[test]
fn every_epoch_has_its_order_and_leaves_no_sample_out() {
    let train = samples(100, 1);
    let given: Vec<(usize, u8)> =
        train.ends().iter().copied().zip(train.labels().iter().copied()).collect();
    let (first, second) = (order(&train, 1, 1), order(&train, 1, 2));
    assert_ne!(first, given);
    assert_ne!(first, second);
    assert_eq!(first, order(&train, 1, 1));
    for mut order in [first, second] {
        order.sort_unstable();
        assert_eq!(order, given);
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&fitting()))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn two_runs_side_by_side_do_not_disturb_each_other() {
    let alone = bytes(&fitting());
    let (left, right) =
        rayon::join(|| bytes(&fitting()), || bytes(&Fitting { seed: 2, ..fitting() }));
    assert_eq!(left, alone);
    assert_ne!(right, alone);
}

#[test]
fn patience_runs_out_and_the_best_weights_are_restored() {
    for metric in [Metric::ValLoss, Metric::ValAccuracy] {
        let patience = Patience { epochs: 3, metric };
        let fitting = Fitting {
            epochs: 60,
            learning_rate: 0.03,
            early_stopping: Some(patience),
            ..fitting()
        };
        let validation = riddles(80, 2);
        let fitted = run(&riddles(200, 1), &validation, &fitting).unwrap();
        assert_eq!(fitted.stopped, Stopped::Early);
        assert_eq!(fitted.history.len(), fitted.best_epoch + 3);
        let best = fitted.history[fitted.best_epoch - 1];
        assert_eq!(
            assess(&fitted.model, &validation),
            (best.validation_loss, best.validation_accuracy)
        );
        let last_best = fitted.history.iter().rfind(|epoch| epoch.best_so_far).unwrap();
        assert_eq!(last_best.epoch, fitted.best_epoch);
        // Of equals the first is the best: it took the fewest steps.
        let as_good = |epoch: &&Epoch| match metric {
            Metric::ValLoss => epoch.validation_loss <= best.validation_loss,
            Metric::ValAccuracy => epoch.validation_accuracy >= best.validation_accuracy,
        };
        assert_eq!(fitted.history.iter().find(as_good), Some(&best));
    }
}

#[test]
fn every_epoch_is_told_and_the_caller_can_end_it() {
    let fitting = Fitting { epochs: 5, ..fitting() };
    let (train, validation) = (samples(100, 1), samples(50, 2));
    let mut watcher = Watcher { ends_after: Some(2), ..Watcher::default() };
    let ended = watched(&train, &validation, &fitting, None, &mut watcher).unwrap_err();
    assert_eq!(ended.to_string(), "training was ended in epoch 2");
    assert_eq!(watcher.epochs, [(1, 5), (2, 5)]);
    // Four batches an epoch; the sixth question is about the second batch of the second epoch.
    let mut watcher = Watcher { ends_before: Some(6), ..Watcher::default() };
    let ended = watched(&train, &validation, &fitting, None, &mut watcher).unwrap_err();
    assert_eq!((ended.to_string().as_str(), watcher.asked), ("training was ended in epoch 2", 6));
    assert_eq!(watcher.epochs, [(1, 5)]);
}

#[test]
fn a_fit_that_was_broken_off_goes_on_as_if_it_had_not_been() {
    let patience = Patience { epochs: 3, metric: Metric::ValLoss };
    let schedule = Schedule::Cosine { warm_up: 1, least: 0.1 };
    let fitting = Fitting {
        epochs: 12,
        schedule,
        learning_rate: 0.03,
        early_stopping: Some(patience),
        ..fitting()
    };
    let (train, validation) = (riddles(200, 1), riddles(80, 2));
    let mut watcher = Watcher::default();
    let whole = watched(&train, &validation, &fitting, None, &mut watcher).unwrap();
    assert_eq!(whole.stopped, Stopped::Early);
    for after in [1, 3, whole.history.len()] {
        let checkpoint = watcher.checkpoints[after - 1].as_slice();
        let mut late = Watcher::default();
        let resumed = watched(&train, &validation, &fitting, Some(checkpoint), &mut late).unwrap();
        assert_eq!(resumed, whole, "after {after}");
        assert_eq!(late.epochs, watcher.epochs[after..]);
        assert_eq!(late.checkpoints, watcher.checkpoints[after..]);
    }
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let (train, validation) = (samples(100, 1), samples(50, 2));
    let mut watcher = Watcher::default();
    watched(&train, &validation, &fitting(), None, &mut watcher).unwrap();
    let checkpoint = watcher.checkpoints[0].as_slice();
    let weights = run(&train, &validation, &fitting()).unwrap().model.to_safetensors().unwrap();
    let resumed = |train: &Samples, fitting: &Fitting, checkpoint: &[u8]| {
        let mut watcher = Watcher::default();
        let error = watched(train, &validation, fitting, Some(checkpoint), &mut watcher);
        let error = error.unwrap_err();
        format!("{} ({:?})\n", suho_domain::fault::chain(&error), error.fault())
    };
    let said = [
        resumed(&train, &Fitting { seed: 2, ..fitting() }, checkpoint),
        resumed(&samples(100, 3), &fitting(), checkpoint),
        resumed(&train, &fitting(), &weights),
        resumed(&train, &fitting(), &checkpoint[..checkpoint.len() - 1]),
        resumed(&train, &fitting(), b""),
        resumed(&train, &fitting(), &altered(checkpoint, r#"best_epoch":1"#, r#"best_epoch":9"#)),
        resumed(&train, &fitting(), &altered(checkpoint, r#"{"epoch":1"#, r#"{"epoch":7"#)),
    ];
    expect![[r#"
        cannot go on from the checkpoint: the checkpoint is of another training (World)
        cannot go on from the checkpoint: the checkpoint is of another training (World)
        cannot go on from the checkpoint: the file holds no training (World)
        cannot go on from the checkpoint: the checkpoint's weights cannot be read: not a whole safetensors file: incomplete metadata, file not fully covered (World)
        cannot go on from the checkpoint: the checkpoint's weights cannot be read: not a whole safetensors file: header too small (World)
        cannot go on from the checkpoint: the checkpoint's epochs make no sense (World)
        cannot go on from the checkpoint: the checkpoint's epochs make no sense (World)
    "#]].assert_eq(&said.concat());
}

/// A file in whose header, where all stands twice escaped, `before` is `after`.
fn altered(file: &[u8], before: &str, after: &str) -> Vec<u8> {
    let [before, after] = [before, after].map(|text| text.replace('"', "\\\""));
    let at = file.windows(before.len()).position(|part| part == before.as_bytes()).unwrap();
    let mut file = file.to_vec();
    file[at..at + before.len()].copy_from_slice(after.as_bytes());
    file
}

#[test]
fn a_checkpoint_of_another_device_is_refused() {
    let (train, validation) = (samples(100, 1), samples(50, 2));
    let lesson = Lesson { train: &train, validation: &validation };
    let mut watcher = Watcher::default();
    let unrolled = crate::device::tests::unrolled();
    let (architecture, fitting) = (architecture(), fitting());
    fit_on(&unrolled, lesson, &architecture, &fitting, None, &mut watcher).unwrap();
    let checkpoint = Some(watcher.checkpoints[0].as_slice());
    let on_cpu = watched(&train, &validation, &fitting, checkpoint, &mut Watcher::default());
    let error = on_cpu.unwrap_err();
    assert!(matches!(error, TrainError::Checkpoint(CheckpointError::Other)), "{error}");
}

#[test]
fn what_is_unrolled_learns_as_the_kernel_does() {
    let (train, validation) = (samples(200, 1), samples(50, 2));
    let fitting = fitting();
    let [kernel, unrolled] = [Device::cpu(), crate::device::tests::unrolled()]
        .map(|device| run_on(&device, &train, &validation, &fitting).unwrap());
    for (ours, theirs) in kernel.history.iter().zip(&unrolled.history) {
        assert!((ours.train_loss - theirs.train_loss).abs() < 1e-5, "{ours:?} {theirs:?}");
    }
    assert_eq!(kernel.deviation, None);
    assert!(unrolled.deviation.is_some_and(|off| off < 1e-6), "{:?}", unrolled.deviation);
}

/// A watcher that keeps no checkpoint.
struct Careless;

impl Watch for Careless {
    fn is_ended(&mut self) -> bool {
        false
    }

    fn epoch(&mut self, _: &Epoch, checkpoint: &Checkpoint<'_>) -> Flow {
        assert!(!checkpoint.training.is_known(), "all samples were read for nothing");
        checkpoint.to_bytes().unwrap();
        assert!(checkpoint.training.is_known());
        Flow::End
    }
}

#[test]
fn samples_are_digested_for_whoever_keeps_checkpoints() {
    let (train, validation) = (samples(100, 1), samples(50, 2));
    let lesson = Lesson { train: &train, validation: &validation };
    fit(lesson, &architecture(), &fitting(), None, &mut Careless).unwrap_err();
}

#[test]
fn what_teaches_nothing_is_refused() {
    let good = samples(50, 1);
    let with = |labels: Vec<u8>| {
        Samples::new(2, SEQUENCE, good.rows().to_vec(), good.ends().to_vec(), labels).unwrap()
    };
    let three = [
        Layer::Gru { units: 2, dropout: 0.0 },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ];
    let classes = ["down", "flat", "up"].map(String::from).into();
    let three = Architecture::new(three.into(), 2, SEQUENCE, classes).unwrap();
    let balanced = Fitting { class_weights: ClassWeights::Balanced, ..fitting() };
    let lesson = Lesson { train: &good, validation: &good };
    let mut watcher = Watcher::default();
    let said = [
        run(&with(vec![1; 50]), &good, &fitting()).unwrap_err(),
        fit(lesson, &three, &balanced, None, &mut watcher).unwrap_err(),
        run(&good, &good, &Fitting { batch_size: 51, ..fitting() }).unwrap_err(),
    ];
    let said: String =
        said.iter().map(|error| format!("{error} ({:?})\n", error.fault())).collect();
    expect![[r#"
        every training sample is `up`: there is nothing to tell apart (User)
        no training sample is `up`, so that the classes cannot be balanced (User)
        a batch is 51 samples, and there are 50 training samples (User)
    "#]]
    .assert_eq(&said);
    // A class that only validation has, or that has no sample, is no mistake by itself.
    assert!(run(&good, &with(vec![1; 50]), &fitting()).is_ok());
}

#[test]
fn labels_are_spread_and_weighed() {
    let even = targets_of(&[0, 1], &[1.0, 1.0], 0.0);
    assert_eq!(even, [0.5, 0.0, 0.0, 0.5]);
    let smooth = targets_of(&[0, 1], &[1.0, 1.0], 0.2);
    assert_eq!(smooth, [0.45, 0.05, 0.05, 0.45]);
    assert_eq!(targets_of(&[0, 1], &[3.0, 1.0], 0.0), [0.75, 0.0, 0.0, 0.25]);
}

#[test]
fn a_loss_that_is_lost_ends_the_training() {
    let (train, validation) = (samples(100, 1), samples(50, 2));
    for learning_rate in [1e9, 1e30] {
        let steps_too_long = Fitting { learning_rate, ..fitting() };
        let diverged = run(&train, &validation, &steps_too_long).unwrap_err();
        assert!(matches!(diverged, TrainError::Diverged { epoch: 1, .. }), "{diverged}");
        assert_eq!(diverged.fault(), Fault::User);
    }
}

#[test]
fn a_feature_that_is_no_number_is_refused_where_a_window_sees_it() {
    let (train, validation) = (samples(100, 1), samples(50, 2));
    let (ends, labels) = (train.ends().to_vec(), train.labels().to_vec());
    let mut rows = train.rows().to_vec();
    rows[40] = f32::NAN;
    let spoilt = Samples::new(2, SEQUENCE, rows, ends, labels.clone()).unwrap();
    let refused = |train: &Samples, validation: &Samples| {
        run(train, validation, &fitting()).unwrap_err().to_string()
    };
    let said = |split| format!("bar 20 of the {split} samples has a feature that is not finite");
    assert_eq!(refused(&spoilt, &validation), said("training"));
    assert_eq!(refused(&train, &spoilt), said("validation"));
    // What no window sees may be anything: features are not settled at the start.
    let rows = [vec![f32::NAN; 20], train.rows().to_vec()].concat();
    let ends = train.ends().iter().map(|end| end + 10).collect();
    let after = Samples::new(2, SEQUENCE, rows, ends, labels).unwrap();
    let model = |train| run(train, &validation, &fitting()).unwrap().model;
    assert_eq!(model(&after), model(&train));
}

#[test]
fn class_weights_pull_towards_the_heavier_class() {
    let (train, validation) = (riddles(300, 1), riddles(200, 2));
    let share_of_up = |weights: [f32; 2]| {
        let fitting = Fitting {
            class_weights: ClassWeights::Written(weights.into()),
            epochs: 3,
            ..fitting()
        };
        let model = run(&train, &validation, &fitting).unwrap().model;
        let all_up = Samples::new(
            2,
            SEQUENCE,
            validation.rows().to_vec(),
            validation.ends().to_vec(),
            vec![1; validation.len()],
        );
        assess(&model, &all_up.unwrap()).1
    };
    assert!(share_of_up([9.0, 1.0]) < 0.05);
    assert!(share_of_up([1.0, 9.0]) > 0.95);
    // Only how the weights compare matters.
    let even = Fitting { class_weights: ClassWeights::Written(vec![2.0, 2.0]), ..fitting() };
    assert_eq!(bytes(&even), bytes(&fitting()));
}

#[test]
fn settings_and_samples_that_do_not_fit_are_refused() {
    let adam = |adam: Adam| Fitting { optimizer: Optimizer::Adam(adam), ..fitting() };
    let settings = [
        Fitting { batch_size: 0, ..fitting() },
        Fitting { epochs: 0, ..fitting() },
        Fitting { learning_rate: 0.0, ..fitting() },
        Fitting { learning_rate: f64::NAN, ..fitting() },
        adam(Adam { beta1: 1.0, ..Adam::default() }),
        adam(Adam { beta2: -0.1, ..Adam::default() }),
        adam(Adam { epsilon: 0.0, ..Adam::default() }),
        Fitting {
            early_stopping: Some(Patience { epochs: 0, metric: Metric::ValLoss }),
            ..fitting()
        },
        adam(Adam { weight_decay: -1.0, ..Adam::default() }),
        Fitting { gradient_norm_max: Some(0.0), ..fitting() },
        Fitting { label_smoothing: 1.0, ..fitting() },
        Fitting { schedule: Schedule::Cosine { warm_up: 2, least: 0.0 }, ..fitting() },
        Fitting { class_weights: ClassWeights::Written(vec![1.0]), ..fitting() },
        Fitting { class_weights: ClassWeights::Written(vec![1.0, f32::INFINITY]), ..fitting() },
    ];
    let good = samples(50, 1);
    let none = samples(0, 1);
    let wide = Samples::new(3, SEQUENCE, vec![0.0; 3 * SEQUENCE], vec![SEQUENCE - 1], vec![0]);
    let third = Samples::new(2, SEQUENCE, vec![0.0; 2 * SEQUENCE], vec![SEQUENCE - 1], vec![2]);
    let mut said: Vec<TrainError> =
        settings.iter().map(|fitting| run(&good, &good, fitting).unwrap_err()).collect();
    said.push(run(&none, &good, &fitting()).unwrap_err());
    said.push(run(&good, &none, &fitting()).unwrap_err());
    said.push(run(&wide.unwrap(), &good, &fitting()).unwrap_err());
    said.push(run(&good, &third.unwrap(), &fitting()).unwrap_err());
    let said: String =
        said.iter().map(|error| format!("{error} ({:?})\n", error.fault())).collect();
    expect![[r#"
        `batch_size` must be 1 or more (User)
        `epochs` must be 1 or more (User)
        `learning_rate` must be finite and above 0 (User)
        `learning_rate` must be finite and above 0 (User)
        `beta1` must be in 0..1 (User)
        `beta2` must be in 0..1 (User)
        `epsilon` must be finite and above 0 (User)
        `patience` must be 1 or more (User)
        `weight_decay` must be 0 or more, and below 1 over the learning rate (User)
        `clip_norm` must be finite and above 0 (User)
        `label_smoothing` must be in 0..1 (User)
        `warm_up` must be fewer epochs than there are (User)
        `class_weights` must be finite and above 0, one for each class (User)
        `class_weights` must be finite and above 0, one for each class (User)
        there are no training samples (User)
        there are no validation samples (User)
        training windows are 8 bars of 3 features, and the network reads 8 bars of 2 (Bug)
        a label of the validation samples is 2, and there are 2 classes (Bug)
    "#]]
    .assert_eq(&said);
}

#[test]
fn settings_read_as_they_are_written() {
    let text = serde_json::to_string(&Fitting {
        schedule: Schedule::Step { every: 3, factor: 0.5 },
        class_weights: ClassWeights::Balanced,
        early_stopping: Some(Patience { epochs: 10, metric: Metric::ValAccuracy }),
        ..fitting()
    })
    .unwrap();
    expect![[r#"{"batch_size":32,"epochs":2,"learning_rate":0.01,"schedule":{"step":{"every":3,"factor":0.5}},"optimizer":{"adam":{"beta1":0.9,"beta2":0.999,"epsilon":1e-8,"weight_decay":0.0}},"gradient_norm_max":null,"label_smoothing":0.0,"early_stopping":{"epochs":10,"metric":"val_accuracy"},"seed":1,"class_weights":"balanced"}"#]].assert_eq(&text);
    assert_eq!(serde_json::from_str::<Fitting>(&text).unwrap().epochs, 2);
}
