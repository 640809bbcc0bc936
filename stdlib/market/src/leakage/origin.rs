//! L11, L12, L14 and L15: where rows come from, when they were known, and whose they are.

use std::ops::Range;

use super::{Finding, LeakCheck, LeakVerdict, Rows};

/// When a joined row could be seen, and when it was used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arrival {
    /// In µs. For a bar of another timeframe this is its close, not its opening.
    pub available_at: i64,
    /// Time of the decision that the row went into, in µs.
    pub decision: i64,
}

/// What is known about the times of the rows.
#[derive(Clone, Copy, Debug)]
pub struct PointInTime<'a> {
    /// Every joined row.
    pub joined: &'a [Arrival],
    /// When each row of the source arrived there, in µs; empty for a source that does not say.
    pub ingested_at: &'a [i64],
    /// The instant as of which the source was read, in µs.
    pub as_of: i64,
}

/// L11: no row was used before it was known.
pub fn l11_rows_were_known(rows: &PointInTime<'_>) -> Finding {
    if rows.joined.is_empty() && rows.ingested_at.is_empty() {
        return Finding::not_run(LeakCheck::L11, "no row says when it was known");
    }
    let early = rows.joined.iter().filter(|row| row.available_at > row.decision).count();
    let late = rows.ingested_at.iter().filter(|time| **time > rows.as_of).count();
    let detail = format!(
        "{early} of {} joined rows were used before they were available, {late} of {} arrived \
         after the data were read",
        rows.joined.len(),
        rows.ingested_at.len()
    );
    Finding::strict(LeakCheck::L11, early + late, detail)
}

/// The same rows by two ways.
#[derive(Clone, Copy, Debug)]
pub struct Parity<'a> {
    /// As training computed them, `[row, feature]`.
    pub trained: Rows<'a>,
    /// As serving computes them, `[row, feature]`.
    pub served: Rows<'a>,
}

/// L12: serving computes the features that training did, to one in a million.
pub fn l12_serving_agrees(parity: &Parity<'_>) -> Finding {
    /// Relative to the larger of the two numbers.
    const TOLERANCE: f64 = 1e-6;
    /// Numbers this near to zero are zero: differences of prices cancel to it.
    const ZERO: f64 = 1e-12;
    let (trained, served) = (parity.trained, parity.served);
    let (rows, of_serving) = (trained.iter().len(), served.iter().len());
    if rows == 0 {
        return Finding::not_run(LeakCheck::L12, "no rows were computed twice");
    }
    if rows != of_serving || trained.width != served.width {
        let detail = format!(
            "training has {rows} rows of {} features, serving {of_serving} of {}",
            trained.width, served.width
        );
        return Finding::of(LeakCheck::L12, LeakVerdict::Fail, rows, detail);
    }
    let is_same = |a: f64, b: f64| {
        a.to_bits() == b.to_bits()
            || (a - b).abs() <= ZERO.max(TOLERANCE * a.abs().max(b.abs()))
            || (a.is_nan() && b.is_nan())
    };
    let differs = |(a, b): &(&[f64], &[f64])| a.iter().zip(*b).any(|(a, b)| !is_same(*a, *b));
    let count = trained.iter().zip(served.iter()).filter(differs).count();
    let detail = format!("{count} of {rows} rows are computed otherwise when serving");
    Finding::strict(LeakCheck::L12, count, detail)
}

/// What the baseline has learned from, and what the candidate is measured on.
#[derive(Clone, Debug)]
pub struct Baseline<'a> {
    /// The interval of the baseline's train and validation in µs, half-open.
    pub learned: Range<i64>,
    /// Decision times of the candidate's test in µs.
    pub test: &'a [i64],
    /// How long a label takes, in µs.
    pub purge_us: i64,
}

/// L14: the baseline has not learned from the test's bars.
///
/// `baseline`: the interval of its train and validation in µs, half-open. `test`: decision times of
/// the candidate's test in µs. `purge_us`: how long a label takes. What it has learned from can be
/// taken out of the comparison; the detail says how many samples remain.
pub fn l14_test_is_new_to_baseline(baseline: &Range<i64>, test: &[i64], purge_us: i64) -> Finding {
    if test.is_empty() {
        return Finding::not_run(LeakCheck::L14, "the test has no samples");
    }
    let (from, to) =
        (baseline.start.saturating_sub(purge_us), baseline.end.saturating_add(purge_us));
    let count = test.iter().filter(|time| (from..to).contains(time)).count();
    let all = test.len();
    let remain = if count > 0 { format!("; {} remain", all - count) } else { String::new() };
    let detail =
        format!("the baseline has learned from {count} of the test's {all} samples{remain}");
    Finding::strict(LeakCheck::L14, count, detail)
}

/// Whose rows a data set has, and whose it may have.
#[derive(Clone, Copy, Debug)]
pub struct Tenants<'a> {
    /// Each tenant in the data set with the number of its rows.
    pub found: &'a [(&'a str, usize)],
    /// The tenants whose rows the pipeline's scope may read.
    pub allowed: &'a [&'a str],
}

/// L15: every row belongs to a tenant that the scope may read.
pub fn l15_tenants_are_allowed(tenants: &Tenants<'_>) -> Finding {
    if tenants.found.is_empty() {
        return Finding::not_run(LeakCheck::L15, "no row says whose it is");
    }
    let is_foreign =
        |(tenant, rows): &&(&str, usize)| *rows > 0 && !tenants.allowed.contains(tenant);
    let foreign: Vec<&(&str, usize)> = tenants.found.iter().filter(is_foreign).collect();
    let count = foreign.iter().map(|(_, rows)| rows).sum();
    let detail = if foreign.is_empty() {
        format!("all rows belong to {} allowed tenants", tenants.found.len())
    } else {
        let names: Vec<String> =
            foreign.iter().map(|(tenant, rows)| format!("`{tenant}` ({rows} rows)")).collect();
        format!("rows of tenants that may not be read: {}", names.join(", "))
    };
    Finding::strict(LeakCheck::L15, count, detail)
}
