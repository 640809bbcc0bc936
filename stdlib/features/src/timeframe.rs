//! Bars of a longer timeframe out of shorter ones, none of them before it has closed.

use suho_domain::{Duration, Timeframe};

use crate::series::{Bar, History};

/// How long a bar lasts, in µs.
pub(crate) fn span(timeframe: Timeframe) -> i64 {
    timeframe.duration().nanos() / (Duration::from_minutes(1).nanos() / 60_000_000)
}

/// The longer bar that forms, from midnight UTC on in steps of its length.
#[derive(Clone, Debug)]
pub(crate) struct Aggregator {
    /// Length of a bar as it comes, in µs.
    base: i64,
    /// Length of a longer bar, in µs.
    span: i64,
    forming: Option<Forming>,
    has_begun: bool,
}

#[derive(Clone, Copy, Debug)]
struct Forming {
    bar: Bar,
    /// Whether it holds its bars from the first on; else it is never shown.
    is_whole: bool,
}

impl Aggregator {
    pub(crate) const fn new(base: i64, span: i64) -> Self {
        Self { base, span, forming: None, has_begun: false }
    }

    /// The longer bars that are known to have closed when `bar` has, oldest first: the one before,
    /// where its last bars are missing, and the one that `bar` ends.
    pub(crate) fn push(&mut self, bar: &Bar) -> [Option<Bar>; 2] {
        let start = bar.time - bar.time.rem_euclid(self.span);
        let mut closed = [None, None];
        match &mut self.forming {
            Some(forming) if forming.bar.time == start => forming.add(bar),
            forming => {
                closed = [forming.take().and_then(Forming::whole), None];
                let is_whole = self.has_begun || bar.time == start;
                *forming = Some(Forming { bar: Bar { time: start, ..*bar }, is_whole });
                self.has_begun = true;
            }
        }
        if bar.time + self.base >= start + self.span {
            let [_, ended] = &mut closed;
            *ended = self.forming.take().and_then(Forming::whole);
        }
        closed
    }
}

impl Forming {
    fn add(&mut self, bar: &Bar) {
        self.bar.high = self.bar.high.max(bar.high);
        self.bar.low = self.bar.low.min(bar.low);
        self.bar.close = bar.close;
        self.bar.volume += bar.volume;
    }

    fn whole(self) -> Option<Bar> {
        self.is_whole.then_some(self.bar)
    }
}

/// The longer bars of a series, and for each the row from which on it is known.
#[derive(Debug, Default)]
pub(crate) struct Longer {
    pub(crate) bars: History,
    pub(crate) known: Vec<usize>,
}

impl Longer {
    pub(crate) fn of(bars: impl Iterator<Item = Bar>, base: i64, span: i64) -> Self {
        let mut aggregator = Aggregator::new(base, span);
        let mut longer = Self::default();
        for (row, bar) in bars.enumerate() {
            for closed in aggregator.push(&bar).into_iter().flatten() {
                longer.bars.push(&closed);
                longer.known.push(row);
            }
        }
        longer
    }
}
