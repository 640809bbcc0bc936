//! A backtest's numbers, beside its page.

use serde_json::json;
use suho_backtest::{Ending, Heading, Market, Report, Side};

/// The version of the numbers' form.
const SCHEMA: u32 = 1;

/// Equity at the close of every bar, and every trade; times in µs since 1970 UTC.
pub(super) fn numbers(report: &Report, heading: Heading<'_>, market: &Market<'_>) -> Vec<u8> {
    let opened = |bar: usize| market.bars().get(bar).map(|bar| bar.time_us);
    let trades = report.trades.iter().map(|trade| {
        json!({
            "side": match trade.side { Side::Long => "long", Side::Short => "short" },
            "units": trade.units,
            "opened": opened(trade.entry_bar),
            "entry_price": trade.entry_price,
            "closed": opened(trade.exit_bar),
            "exit_price": trade.exit_price,
            "profit": trade.profit,
            "costs": trade.costs,
            "ending": match trade.ending {
                Ending::Horizon => "horizon",
                Ending::Signal => "signal",
                Ending::StopLoss => "stop_loss",
                Ending::TakeProfit => "take_profit",
                Ending::Ruin => "ruin",
                Ending::StillOpen => "still_open",
            },
        })
    });
    let numbers = json!({
        "schema": SCHEMA,
        "title": heading.title,
        "currency": heading.currency,
        "costs": heading.costs,
        "times": market.bars().iter().map(|bar| bar.time_us).collect::<Vec<_>>(),
        "equity": report.equity,
        "trades": trades.collect::<Vec<_>>(),
    });
    numbers.to_string().into_bytes()
}
