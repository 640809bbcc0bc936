//! How long a backtest of a million bars takes here: `cargo run --release -p suho-backtest --example speed [EVERY…]`.
//!
//! Beyond reading the bars, everything that the step does is in it: fills, metrics, and the benchmarks, among
//! them the same positions at two hundred random times. These go by trades: the more there are, the longer
//! it takes; without any, what is left is the loop over the bars and the statistics. EVERY: a signal for
//! about one in so many bars, none for 0.
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
    let horizon = NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN);
    let exit = Exit::Horizon(horizon);
    let (costs, stops) = (Costs::EURUSD, Stops::NONE);
    let rules = Rules { costs, exit, stops, starting_equity: 100_000.0 };
    let market = Market::new(&bars, &calendar, None)?;
    let asked =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<Vec<u64>, _>>()?;
    let cases = if asked.is_empty() { vec![0, 1_000, 100, 1] } else { asked };
    for every in cases {
        let signals: Vec<Option<Side>> = bars.iter().map(|bar| side(bar.time_us, every)).collect();
        let mut took = Vec::new();
        let mut trades = 0;
        for _ in 0..RUNS {
            let start = (Instant::now(), cpu_ms());
            let report = run(&market, &signals, &rules, PeriodsPerYear::FX_HOURLY, 1)?;
            took.push((cpu_ms() - start.1, start.0.elapsed().as_secs_f64() * 1e3));
            trades = report.trades.len();
        }
        took.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (cpu, wall) = took.get(RUNS / 2).copied().unwrap_or_default();
        println!("{BARS} bars, {trades} trades: {cpu:.0} ms of CPU, {wall:.0} ms");
    }
    Ok(())
}

/// A signal for about one in `every` bars; none where that is 0.
fn side(time: i64, every: u64) -> Option<Side> {
    let drawn = mixed(time.cast_unsigned());
    match (every, drawn % 3) {
        (0, _) | (_, 2) => None,
        _ if !(drawn / 3).is_multiple_of(every) => None,
        (_, 0) => Some(Side::Long),
        _ => Some(Side::Short),
    }
}

/// CPU time of this process in ms; not a number where Linux does not tell.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let on_cpu = stat.split(' ').next().and_then(|text| text.parse::<f64>().ok());
    on_cpu.map_or(f64::NAN, |nanoseconds| nanoseconds / 1e6)
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
