//! Metrics of a strategy's returns, equity and trades.

mod drawdown;
mod overfitting;
mod sharpe;

pub use overfitting::{Overfitting, ValidationBlocks, backtest_overfitting};
pub use sharpe::{SharpeMoments, Trials, daily_sharpe, expected_best_sharpe};

use crate::{Measured, Reason, StatsError};

/// Periods (bars) in a year of the instrument's own calendar, for annualising.
///
/// Invariant: positive and finite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct PeriodsPerYear(f64);

impl PeriodsPerYear {
    /// Trading days, the convention of daily Sharpe ratios.
    pub const DAILY: Self = Self(252.0);
    /// Hours of the currency market: 24 × 5 × 52.
    pub const FX_HOURLY: Self = Self(6_240.0);

    /// `periods` a year.
    ///
    /// # Errors
    /// When it is not a positive, finite number.
    pub fn new(periods: f64) -> Result<Self, StatsError> {
        if periods > 0.0 && periods.is_finite() {
            Ok(Self(periods))
        } else {
            Err(StatsError::PeriodsPerYear(periods))
        }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Simple returns of consecutive periods, flat ones included, as fractions (0.01 is 1 %).
///
/// Invariant: finite; nothing follows a return of -1 or less, because nothing is left to earn on.
#[derive(Clone, Debug, PartialEq)]
pub struct Returns(Vec<f64>);

impl Returns {
    /// `returns` in order of time, up to ruin.
    ///
    /// # Errors
    /// When one is not finite.
    pub fn new(mut returns: Vec<f64>) -> Result<Self, StatsError> {
        all_finite(&returns)?;
        if let Some(ruin) = returns.iter().position(|value| *value <= -1.0) {
            returns.truncate(ruin + 1);
        }
        Ok(Self(returns))
    }

    /// Returns of the `equity` `E_0, …, E_T` at the end of every bar, in money: `E_t / E_{t-1} - 1`.
    ///
    /// # Errors
    /// When a value is not finite or the first one not above zero.
    pub fn of_equity(equity: &[f64]) -> Result<Self, StatsError> {
        all_finite(equity)?;
        match equity.first() {
            Some(start) if *start <= 0.0 => Err(StatsError::StartingEquity(*start)),
            _ => {
                let change = |pair: &[f64]| match pair {
                    [before, after] if *before > 0.0 => Some(after / before - 1.0),
                    _ => None,
                };
                // The first gap is the one after ruin, and there the curve ends.
                Self::new(equity.windows(2).map_while(change).collect())
            }
        }
    }

    /// The returns, in order of time.
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// Total return as a fraction; never below -1.
    pub fn total(&self) -> Measured<f64> {
        Measured::finite(self.growth() - 1.0)
    }

    /// Compound annual growth rate as a fraction; -1 after ruin. Undefined without returns.
    pub fn cagr(&self, periods: PeriodsPerYear) -> Measured<f64> {
        if self.0.is_empty() {
            return Measured::Undefined(Reason::NoObservations);
        }
        Measured::finite(self.growth().powf(periods.get() / self.0.len() as f64) - 1.0)
    }

    /// Annualised volatility as a fraction: standard deviation (n - 1) times `√periods`, which
    /// assumes independent returns. Undefined below two.
    pub fn volatility(&self, periods: PeriodsPerYear) -> Measured<f64> {
        let found = self.0.len();
        if found < 2 {
            return Measured::Undefined(Reason::TooFew { needed: 2, found });
        }
        let mean = self.0.iter().sum::<f64>() / found as f64;
        let squares = self.0.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        Measured::finite((squares / (found as f64 - 1.0) * periods.get()).sqrt())
    }

    /// Annualised Sortino ratio: mean over the root mean square of the negative returns (all
    /// periods in the divisor), without a risk-free rate.
    ///
    /// Undefined without returns and when none is negative. Agrees with empyrical's formula.
    pub fn sortino(&self, periods: PeriodsPerYear) -> Measured<f64> {
        if self.0.is_empty() {
            return Measured::Undefined(Reason::NoObservations);
        }
        let count = self.0.len() as f64;
        let mean = self.0.iter().sum::<f64>() / count;
        let downside = self.0.iter().map(|value| value.min(0.0).powi(2)).sum::<f64>() / count;
        Measured::ratio(mean * periods.get().sqrt(), downside.sqrt(), Reason::NoDownside)
    }

    /// Compound annual growth over the largest drawdown; undefined when there was none.
    pub fn calmar(&self, periods: PeriodsPerYear) -> Measured<f64> {
        self.cagr(periods).and_then(|growth| {
            self.max_drawdown()
                .and_then(|drawdown| Measured::ratio(growth, drawdown, Reason::NoDrawdown))
        })
    }

    /// Final equity as a multiple of the first; 0 after ruin.
    fn growth(&self) -> f64 {
        self.0.iter().fold(1.0, |equity, value| equity * (1.0 + value)).max(0.0)
    }
}

/// Share of closed trades that made money after costs, in `0..=1`; breaking even is a loss.
///
/// `profits` `[trades]`: net profit of each closed trade, in money.
pub fn win_rate(profits: &[f64]) -> Measured<f64> {
    let wins = profits.iter().filter(|profit| **profit > 0.0).count();
    Measured::ratio(wins as f64, profits.len() as f64, Reason::NoTrades)
}

/// What the winning trades made over what the losing ones lost.
///
/// `profits` `[trades]`: net profit of each closed trade, in money. Undefined without trades,
/// without a loss ([`Reason::AllWins`]) and when every trade broke even.
pub fn profit_factor(profits: &[f64]) -> Measured<f64> {
    if profits.is_empty() {
        return Measured::Undefined(Reason::NoTrades);
    }
    // A sum of nothing is -0.
    let won = 0.0 + profits.iter().filter(|profit| **profit > 0.0).sum::<f64>();
    let lost = -profits.iter().filter(|profit| **profit < 0.0).sum::<f64>();
    let without_loss = if won > 0.0 { Reason::AllWins } else { Reason::NoVariation };
    Measured::ratio(won, lost, without_loss)
}

/// Refuses a series that holds NaN or an infinity.
fn all_finite(series: &[f64]) -> Result<(), StatsError> {
    match series.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, value)) => Err(StatsError::NotFinite { index, value: *value }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
