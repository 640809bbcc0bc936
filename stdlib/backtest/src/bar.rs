//! The market a backtest trades in: bars, and what the calendar says of each.

use crate::BacktestError;

/// One bar; prices are mid prices in the quote currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Start of the bar, microseconds since 1970 UTC.
    pub time_us: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

/// What the market calendar says of one bar.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BarCalendar {
    /// The first bar after the market was closed: spreads are double.
    pub is_after_gap: bool,
    /// The first bar of a trading day (17:00 New York, in the currency market): the bar before it
    /// ended the day before.
    pub starts_day: bool,
    /// Rollovers between the open of the bar before and the open of this one, which a position
    /// carried into this bar pays for: 0, 1, or 3 on Wednesdays.
    pub rollovers: u8,
}

/// Bars with what belongs to each.
///
/// Invariant: at least one bar; prices positive and finite, times growing; as many calendar
/// entries, and spreads if any, as bars.
#[derive(Clone, Copy, Debug)]
pub struct Market<'a> {
    bars: &'a [Bar],
    calendar: &'a [BarCalendar],
    spreads: Option<&'a [f64]>,
}

impl<'a> Market<'a> {
    /// The market of `bars`, all of them outside the model's training and past warm-up.
    ///
    /// `calendar` `[bars]`. `spreads` `[bars]`: ask less bid in price units where the source
    /// reports it, anything not finite where it does not.
    ///
    /// # Errors
    /// When there are no bars, lengths differ, a price or spread is out of range, or time goes back.
    pub fn new(
        bars: &'a [Bar],
        calendar: &'a [BarCalendar],
        spreads: Option<&'a [f64]>,
    ) -> Result<Self, BacktestError> {
        if bars.is_empty() {
            return Err(BacktestError::NoBars);
        }
        belongs("calendar entries", calendar.len(), bars.len())?;
        if let Some(spreads) = spreads {
            belongs("spreads", spreads.len(), bars.len())?;
            if let Some(value) = spreads.iter().find(|spread| spread.is_finite() && **spread < 0.0)
            {
                return Err(BacktestError::OutOfRange { what: "spread", value: *value });
            }
        }
        let mut before = None;
        for (index, bar) in bars.iter().enumerate() {
            let prices = [bar.open, bar.high, bar.low, bar.close];
            if let Some(price) = prices.into_iter().find(|price| !is_price(*price)) {
                return Err(BacktestError::Price { bar: index, price });
            }
            if before.is_some_and(|before| before >= bar.time_us) {
                return Err(BacktestError::Order { bar: index });
            }
            before = Some(bar.time_us);
        }
        Ok(Self { bars, calendar, spreads })
    }

    /// The bars, in order of time.
    pub const fn bars(&self) -> &'a [Bar] {
        self.bars
    }

    /// Every bar with its calendar entry and, where reported, its spread.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a Bar, BarCalendar, Option<f64>)> {
        let bars = self.bars.iter().zip(self.calendar).enumerate();
        bars.map(|(index, (bar, calendar))| (bar, *calendar, self.spread(index)))
    }

    /// The spread of a bar, where it is reported.
    fn spread(&self, bar: usize) -> Option<f64> {
        self.spreads?.get(bar).copied().filter(|spread| spread.is_finite())
    }

    /// One bar, as [`iter`](Self::iter) gives it.
    pub(crate) fn at(&self, bar: usize) -> Option<(&'a Bar, BarCalendar, Option<f64>)> {
        Some((self.bars.get(bar)?, *self.calendar.get(bar)?, self.spread(bar)))
    }

    /// Indices of the last bar of every trading day that the bars show the end of.
    pub(crate) fn day_ends(&self) -> Vec<usize> {
        let starts = self.calendar.iter().enumerate().filter(|(_, bar)| bar.starts_day);
        starts.filter_map(|(index, _)| index.checked_sub(1)).collect()
    }
}

fn is_price(price: f64) -> bool {
    price > 0.0 && price.is_finite()
}

/// Refuses a column of a length other than that of the bars.
pub(crate) const fn belongs(
    what: &'static str,
    found: usize,
    bars: usize,
) -> Result<(), BacktestError> {
    if found == bars { Ok(()) } else { Err(BacktestError::Length { what, found, bars }) }
}
