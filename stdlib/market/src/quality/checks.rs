//! How each check looks for its fault, and how it is put right.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use suho_time::Calendar;

use super::{Check, Example, Limits, Repair};
use crate::bars::{Bar, Bars};
use crate::labels::{SIGMA_BARS, standard_deviation};

/// Most cases that a report shows for one check.
const EXAMPLES_MAX: usize = 5;

/// What anything has been quoted at, with room on both sides: a hundred-millionth of a cent is paid
/// for some tokens, and hundreds of millions of millions for bread in the worst inflations.
const PRICES: RangeInclusive<f64> = 1e-15..=1e15;

/// What one check found.
pub(super) struct Finding {
    pub(super) found: usize,
    pub(super) is_within: bool,
    pub(super) limit: String,
    at: Vec<At>,
}

/// A case: which bar, and what is wrong with it.
struct At {
    row: Option<usize>,
    time: i64,
    what: String,
}

impl Finding {
    /// Cases of which no more than `most` of `all` bars are borne.
    fn share(at: Vec<At>, share: f64, all: usize, of: &str) -> Self {
        let limit = share * all as f64;
        let is_within = at.len() as f64 <= limit;
        let limit = format!("{} of {all} {of} ({} %)", limit.floor(), share * 100.0);
        Self { found: at.len(), is_within, limit, at }
    }

    /// Cases of which none is borne.
    fn none(at: Vec<At>) -> Self {
        Self { found: at.len(), is_within: at.is_empty(), limit: "0".to_owned(), at }
    }

    /// The first few, for the report.
    pub(super) fn examples(&self, bars: &Bars) -> Vec<Example> {
        let first = |at: &At| {
            let row = at.row.filter(|row| *row < bars.len()).map(|row| row + 1);
            Some(Example {
                row,
                time: DateTime::from_timestamp_micros(at.time)?,
                what: at.what.clone(),
            })
        };
        self.at.iter().filter_map(first).take(EXAMPLES_MAX).collect()
    }
}

/// Looks for the fault of `check` in `bars`.
pub(super) fn find(check: Check, bars: &Bars, calendar: Calendar, limits: &Limits) -> Finding {
    match check {
        Check::Order => Finding::none(out_of_order(bars)),
        Check::Duplicates => Finding::none(duplicates(bars)),
        // A volume that nobody counted is missing, not wrong.
        Check::Finite => Finding::none(each(bars, |bar| {
            not_all(bar, "is not finite", f64::is_finite)
                .or_else(|| volume_that(bar, "is not finite", f64::is_infinite))
        })),
        // What is not finite has been said already.
        Check::Prices => Finding::none(each(bars, |bar| {
            not_all(bar, "is not above zero", |price| price > 0.0 || !price.is_finite())
                .or_else(|| {
                    not_all(bar, "is beyond any price", |p| PRICES.contains(&p) || !p.is_finite())
                })
                .or_else(|| {
                    volume_that(bar, "is below zero", |volume| volume < 0.0 && volume.is_finite())
                })
        })),
        Check::HighLow => Finding::none(each(bars, outside_range)),
        Check::Weekend => {
            let closed = |bar: &Bar| {
                let open = DateTime::from_timestamp_micros(bar.time)?;
                (!calendar.is_open(open)).then(|| "the market is closed".to_owned())
            };
            Finding::share(each(bars, closed), limits.weekend_share, bars.len(), "bars")
        }
        Check::Missing => missing(bars, calendar, limits),
        Check::ZeroRange => {
            let still = |bar: &Bar| {
                (bar.high <= bar.low).then(|| format!("one price, {}", shown(bar.close)))
            };
            Finding::share(each(bars, still), limits.zero_range_share, bars.len(), "bars")
        }
        Check::Spikes => Finding::none(spikes(bars, limits.spike_sigmas)),
        Check::Rows => rows(bars, limits.rows_min),
    }
}

/// The bars for which `fault` has words.
fn each(bars: &Bars, fault: impl Fn(&Bar) -> Option<String>) -> Vec<At> {
    let at =
        |(row, bar): (usize, Bar)| Some(At { row: Some(row), time: bar.time, what: fault(&bar)? });
    bars.iter().enumerate().filter_map(at).collect()
}

/// Names the prices of `bar` that are not `fine`.
fn not_all(bar: &Bar, fault: &str, fine: impl Fn(f64) -> bool) -> Option<String> {
    let named = ["open", "high", "low", "close"].into_iter().zip(bar.prices());
    let wrong: Vec<String> = named
        .filter(|(_, price)| !fine(*price))
        .map(|(name, price)| format!("{name} {}", shown(price)))
        .collect();
    (!wrong.is_empty()).then(|| format!("{} {fault}", wrong.join(", ")))
}

/// Names the volume of `bar` where it `is_wrong`.
fn volume_that(bar: &Bar, fault: &str, is_wrong: impl Fn(f64) -> bool) -> Option<String> {
    is_wrong(bar.volume).then(|| format!("volume {} {fault}", shown(bar.volume)))
}

/// A price as people read it: one of three hundred digits as `1e300`.
fn shown(price: f64) -> String {
    let is_plain = price == 0.0 || !price.is_finite() || (1e-9..1e15).contains(&price.abs());
    if is_plain { price.to_string() } else { format!("{price:e}") }
}

fn largest(bar: &Bar) -> f64 {
    bar.prices().into_iter().fold(f64::NEG_INFINITY, f64::max)
}

fn smallest(bar: &Bar) -> f64 {
    bar.prices().into_iter().fold(f64::INFINITY, f64::min)
}

fn outside_range(bar: &Bar) -> Option<String> {
    let is_outside = largest(bar) > bar.high || smallest(bar) < bar.low;
    is_outside.then(|| {
        let [open, high, low, close] = bar.prices().map(shown);
        format!("open {open} and close {close} are not within low {low} and high {high}")
    })
}

fn out_of_order(bars: &Bars) -> Vec<At> {
    let mut latest = i64::MIN;
    let mut at = Vec::new();
    for (row, &time) in bars.time.iter().enumerate() {
        if time < latest {
            at.push(At { row: Some(row), time, what: "opens before the row above".to_owned() });
        }
        latest = latest.max(time);
    }
    at
}

fn duplicates(bars: &Bars) -> Vec<At> {
    let mut seen = BTreeSet::new();
    let again = |(row, &time): (usize, &i64)| {
        let what = || "a bar with this time was there before".to_owned();
        (!seen.insert(time)).then(|| At { row: Some(row), time, what: what() })
    };
    bars.time.iter().enumerate().filter_map(again).collect()
}

fn missing(bars: &Bars, calendar: Calendar, limits: &Limits) -> Finding {
    let there: BTreeSet<i64> = bars.time.iter().copied().collect();
    let instant = |time: &i64| DateTime::from_timestamp_micros(*time);
    let (Some(first), Some(last)) =
        (there.first().and_then(instant), there.last().and_then(instant))
    else {
        return Finding::none(Vec::new());
    };
    let mut at: Vec<At> = Vec::new();
    let (mut expected, mut missing, mut run, mut longest) = (0, 0, 0, 0);
    // The last bar belongs to what is expected.
    let end = last + TimeDelta::microseconds(1);
    if let Some(expected) = far_too_many(first, end, bars, calendar) {
        return sparse(there.len(), expected, first, limits);
    }
    for open in calendar.expected_bars(first, end, bars.timeframe) {
        expected += 1;
        let time = open.timestamp_micros();
        if there.contains(&time) {
            run = 0;
            continue;
        }
        missing += 1;
        run += 1;
        longest = longest.max(run);
        // A gap is one case, however long.
        match at.last_mut() {
            Some(gap) if run > 1 => gap.what = format!("{run} bars are missing from here on"),
            _ => at.push(At { row: None, time, what: "1 bar is missing".to_owned() }),
        }
    }
    let finding = Finding::share(at, limits.missing_share, expected, "expected bars");
    let is_few = missing as f64 <= limits.missing_share * expected as f64;
    Finding {
        found: missing,
        is_within: is_few && longest <= limits.missing_run,
        limit: format!("{}, {} in a row (longest {longest})", finding.limit, limits.missing_run),
        at: finding.at,
    }
}

/// About how many bars the calendar expects, where that is so many more than there are that
/// nobody needs the list: a second's bars with one wrong century would take a day to count.
fn far_too_many(
    first: DateTime<Utc>,
    end: DateTime<Utc>,
    bars: &Bars,
    calendar: Calendar,
) -> Option<usize> {
    /// So many times more than there are, and at least so many more.
    const TIMES: i64 = 100;
    const MORE: i64 = 1_000_000;
    let open = calendar.market_time_between(first, end).num_microseconds()?;
    let expected = open.checked_div(bars.timeframe.num_microseconds()?)?;
    let there = i64::try_from(bars.len()).ok()?;
    let is_far = expected > there.checked_mul(TIMES)?.checked_add(MORE)?;
    is_far.then(|| usize::try_from(expected).ok()).flatten()
}

fn sparse(there: usize, expected: usize, first: DateTime<Utc>, limits: &Limits) -> Finding {
    let missing = expected.saturating_sub(there);
    let most = (limits.missing_share * expected as f64).floor();
    let what = format!("{there} bars are spread over the time of {expected}");
    Finding {
        found: missing,
        is_within: missing as f64 <= most,
        limit: format!("{most} of {expected} expected bars ({} %)", limits.missing_share * 100.0),
        at: vec![At { row: None, time: first.timestamp_micros(), what }],
    }
}

fn spikes(bars: &Bars, sigmas: f64) -> Vec<At> {
    let log_return = |(before, now): (&f64, &f64)| (now / before).ln();
    let returns: Vec<f64> =
        bars.close.iter().zip(bars.close.iter().skip(1)).map(log_return).collect();
    // There are not yet a hundred returns before the first hundred. They are measured by what is
    // usual among themselves, which a spike, being one of them, does not change.
    let usual = usual(returns.get(..SIGMA_BARS).unwrap_or(&returns));
    let at = |(place, now): (usize, &f64)| {
        let before = place.checked_sub(SIGMA_BARS).and_then(|from| returns.get(from..place));
        let deviation = before.map_or(usual, standard_deviation)?;
        let ratio = now.abs() / deviation;
        // The first return belongs to the second bar.
        let row = place + 1;
        let time = *bars.time.get(row)?;
        (ratio > sigmas).then(|| At {
            row: Some(row),
            time,
            what: format!("a return of {:.3} %, {ratio:.0} standard deviations", 100.0 * now),
        })
    };
    returns.iter().enumerate().filter_map(at).collect()
}

/// The standard deviation that the median size of `returns` suggests; none of few, or of a market
/// that mostly stands still.
fn usual(returns: &[f64]) -> Option<f64> {
    /// Fewer have no median worth the name.
    const RETURNS_MIN: usize = 20;
    /// The standard deviation of a normal law in units of its median size.
    const DEVIATION: f64 = 1.4826;
    let mut sizes: Vec<f64> =
        returns.iter().map(|now| now.abs()).filter(|s| s.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let median = *sizes.get(sizes.len() / 2).filter(|_| sizes.len() >= RETURNS_MIN)?;
    (median > 0.0).then_some(DEVIATION * median)
}

fn rows(bars: &Bars, rows_min: usize) -> Finding {
    let lacking = rows_min.saturating_sub(bars.len());
    Finding {
        found: lacking,
        is_within: lacking == 0,
        limit: format!("0 (at least {rows_min} bars, there are {})", bars.len()),
        at: Vec::new(),
    }
}

/// Puts right what `finding` names; lists what was changed.
pub(super) fn repair(check: Check, bars: Bars, finding: &Finding) -> (Bars, Vec<Repair>) {
    match check {
        Check::Order => sort(&bars, finding),
        Check::HighLow => widen(bars, finding),
        Check::Duplicates | Check::Finite | Check::Prices | Check::Weekend => {
            drop_rows(check, &bars, finding)
        }
        Check::Missing | Check::ZeroRange | Check::Spikes | Check::Rows => (bars, Vec::new()),
    }
}

fn repaired(check: Check, at: &At, before: String, after: &str) -> Option<Repair> {
    let time = DateTime::from_timestamp_micros(at.time)?;
    Some(Repair { time, what: check, before, after: after.to_owned() })
}

fn sort(bars: &Bars, finding: &Finding) -> (Bars, Vec<Repair>) {
    let mut rows: Vec<usize> = (0..bars.len()).collect();
    // Stable, so that of two bars with one time the first stays the first.
    rows.sort_by_key(|row| bars.time.get(*row).copied());
    let moved = |at: &At| {
        let before = format!("row {}", at.row? + 1);
        repaired(Check::Order, at, before, "moved to its place")
    };
    (bars.pick(rows.into_iter()), finding.at.iter().filter_map(moved).collect())
}

fn drop_rows(check: Check, bars: &Bars, finding: &Finding) -> (Bars, Vec<Repair>) {
    let dropped: BTreeSet<usize> = finding.at.iter().filter_map(|at| at.row).collect();
    let repairs = finding.at.iter().filter_map(|at| {
        let [open, high, low, close] = bars.get(at.row?)?.prices().map(shown);
        let before = format!("open {open}, high {high}, low {low}, close {close}");
        repaired(check, at, before, "dropped")
    });
    let repairs = repairs.collect();
    (bars.pick((0..bars.len()).filter(|row| !dropped.contains(row))), repairs)
}

fn widen(mut bars: Bars, finding: &Finding) -> (Bars, Vec<Repair>) {
    let mut repairs = Vec::new();
    for at in &finding.at {
        let Some(row) = at.row else { continue };
        let Some(bar) = bars.get(row) else { continue };
        let (high, low) = (largest(&bar), smallest(&bar));
        let before = format!("high {}, low {}", bar.high, bar.low);
        repairs.extend(repaired(Check::HighLow, at, before, &format!("high {high}, low {low}")));
        if let (Some(of_high), Some(of_low)) = (bars.high.get_mut(row), bars.low.get_mut(row)) {
            (*of_high, *of_low) = (high, low);
        }
    }
    (bars, repairs)
}
