//! Bars of a longer timeframe out of shorter ones, on the grid of the market's sessions.

use chrono::{DateTime, TimeDelta, Utc};
use suho_domain::Fault;
use suho_time::{Calendar, Session};

use crate::bars::{Bar, Bars};
use crate::labels::span;

/// Longer bars, and what of the shorter ones is not in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    /// The longer bars, each whole: it has begun and ended within the time of the shorter ones.
    pub bars: Bars,
    /// Shorter bars that open while the market is closed.
    pub outside: usize,
    /// Shorter bars at the begin and at the end that are no whole longer bar. Those at the end
    /// belong to one that has not closed, of which nobody may know anything.
    pub partial: usize,
}

/// Why bars cannot be made longer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ResampleError {
    /// A timeframe that is no multiple.
    #[error("bars of {} are not made of whole bars of {}", span(*to), span(*from))]
    NotAMultiple {
        /// Length of the bars there are.
        from: TimeDelta,
        /// Length of the bars that are wanted.
        to: TimeDelta,
    },
    /// Bars that are not in order of time, or twice there.
    #[error("row {row} opens at {time}, not after the row above; the bars must be in order")]
    Order {
        /// The row of the series, counted from 1.
        row: usize,
        /// When it opens.
        time: DateTime<Utc>,
    },
    /// A bar that would belong to two longer ones.
    #[error(
        "the bar of row {row} reaches from {time} over {end}, where a bar of {} ends",
        span(*to)
    )]
    Astride {
        /// The row of the series, counted from 1.
        row: usize,
        /// When it opens.
        time: DateTime<Utc>,
        /// The end of the longer bar in which it opens.
        end: DateTime<Utc>,
        /// Length of the bars that are wanted.
        to: TimeDelta,
    },
}

impl ResampleError {
    /// The word by which documentation knows the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAMultiple { .. } => "not-a-multiple",
            Self::Order { .. } => "bars-out-of-order",
            Self::Astride { .. } => "bars-off-the-grid",
        }
    }

    /// The pipeline's author chose the data and the timeframe.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// The bars of length `to` that `bars` make.
///
/// Longer bars are laid end to end from the opening of their session, as
/// [`Calendar::expected_bars`] says: those of 4 h and 1 d in FX begin at 17:00 in New York. The open
/// is the first, the close and the spread the last, high and low the outermost, the volume the sum
/// of those that are known. Where shorter bars are missing in between, a longer one is made of what
/// is there. No bar depends on one after its end.
///
/// # Errors
/// When `to` is no multiple of the bars' length, the bars are not in order, or one reaches over the
/// end of a longer one.
pub fn resample(
    bars: &Bars,
    to: TimeDelta,
    calendar: Calendar,
) -> Result<Resampled, ResampleError> {
    let from = bars.timeframe;
    let not_a_multiple = ResampleError::NotAMultiple { from, to };
    let (Some(short), Some(long)) = (from.num_microseconds(), to.num_microseconds()) else {
        return Err(not_a_multiple);
    };
    if short <= 0 || long <= short || long % short != 0 {
        return Err(not_a_multiple);
    }
    let mut grid = Grid { calendar, long, session: None };
    let mut made = Bars::empty(&bars.symbol, to);
    made.spread = bars.spread.as_ref().map(|_| Vec::new());
    let mut slots: Vec<(Slot, usize)> = Vec::new();
    let (mut outside, mut before) = (0, i64::MIN);
    for (row, bar) in bars.iter().enumerate() {
        let Some(time) = bars.open_time(row).filter(|_| bar.time > before) else {
            let time = bars.open_time(row).unwrap_or_default();
            return Err(ResampleError::Order { row: row + 1, time });
        };
        before = bar.time;
        let Some(slot) = grid.slot(bar.time) else {
            outside += 1;
            continue;
        };
        if bar.time.saturating_add(short) > slot.end && !slot.ends_session {
            let end = DateTime::from_timestamp_micros(slot.end).unwrap_or(time);
            return Err(ResampleError::Astride { row: row + 1, time, end, to });
        }
        let spread = bars.spread.as_ref().and_then(|spread| spread.get(row).copied());
        if let Some((_, parts)) = slots.last_mut().filter(|(last, _)| *last == slot) {
            *parts += 1;
            made.extend_last(&bar, spread);
        } else {
            slots.push((slot, 1));
            made.push(Bar { time: slot.start, ..bar }, spread);
        }
    }
    let whole = whole(&slots, bars, short);
    let partial: usize = slots.iter().map(|(_, parts)| parts).sum::<usize>()
        - slots.get(whole.clone()).map_or(0, |slots| slots.iter().map(|(_, parts)| parts).sum());
    Ok(Resampled { bars: made.slice(whole), outside, partial })
}

/// Which of the longer bars have both begun and ended within the time of the shorter ones.
fn whole(slots: &[(Slot, usize)], bars: &Bars, short: i64) -> std::ops::Range<usize> {
    let (Some((first, _)), Some((last, _))) = (slots.first(), slots.last()) else { return 0..0 };
    let has_begun = bars.time.first().is_some_and(|open| *open <= first.start);
    let has_ended = bars.time.last().is_some_and(|open| open.saturating_add(short) >= last.end);
    let start = usize::from(!has_begun);
    let end = slots.len() - usize::from(!has_ended);
    start.min(end)..end
}

/// Where longer bars begin and end.
struct Grid {
    calendar: Calendar,
    long: i64,
    session: Option<Session>,
}

/// The time of one longer bar, in µs.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Slot {
    start: i64,
    end: i64,
    /// Whether the market closes at its end, so that a shorter bar may be cut short there.
    ends_session: bool,
}

impl Grid {
    /// The longer bar in whose time `time` lies; none while the market is closed.
    fn slot(&mut self, time: i64) -> Option<Slot> {
        // A market that never closes has one grid, since 1970.
        if self.calendar == Calendar::Always {
            let start = time.div_euclid(self.long).checked_mul(self.long)?;
            return Some(Slot { start, end: start.checked_add(self.long)?, ends_session: false });
        }
        let at = DateTime::from_timestamp_micros(time)?;
        if !self.session.is_some_and(|session| session.open <= at && at < session.close) {
            let moment = at.checked_add_signed(TimeDelta::microseconds(1))?;
            self.session = self.calendar.sessions(at, moment).next();
        }
        let session = self.session.filter(|session| session.open <= at)?;
        let (open, close) = (session.open.timestamp_micros(), session.close.timestamp_micros());
        let start = open + (time - open).div_euclid(self.long) * self.long;
        let end = start.saturating_add(self.long);
        Some(Slot { start, end: end.min(close), ends_session: end >= close })
    }
}

#[cfg(test)]
mod tests;
