//! How fast training and inference are here: `cargo run --release -p suho-train --example throughput`.
//!
//! Data are noise; labels too, for what is measured does not depend on them.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]

use std::error::Error;
use std::time::Instant;

use suho_train::{
    Activation, Adam, Architecture, Fitting, Flow, Layer, Network, Optimizer, Predictor, Samples,
    Scaler, fit,
};

const SEQUENCE: usize = 60;
const BATCH: usize = 32;
const STEPS: usize = 100;
const EPOCHS: usize = 4;
const QUESTIONS: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "| network | training: best epoch, samples/s | median | predict p50 | p95 | predict_many |"
    );
    println!("|---|---|---|---|---|---|");
    for (first, second, features) in [(128, 64, 16), (32, 16, 8)] {
        let architecture = architecture(first, second, features)?;
        let (best, median) = training(&architecture)?;
        let (p50, p95, many) = inference(&architecture)?;
        println!(
            "| lstm({first}) lstm({second}), {features} features | {best:.0} | {median:.0} \
             | {p50:.3} ms | {p95:.3} ms | {many:.0} windows/s |"
        );
    }
    Ok(())
}

fn architecture(
    first: usize,
    second: usize,
    features: usize,
) -> Result<Architecture, Box<dyn Error>> {
    let layers = vec![
        Layer::Lstm { units: first, dropout: 0.2 },
        Layer::Lstm { units: second, dropout: 0.2 },
        Layer::Dense { units: 32, activation: Activation::Relu },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ];
    let classes = ["down", "flat", "up"].map(String::from).into();
    Ok(Architecture::new(layers, features, SEQUENCE, classes)?)
}

/// Samples a second in the best and in the median epoch after the first. Everything an epoch needs is
/// in it: the order, the dropped outputs, the validation (of one window).
fn training(architecture: &Architecture) -> Result<(f64, f64), Box<dyn Error>> {
    let count = BATCH * STEPS;
    let features = architecture.inputs();
    let rows: Vec<f32> = noise((count + SEQUENCE) * features).collect();
    let ends: Vec<usize> = (SEQUENCE..SEQUENCE + count).collect();
    let labels = noise(count).map(|number: f32| if number > 0.0 { 2 } else { 0 }).collect();
    let train = Samples::new(features, SEQUENCE, rows.clone(), ends, labels)?;
    let validation = Samples::new(features, SEQUENCE, rows, vec![SEQUENCE], vec![0])?;
    let fitting = Fitting {
        batch_size: BATCH,
        epochs: EPOCHS,
        learning_rate: 1e-3,
        optimizer: Optimizer::Adam(Adam::default()),
        early_stopping: None,
        seed: 1,
        class_weights: None,
    };
    let mut ends = Vec::new();
    let mut watch = |_: &_| {
        ends.push(Instant::now());
        Flow::Continue
    };
    fit(&train, &validation, architecture, &fitting, &mut watch)?;
    let mut seconds: Vec<f64> = ends
        .windows(2)
        .filter_map(|pair| Some(pair.last()?.duration_since(*pair.first()?).as_secs_f64()))
        .collect();
    let count = count as f64;
    Ok((count / quantile(&mut seconds, 0.0), count / quantile(&mut seconds, 0.5)))
}

/// The 50th and 95th percentile of one prediction, in ms, and predictions a second when many are asked.
fn inference(architecture: &Architecture) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let features = architecture.inputs();
    let rows: Vec<f64> = noise((QUESTIONS + SEQUENCE) * features).collect();
    let names = (0..features).map(|at| format!("f{at}")).collect();
    let scaler = Scaler::fit(names, &rows, [0, 0])?;
    let predictor = Predictor::new(Network::initial(architecture, 1), scaler)?;
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
