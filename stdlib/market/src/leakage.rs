//! Does a model know what it must not: checks of splits, scalers, features and baselines.
//!
//! Each check is a function of plain data and answers one [`Finding`]. The numbers are those of the
//! workflow's leakage table; the checks that need a trained model or a second computation of the
//! features (L7–L13) belong to who can train and compute.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

mod target;

pub use target::{Targets, l6_target_in_features};

/// What one check came to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The check's number, such as `L1`.
    pub check: String,
    /// How it ended.
    pub verdict: LeakVerdict,
    /// What was looked at and what was found, in one sentence.
    pub detail: String,
    /// How many cases there are.
    pub count: usize,
}

/// How a leakage check ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakVerdict {
    /// Nothing leaks as far as this check sees.
    Pass,
    /// Something is odd.
    Warn,
    /// Something leaks: no gate may pass.
    Fail,
    /// There was nothing to look at, which is not the same as a pass.
    NotRun,
}

impl Finding {
    fn new(check: &str, verdict: LeakVerdict, count: usize, detail: String) -> Self {
        Self { check: check.to_owned(), verdict, detail, count }
    }

    /// A check that bears no case at all.
    fn strict(check: &str, count: usize, detail: String) -> Self {
        let verdict = if count == 0 { LeakVerdict::Pass } else { LeakVerdict::Fail };
        Self::new(check, verdict, count, detail)
    }
}

/// One thing for each part of a split.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parts<T> {
    /// Of train.
    pub train: T,
    /// Of validation.
    pub validation: T,
    /// Of test.
    pub test: T,
}

impl<'a, T> Parts<&'a [T]> {
    /// The parts in order of time, with their names; empty ones left out.
    fn named(self) -> Vec<(&'static str, &'a [T])> {
        [("train", self.train), ("validation", self.validation), ("test", self.test)]
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .collect()
    }
}

/// Neighbouring parts of a split.
fn boundaries<T>(parts: &[T]) -> impl Iterator<Item = (&T, &T)> {
    parts.iter().zip(parts.iter().skip(1))
}

/// L1: every decision of a part lies before every decision of the next.
///
/// `decisions`: decision times in µs, of all symbols together, in any order.
pub fn l1_parts_in_order(decisions: Parts<&[i64]>) -> Finding {
    let parts = decisions.named();
    if parts.len() < 2 {
        return Finding::new("L1", LeakVerdict::NotRun, 0, "fewer than two parts".to_owned());
    }
    let late = |((_, earlier), (_, later)): (&(_, &[i64]), &(_, &[i64]))| {
        let first = later.iter().min().copied().unwrap_or(i64::MAX);
        earlier.iter().filter(|time| **time >= first).count()
    };
    let count = boundaries(&parts).map(late).sum();
    Finding::strict("L1", count, format!("{count} decisions lie in or after the next part"))
}

/// L2: every label of a part is known before the first decision of the next.
///
/// `decisions` and `label_ends`: times in µs, of the samples of each part.
pub fn l2_labels_end_in_time(decisions: Parts<&[i64]>, label_ends: Parts<&[i64]>) -> Finding {
    let (decisions, ends) = (decisions.named(), label_ends.named());
    if decisions.len() < 2 || decisions.len() != ends.len() {
        return Finding::new(
            "L2",
            LeakVerdict::NotRun,
            0,
            "fewer than two labelled parts".to_owned(),
        );
    }
    let overlap = |((_, ends), (_, next)): (&(_, &[i64]), &(_, &[i64]))| {
        let first = next.iter().min().copied().unwrap_or(i64::MAX);
        ends.iter().filter(|end| **end >= first).count()
    };
    let count = ends.iter().zip(decisions.iter().skip(1)).map(overlap).sum();
    Finding::strict("L2", count, format!("{count} labels are known only in the next part"))
}

/// L3: at least `gap` bars lie between the parts: the purge and the embargo that were declared.
///
/// `bars`: index of the last bar of each sample.
pub fn l3_embargo_is_kept(bars: Parts<&[usize]>, gap: usize) -> Finding {
    let parts = bars.named();
    if parts.len() < 2 {
        return Finding::new("L3", LeakVerdict::NotRun, 0, "fewer than two parts".to_owned());
    }
    let narrowest = boundaries(&parts)
        .filter_map(|((_, earlier), (_, later))| {
            let (last, first) = (*earlier.iter().max()?, *later.iter().min()?);
            Some(first.saturating_sub(last).saturating_sub(1))
        })
        .min()
        .unwrap_or(0);
    let count = gap.saturating_sub(narrowest);
    Finding::strict("L3", count, format!("the narrowest gap has {narrowest} bars of {gap}"))
}

/// L4: no sample is in two parts.
///
/// `keys`: what a sample is known by, such as symbol, timeframe and time.
pub fn l4_keys_are_apart<K: Ord>(keys: Parts<&[K]>) -> Finding {
    let mut part_of: BTreeMap<&K, &str> = BTreeMap::new();
    let mut shared = 0;
    for (name, keys) in keys.named() {
        shared += keys.iter().filter(|key| *part_of.entry(key).or_insert(name) != name).count();
    }
    Finding::strict("L4", shared, format!("{shared} samples are in more than one part"))
}

/// Rows of features, row-major.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Values `[row, feature]`.
    pub values: &'a [f64],
    /// Features in a row.
    pub width: usize,
}

impl Rows<'_> {
    /// Each row as whole multiples of 1e-12: what is equal to that precision is the same.
    fn rounded(&self) -> impl Iterator<Item = Vec<u64>> + '_ {
        let round = |value: &f64| ((value * 1e12).round() + 0.0).to_bits();
        let rows = self.values.chunks_exact(self.width.max(1));
        rows.map(move |row| row.iter().map(round).collect())
    }
}

/// L4b: hardly any test row has the same features as a row of train or validation.
///
/// One in a thousand may, by chance; any at all is a warning.
pub fn l4b_rows_are_apart(rows: Parts<Rows<'_>>) -> Finding {
    /// Largest share of test rows that may be found elsewhere.
    const SHARE_MAX: f64 = 0.001;
    let seen: BTreeSet<Vec<u64>> = rows.train.rounded().chain(rows.validation.rounded()).collect();
    let (mut all, mut count) = (0_usize, 0_usize);
    for row in rows.test.rounded() {
        all += 1;
        count += usize::from(seen.contains(&row));
    }
    let verdict = match count {
        _ if all == 0 => LeakVerdict::NotRun,
        0 => LeakVerdict::Pass,
        _ if count as f64 > SHARE_MAX * all as f64 => LeakVerdict::Fail,
        _ => LeakVerdict::Warn,
    };
    let detail = format!("{count} of {all} test rows have the features of an earlier part's row");
    Finding::new("L4b", verdict, count, detail)
}

/// What a scaler subtracts and divides by, `[feature]`.
#[derive(Clone, Copy, Debug)]
pub struct Scaler<'a> {
    /// Subtracted.
    pub mean: &'a [f64],
    /// Divided by.
    pub scale: &'a [f64],
}

/// L5: the scaler was fitted on train alone.
///
/// `stored` is the artifact's; `recomputed` was fitted on train just now; they may differ by 1e-9
/// relative. `fit` and `train` are ranges of samples.
pub fn l5_scaler_is_of_train(
    stored: Scaler<'_>,
    recomputed: Scaler<'_>,
    fit: &Range<usize>,
    train: &Range<usize>,
) -> Finding {
    /// Largest relative difference of numbers that were summed in another order.
    const TOLERANCE: f64 = 1e-9;
    let lengths = [stored.mean, stored.scale, recomputed.mean, recomputed.scale].map(<[f64]>::len);
    let [width, ..] = lengths;
    if width == 0 || lengths.iter().any(|length| *length != width) {
        let detail = "the scaler and the features differ in number".to_owned();
        return Finding::new("L5", LeakVerdict::Fail, width.max(1), detail);
    }
    // Relative to the scale: a mean may be as near to zero as it likes.
    let pairs =
        stored.mean.iter().zip(recomputed.mean).zip(stored.scale.iter().zip(recomputed.scale));
    let differs = |((mean, of_train), (scale, scale_of_train)): &((&f64, &f64), (&f64, &f64))| {
        let unit = scale_of_train.abs().max(of_train.abs());
        let is_same = (*mean - *of_train).abs() <= TOLERANCE * unit
            && (*scale - *scale_of_train).abs() <= TOLERANCE * scale_of_train.abs();
        !is_same
    };
    let count = pairs.filter(differs).count();
    let is_inside = train.start <= fit.start && fit.end <= train.end;
    let detail = format!(
        "{count} of {width} features are scaled otherwise than train says; fitted on samples \
         {}..{} of train {}..{}",
        fit.start, fit.end, train.start, train.end
    );
    Finding::strict("L5", count + usize::from(!is_inside), detail)
}

/// L14: the baseline has not learned from the test's bars.
///
/// `baseline`: the interval of its train and validation in µs, half-open. `test`: decision times of
/// the candidate's test in µs. `purge_us`: how long a label takes.
pub fn l14_test_is_new_to_baseline(baseline: &Range<i64>, test: &[i64], purge_us: i64) -> Finding {
    if test.is_empty() {
        return Finding::new("L14", LeakVerdict::NotRun, 0, "the test has no samples".to_owned());
    }
    let (from, to) =
        (baseline.start.saturating_sub(purge_us), baseline.end.saturating_add(purge_us));
    let count = test.iter().filter(|time| (from..to).contains(time)).count();
    let all = test.len();
    let detail = format!("the baseline has learned from {count} of the test's {all} samples");
    Finding::strict("L14", count, detail)
}

impl fmt::Display for LeakVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NotRun => "not run",
        })
    }
}

/// One line: `L1   pass     0 decisions lie in or after the next part`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { check, verdict, detail, .. } = self;
        write!(f, "{check:<4} {verdict:<8} {detail}")
    }
}

#[cfg(test)]
mod tests;
