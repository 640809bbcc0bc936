//! Bars, as columns and one by one.

use std::fmt;

use suho_domain::Timeframe;

use crate::feature::SymbolKey;

/// The columns of a series of bars, oldest first, all of one length.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// First price of each bar.
    pub open: &'a [f64],
    /// Highest price of each bar.
    pub high: &'a [f64],
    /// Lowest price of each bar.
    pub low: &'a [f64],
    /// Last price of each bar.
    pub close: &'a [f64],
    /// Traded volume or number of ticks in each bar; NaN where the source has none.
    pub volume: &'a [f64],
}

/// When the bars of a series open, and how long each of them is.
#[derive(Clone, Copy, Debug)]
pub struct Times<'a> {
    /// Opening time of each bar, in µs since 1970 in UTC, rising.
    pub open: &'a [i64],
    /// How long one bar lasts; it is known when it has closed.
    pub timeframe: Timeframe,
}

/// Bars of another symbol, of the same timeframe, for the features that ask for them.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// Which symbol.
    pub symbol: SymbolKey,
    /// Its bars, oldest first.
    pub columns: Columns<'a>,
    /// Opening time of each of them, in µs since 1970 in UTC, rising.
    pub open: &'a [i64],
}

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Opening time, in µs since 1970 in UTC.
    pub time: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded volume or number of ticks; NaN where the source has none.
    pub volume: f64,
}

/// A column that a feature reads.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Input {
    /// First price of the bar.
    Open,
    /// Highest price of the bar.
    High,
    /// Lowest price of the bar.
    Low,
    /// Last price of the bar.
    Close,
    /// Traded volume or number of ticks.
    Volume,
    /// When the bar opens.
    Time,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::Time => "time",
        })
    }
}

impl<'a> Columns<'a> {
    /// A column of numbers; none for the time.
    pub(crate) fn get(&self, input: Input) -> Option<&'a [f64]> {
        match input {
            Input::Open => Some(self.open),
            Input::High => Some(self.high),
            Input::Low => Some(self.low),
            Input::Close => Some(self.close),
            Input::Volume => Some(self.volume),
            Input::Time => None,
        }
    }

    /// The bars from `first` on, without their times.
    pub(crate) fn bars(&self, first: usize) -> impl Iterator<Item = Bar> + 'a {
        let from = |column: &'a [f64]| column.get(first..).unwrap_or_default().iter();
        from(self.open)
            .zip(from(self.high))
            .zip(from(self.low))
            .zip(from(self.close))
            .zip(from(self.volume))
            .map(|((((&open, &high), &low), &close), &volume)| Bar {
                time: 0,
                open,
                high,
                low,
                close,
                volume,
            })
    }
}

impl Bar {
    /// A number of the bar; none for the time.
    pub(crate) const fn get(&self, input: Input) -> Option<f64> {
        match input {
            Input::Open => Some(self.open),
            Input::High => Some(self.high),
            Input::Low => Some(self.low),
            Input::Close => Some(self.close),
            Input::Volume => Some(self.volume),
            Input::Time => None,
        }
    }
}

/// Columns that grow by a bar at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) time: Vec<i64>,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

impl History {
    pub(crate) fn push(&mut self, bar: &Bar) {
        self.time.push(bar.time);
        self.open.push(bar.open);
        self.high.push(bar.high);
        self.low.push(bar.low);
        self.close.push(bar.close);
        self.volume.push(bar.volume);
    }

    pub(crate) fn len(&self) -> usize {
        self.time.len()
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        let Self { open, high, low, close, volume, .. } = self;
        Columns { open, high, low, close, volume }
    }
}
