//! A backtest as one page for a browser: figures, equity and its falls, months, trades. Nothing is loaded
//! from elsewhere, nothing is carried out; without style it still reads.

mod chart;
#[cfg(test)]
mod tests;

use crate::{Ending, Market, Report, Side};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use suho_domain::Instant;
use suho_stats::Measured;

/// Trades listed at most: the last ones. All of them are in the report itself.
const TRADES_MAX: usize = 500;
/// Light or dark as the reader's system is.
const STYLE: &str = include_str!("page/style.css");

/// What stands at the top of a page.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// What was traded by what: `eurusd_direction v1.0.0 on EUR/USD 1h`.
    pub title: &'a str,
    /// The unit of money, `USD`.
    pub currency: &'a str,
    /// The name of the costs that were assumed.
    pub costs: &'a str,
}

/// A whole page for a browser of its `title` and `body`, both markup already: style inside, nothing
/// loaded, nothing carried out.
pub fn sheet(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title} – suho</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {body}</main>\n</body>\n</html>\n"
    )
}

impl Report {
    /// The page of a backtest in `market`. Equal reports give equal pages.
    ///
    /// Times are in UTC. A figure that is undefined says why.
    pub fn page(&self, heading: Heading<'_>, market: &Market<'_>) -> String {
        let Heading { title, currency, costs } = heading;
        let times: Vec<i64> = market.bars().iter().map(|bar| bar.time_us).collect();
        let (from, to) = (day(times.first()), day(times.last()));
        let title = escaped(title);
        let bars = times.len();
        let intro = format!(
            "{bars} bars from {from} to {to}; costs “{}”, all of them included below. Money is in {}.",
            escaped(costs),
            escaped(currency)
        );
        let falls = falls(&self.equity);
        let mut body = format!("<h1>{title}</h1>\n<p>{intro}</p>\n");
        body.push_str(&self.figures());
        body.push_str("<h2>Equity</h2>\n");
        body.push_str(&chart::line(
            "Equity at the close of every bar",
            &self.equity,
            (&from, &to),
            amount,
        ));
        body.push_str("<h2>Falls from the highest equity before</h2>\n");
        body.push_str(&chart::line("Fall from the peak", &falls, (&from, &to), percent));
        body.push_str(&self.months(&times));
        body.push_str(&self.listed(&times));
        sheet(&title, &body)
    }

    fn figures(&self) -> String {
        let metrics = &self.metrics;
        let paid: f64 = self.trades.iter().map(|trade| trade.costs).sum();
        let closed = metrics.closed_trades.to_string();
        let rows = [
            ("Return over the window", shown(metrics.total_return, percent)),
            ("Growth a year", shown(metrics.cagr, percent)),
            ("Sharpe ratio, a year", shown(metrics.sharpe, plain)),
            ("its standard error", shown(metrics.sharpe_error, plain)),
            ("Sortino ratio, a year", shown(metrics.sortino, plain)),
            ("Deepest fall", shown(metrics.max_drawdown, percent)),
            ("Trades closed", closed),
            ("of them gained", shown(metrics.win_rate, percent)),
            ("Gains over losses", shown(metrics.profit_factor, plain)),
            ("Mean holding, bars", shown(metrics.average_holding, plain)),
            ("Costs paid", amount(paid)),
            ("as a share of profit before them", shown(metrics.cost_share, percent)),
            ("Bars with a position", shown(metrics.exposure, percent)),
            (
                "Buying and holding returns",
                shown(self.benchmarks.buy_and_hold.total_return, percent),
            ),
            (
                "The same trades at random times return",
                shown(self.benchmarks.random.mean_return, percent),
            ),
            ("and do as well, by chance (p)", shown(self.benchmarks.random.p, plain)),
        ];
        let mut text = "<h2>Figures</h2>\n<table>\n".to_owned();
        for (name, figure) in rows {
            let _infallible =
                writeln!(text, "<tr><th scope=\"row\">{name}</th><td>{figure}</td></tr>");
        }
        text + "</table>\n"
    }

    /// The return of each month: from the last equity before it to its own last.
    fn months(&self, times: &[i64]) -> String {
        let mut ends: BTreeMap<String, f64> = BTreeMap::new();
        for (time, equity) in times.iter().zip(&self.equity) {
            let month = Instant::from_micros(*time).to_string().chars().take(7).collect();
            ends.insert(month, *equity);
        }
        let mut before = self.equity.first().copied().unwrap_or(1.0);
        let mut text = "<h2>Months</h2>\n<table>\n".to_owned();
        for (month, end) in ends {
            let change = percent(end / before - 1.0);
            let _infallible =
                writeln!(text, "<tr><th scope=\"row\">{month}</th><td>{change}</td></tr>");
            before = end;
        }
        text + "</table>\n"
    }

    fn listed(&self, times: &[i64]) -> String {
        let first = self.trades.len().saturating_sub(TRADES_MAX);
        let mut text = "<h2>Trades</h2>\n".to_owned();
        if first > 0 {
            let all = self.trades.len();
            let _infallible = writeln!(text, "<p>The last {TRADES_MAX} of {all}.</p>");
        }
        text.push_str(
            "<table>\n<tr><th>opened</th><th>side</th><th>at</th><th>closed</th><th>at</th>\
             <th>costs</th><th>profit</th><th>ended by</th></tr>\n",
        );
        for trade in self.trades.iter().skip(first) {
            let side = match trade.side {
                Side::Long => "long",
                Side::Short => "short",
            };
            let ending = match trade.ending {
                Ending::Horizon => "the horizon",
                Ending::Signal => "the signal",
                Ending::StopLoss => "its stop",
                Ending::TakeProfit => "its target",
                Ending::Ruin => "ruin",
                Ending::StillOpen => "still open",
            };
            let _infallible = writeln!(
                text,
                "<tr><td>{}</td><td>{side}</td><td>{:.5}</td><td>{}</td><td>{:.5}</td><td>{}</td>\
                 <td>{}</td><td>{ending}</td></tr>",
                minute(times.get(trade.entry_bar)),
                trade.entry_price,
                minute(times.get(trade.exit_bar)),
                trade.exit_price,
                amount(trade.costs),
                amount(trade.profit),
            );
        }
        text + "</table>\n"
    }
}

/// How far each value is below the largest up to it, 0 or less.
fn falls(equity: &[f64]) -> Vec<f64> {
    let peaks = equity.iter().scan(f64::NEG_INFINITY, |peak, value| {
        *peak = peak.max(*value);
        Some(*peak)
    });
    equity.iter().zip(peaks).map(|(value, peak)| value / peak - 1.0).collect()
}

fn shown(figure: Measured<f64>, written: fn(f64) -> String) -> String {
    match figure {
        Measured::Defined(number) => written(number),
        Measured::Undefined(reason) => {
            format!("<em>undefined: {}</em>", escaped(&reason.to_string()))
        }
    }
}

fn plain(number: f64) -> String {
    format!("{number:.2}")
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn amount(money: f64) -> String {
    format!("{money:.2}")
}

fn day(time: Option<&i64>) -> String {
    minute(time).chars().take(10).collect()
}

/// `2018-01-02 15:00`, in UTC.
fn minute(time: Option<&i64>) -> String {
    let text = time.map(|time| Instant::from_micros(*time).to_string()).unwrap_or_default();
    text.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

/// `text` as no markup.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
