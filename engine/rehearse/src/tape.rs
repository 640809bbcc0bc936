//! The recorded bars: which have closed by when, and what became of them.

use crate::failure::bug;
use suho_domain::Instant;
use suho_driver::world::WorldError;
use suho_market::{Bars, Class, LabelRule, label_at};
use suho_time::Calendar;

/// All bars of the rehearsal, those before it and those held back for it. Whoever asks for a bar
/// says by when, so nothing is known before it has closed.
///
/// Invariant: in order of time, without repetitions, columns of equal length, bars of positive
/// length.
pub(crate) struct Tape {
    bars: Bars,
    bar_micros: i64,
}

impl Tape {
    /// # Errors
    /// When the bars break the invariant: they did not come through the quality check.
    pub(crate) fn new(bars: Bars) -> Result<Self, WorldError> {
        let bar_micros = bars.timeframe.num_microseconds().unwrap_or_default();
        if bar_micros <= 0 {
            return Err(bug("no-timeframe", "the bars of a replay have no length"));
        }
        if !bars.time.is_sorted_by(|earlier, later| earlier < later) {
            return Err(bug("unordered-bars", "the bars of a replay are out of order or repeated"));
        }
        let columns = [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume];
        if columns.iter().any(|column| column.len() != bars.len()) {
            return Err(bug("ragged-bars", "the columns of a replay's bars differ in length"));
        }
        Ok(Self { bars, bar_micros })
    }

    /// Length of a bar in microseconds.
    pub(crate) const fn bar_micros(&self) -> i64 {
        self.bar_micros
    }

    /// How many bars have closed by `at`, a close at `at` included: also the index of the first
    /// that has not.
    pub(crate) fn closed_by(&self, at: Instant) -> usize {
        let opened = at.micros().saturating_sub(self.bar_micros);
        self.bars.time.partition_point(|open| *open <= opened)
    }

    /// The first bar that closes at `at` or later.
    pub(crate) fn first_closing_from(&self, at: Instant) -> usize {
        self.closed_by(Instant::from_micros(at.micros().saturating_sub(1)))
    }

    /// When a bar closes; none past the end.
    pub(crate) fn close(&self, bar: usize) -> Option<Instant> {
        let open = self.bars.time.get(bar)?;
        Some(Instant::from_micros(open.saturating_add(self.bar_micros)))
    }

    /// When the last bar closes; none without bars.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.close(self.bars.len().checked_sub(1)?)
    }

    /// The last `bars` bars up to `bar`, which is the last of them; fewer where the tape begins.
    pub(crate) fn history(&self, bar: usize, bars: usize) -> Bars {
        let end = bar.saturating_add(1);
        self.bars.slice(end.saturating_sub(bars)..end)
    }

    /// What became of `bar`, and the bar that showed it. Looks ahead; whoever asks uses nothing of
    /// it before that bar has closed. None where the rule has too few bars before `bar`, or the tape
    /// fewer than `horizon` after it.
    ///
    /// The same as [`suho_market::labels`], which the data set was made with: the last bar of the
    /// horizon shows it, or the one that touches a barrier before.
    pub(crate) fn label(&self, bar: usize, rule: LabelRule, horizon: usize) -> Option<Shown> {
        // When a label is due by the calendar is asked elsewhere: any calendar does.
        let label = label_at(&self.bars, bar, rule, horizon, Calendar::Always).ok()??;
        let known = Instant::from_chrono(label.known);
        let class = match label.class {
            Class::Down => -1,
            Class::Flat => 0,
            Class::Up => 1,
        };
        Some(Shown { class, by: self.closed_by(known).checked_sub(1)? })
    }
}

/// A label, and the bar whose close shows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shown {
    /// −1 down, 0 flat, 1 up.
    pub(crate) class: i8,
    /// The index of the bar.
    pub(crate) by: usize,
}
