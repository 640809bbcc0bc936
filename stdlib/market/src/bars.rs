//! A series of bars in columns.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use suho_features::Columns;

/// Prices of one symbol in steps of one timeframe, oldest first, one column a field.
///
/// Columns are equally long. Prices are in quote currency per base. What a source left out is NaN.
/// Bars as read may be out of order, repeated or wrong; [`judge`](crate::judge) finds that out.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What is priced, such as `EUR/USD`.
    pub symbol: String,
    /// Length of one bar.
    pub timeframe: TimeDelta,
    /// Opening time of each bar, in µs since 1970 in UTC. A bar is known when it has closed.
    pub time: Vec<i64>,
    /// First price.
    pub open: Vec<f64>,
    /// Highest price.
    pub high: Vec<f64>,
    /// Lowest price.
    pub low: Vec<f64>,
    /// Last price.
    pub close: Vec<f64>,
    /// Traded volume or number of ticks; NaN in every bar of a source that has none.
    pub volume: Vec<f64>,
    /// Ask minus bid at the close, in price; none where the source has none.
    pub spread: Option<Vec<f64>>,
}

/// One bar, without its spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Opening time in µs since 1970 in UTC.
    pub time: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Volume or number of ticks; NaN for none.
    pub volume: f64,
}

impl Bar {
    /// The four prices: open, high, low, close.
    pub fn prices(&self) -> [f64; 4] {
        [self.open, self.high, self.low, self.close]
    }
}

impl Bars {
    /// A series without bars.
    pub fn empty(symbol: &str, timeframe: TimeDelta) -> Self {
        Self {
            symbol: symbol.to_owned(),
            timeframe,
            time: Vec::new(),
            open: Vec::new(),
            high: Vec::new(),
            low: Vec::new(),
            close: Vec::new(),
            volume: Vec::new(),
            spread: None,
        }
    }

    /// How many bars.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// One bar; none past the end.
    pub fn get(&self, row: usize) -> Option<Bar> {
        Some(Bar {
            time: *self.time.get(row)?,
            open: *self.open.get(row)?,
            high: *self.high.get(row)?,
            low: *self.low.get(row)?,
            close: *self.close.get(row)?,
            volume: *self.volume.get(row)?,
        })
    }

    /// The bars one by one.
    pub fn iter(&self) -> impl Iterator<Item = Bar> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// The bars of `range` by index; what lies past the end is left out.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        fn slice<T: Copy>(values: &[T], range: &Range<usize>) -> Vec<T> {
            let end = range.end.min(values.len());
            values.get(range.start.min(end)..end).unwrap_or_default().to_vec()
        }
        Self {
            symbol: self.symbol.clone(),
            timeframe: self.timeframe,
            time: slice(&self.time, &range),
            open: slice(&self.open, &range),
            high: slice(&self.high, &range),
            low: slice(&self.low, &range),
            close: slice(&self.close, &range),
            volume: slice(&self.volume, &range),
            spread: self.spread.as_ref().map(|spread| slice(spread, &range)),
        }
    }

    /// Makes room for `more` bars; a spread makes its own.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.time.reserve(more);
        for column in [&mut self.open, &mut self.high, &mut self.low, &mut self.close] {
            column.reserve(more);
        }
        self.volume.reserve(more);
    }

    /// Puts one bar behind the others.
    pub(crate) fn push(&mut self, bar: Bar, spread: Option<f64>) {
        let Bar { time, open, high, low, close, volume } = bar;
        self.time.push(time);
        self.open.push(open);
        self.high.push(high);
        self.low.push(low);
        self.close.push(close);
        self.volume.push(volume);
        if let Some(spread) = spread {
            self.spread.get_or_insert_default().push(spread);
        }
    }

    /// Makes the last bar last until the end of `bar`, the one that follows it.
    pub(crate) fn extend_last(&mut self, bar: &Bar, spread: Option<f64>) {
        fn last(values: &mut [f64], merge: impl FnOnce(f64) -> f64) {
            if let Some(value) = values.last_mut() {
                *value = merge(*value);
            }
        }
        last(&mut self.high, |high| high.max(bar.high));
        last(&mut self.low, |low| low.min(bar.low));
        last(&mut self.close, |_| bar.close);
        last(&mut self.volume, |sum| match (sum.is_nan(), bar.volume.is_nan()) {
            (_, true) => sum,
            (true, false) => bar.volume,
            (false, false) => sum + bar.volume,
        });
        if let (Some(spreads), Some(spread)) = (&mut self.spread, spread) {
            last(spreads, |_| spread);
        }
    }

    /// Puts the bars of `other` behind these; a spread that only one of the two has becomes NaN where
    /// there is none.
    pub(crate) fn append(&mut self, other: Self) {
        let (before, after) = (self.len(), other.len());
        if self.spread.is_some() || other.spread.is_some() {
            let spread = self.spread.get_or_insert_with(|| vec![f64::NAN; before]);
            spread.extend(other.spread.unwrap_or_else(|| vec![f64::NAN; after]));
        }
        self.time.extend(other.time);
        self.open.extend(other.open);
        self.high.extend(other.high);
        self.low.extend(other.low);
        self.close.extend(other.close);
        self.volume.extend(other.volume);
    }

    /// The bars at `rows`, in that order; rows past the end are left out.
    pub(crate) fn pick(&self, rows: impl Iterator<Item = usize> + Clone) -> Self {
        fn pick<T: Copy>(values: &[T], rows: impl Iterator<Item = usize>) -> Vec<T> {
            rows.filter_map(|row| values.get(row).copied()).collect()
        }
        Self {
            symbol: self.symbol.clone(),
            timeframe: self.timeframe,
            time: pick(&self.time, rows.clone()),
            open: pick(&self.open, rows.clone()),
            high: pick(&self.high, rows.clone()),
            low: pick(&self.low, rows.clone()),
            close: pick(&self.close, rows.clone()),
            volume: pick(&self.volume, rows.clone()),
            spread: self.spread.as_ref().map(|spread| pick(spread, rows)),
        }
    }

    /// The bars that open in `from..to`; the series must be in order.
    #[must_use]
    pub fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let before = |instant: DateTime<Utc>| {
            self.time.partition_point(|time| *time < instant.timestamp_micros())
        };
        self.slice(before(from)..before(to))
    }

    /// When a bar opens; none past the end.
    pub fn open_time(&self, bar: usize) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(*self.time.get(bar)?)
    }

    /// When a bar closes, which is when it is known; none past the end.
    pub fn close_time(&self, bar: usize) -> Option<DateTime<Utc>> {
        self.open_time(bar)?.checked_add_signed(self.timeframe)
    }

    /// The columns that features are computed from.
    pub fn columns(&self) -> Columns<'_> {
        Columns {
            open: &self.open,
            high: &self.high,
            low: &self.low,
            close: &self.close,
            volume: &self.volume,
        }
    }
}

#[cfg(test)]
mod tests;
