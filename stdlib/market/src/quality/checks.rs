//! How each check looks for its fault, and how it is put right.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use suho_time::Calendar;

use super::{Check, Example, Limits, Repair};
use crate::bars::{Bar, Bars};
use crate::labels::{SIGMA_BARS, standard_deviation};

/// Most cases that a report shows for one check.
const EXAMPLES_MAX: usize = 5;

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
        Check::Finite => {
            Finding::none(each(bars, |bar| not_all(bar, "is not finite", f64::is_finite)))
        }
        // What is not finite has been said already.
        Check::Prices => Finding::none(each(bars, |bar| {
            not_all(bar, "is not above zero", |price| price > 0.0 || !price.is_finite())
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
            let still =
                |bar: &Bar| (bar.high <= bar.low).then(|| format!("one price, {}", bar.close));
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
        .map(|(name, price)| format!("{name} {price}"))
        .collect();
    (!wrong.is_empty()).then(|| format!("{} {fault}", wrong.join(", ")))
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
        let Bar { open, high, low, close, .. } = bar;
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

fn spikes(bars: &Bars, sigmas: f64) -> Vec<At> {
    let returns: Vec<f64> = bars
        .close
        .windows(2)
        .map(|pair| if let [before, now] = pair { (now / before).ln() } else { 0.0 })
        .collect();
    let at = |(place, window): (usize, &[f64])| {
        let (now, before) = window.split_last()?;
        let ratio = now.abs() / standard_deviation(before)?;
        // The first return belongs to the second bar.
        let row = place + SIGMA_BARS + 1;
        let time = *bars.time.get(row)?;
        (ratio > sigmas).then(|| At {
            row: Some(row),
            time,
            what: format!("a return of {:.3} %, {ratio:.0} standard deviations", 100.0 * now),
        })
    };
    returns.windows(SIGMA_BARS + 1).enumerate().filter_map(at).collect()
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
        let Bar { open, high, low, close, .. } = bars.get(at.row?)?;
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
