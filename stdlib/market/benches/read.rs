//! What it costs to read a million bars and make features of them: `cargo bench -p suho-market`.
//!
//! With a path (`-- bars.parquet`) the file is left there, and `python benches/polars_peer.py
//! bars.parquet` does the same work in polars and prints the ratios. Times are of this process's
//! CPU, the best of several.

use std::error::Error;
use std::hint::black_box;
use std::io::Write as _;
use std::path::PathBuf;

use chrono::TimeDelta;
use rustix::time::{ClockId, clock_gettime};
use suho_features::{compute, parse_list};
use suho_market::{
    Bars, ColumnNames, LabelRule, QualityRules, content_digest, encode, judge, labels, read_csv,
    read_parquet, resample, to_csv,
};
use suho_time::Calendar;

const ROWS: i64 = 1_000_000;
const FEATURES: [&str; 16] = [
    "close",
    "rsi_7",
    "rsi_14",
    "rsi_21",
    "macd_histogram",
    "macd_5_35_5_histogram",
    "bb_percent_b",
    "bb_50_2_percent_b",
    "atr_7",
    "atr_14",
    "volume_ratio",
    "volume_ratio_50",
    "adx_7",
    "adx_14",
    "stoch_k",
    "stoch_5_3_3_k",
];

/// CPU time of this process, in ms.
fn cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// The least CPU time of five runs, in ms, said under a name.
fn said<T>(
    what: &str,
    mut run: impl FnMut() -> Result<T, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        let start = cpu_ms();
        black_box(run()?);
        least = least.min(cpu_ms() - start);
    }
    writeln!(std::io::stdout(), "{what:<40} {least:8.1} ms")?;
    Ok(())
}

/// A random walk of minutes, every price with all its digits.
fn walk() -> Bars {
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    let mut bars = Bars::empty("BTC/USD", TimeDelta::minutes(1));
    let mut open = 1.1;
    for minute in 0..ROWS {
        let close = open * (1.0 + 0.002 * (draw() - 0.5));
        bars.time.push(1_500_000_000_000_000 + 60_000_000 * minute);
        bars.open.push(open);
        bars.high.push(f64::max(open, close) * (1.0 + 0.0005 * draw()));
        bars.low.push(f64::min(open, close) * (1.0 - 0.0005 * draw()));
        bars.close.push(close);
        bars.volume.push((1_000.0 * draw()).round());
        open = close;
    }
    bars
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let kept = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = tempfile::tempdir()?;
    let path = kept.map_or_else(|| folder.path().join("bars.parquet"), PathBuf::from);
    let text = folder.path().join("bars.csv");
    let (names, minute) = (ColumnNames::standard(), TimeDelta::minutes(1));
    let (bars, features) = (walk(), parse_list(&FEATURES)?);
    std::fs::write(&path, encode(&bars)?)?;
    std::fs::write(&text, to_csv(&bars, &names)?)?;
    let read = || read_parquet(&path, "BTC/USD", minute, &names);
    said("read Parquet, 1,000,000 x 6", || Ok(read()?))?;
    said("read Parquet and compute 16 features", || Ok(compute(&features, &read()?.columns())?))?;
    said("read CSV", || Ok(read_csv(&text, "BTC/USD", minute, &names)?))?;
    said("write Parquet", || Ok(encode(&bars)?))?;
    said("digest of all values", || Ok(content_digest(&bars, &[])))?;
    let rules = QualityRules::standard();
    said("quality check", || Ok(judge(bars.clone(), Calendar::Always, &rules)))?;
    let rule = LabelRule::VolScaled { k: 0.43 };
    said("labels, vol_scaled", || Ok(labels(&bars, rule, 4, Calendar::Always)?))?;
    said("labels, vol_scaled, fx", || Ok(labels(&bars, rule, 4, Calendar::Fx)?))?;
    said("resample to 1 h", || Ok(resample(&bars, TimeDelta::hours(1), Calendar::Always)?))?;
    Ok(())
}
