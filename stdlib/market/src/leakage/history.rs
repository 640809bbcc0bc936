//! L7 and L8: a feature is made of the bars before it, and of no more of them than it says.

use std::fmt;
use std::ops::Range;

use super::{Finding, LeakCheck, Rows};

/// How many places L7 hides the future at, and how many rows L8 computes anew.
const PLACES: usize = 20;

/// The features as they were computed, and the means to compute them again from fewer bars.
#[derive(Clone, Copy)]
pub struct History<'a> {
    /// Name of each feature.
    pub names: &'a [&'a str],
    /// All rows `[bar, feature]`, computed from all bars.
    pub rows: Rows<'a>,
    /// The rows of the bars in a range, computed from those bars alone.
    pub recompute: &'a dyn Fn(Range<usize>) -> Result<Vec<f64>, String>,
    /// Bars that must stand before a row for its features to be settled.
    pub warm_up: usize,
    /// Chooses the places; the same seed chooses the same.
    pub seed: u64,
}

/// L7: hiding the future changes no feature.
///
/// At 20 places, one in each twentieth of the bars, the features of the bars before it are computed
/// anew as if there were no later ones. They must agree within 1e-12, or 1e-9 relative where the
/// machine rounds a fused product otherwise. This is the test that finds look-ahead of any making:
/// a centred window, a fill from behind, a scale or rank over the whole series.
///
/// Source: workflow L7; the same idea as freqtrade's `lookahead-analysis`.
pub fn l7_future_is_not_needed(history: &History<'_>) -> Finding {
    const CHECK: LeakCheck = LeakCheck::L7;
    let bars = history.rows.iter().len();
    // Before the warm-up there are few values to compare.
    let places = places(history.warm_up.min(bars / 2)..bars, history.seed);
    if places.is_empty() {
        return Finding::not_run(CHECK, "there are no rows to compute anew");
    }
    let (mut count, mut first) = (0, None);
    for place in &places {
        let values = match recompute(history, 0..*place) {
            Ok(values) => values,
            Err(reason) => return Finding::not_run(CHECK, reason),
        };
        let pairs = history.rows.values.iter().zip(&values).enumerate();
        for (cell, _) in pairs.filter(|(_, (known, cut))| !is_same(**known, **cut)) {
            count += 1;
            first.get_or_insert((cell % history.rows.width, cell / history.rows.width, *place));
        }
    }
    let detail = match first {
        None => format!("no feature changes when the future is hidden at {} places", places.len()),
        Some((feature, bar, place)) => format!(
            "{count} values change when the future is hidden: first `{}` of bar {bar} when the bars \
             from {place} on are",
            history.name(feature)
        ),
    };
    Finding::strict(CHECK, count, detail)
}

/// L8: a feature of a settled bar does not depend on where the history begins.
///
/// 20 rows are computed anew from `warm_up` bars before them. They may differ by a millionth of
/// the feature's standard deviation.
///
/// Source: workflow L8 with the tolerance of its warm-up rule; the same idea as freqtrade's
/// `recursive-analysis`.
pub fn l8_start_is_forgotten(history: &History<'_>) -> Finding {
    const CHECK: LeakCheck = LeakCheck::L8;
    /// In standard deviations of the feature.
    const TOLERANCE: f64 = 1e-6;
    let bars = history.rows.iter().len();
    // One bar more than the warm-up, so that at least one is hidden.
    let rows = places(history.warm_up.saturating_add(1)..bars, history.seed);
    if rows.is_empty() {
        let warm_up = history.warm_up;
        let reason = format!("{bars} bars do not reach beyond a warm-up of {warm_up}");
        return Finding::not_run(CHECK, reason);
    }
    let deviations = deviations(history.rows);
    let (mut count, mut worst) = (0, (0.0_f64, 0, 0));
    for row in &rows {
        let values = match recompute(history, row - history.warm_up..row + 1) {
            Ok(values) => values,
            Err(reason) => return Finding::not_run(CHECK, reason),
        };
        let anew = Rows { values: &values, width: history.rows.width };
        let pairs = history.rows.get(*row).zip(anew.get(history.warm_up));
        let pairs = pairs.into_iter().flat_map(|(known, cut)| known.iter().zip(cut));
        for (feature, ((known, cut), deviation)) in pairs.zip(&deviations).enumerate() {
            if is_same(*known, *cut) {
                continue;
            }
            // Not a number when one of the two is missing: that differs however large the tolerance.
            let off = (known - cut).abs() / deviation;
            if off.is_nan() || off > TOLERANCE {
                count += 1;
            }
            if off.is_nan() || off > worst.0 {
                worst = (if off.is_nan() { f64::INFINITY } else { off }, feature, *row);
            }
        }
    }
    let detail = if count == 0 {
        format!("{} rows are the same with a history of {} bars", rows.len(), history.warm_up)
    } else {
        let (off, feature, row) = worst;
        format!(
            "{count} values depend on where the history begins: worst `{}` of bar {row}, by \
             {off:.1e} standard deviations",
            history.name(feature)
        )
    };
    Finding::strict(CHECK, count, detail)
}

impl History<'_> {
    fn name(&self, feature: usize) -> &str {
        self.names.get(feature).copied().unwrap_or("?")
    }
}

/// The rows of `bars` alone, as many values as they must be.
fn recompute(history: &History<'_>, bars: Range<usize>) -> Result<Vec<f64>, String> {
    let expected = bars.len() * history.rows.width;
    let values = (history.recompute)(bars)?;
    if values.len() == expected {
        return Ok(values);
    }
    Err(format!("the second computation gave {} values of {expected}", values.len()))
}

/// Equal as far as two ways of rounding go; missing in both is equal too.
fn is_same(a: f64, b: f64) -> bool {
    const ABSOLUTE: f64 = 1e-12;
    const RELATIVE: f64 = 1e-9;
    // The usual case first: nearly all values are the same to the last bit.
    a.to_bits() == b.to_bits()
        || (a - b).abs() <= ABSOLUTE.max(RELATIVE * a.abs().max(b.abs()))
        || (a.is_nan() && b.is_nan())
}

/// Up to [`PLACES`] of `among`, one in each equal stretch of it.
fn places(among: Range<usize>, seed: u64) -> Vec<usize> {
    let count = PLACES.min(among.len());
    let place = |stretch: usize| {
        let start = among.start + among.len() * stretch / count;
        let end = among.start + among.len() * (stretch + 1) / count;
        let (within, length) = (scramble(seed ^ stretch as u64), (end - start).max(1) as u64);
        start + usize::try_from(within % length).unwrap_or(0)
    };
    (0..count).map(place).collect()
}

/// A well-mixed number of `seed` (splitmix64's finisher, by Vigna).
pub(super) fn scramble(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The standard deviation of each feature over the rows where it is finite.
fn deviations(rows: Rows<'_>) -> Vec<f64> {
    let of = |feature: usize| {
        let values =
            || rows.iter().filter_map(move |row| row.get(feature)).filter(|v| v.is_finite());
        let count = values().count() as f64;
        let mean = values().sum::<f64>() / count;
        (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
    };
    (0..rows.width).map(of).collect()
}

impl fmt::Debug for History<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { names, warm_up, seed, .. } = self;
        f.debug_struct("History")
            .field("names", names)
            .field("warm_up", warm_up)
            .field("seed", seed)
            .finish_non_exhaustive()
    }
}
