//! How long a backtest of a million bars takes here: `cargo run --release -p suho-backtest --example speed`.
//!
//! Beyond reading the bars, everything that the step does is in it: fills, metrics, and the 203 backtests of
//! the benchmarks, which are most of it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::Instant;
use suho_backtest::{Bar, BarCalendar, Costs, Exit, Market, Rules, Side, Stops, run};
use suho_stats::PeriodsPerYear;

const BARS: usize = 1_000_000;
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let bars: Vec<Bar> = walk().collect();
    let calendar = vec![BarCalendar::default(); BARS];
    let signals: Vec<Option<Side>> = bars.iter().map(|bar| side(bar.time_us)).collect();
    let horizon = NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN);
    let exit = Exit::Horizon(horizon);
    let rules =
        Rules { costs: Costs::EURUSD, exit, stops: Stops::NONE, starting_equity: 100_000.0 };
    for _ in 0..RUNS {
        let start = Instant::now();
        let market = Market::new(&bars, &calendar, None)?;
        let report = run(&market, &signals, &rules, PeriodsPerYear::FX_HOURLY, 1)?;
        let took = start.elapsed().as_secs_f64() * 1e3;
        println!("{BARS} bars, {} trades, all benchmarks: {took:.0} ms", report.trades.len());
    }
    Ok(())
}

fn side(time: i64) -> Option<Side> {
    match mixed(time.cast_unsigned()) % 3 {
        0 => Some(Side::Long),
        1 => Some(Side::Short),
        _ => None,
    }
}

fn walk() -> impl Iterator<Item = Bar> {
    let mut open = 1.1;
    (0_i64..).take(BARS).map(move |hour| {
        let step = (mixed(hour.cast_unsigned()) >> 40) as f64 / 16_777_216.0 - 0.5;
        let close = open * (1.0 + 1e-3 * step);
        let (high, low) = (f64::max(open, close), f64::min(open, close));
        let bar = Bar { time_us: hour * 3_600_000_000, open, high, low, close };
        open = close;
        bar
    })
}

/// A well-mixed number of `seed`: splitmix64's finisher, by Vigna.
fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
