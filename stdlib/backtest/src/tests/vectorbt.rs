//! Against vectorbt: `tests/golden/backtest.json`, checked by `backtest.py` beside it.
//!
//! It fills at the close of a signal's bar, which here is the next bar's open, and puts all cash less the
//! fee into a position where this crate puts the whole equity and pays the fee beside it. So fills are
//! held one by one, and its final value is what its own sizing makes of our fills.

use super::*;
use serde_json::Value as Json;

const FEE: f64 = 0.0002;
const SLIPPAGE: f64 = 0.0001;
const CASH: f64 = 100_000.0;

/// splitmix64.
fn uniforms(seed: u64) -> impl Iterator<Item = f64> {
    (1_u64..).map(move |at| {
        let mut z = seed.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    })
}

/// A walk whose bars open where the one before closed.
fn walk(count: usize) -> Vec<Bar> {
    let mut drawn = uniforms(61);
    let (mut growth, mut open) = (1.0, 100.0);
    (0_i64..)
        .take(count)
        .map(|hour| {
            let [a, b, c, ..]: [f64; 6] = std::array::from_fn(|_| drawn.next().unwrap());
            growth *= 1.0 + 0.0008 * (((a + b) + c) - 1.5);
            let close = 100.0 * growth;
            let bar = Bar {
                time_us: hour * 3_600_000_000,
                open,
                high: f64::max(open, close),
                low: f64::min(open, close),
                close,
            };
            open = close;
            bar
        })
        .collect()
}

/// The side wanted after each bar.
fn wanted(count: usize, is_both: bool) -> Vec<Option<Side>> {
    let mut side = None;
    let drawn = uniforms(62).take(count);
    drawn
        .map(|drawn| {
            side = match drawn {
                drawn if drawn < 0.02 => L,
                drawn if drawn < 0.04 => {
                    if is_both {
                        S
                    } else {
                        N
                    }
                }
                drawn if drawn < 0.06 => N,
                _ => side,
            };
            side
        })
        .collect()
}

fn golden() -> Json {
    serde_json::from_str(include_str!("../../tests/golden/backtest.json")).unwrap()
}

fn number(case: &Json, name: &str) -> f64 {
    case[name].as_f64().unwrap()
}

/// What all cash less the fee would have become of a trade.
fn grown(cash: f64, trade: &Trade) -> f64 {
    let moved = trade.exit_price / trade.entry_price;
    match trade.side {
        Side::Long => cash * moved * (1.0 - FEE) / (1.0 + FEE),
        Side::Short => cash * (1.0 + (1.0 - FEE - moved * (1.0 + FEE)) / (1.0 + FEE)),
    }
}

#[test]
fn fills_are_those_of_vectorbt_and_come_to_its_final_value() {
    let golden = golden();
    for (way, count) in [("long", 1_000), ("both", 1_000), ("long", 100_000), ("both", 100_000)] {
        let case = &golden[format!("vectorbt/{way}/{count}")];
        let bars = walk(count);
        // Half of the spread is what a fill concedes.
        let spreads: Vec<f64> = bars.iter().map(|bar| 2.0 * SLIPPAGE * bar.open).collect();
        let quiet = vec![QUIET; count];
        let market = Market::new(&bars, &quiet, Some(&spreads)).unwrap();
        let costs = Costs { commission_bps: FEE * 1e4, ..Costs::NONE };
        let rules = Rules { costs, exit: Exit::Signal, stops: Stops::NONE, starting_equity: CASH };
        let signals = wanted(count, way == "both");
        let ours = crate::engine::follow(&market, &signals, &rules).unwrap();
        let closed: Vec<&Trade> = ours.trades.iter().filter(|trade| trade.is_closed()).collect();
        near("trades", closed.len() as f64, number(case, "closed"));
        near("last close", bars[count - 1].close, number(case, "close_last"));
        for (ours, theirs) in closed.iter().zip(case["first_trades"].as_array().unwrap()) {
            // An order on the close of a bar is one on the open of the next.
            near("opened", (ours.entry_bar - 1) as f64, number(theirs, "entry_idx"));
            near("closed", (ours.exit_bar - 1) as f64, number(theirs, "exit_idx"));
            near("entry", ours.entry_price, number(theirs, "entry_price"));
            near("exit", ours.exit_price, number(theirs, "exit_price"));
        }
        let value = closed.iter().fold(CASH, |cash, trade| grown(cash, trade));
        let off = (value / number(case, "final_value") - 1.0).abs();
        assert!(off < 1e-9, "{way} {count}: {value}, off by {off:e}");
        let gained = |trade: &&&Trade| grown(1.0, trade) > 1.0;
        let share = closed.iter().filter(gained).count() as f64 / closed.len() as f64;
        near("share that gained", share, number(case, "win_rate"));
    }
}
