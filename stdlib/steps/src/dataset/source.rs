//! Bars from where the pipeline says, cut to what may be known.

use crate::beside::Surroundings;
use crate::failure;
use crate::generated::DatasetIn;
use chrono::{NaiveDate, NaiveTime};
use suho_domain::{Fault, Instant};
use suho_market::Bars;
use suho_step::{Context, StepError};
use suho_time::{parse_zone, resolve_local};

/// The bars that the run may know: those in the window asked for, without those held back and those
/// that closed after the run's own time.
pub(super) fn cut(
    mut bars: Bars,
    context: &Context<'_>,
    asked: &DatasetIn,
    beside: &Surroundings,
) -> Result<Bars, StepError> {
    let found = bars.len();
    let (first, after) = match &asked.window {
        Some(days) => (midnight(days.start, beside)?, midnight(days.end, beside)?),
        None => (Instant::from_micros(i64::MIN), Instant::from_micros(i64::MAX)),
    };
    let held_back = beside.until.map_or(i64::MAX, Instant::micros).min(after.micros());
    let now = context.logical_time().micros();
    let bar = bars.timeframe.num_microseconds().unwrap_or(i64::MAX);
    // Not by halving: nobody has looked yet whether the bars are in order.
    keep(&mut bars, |open| {
        open >= first.micros() && open < held_back && open.saturating_add(bar) <= now
    });
    if bars.is_empty() {
        let message = format!("none of the {found} bars is in the window that may be used");
        return Err(StepError::user("no-bars-in-window", message)
            .help("widen `window`, hold back fewer bars, or run as of a later time"));
    }
    Ok(bars)
}

/// Keeps the bars whose opening time is `wanted`, in their order.
fn keep(bars: &mut Bars, wanted: impl Fn(i64) -> bool) {
    fn retain<T>(column: &mut Vec<T>, kept: &[bool]) {
        let mut kept = kept.iter();
        column.retain(|_| kept.next().copied().unwrap_or(false));
    }
    let kept: Vec<bool> = bars.time.iter().map(|open| wanted(*open)).collect();
    retain(&mut bars.time, &kept);
    for column in [&mut bars.open, &mut bars.high, &mut bars.low, &mut bars.close, &mut bars.volume]
    {
        retain(column, &kept);
    }
    if let Some(spread) = &mut bars.spread {
        retain(spread, &kept);
    }
}

/// The beginning of a day in the pipeline's zone.
fn midnight(day: NaiveDate, beside: &Surroundings) -> Result<Instant, StepError> {
    let zone = parse_zone(beside.timezone.as_deref().unwrap_or("UTC"))
        .map_err(|error| failure::of(Fault::User, "bad-window", &error))?;
    let midnight = resolve_local(day.and_time(NaiveTime::MIN), zone);
    midnight.map(|local| Instant::from_chrono(local.first())).ok_or_else(|| {
        StepError::user("bad-window", format!("`{day}` is beyond the calendar"))
            .help("take a day that bars can be of")
    })
}
