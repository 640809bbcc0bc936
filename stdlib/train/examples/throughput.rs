//! How fast training and inference are here: `cargo run --release -p suho-train --example throughput`.
//!
//! Data are noise; labels too, for what is measured does not depend on them. With arguments it does one
//! thing with the first network, for `benches/peers.py`, which sets it beside others: `train BATCH` prints
//! samples, seconds and CPU seconds after the first epoch; `ask` the 50th and 95th percentile of a
//! prediction in ms; `onnx FILE` writes the network.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]

use std::error::Error;
use std::time::Instant;

use suho_train::{
    Activation, Adam, Architecture, Checkpoint, ClassWeights, Epoch, Fitting, Flow, Layer, Lesson,
    Network, Optimizer, Predictor, Samples, Scaler, Schedule, Watch, fit,
};

const SEQUENCE: usize = 60;
const FEATURES: usize = 16;
/// Windows of an epoch.
const WINDOWS: usize = 3_072;
const EPOCHS: usize = 4;
const QUESTIONS: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments.is_empty() {
        return table();
    }
    let architecture = architecture(vec![lstm(128), lstm(64)])?;
    match arguments.as_slice() {
        ["train", batch] => {
            let clock = trained(&architecture, batch.parse()?)?;
            let (seconds, cpu) = clock.after_the_first();
            println!("{} {seconds} {cpu}", WINDOWS * (EPOCHS - 1));
        }
        ["ask"] => {
            let (p50, p95, _) = inference(&architecture)?;
            println!("{p50} {p95}");
        }
        ["onnx", file] => std::fs::write(file, predictor(&architecture)?.to_onnx())?,
        _ => return Err("nothing, `train BATCH`, `ask` or `onnx FILE`".into()),
    }
    Ok(())
}

fn table() -> Result<(), Box<dyn Error>> {
    println!("| network | batch | training: best epoch, samples/s | median |");
    println!("|---|---|---|---|");
    for (name, layers) in networks() {
        let architecture = architecture(layers)?;
        for batch in [32, 256] {
            let (best, median) = training(&architecture, batch)?;
            println!("| {name} | {batch} | {best:.0} | {median:.0} |");
        }
    }
    println!("\n| network | predict p50 | p95 | predict_many |\n|---|---|---|---|");
    for (name, layers) in networks() {
        let (p50, p95, many) = inference(&architecture(layers)?)?;
        println!("| {name} | {p50:.3} ms | {p95:.3} ms | {many:.0} windows/s |");
    }
    Ok(())
}

/// The source's LSTM, and one of each other kind of about its size.
fn networks() -> Vec<(&'static str, Vec<Layer>)> {
    let (dropout, activation) = (0.2, Activation::Relu);
    let conv = |kernel, dilation, residual| Layer::Conv1d {
        filters: 64,
        kernel,
        dilation,
        activation,
        residual,
        dropout,
    };
    let block = || Layer::Transformer { heads: 4, feed_forward: 128, dropout };
    vec![
        ("lstm(128) lstm(64)", vec![lstm(128), lstm(64)]),
        ("lstm(32) lstm(16)", vec![lstm(32), lstm(16)]),
        (
            "gru(128) gru(64)",
            vec![Layer::Gru { units: 128, dropout }, Layer::Gru { units: 64, dropout }],
        ),
        (
            "conv1d(64) of 3 bars, dilated 1, 2, 4",
            vec![conv(3, 1, false), conv(3, 2, true), conv(3, 4, true)],
        ),
        (
            "transformer(64), 2 blocks of 4 heads",
            vec![conv(1, 1, false), Layer::Positions {}, block(), block()],
        ),
    ]
}

fn lstm(units: usize) -> Layer {
    Layer::Lstm { units, dropout: 0.2 }
}

fn architecture(mut layers: Vec<Layer>) -> Result<Architecture, Box<dyn Error>> {
    layers.extend([
        Layer::Dense { units: 32, activation: Activation::Relu, dropout: 0.0 },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ]);
    let classes = ["down", "flat", "up"].map(String::from).into();
    Ok(Architecture::new(layers, FEATURES, SEQUENCE, classes)?)
}

/// When each epoch ended, and the CPU seconds until then.
#[derive(Default)]
struct Clock(Vec<(Instant, f64)>);

impl Clock {
    /// Seconds and CPU seconds from the end of the first epoch to that of the last.
    fn after_the_first(&self) -> (f64, f64) {
        match self.0.as_slice() {
            [first, .., last] => (last.0.duration_since(first.0).as_secs_f64(), last.1 - first.1),
            _ => (f64::NAN, f64::NAN),
        }
    }
}

/// CPU seconds of this process, all threads, to a hundredth; not a number where Linux does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = after_name.split(' ').skip(11).take(2).map(str::parse::<f64>);
    ticks.sum::<Result<f64, _>>().map_or(f64::NAN, |ticks| ticks / 100.0)
}

impl Watch for Clock {
    fn is_ended(&mut self) -> bool {
        false
    }

    fn epoch(&mut self, _: &Epoch, _: &Checkpoint<'_>) -> Flow {
        self.0.push((Instant::now(), cpu_seconds()));
        Flow::Continue
    }
}

/// Samples a second in the best and in the median epoch after the first.
fn training(architecture: &Architecture, batch_size: usize) -> Result<(f64, f64), Box<dyn Error>> {
    let Clock(ends) = trained(architecture, batch_size)?;
    let mut seconds: Vec<f64> = ends
        .windows(2)
        .filter_map(|pair| Some(pair.last()?.0.duration_since(pair.first()?.0).as_secs_f64()))
        .collect();
    let count = WINDOWS as f64;
    Ok((count / quantile(&mut seconds, 0.0), count / quantile(&mut seconds, 0.5)))
}

/// When the epochs of a training ended. Everything an epoch needs is in it: the order, the dropped
/// outputs, the validation (of one window).
fn trained(architecture: &Architecture, batch_size: usize) -> Result<Clock, Box<dyn Error>> {
    let rows: Vec<f32> = noise((WINDOWS + SEQUENCE) * FEATURES).collect();
    let ends: Vec<usize> = (SEQUENCE..SEQUENCE + WINDOWS).collect();
    let labels = noise(WINDOWS).map(|number: f32| if number > 0.0 { 2 } else { 0 }).collect();
    let train = Samples::new(FEATURES, SEQUENCE, rows.clone(), ends, labels)?;
    let validation = Samples::new(FEATURES, SEQUENCE, rows, vec![SEQUENCE], vec![0])?;
    let fitting = Fitting {
        batch_size,
        epochs: EPOCHS,
        learning_rate: 1e-3,
        schedule: Schedule::Constant,
        optimizer: Optimizer::Adam(Adam::default()),
        gradient_norm_max: None,
        label_smoothing: 0.0,
        early_stopping: None,
        seed: 1,
        class_weights: ClassWeights::Even,
    };
    let mut clock = Clock::default();
    let lesson = Lesson { train: &train, validation: &validation };
    fit(lesson, architecture, &fitting, None, &mut clock)?;
    Ok(clock)
}

fn predictor(architecture: &Architecture) -> Result<Predictor, Box<dyn Error>> {
    let features = architecture.inputs();
    let rows: Vec<f64> = noise((QUESTIONS + SEQUENCE) * features).collect();
    let names = (0..features).map(|at| format!("f{at}")).collect();
    let scaler = Scaler::fit(names, &rows, [0, 0])?;
    Ok(Predictor::new(Network::initial(architecture, 1), scaler)?)
}

/// The 50th and 95th percentile of one prediction, in ms, and predictions a second when many are asked.
fn inference(architecture: &Architecture) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let features = architecture.inputs();
    let rows: Vec<f64> = noise((QUESTIONS + SEQUENCE) * features).collect();
    let predictor = predictor(architecture)?;
    let mut milliseconds = Vec::new();
    for window in rows.windows(SEQUENCE * features).step_by(features).take(QUESTIONS) {
        let start = Instant::now();
        predictor.predict(window)?;
        milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let ends: Vec<usize> = (SEQUENCE..SEQUENCE + QUESTIONS).collect();
    let start = Instant::now();
    predictor.predict_many(&rows, &ends)?;
    let many = QUESTIONS as f64 / start.elapsed().as_secs_f64();
    Ok((quantile(&mut milliseconds, 0.5), quantile(&mut milliseconds, 0.95), many))
}

/// The value below which `share` of the values lie, without interpolation.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    let below = (0..values.len()).take_while(|at| *at as f64 <= share * last).last();
    below.and_then(|at| values.get(at)).copied().unwrap_or(f64::NAN)
}

/// Numbers in `-0.5..0.5` from a linear congruence, the same every time.
fn noise<T: From<f32>>(count: usize) -> impl Iterator<Item = T> {
    let mut state = 1_u32;
    (0..count).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        T::from((state >> 8) as f32 / 16_777_216.0 - 0.5)
    })
}
