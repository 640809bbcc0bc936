//! What was known at a time: rows of another series joined without a look ahead.

use chrono::TimeDelta;

use crate::bars::Bars;

/// For each decision, the latest row that was available then; none where there was none.
///
/// `decisions` and `available`: instants in µs, in any order. Of rows that became available at the
/// same instant the last counts. `age_max`: how long before the decision a row may have become
/// available to count still, in µs; none for any time.
///
/// The instant of a row is when it could be seen and not what it is about: a bar of four hours is
/// seen four hours after it has opened. To join by the opening time is the commonest of all leaks.
pub fn as_of(decisions: &[i64], available: &[i64], age_max: Option<i64>) -> Vec<Option<usize>> {
    let mut rows: Vec<(i64, usize)> =
        available.iter().enumerate().map(|(row, time)| (*time, row)).collect();
    // Nothing moves when they are in order already, which costs next to nothing.
    rows.sort_unstable();
    let latest = |decision: &i64| {
        let seen = rows.partition_point(|(time, _)| time <= decision);
        let (time, row) = *rows.get(seen.checked_sub(1)?)?;
        let age = decision.saturating_sub(time);
        age_max.is_none_or(|most| age <= most).then_some(row)
    };
    decisions.iter().map(latest).collect()
}

/// For each decision, the latest bar of `bars` that had closed then, and had arrived.
///
/// `lag`: how long after its close a bar arrives.
pub fn bars_as_of(decisions: &[i64], bars: &Bars, lag: TimeDelta) -> Vec<Option<usize>> {
    // A time beyond all times: never seen.
    let wait = bars.timeframe.checked_add(&lag).and_then(|wait| wait.num_microseconds());
    let seen = |open: &i64| wait.and_then(|wait| open.checked_add(wait)).unwrap_or(i64::MAX);
    let available: Vec<i64> = bars.time.iter().map(seen).collect();
    as_of(decisions, &available, None)
}

#[cfg(test)]
mod tests;
