//! The loop over the bars: fills at opens, marks at closes.

use crate::bar::belongs;
use crate::{BacktestError, Bar, BarCalendar, Costs, Ending, Market, Side, Trade};
use std::num::NonZeroUsize;

/// When a position ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// At the open this many bars after its fill, which is when the label it was opened for is
    /// known. Signals in between are not acted on; a signal for the same side on the last bar
    /// before renews the position for another horizon at no cost.
    Horizon(NonZeroUsize),
    /// As soon as the signal is not for its side any more.
    Signal,
}

/// Prices at which a position ends inside a bar, as shares of the price it was filled at.
///
/// A bar does not tell which of its prices came first, so the worst is taken: where it reaches both,
/// the loss was first. What a bar opens beyond is filled at its open; all else at the price itself, and
/// in both cases as much worse as any other fill. Mid prices decide, so that a stop nearer than the
/// spread ends a position on its first bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stops {
    /// The fall, for a short position the rise, that ends it; above 0 and below 1. None never does.
    pub loss: Option<f64>,
    /// The rise, for a short position the fall, that ends it; above 0, below 1. None never does.
    pub profit: Option<f64>,
}

impl Stops {
    /// None of either.
    pub const NONE: Self = Self { loss: None, profit: None };

    fn check(self) -> Result<(), BacktestError> {
        let stops = [("stop loss", self.loss), ("take profit", self.profit)];
        let is_off = |value: f64| !(value > 0.0 && value < 1.0);
        match stops
            .into_iter()
            .find_map(|(what, value)| Some((what, value.filter(|it| is_off(*it))?)))
        {
            Some((what, value)) => Err(BacktestError::OutOfRange { what, value }),
            None => Ok(()),
        }
    }
}

/// The rules of a backtest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// What trading costs.
    pub costs: Costs,
    /// When positions end.
    pub exit: Exit,
    /// Where they end before that.
    pub stops: Stops,
    /// Equity at the start, in the quote currency; positive. Every position's notional is the
    /// whole equity at its opening: no leverage.
    pub starting_equity: f64,
}

impl Rules {
    pub(crate) fn check(&self) -> Result<(), BacktestError> {
        self.costs.check()?;
        self.stops.check()?;
        let value = self.starting_equity;
        if value > 0.0 && value.is_finite() {
            Ok(())
        } else {
            Err(BacktestError::OutOfRange { what: "starting equity", value })
        }
    }
}

/// What came of following signals through a market.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    /// Equity at the close of every bar.
    pub(crate) equity: Vec<f64>,
    /// Position at the close of every bar.
    pub(crate) positions: Vec<Option<Side>>,
    /// Trades in the order of their opening.
    pub(crate) trades: Vec<Trade>,
}

/// Follows `signals` `[bars]` through `market`. The last bar's signal has no bar to be filled on.
pub(crate) fn follow(
    market: &Market<'_>,
    signals: &[Option<Side>],
    rules: &Rules,
) -> Result<Path, BacktestError> {
    let bars = market.bars().len();
    belongs("signals", signals.len(), bars)?;
    rules.check()?;
    let mut account = Account::new(rules);
    let mut path = Path {
        equity: Vec::with_capacity(bars),
        positions: Vec::with_capacity(bars),
        trades: Vec::new(),
    };
    // The first bar follows no signal; every other one that of the bar before it.
    let decided = std::iter::once(&None).chain(signals);
    for ((index, (bar, calendar, spread)), signal) in market.iter().enumerate().zip(decided) {
        let quote =
            Quote { index, mid: bar.open, concession: rules.costs.concession(calendar, spread) };
        account.roll_over(calendar);
        path.trades.extend(account.close_if_due(*signal, quote));
        account.open_if_wanted(*signal, quote);
        path.trades.extend(account.stop_if_reached(bar, quote));
        let equity = account.equity(bar.close);
        if equity <= 0.0 {
            path.trades.extend(account.ruin(index, bar.close));
        }
        path.equity.push(equity);
        path.positions.push(account.position.map(|position| position.side));
    }
    if let Some(bar) = market.bars().last() {
        path.trades.extend(account.settle(bars - 1, bar.close, Ending::StillOpen));
    }
    Ok(path)
}

/// Prices at which orders are filled on one bar.
#[derive(Clone, Copy)]
struct Quote {
    index: usize,
    mid: f64,
    /// How much worse than mid a fill is.
    concession: f64,
}

/// A position in progress.
#[derive(Clone, Copy)]
struct Position {
    side: Side,
    units: f64,
    entry_bar: usize,
    entry_price: f64,
    /// Bar from which the horizon counts: the entry, or the last renewal.
    since: usize,
    /// Commissions and swaps so far, which no price contains.
    charges: f64,
    /// Concessions so far, which the prices contain.
    conceded: f64,
}

impl Position {
    /// What it has made after charges when it is worth `price`.
    fn profit(&self, price: f64) -> f64 {
        self.units * self.side.sign() * (price - self.entry_price) - self.charges
    }
}

struct Account<'a> {
    rules: &'a Rules,
    /// Equity without the open position's profit.
    settled: f64,
    position: Option<Position>,
    is_ruined: bool,
}

impl<'a> Account<'a> {
    const fn new(rules: &'a Rules) -> Self {
        Self { rules, settled: rules.starting_equity, position: None, is_ruined: false }
    }

    fn equity(&self, price: f64) -> f64 {
        self.settled + self.position.map_or(0.0, |position| position.profit(price))
    }

    /// Charges the position carried into a bar for the rollovers before it.
    fn roll_over(&mut self, calendar: BarCalendar) {
        if let Some(position) = &mut self.position {
            let per_unit = self.rules.costs.swap(position.side) * f64::from(calendar.rollovers);
            position.charges += position.units * per_unit;
        }
    }

    /// Closes the position at an open when its time is up and `signal` is not for its side.
    fn close_if_due(&mut self, signal: Option<Side>, quote: Quote) -> Option<Trade> {
        let position = self.position.as_mut()?;
        let ending = match self.rules.exit {
            Exit::Horizon(bars) if quote.index - position.since < bars.get() => return None,
            Exit::Horizon(_) => Ending::Horizon,
            Exit::Signal => Ending::Signal,
        };
        if signal == Some(position.side) {
            position.since = quote.index;
            return None;
        }
        self.fill(quote, ending)
    }

    /// Closes the position where the bar reaches one of its stops.
    fn stop_if_reached(&mut self, bar: &Bar, quote: Quote) -> Option<Trade> {
        let position = self.position.as_ref()?;
        let Stops { loss, profit } = self.rules.stops;
        let sign = position.side.sign();
        let at = |share: f64| position.entry_price * (1.0 + sign * share);
        // The prices of the bar that are worst and best for the position.
        let (worst, best) = match position.side {
            Side::Long => (bar.low, bar.high),
            Side::Short => (bar.high, bar.low),
        };
        let gain = |price: f64, level: f64| sign * (price - level);
        let lost = loss.map(|share| at(-share)).filter(|level| gain(worst, *level) <= 0.0);
        let won = profit.map(at).filter(|level| gain(best, *level) >= 0.0);
        let (level, ending) = match (lost, won) {
            (Some(level), _) => (level, Ending::StopLoss),
            (None, Some(level)) => (level, Ending::TakeProfit),
            (None, None) => return None,
        };
        // Beyond the level already where the bar begins: no price between the two was there to be had.
        let is_gap = match ending {
            Ending::StopLoss => gain(bar.open, level) < 0.0,
            _ => gain(bar.open, level) > 0.0,
        };
        let mid = if is_gap { bar.open } else { level };
        self.fill(Quote { mid, ..quote }, ending)
    }

    /// Closes the position at a quote.
    fn fill(&mut self, quote: Quote, ending: Ending) -> Option<Trade> {
        let position = self.position.as_mut()?;
        let price = quote.mid - position.side.sign() * quote.concession;
        position.conceded += position.units * quote.concession;
        position.charges += self.rules.costs.commission(position.units * price);
        self.settle(quote.index, price, ending)
    }

    /// Opens a position of the whole equity at an open when there is none and `signal` wants one.
    fn open_if_wanted(&mut self, signal: Option<Side>, quote: Quote) {
        if self.position.is_some() || self.is_ruined || self.settled <= 0.0 {
            return;
        }
        self.position = signal.map(|side| {
            let entry_price = quote.mid + side.sign() * quote.concession;
            let units = self.settled / entry_price;
            Position {
                side,
                units,
                entry_bar: quote.index,
                entry_price,
                since: quote.index,
                charges: self.rules.costs.commission(units * entry_price),
                conceded: units * quote.concession,
            }
        });
    }

    /// Ends all trading: closes what is open at `price`.
    fn ruin(&mut self, bar: usize, price: f64) -> Option<Trade> {
        self.is_ruined = true;
        self.settle(bar, price, Ending::Ruin)
    }

    /// Ends the position at `price` and books its profit.
    fn settle(&mut self, exit_bar: usize, exit_price: f64, ending: Ending) -> Option<Trade> {
        let position = self.position.take()?;
        let profit = position.profit(exit_price);
        self.settled += profit;
        Some(Trade {
            side: position.side,
            units: position.units,
            entry_bar: position.entry_bar,
            entry_price: position.entry_price,
            exit_bar,
            exit_price,
            profit,
            costs: position.charges + position.conceded,
            ending,
        })
    }
}
