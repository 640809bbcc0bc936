//! Fitting: from samples and settings to the weights that were best on the validation samples.
//!
//! One thread decides; the kernel spreads its products over the process's threads without changing a
//! bit. Equal inputs give equal weights, to the last bit, on one machine's processor; on a GPU about
//! equal ones, from the same first weights, in the same order of samples, with the same outputs dropped.

#[cfg(test)]
pub(crate) mod tests;

mod error;
mod settings;
mod training;

pub use error::TrainError;
pub use settings::{ClassWeights, Epoch, Fitted, Fitting, Metric, Optimizer, Patience, Stopped};

pub(crate) use training::Training;

use crate::architecture::Architecture;
use crate::checkpoint::{Checkpoint, Standing};
use crate::device::Device;
use crate::graph::{Batch, Learner, Stride, TensorFault};
use crate::network::Network;
use crate::operation::dropouts;
use crate::predict::assess;
use crate::random::{Purpose, Stream, narrow};
use crate::samples::Samples;
use crate::schedule::Moment;

/// Above this mean cross-entropy nothing is being learnt: the network is certain, and wrong.
const LOSS_MAX: f64 = 1e4;

/// Whoever waits for a fit: hears how it goes and may end it.
pub trait Watch {
    /// Whether to end now; asked before every batch.
    fn is_ended(&mut self) -> bool;

    /// Hears what an epoch came to and where training stands after it, and says whether to go on.
    fn epoch(&mut self, epoch: &Epoch, checkpoint: &Checkpoint<'_>) -> Flow;
}

/// The answer to an epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// End now.
    End,
}

/// What a network is fitted to and judged by.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    /// The samples to learn from.
    pub train: &'a Samples,
    /// The samples that each epoch is judged by.
    pub validation: &'a Samples,
}

/// Fits a network of shape `architecture` to a lesson, on the processor, judging each epoch by its
/// validation samples.
///
/// `checkpoint`: the bytes of an earlier, unfinished fit of the same; it goes on from there and ends
/// with the weights, to the last bit, that it would have had without the break.
///
/// # Errors
/// When a setting is out of its range, when the samples do not fit the architecture or teach nothing,
/// when the checkpoint is of another fit, when the loss is lost, and when the watcher ends it.
pub fn fit(
    lesson: Lesson<'_>,
    architecture: &Architecture,
    fitting: &Fitting,
    checkpoint: Option<&[u8]>,
    watch: &mut dyn Watch,
) -> Result<Fitted, TrainError> {
    fit_on(&Device::cpu(), lesson, architecture, fitting, checkpoint, watch)
}

/// As [`fit`], on `device`. What a GPU fits is asked the same of the processor before it is given back.
///
/// # Errors
/// As [`fit`]; and when a GPU gives up, or answers otherwise than the processor.
pub fn fit_on(
    device: &Device,
    lesson: Lesson<'_>,
    architecture: &Architecture,
    fitting: &Fitting,
    checkpoint: Option<&[u8]>,
    watch: &mut dyn Watch,
) -> Result<Fitted, TrainError> {
    let Lesson { train, validation } = lesson;
    fitting.check(architecture)?;
    check_samples("training", train, architecture)?;
    check_samples("validation", validation, architecture)?;
    let weights = class_weights(train, architecture, fitting)?;
    if fitting.batch_size > train.len() {
        let (batch_size, samples) = (fitting.batch_size, train.len());
        return Err(TrainError::BatchTooLarge { batch_size, samples });
    }
    let training = Training::new(lesson, architecture, fitting, device);
    let mut standing = match checkpoint {
        Some(bytes) => {
            Progress::resumed(Standing::from_bytes(architecture, &training, bytes)?, device)
        }
        None => Progress::new(Network::initial(architecture, fitting.seed), device),
    };
    while let Some(epoch) = standing.next_epoch(fitting) {
        let pass = Pass { device, train, fitting, weights: &weights, epoch };
        let (train_loss, learning_rate) = pass.run(&mut standing.learner, watch)?;
        let (validation_loss, validation_accuracy) = assess(standing.learner.network(), validation);
        lost(epoch, validation_loss)?;
        let epochs = fitting.epochs;
        let came_to = standing.judge(
            fitting.metric(),
            Epoch {
                epoch,
                epochs,
                train_loss,
                validation_loss,
                validation_accuracy,
                learning_rate,
                best_so_far: false,
            },
        );
        if watch.epoch(&came_to, &standing.checkpoint(&training)) == Flow::End {
            return Err(TrainError::Ended { epoch });
        }
    }
    let is_early = standing.history.len() < fitting.epochs;
    let stopped = if is_early { Stopped::Early } else { Stopped::Completed };
    let Progress { best, best_epoch, history, .. } = standing;
    let deviation = device.deviation(&best, validation)?;
    let device = device.identity().clone();
    Ok(Fitted { model: best, history, best_epoch, stopped, device, deviation })
}

/// How far a fit has come.
struct Progress {
    learner: Learner,
    /// The best weights so far; the first ones before all epochs.
    best: Network,
    best_epoch: usize,
    history: Vec<Epoch>,
}

impl Progress {
    fn resumed(standing: Standing, device: &Device) -> Self {
        let Standing { now, memory, best, best_epoch, history } = standing;
        Self { learner: Learner::new(now, Some(memory), device), best, best_epoch, history }
    }

    fn new(initial: Network, device: &Device) -> Self {
        let learner = Learner::new(initial.clone(), None, device);
        Self { learner, best: initial, best_epoch: 0, history: Vec::new() }
    }

    /// The number of the epoch to come; none when all are done or patience has run out.
    fn next_epoch(&self, fitting: &Fitting) -> Option<usize> {
        let done = self.history.len();
        let patience = fitting.early_stopping.map_or(usize::MAX, |patience| patience.epochs);
        let is_impatient = done > 0 && done - self.best_epoch >= patience;
        (done < fitting.epochs && !is_impatient).then_some(done + 1)
    }

    /// Holds an epoch against the best one and puts it into the history.
    fn judge(&mut self, metric: Metric, mut epoch: Epoch) -> Epoch {
        let best = self.best_epoch.checked_sub(1).and_then(|at| self.history.get(at));
        epoch.best_so_far = best.is_none_or(|best| match metric {
            Metric::ValLoss => epoch.validation_loss < best.validation_loss,
            Metric::ValAccuracy => epoch.validation_accuracy > best.validation_accuracy,
        });
        if epoch.best_so_far {
            self.best = self.learner.network().clone();
            self.best_epoch = epoch.epoch;
        }
        self.history.push(epoch);
        epoch
    }

    const fn checkpoint<'a>(&'a self, training: &'a Training<'a>) -> Checkpoint<'a> {
        Checkpoint {
            training,
            now: self.learner.network(),
            memory: self.learner.memory(),
            best: &self.best,
            best_epoch: self.best_epoch,
            history: self.history.as_slice(),
        }
    }
}

impl Fitting {
    fn metric(&self) -> Metric {
        self.early_stopping.map_or_else(Metric::default, |patience| patience.metric)
    }
}

/// What a sample of each class weighs.
fn class_weights(
    train: &Samples,
    architecture: &Architecture,
    fitting: &Fitting,
) -> Result<Vec<f32>, TrainError> {
    let count =
        |class: usize| train.labels().iter().filter(|label| usize::from(**label) == class).count();
    let counts: Vec<usize> = (0..architecture.classes().len()).map(count).collect();
    let named = |at: usize| architecture.classes().get(at).cloned().unwrap_or_default();
    if let Some(only) = counts.iter().position(|count| *count == train.len()) {
        return Err(TrainError::OneClass { class: named(only) });
    }
    match &fitting.class_weights {
        ClassWeights::Even => Ok(vec![1.0; counts.len()]),
        ClassWeights::Written(weights) => Ok(weights.clone()),
        ClassWeights::Balanced => {
            if let Some(none) = counts.iter().position(|count| *count == 0) {
                return Err(TrainError::NoneOfClass { class: named(none) });
            }
            let even = train.len() as f64 / counts.len() as f64;
            Ok(counts.iter().map(|count| narrow(even / *count as f64)).collect())
        }
    }
}

fn lost(epoch: usize, loss: f64) -> Result<(), TrainError> {
    if loss <= LOSS_MAX { Ok(()) } else { Err(TrainError::Diverged { epoch, loss }) }
}

/// One pass over the training samples.
struct Pass<'a> {
    device: &'a Device,
    train: &'a Samples,
    fitting: &'a Fitting,
    /// What a sample of each class weighs.
    weights: &'a [f32],
    epoch: usize,
}

impl Pass<'_> {
    /// Learns from all samples in a new order; the mean loss, and the last step's learning rate.
    fn run(&self, learner: &mut Learner, watch: &mut dyn Watch) -> Result<(f64, f64), TrainError> {
        let Self { train, fitting, epoch, .. } = *self;
        let order = order(train, fitting.seed, epoch);
        let batches = order.len().div_ceil(fitting.batch_size);
        let (mut sum, mut learning_rate) = (0.0, fitting.learning_rate);
        for (at, windows) in order.chunks(fitting.batch_size).enumerate() {
            if watch.is_ended() {
                return Err(TrainError::Ended { epoch });
            }
            let moment = Moment { epoch, epochs: fitting.epochs, batch: at, batches };
            learning_rate = fitting.schedule.rate(fitting.learning_rate, moment);
            let Optimizer::Adam(adam) = fitting.optimizer;
            let stride = Stride { adam, learning_rate, norm_max: fitting.gradient_norm_max };
            let batch = self.batch(learner.network(), windows, at);
            let learnt = self.device.watched(|| learner.learn(batch, &stride))?;
            let loss = learnt.map_err(|TensorFault| TrainError::Tensors)?;
            lost(epoch, loss)?;
            sum += loss * windows.len() as f64;
        }
        Ok((sum / order.len() as f64, learning_rate))
    }

    /// The windows of batch `at` with everything that is drawn for them.
    fn batch(&self, network: &Network, windows: &[(usize, u8)], at: usize) -> Batch {
        let Self { train, fitting, epoch, .. } = *self;
        let size = windows.len();
        let ends: Vec<usize> = windows.iter().map(|(end, _)| *end).collect();
        let sequence = network.architecture().sequence();
        let sites = dropouts(network.operations(), sequence, size).into_iter().enumerate();
        let dropout = sites.map(|(site, (share, count))| {
            let purpose = Purpose::Dropout { epoch, batch: at, layer: site };
            Stream::new(fitting.seed, purpose).dropout(share, count)
        });
        Batch {
            size,
            windows: train.gather(&ends),
            targets: targets(windows, self.weights, fitting.label_smoothing),
            dropout: dropout.collect(),
        }
    }
}

/// `[windows, classes]`: each window's share of the loss by its class's weight, of which `smoothing` is
/// spread evenly over all classes.
///
/// Source: Szegedy et al. (2016), §7; without class weights as in `torch.nn.CrossEntropyLoss`.
fn targets(windows: &[(usize, u8)], weights: &[f32], smoothing: f64) -> Vec<f32> {
    let classes = weights.len();
    let weight = |label: u8| f64::from(weights.get(usize::from(label)).copied().unwrap_or(1.0));
    let sum: f64 = windows.iter().map(|(_, label)| weight(*label)).sum();
    let mut targets = Vec::with_capacity(windows.len() * classes);
    for (_, label) in windows {
        let share = weight(*label) / sum;
        targets.extend((0..classes).map(|class| {
            let own = if class == usize::from(*label) { 1.0 - smoothing } else { 0.0 };
            narrow(share * (own + smoothing / classes as f64))
        }));
    }
    targets
}

/// The windows of an epoch in its order, each given by its end and its label.
fn order(train: &Samples, seed: u64, epoch: usize) -> Vec<(usize, u8)> {
    let mut order: Vec<(usize, u8)> =
        train.ends().iter().copied().zip(train.labels().iter().copied()).collect();
    Stream::new(seed, Purpose::Order { epoch }).shuffle(&mut order);
    order
}

fn check_samples(
    split: &'static str,
    samples: &Samples,
    architecture: &Architecture,
) -> Result<(), TrainError> {
    let (features, sequence) = (samples.features(), samples.sequence());
    let (expected_features, expected_sequence) = (architecture.inputs(), architecture.sequence());
    if (features, sequence) != (expected_features, expected_sequence) {
        let shape =
            TrainError::Shape { split, sequence, features, expected_sequence, expected_features };
        return Err(shape);
    }
    if samples.is_empty() {
        return Err(TrainError::NoSamples { split });
    }
    if let Some(bar) = samples.first_not_finite() {
        return Err(TrainError::NotFinite { split, bar });
    }
    let classes = architecture.classes().len();
    match samples.labels().iter().find(|label| usize::from(**label) >= classes) {
        Some(&label) => Err(TrainError::Label { split, label, classes }),
        None => Ok(()),
    }
}
