//! A backtest's report: the curve, the trades, and what they amount to.

use crate::benchmark::{Benchmarks, benchmarks};
use crate::engine::{Path, Rules, follow};
use crate::{BacktestError, Ending, Market, Side, Trade};
use suho_stats::{
    Measured, PeriodsPerYear, Reason, Returns, daily_sharpe, profit_factor, win_rate,
};

/// What following signals came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Equity at the close of every bar, in the quote currency; the first is the starting equity.
    pub equity: Vec<f64>,
    /// Position at the close of every bar.
    pub positions: Vec<Option<Side>>,
    /// Trades in the order of their opening; only the last may be open.
    pub trades: Vec<Trade>,
    /// What the curve and the trades amount to.
    pub metrics: Metrics,
    /// What would have been earned without the signals.
    pub benchmarks: Benchmarks,
}

/// Metrics of a backtest. Returns and shares are fractions, money is in the quote currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// Final equity over starting equity, less one.
    pub total_return: Measured<f64>,
    /// Compound annual growth rate.
    pub cagr: Measured<f64>,
    /// Annual Sharpe ratio of the bars' returns, flat bars included.
    pub sharpe: Measured<f64>,
    /// Its standard error.
    pub sharpe_error: Measured<f64>,
    /// Annual Sharpe ratio of the trading days' returns, √252.
    pub sharpe_daily: Measured<f64>,
    /// Probability that the true Sharpe ratio is above zero.
    pub probabilistic_sharpe: Measured<f64>,
    /// Annual Sortino ratio.
    pub sortino: Measured<f64>,
    /// Largest fall from a peak, in `0..=1`; 1 after ruin.
    pub max_drawdown: Measured<f64>,
    /// Annual growth over largest drawdown.
    pub calmar: Measured<f64>,
    /// Trades that were closed.
    pub closed_trades: usize,
    /// Share of them that made money.
    pub win_rate: Measured<f64>,
    /// What their winners made over what their losers lost.
    pub profit_factor: Measured<f64>,
    /// Their mean profit, in money.
    pub average_trade: Measured<f64>,
    /// Their mean holding time, in bars.
    pub average_holding: Measured<f64>,
    /// Costs of all trades over what they made before costs.
    pub cost_share: Measured<f64>,
    /// Notional traded in a year, over mean equity.
    pub turnover: Measured<f64>,
    /// Share of bars that closed with a position.
    pub exposure: Measured<f64>,
}

/// Follows `signals` `[bars]` through `market` by `rules`.
///
/// A signal of bar `i` is filled at the open of bar `i + 1`; that of the last bar is not. `periods`
/// annualises: bars in a year of this market. `seed` moves the random benchmark only.
///
/// # Errors
/// When there are not as many signals as bars, or a rule is out of range.
///
/// Source: workflow §6.3.
pub fn run(
    market: &Market<'_>,
    signals: &[Option<Side>],
    rules: &Rules,
    periods: PeriodsPerYear,
    seed: u64,
) -> Result<Report, BacktestError> {
    let path = follow(market, signals, rules)?;
    let metrics = measure(market, &path, periods).map_err(BacktestError::Equity)?;
    let benchmarks = benchmarks(market, rules, &path, periods, seed)?;
    let Path { equity, positions, trades } = path;
    Ok(Report { equity, positions, trades, metrics, benchmarks })
}

impl Report {
    /// Returns of the curve, for metrics beyond those here (a deflated Sharpe ratio, say).
    ///
    /// # Errors
    /// Never for a report that [`run`] made.
    pub fn returns(&self) -> Result<Returns, BacktestError> {
        Returns::of_equity(&self.equity).map_err(BacktestError::Equity)
    }

    /// The curve and the trades as bytes, for a digest: equal for equal reports on any machine.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let count = |count: usize, bytes: &mut Vec<u8>| bytes.extend((count as u64).to_le_bytes());
        count(self.equity.len(), &mut bytes);
        bytes.extend(self.equity.iter().flat_map(|value| value.to_bits().to_le_bytes()));
        count(self.trades.len(), &mut bytes);
        for trade in &self.trades {
            bytes.push(match trade.side {
                Side::Long => 1,
                Side::Short => 2,
            });
            bytes.push(match trade.ending {
                Ending::Horizon => 1,
                Ending::Signal => 2,
                Ending::Ruin => 3,
                Ending::StillOpen => 4,
                Ending::StopLoss => 5,
                Ending::TakeProfit => 6,
            });
            count(trade.entry_bar, &mut bytes);
            count(trade.exit_bar, &mut bytes);
            let amounts =
                [trade.units, trade.entry_price, trade.exit_price, trade.profit, trade.costs];
            bytes.extend(amounts.into_iter().flat_map(|value| value.to_bits().to_le_bytes()));
        }
        bytes
    }
}

fn measure(
    market: &Market<'_>,
    path: &Path,
    periods: PeriodsPerYear,
) -> Result<Metrics, suho_stats::StatsError> {
    let returns = Returns::of_equity(&path.equity)?;
    let closed: Vec<&Trade> = path.trades.iter().filter(|trade| trade.is_closed()).collect();
    let profits: Vec<f64> = closed.iter().map(|trade| trade.profit).collect();
    let of_closed = |total: f64| Measured::ratio(total, closed.len() as f64, Reason::NoTrades);
    let held = |trade: &&Trade| (trade.exit_bar - trade.entry_bar) as f64;
    let moments = returns.sharpe_moments();
    let exposed = path.positions.iter().filter(|position| position.is_some()).count();
    Ok(Metrics {
        total_return: returns.total(),
        cagr: returns.cagr(periods),
        sharpe: moments.map(|moments| moments.annual(periods)),
        sharpe_error: moments.and_then(|moments| moments.annual_error(periods)),
        sharpe_daily: daily_sharpe(&path.equity, &market.day_ends())?,
        probabilistic_sharpe: moments.and_then(|moments| moments.probabilistic(0.0)),
        sortino: returns.sortino(periods),
        max_drawdown: returns.max_drawdown(),
        calmar: returns.calmar(periods),
        closed_trades: closed.len(),
        win_rate: win_rate(&profits),
        profit_factor: profit_factor(&profits),
        average_trade: of_closed(profits.iter().sum()),
        average_holding: of_closed(closed.iter().map(held).sum()),
        cost_share: cost_share(&path.trades),
        turnover: turnover(path, periods),
        exposure: Measured::ratio(
            exposed as f64,
            path.positions.len() as f64,
            Reason::NoObservations,
        ),
    })
}

/// Costs over profit before costs; undefined when there was no such profit to share.
fn cost_share(trades: &[Trade]) -> Measured<f64> {
    let costs = trades.iter().map(|trade| trade.costs).sum::<f64>();
    let gross = costs + trades.iter().map(|trade| trade.profit).sum::<f64>();
    match (trades, gross > 0.0) {
        ([], _) => Measured::Undefined(Reason::NoTrades),
        (_, false) => Measured::Undefined(Reason::NoProfit),
        (_, true) => Measured::ratio(costs, gross, Reason::NoProfit),
    }
}

/// Notional of all fills over mean equity, a year.
fn turnover(path: &Path, periods: PeriodsPerYear) -> Measured<f64> {
    let (bars, elapsed) = (path.equity.len() as f64, path.equity.len() as f64 - 1.0);
    let mean_equity = path.equity.iter().sum::<f64>() / bars;
    if elapsed <= 0.0 || mean_equity <= 0.0 {
        return Measured::Undefined(Reason::NoObservations);
    }
    let traded = |trade: &Trade| {
        let exit = if trade.is_closed() { trade.exit_price } else { 0.0 };
        trade.units * (trade.entry_price + exit)
    };
    let notional = path.trades.iter().map(traded).sum::<f64>();
    Measured::finite(notional / mean_equity * periods.get() / elapsed)
}
