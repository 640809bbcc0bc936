//! Files that lie: cut short, bent, or made to promise more than they hold. Whatever they say, reading
//! them is an error or an answer, never a panic, and takes no more memory than the file justifies.
//!
//! A process of its own: the memory that is watched is the process's.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking, and its numbers are small"
)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use suho_domain::Fault;
use suho_train::{
    Activation, Adam, Architecture, Checkpoint, ClassWeights, Epoch, Fitting, Flow, Golden, Layer,
    Lesson, Network, Optimizer, Predictor, Samples, Scaler, Schedule, TrainError, Watch, fit,
};

/// Bent files of each kind.
const FILES: u64 = 4_000;
/// Memory that reading them all may take at most beyond what is in use before, in KiB. The longest of
/// them is 12 KiB.
const MEMORY_KIB_MAX: u64 = 24 * 1_024;
const SEQUENCE: usize = 6;
const FEATURES: usize = 2;

fn architecture() -> Architecture {
    let layers = vec![
        Layer::Lstm { units: 3, dropout: 0.0 },
        Layer::Output { units: 2, activation: Activation::Softmax },
    ];
    let classes = ["down", "up"].map(String::from).into();
    Architecture::new(layers, FEATURES, SEQUENCE, classes).unwrap()
}

fn rows(bars: usize) -> Vec<f64> {
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    (0..bars * FEATURES).map(|_| f64::from(chance.next_u32() >> 16) / 65_536.0).collect()
}

fn predictor() -> Predictor {
    let names = ["one", "two"].map(String::from).into();
    let scaler = Scaler::fit(names, &rows(50), [0, 0]).unwrap();
    Predictor::new(Network::initial(&architecture(), 1), scaler).unwrap()
}

fn samples() -> Samples {
    let rows = rows(40).into_iter().map(|value| value as f32).collect();
    let ends: Vec<usize> = (SEQUENCE..40).collect();
    let labels = ends.iter().map(|end| u8::from(end % 3 == 0)).collect();
    Samples::new(FEATURES, SEQUENCE, rows, ends, labels).unwrap()
}

fn fitting() -> Fitting {
    Fitting {
        batch_size: 8,
        epochs: 1,
        learning_rate: 1e-3,
        schedule: Schedule::Constant,
        optimizer: Optimizer::Adam(Adam::default()),
        gradient_norm_max: None,
        label_smoothing: 0.0,
        early_stopping: None,
        seed: 1,
        class_weights: ClassWeights::Even,
    }
}

/// Keeps the last checkpoint, and ends whatever a bent one would go on with.
#[derive(Default)]
struct Watcher {
    checkpoint: Vec<u8>,
    is_ended: bool,
}

impl Watch for Watcher {
    fn is_ended(&mut self) -> bool {
        self.is_ended
    }

    fn epoch(&mut self, _: &Epoch, checkpoint: &Checkpoint<'_>) -> Flow {
        self.checkpoint = checkpoint.to_bytes().unwrap();
        Flow::Continue
    }
}

fn fit_from(
    samples: &Samples,
    checkpoint: Option<&[u8]>,
    watcher: &mut Watcher,
) -> Result<(), TrainError> {
    let lesson = Lesson { train: samples, validation: samples };
    fit(lesson, &architecture(), &fitting(), checkpoint, watcher).map(drop)
}

/// A way to lie.
fn bent(whole: &[u8], chance: &mut ChaCha8Rng) -> Vec<u8> {
    let mut file = whole.to_vec();
    let below = |bound: usize, chance: &mut ChaCha8Rng| {
        usize::try_from(chance.next_u64() % bound.max(1) as u64).unwrap()
    };
    let header = usize::try_from(u64::from_le_bytes(file[..8].try_into().unwrap())).unwrap();
    match chance.next_u32() % 7 {
        // Cut short.
        0 => file.truncate(below(whole.len(), chance)),
        // A few bits of anything.
        1 => {
            for _ in 0..=below(8, chance) {
                let at = below(whole.len(), chance);
                file[at] ^= 1 << below(8, chance);
            }
        }
        // A few bits of the header.
        2 => {
            for _ in 0..=below(4, chance) {
                let at = 8 + below(header, chance);
                file[at] ^= 1 << below(8, chance);
            }
        }
        // A header of any length.
        3 => file[..8].copy_from_slice(&chance.next_u64().to_le_bytes()),
        // A header a little longer or shorter than it is.
        4 => {
            let length = (header + below(32, chance)).saturating_sub(16) as u64;
            file[..8].copy_from_slice(&length.to_le_bytes());
        }
        // Nines for a number of the header: a shape or a place beyond everything.
        5 => {
            let digits: Vec<usize> =
                (8..8 + header).filter(|at| file[*at].is_ascii_digit()).collect();
            let first = below(digits.len(), chance);
            for at in &digits[first..digits.len().min(first + 1 + below(12, chance))] {
                file[*at] = b'9';
            }
        }
        // A header of brackets, or one in which a name says itself again and again.
        _ => {
            let (open, text) = (["[", "{\"a\":", "\"", "{\"a\":\"b\","], below(4, chance));
            let text = open[text].repeat(header / open[text].len() + 1);
            file[8..8 + header].copy_from_slice(&text.as_bytes()[..header]);
        }
    }
    file
}

/// The most memory that this process has had, in KiB; nothing where the machine does not tell.
fn memory_kib_max() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[test]
fn a_file_that_lies_is_an_error_and_takes_no_memory() {
    let (predictor, samples) = (predictor(), samples());
    let weights = predictor.networks()[0].to_safetensors().unwrap();
    let golden = Golden::of(&predictor, rows(50), (10..50).collect()).unwrap().to_bytes().unwrap();
    let mut watcher = Watcher::default();
    fit_from(&samples, None, &mut watcher).unwrap();
    let checkpoint = std::mem::take(&mut watcher.checkpoint);
    watcher.is_ended = true;

    let before = memory_kib_max();
    let (mut refused, mut read) = (0, 0);
    for seed in 0..FILES {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut say = |what: &str, fault: Option<Fault>| match fault {
            Some(fault) => {
                assert_eq!(fault, Fault::World, "{what} of seed {seed}");
                refused += 1;
            }
            None => read += 1,
        };
        let network = Network::from_safetensors(&architecture(), &bent(&weights, &mut chance));
        say("weights", network.err().map(|error| error.fault()));
        match Golden::from_bytes(&bent(&golden, &mut chance)) {
            Err(error) => say("windows", Some(error.fault())),
            // Windows that cannot be looked at are refused by whoever asks about them.
            Ok(golden) => drop(golden.parity(&predictor)),
        }
        let bent = bent(&checkpoint, &mut chance);
        match fit_from(&samples, Some(&bent), &mut watcher) {
            Err(TrainError::Checkpoint(error)) => say("checkpoint", Some(error.fault())),
            // What is bent can still be whole: then it is gone on from, and ended here or done.
            Ok(()) | Err(TrainError::Ended { .. }) => say("checkpoint", None),
            Err(error) => panic!("checkpoint of seed {seed}: {error}"),
        }
    }
    // Both happen, or the lies are too clumsy to try anything.
    assert!(refused > FILES && read > FILES / 20, "{refused} refused, {read} read");
    if let (Some(before), Some(after)) = (before, memory_kib_max()) {
        assert!(after - before < MEMORY_KIB_MAX, "{} KiB for files of a few", after - before);
    }
}

#[test]
fn a_file_that_holds_no_header_asks_for_none() {
    for length in [0_u64, 1, 2, 100_000_000, 100_000_001, u64::from(u32::MAX), u64::MAX] {
        let mut file = length.to_le_bytes().to_vec();
        file.extend(b"{}");
        let error = Network::from_safetensors(&architecture(), &file).unwrap_err();
        assert_eq!(error.fault(), Fault::World, "{length}: {error}");
    }
}
