//! How much of a history's beginning shows after the warm-up, on bars in a CSV file:
//! `cargo run --release -p suho-features --example margins -- bars.csv`.
//!
//! Each feature is computed of the whole file and of pieces that begin one warm-up before the bar
//! that is compared; the largest difference is printed in standard deviations of the feature. It
//! must stay below 1e-6. The columns are those of the example `export`, in that order.

use std::env;
use std::error::Error;
use std::io::Write as _;

use suho_domain::Timeframe;
use suho_features::{Columns, Feature, Input, Times, catalogue, compute_timed, parse, warm_up_on};

/// Bars compared for each feature.
const PROBES: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: margins BARS.csv")?;
    let mut reader = csv::Reader::from_path(path)?;
    let has_volume = reader.headers()?.iter().any(|column| column == "volume");
    let (mut time, mut columns): (Vec<i64>, [Vec<f64>; 5]) = Default::default();
    for row in reader.records() {
        let row = row?;
        let cell = |place: usize| row.get(place).ok_or("a row is too short");
        time.push(cell(0)?.parse()?);
        for (place, column) in columns.iter_mut().enumerate() {
            let is_there = place < 4 || has_volume;
            column.push(if is_there { cell(place + 1)?.parse()? } else { f64::NAN });
        }
    }
    let timeframe: Timeframe = "1h".parse()?;
    let of = |feature: &[Feature], from: usize, to: usize| -> Result<Vec<f64>, Box<dyn Error>> {
        let [open, high, low, close, volume] =
            columns.each_ref().map(|column| column.get(from..to).unwrap_or_default());
        let times = Times { open: time.get(from..to).unwrap_or_default(), timeframe };
        let columns = Columns { open, high, low, close, volume };
        Ok(compute_timed(feature, &columns, times)?.column(0).to_vec())
    };
    let mut out = std::io::stdout().lock();
    for entry in catalogue().filter(|entry| entry.unstable_margin > 0) {
        if entry.inputs.contains(&Input::Volume) && !has_volume {
            continue;
        }
        let feature = [parse(&entry.name)?];
        let warm_up = warm_up_on(&feature, timeframe).ok_or("no warm-up")?;
        let whole = of(&feature, 0, time.len())?;
        let settled = whole.get(warm_up..).unwrap_or_default();
        let mean = settled.iter().sum::<f64>() / settled.len() as f64;
        let squares: f64 = settled.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / settled.len() as f64).sqrt();
        let step = (settled.len() / PROBES).max(1);
        let mut worst = 0.0_f64;
        for (bar, value) in whole.iter().enumerate().skip(warm_up).step_by(step) {
            let late = of(&feature, bar - warm_up, bar + 1)?;
            worst = worst.max((late.last().unwrap_or(&f64::NAN) - value).abs() / deviation);
        }
        let (lookback, margin) = (entry.lookback, entry.unstable_margin);
        writeln!(out, "{:20} {lookback:5} + {margin:5}  {worst:.1e}", entry.name)?;
    }
    Ok(())
}
