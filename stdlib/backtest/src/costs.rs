//! What trading costs: an assumption that the report states, not a fact about the market.

use crate::{BacktestError, BarCalendar, Side};

/// Spreads are this many times as wide on the first bar after the market was closed.
const GAP_WIDENING: f64 = 2.0;
const BASIS_POINT: f64 = 1e-4;

/// Costs of trading one symbol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// Ask less bid where the source reports none, in price units; not negative.
    pub spread: f64,
    /// How much worse than the quote a fill is, in price units; not negative.
    pub slippage: f64,
    /// Commission of each fill, in basis points of its notional; not negative.
    pub commission_bps: f64,
    /// Charge for a long position at each rollover, in price units; negative is a credit.
    pub swap_long: f64,
    /// Charge for a short position at each rollover, in price units; negative is a credit.
    pub swap_short: f64,
}

impl Costs {
    /// No costs at all.
    pub const NONE: Self =
        Self { spread: 0.0, slippage: 0.0, commission_bps: 0.0, swap_long: 0.0, swap_short: 0.0 };
    /// EUR/USD: 0.8 pip of spread, 0.1 pip of slippage, nothing else.
    pub const EURUSD: Self = Self { spread: 0.8e-4, slippage: 0.1e-4, ..Self::NONE };

    /// Refuses costs out of their ranges.
    pub(crate) fn check(&self) -> Result<(), BacktestError> {
        let charges = [
            ("spread", self.spread, 0.0),
            ("slippage", self.slippage, 0.0),
            ("commission", self.commission_bps, 0.0),
            ("swap of long positions", self.swap_long, f64::MIN),
            ("swap of short positions", self.swap_short, f64::MIN),
        ];
        match charges.into_iter().find(|(_, value, least)| !(*value >= *least && value.is_finite()))
        {
            Some((what, value, _)) => Err(BacktestError::OutOfRange { what, value }),
            None => Ok(()),
        }
    }

    /// How far from the mid price a fill is on this bar, in price units.
    pub(crate) fn concession(&self, calendar: BarCalendar, reported: Option<f64>) -> f64 {
        let spread = reported.unwrap_or(self.spread);
        let widening = if calendar.is_after_gap { GAP_WIDENING } else { 1.0 };
        0.5 * spread * widening + self.slippage
    }

    /// Commission of a fill of `notional`.
    pub(crate) fn commission(&self, notional: f64) -> f64 {
        notional * self.commission_bps * BASIS_POINT
    }

    /// Charge per unit for one rollover.
    pub(crate) const fn swap(&self, side: Side) -> f64 {
        match side {
            Side::Long => self.swap_long,
            Side::Short => self.swap_short,
        }
    }
}
