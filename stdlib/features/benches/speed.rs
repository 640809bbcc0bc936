//! What the catalogue costs, against the targets: `cargo bench -p suho-features`.
//!
//! `python benches/peers.py bench` times TA-Lib on the same work, and `turns` with the path of this
//! executable both in turn, each in a process of its own (`once eight`, `once all`). `only NAME..`
//! times single features. Times are of this process's CPU, one thread, the best of several.

use std::error::Error;
use std::hint::black_box;
use std::io::Write as _;

use rustix::time::{ClockId, clock_gettime};
use suho_domain::Timeframe;
use suho_features::{
    Bar, Columns, Feature, Stream, Times, catalogue, compute, compute_timed, parse_list,
};

const EIGHT: [&str; 8] = [
    "close",
    "rsi_14",
    "macd_histogram",
    "bb_percent_b",
    "atr_14",
    "volume_ratio",
    "adx_14",
    "stoch_k",
];
const ROWS: usize = 1_000_000;
const HOUR: i64 = 3_600_000_000;

/// CPU time of this process, in ms.
fn cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// The least CPU time of `tries` runs, in ms.
fn best(
    tries: usize,
    mut run: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let mut least = f64::INFINITY;
    for _ in 0..tries {
        let start = cpu_ms();
        run()?;
        least = least.min(cpu_ms() - start);
    }
    Ok(least)
}

/// A random walk of hours.
fn walk(rows: usize) -> Vec<Bar> {
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    let (mut open, mut time) = (1.1, 0);
    let mut bars = Vec::with_capacity(rows);
    for _ in 0..rows {
        let close = open * (1.0 + 0.002 * (draw() - 0.5));
        let high = f64::max(open, close) * (1.0 + 0.0005 * draw());
        let low = f64::min(open, close) * (1.0 - 0.0005 * draw());
        bars.push(Bar {
            time,
            open,
            high,
            low,
            close,
            volume: (1_000.0 + 9_000.0 * draw()).round(),
        });
        open = close;
        time += HOUR;
    }
    bars
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let bars = walk(ROWS);
    let column = |of: fn(&Bar) -> f64| bars.iter().map(of).collect::<Vec<f64>>();
    let (open, high, low) = (column(|bar| bar.open), column(|bar| bar.high), column(|bar| bar.low));
    let (close, volume) = (column(|bar| bar.close), column(|bar| bar.volume));
    let time: Vec<i64> = bars.iter().map(|bar| bar.time).collect();
    let columns = Columns { open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let hour: Timeframe = "1h".parse()?;
    let times = Times { open: &time, timeframe: hour };
    let names: Vec<String> = catalogue().map(|entry| entry.name).collect();
    let (eight, all) = (parse_list(&EIGHT)?, parse_list(&names)?);

    let batch = |features: &[Feature], tries: usize| {
        best(tries, || {
            black_box(compute_timed(features, black_box(&columns), times)?);
            Ok(())
        })
    };
    match std::env::args().skip(1).collect::<Vec<String>>().as_slice() {
        [how, which, ..] if how == "once" => {
            let features = if which == "all" { &all } else { &eight };
            return Ok(writeln!(out, "{:.2}", batch(features, 1)?)?);
        }
        [how, names @ ..] if how == "only" => {
            let names: Vec<&String> = names.iter().filter(|name| !name.starts_with('-')).collect();
            for name in names {
                writeln!(out, "{name} {:.1}", batch(&parse_list(&[name])?, 15)?)?;
            }
            return Ok(());
        }
        _ => (),
    }
    let of_eight = best(7, || {
        black_box(compute(&eight, black_box(&columns))?);
        Ok(())
    })?;
    writeln!(out, "| {ROWS} bars, one thread | CPU | target |\n|---|---|---|")?;
    writeln!(out, "| the workflow's eight features | {of_eight:.1} ms | 47 ms |")?;
    writeln!(out, "| all {} features | {:.0} ms | 1,500 ms |", all.len(), batch(&all, 3)?)?;

    let mut stream = Stream::new(&all, hour)?;
    let (head, tail) = bars.split_at(10_000);
    for bar in head {
        stream.update(bar)?;
    }
    let tail = tail.get(..50_000).unwrap_or(tail);
    let mut end = stream.clone();
    let streaming = best(3, || {
        let mut run = stream.clone();
        for bar in tail {
            black_box(run.update(bar)?);
        }
        end = run;
        Ok(())
    })?;
    let micros = streaming * 1e3 / tail.len() as f64;
    writeln!(out, "| all {} features, one more bar | {micros:.2} µs | 50 µs |", all.len())?;
    let cloning = best(3, || {
        black_box(end.clone());
        Ok(())
    })?;
    writeln!(out, "| a clone of that stream | {:.1} µs | |", cloning * 1e3)?;

    writeln!(out, "\n| feature | ms a million bars |\n|---|---|")?;
    let mut single = Vec::new();
    for feature in all.chunks(1) {
        single.push((batch(feature, 3)?, feature));
    }
    single.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (ms, feature) in single.iter().take(24) {
        writeln!(out, "| {} | {ms:.1} |", feature.iter().map(Feature::name).collect::<String>())?;
    }
    Ok(())
}
