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
    let mut decided = None;
    for ((index, (bar, calendar, spread)), signal) in market.iter().enumerate().zip(signals) {
        // Where nothing is held and nothing wanted nothing can happen.
        if decided.is_none() && account.position.is_none() {
            path.equity.push(account.settled);
            path.positions.push(None);
            decided = *signal;
            continue;
        }
        let quote =
            Quote { index, mid: bar.open, concession: rules.costs.concession(calendar, spread) };
        account.roll_over(calendar);
        path.trades.extend(account.close_if_due(decided, quote));
        account.open_if_wanted(decided, quote);
        path.trades.extend(account.stop_if_reached(bar, quote));
        let equity = account.equity(bar.close);
        if equity <= 0.0 {
            path.trades.extend(account.ruin(index, bar.close));
        }
        path.equity.push(equity);
        path.positions.push(account.position.map(|position| position.side));
        decided = *signal;
    }
    if let Some(bar) = market.bars().last() {
        path.trades.extend(account.settle(bars - 1, bar.close, Ending::StillOpen));
    }
    Ok(path)
}

/// A market in which given positions are played again and again, for where equity ends.
///
/// Only bars on which something happens are looked at: those on which a position changes, and those
/// before which it is charged. What happens there is what [`follow`] does, to the last bit.
pub(crate) struct Replay<'a> {
    market: &'a Market<'a>,
    rules: &'a Rules,
    /// Bars before which a position is charged; none where that is free.
    charged: Vec<usize>,
    /// Whether equity cannot be used up inside a run, so that its closes need no look.
    is_safe: bool,
}

/// No price of a safe market is more than so many times any other: a short position loses no more than
/// 1.5 / 0.95 − 1 of the equity.
const SAFE_RISE_MAX: f64 = 1.5;
/// Costs of a position of a safe market, all charges of all bars among them, are at most this share of
/// its lowest price: with the loss they stay below two thirds of the equity.
const SAFE_COSTS_MAX: f64 = 0.05;

impl<'a> Replay<'a> {
    /// `rules` by which positions end with their signal alone.
    pub(crate) fn of(market: &'a Market<'a>, rules: &'a Rules) -> Result<Self, BacktestError> {
        rules.check()?;
        let Costs { spread, slippage, commission_bps, swap_long, swap_short } = rules.costs;
        let swap = swap_long.abs().max(swap_short.abs());
        let (mut low, mut high, mut widest) = (f64::INFINITY, 0.0_f64, spread);
        let (mut rollovers, mut charged) = (0.0, Vec::new());
        for (index, (bar, calendar, spread)) in market.iter().enumerate() {
            low = low.min(bar.open).min(bar.close);
            high = high.max(bar.open).max(bar.close);
            widest = widest.max(spread.unwrap_or(0.0));
            rollovers += f64::from(calendar.rollovers);
            if swap > 0.0 && calendar.rollovers > 0 {
                charged.push(index);
            }
        }
        // A fill concedes the spread at most, doubled and halved, and the slippage.
        let fill = widest + slippage + high * commission_bps * 1e-4;
        let costs = 2.0 * fill + swap * rollovers;
        let is_safe = high <= SAFE_RISE_MAX * low && costs <= SAFE_COSTS_MAX * low;
        Ok(Self { market, rules, charged, is_safe })
    }

    /// The equity at the last close of holding `runs` from the second bar on.
    pub(crate) fn end(&self, runs: &[(Option<Side>, usize)]) -> Result<f64, BacktestError> {
        if !self.is_safe {
            let positions = runs.iter().flat_map(|(side, bars)| std::iter::repeat_n(*side, *bars));
            // The last bar's signal, which is never filled.
            let signals: Vec<_> = positions.chain([None]).collect();
            let path = follow(self.market, &signals, self.rules)?;
            return Ok(path.equity.last().copied().unwrap_or(self.rules.starting_equity));
        }
        let mut account = Account::new(self.rules);
        let mut charged = self.charged.iter().copied().peekable();
        let mut index = 1;
        for (side, bars) in runs {
            if let Some((bar, calendar, spread)) = self.market.at(index).filter(|_| *bars > 0) {
                self.charge(&mut account, &mut charged, index);
                let concession = self.rules.costs.concession(calendar, spread);
                let quote = Quote { index, mid: bar.open, concession };
                account.close_if_due(*side, quote);
                account.open_if_wanted(*side, quote);
            }
            index += bars;
        }
        let last = self.market.bars().len().saturating_sub(1);
        self.charge(&mut account, &mut charged, last);
        Ok(account.equity(self.market.bars().last().map_or(0.0, |bar| bar.close)))
    }

    /// Charges what is held for the rollovers up to bar `until`.
    fn charge(
        &self,
        account: &mut Account<'_>,
        charged: &mut std::iter::Peekable<impl Iterator<Item = usize>>,
        until: usize,
    ) {
        while let Some(bar) = charged.next_if(|bar| *bar <= until) {
            if let Some((_, calendar, _)) = self.market.at(bar) {
                account.roll_over(calendar);
            }
        }
    }
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
