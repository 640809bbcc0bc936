//! L1 to L4b: the parts of a split have nothing to do with each other.

use std::collections::{BTreeMap, BTreeSet};

use super::history::scramble;
use super::{Finding, LeakCheck, LeakVerdict};

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

impl<T> Parts<T> {
    /// The same of each part.
    pub fn map<U>(self, mut of: impl FnMut(T) -> U) -> Parts<U> {
        Parts { train: of(self.train), validation: of(self.validation), test: of(self.test) }
    }

    /// The parts, borrowed.
    pub fn as_ref(&self) -> Parts<&T> {
        Parts { train: &self.train, validation: &self.validation, test: &self.test }
    }

    /// The parts in order of time.
    fn each(self) -> [T; 3] {
        [self.train, self.validation, self.test]
    }
}

impl<'a, T> Parts<&'a [T]> {
    /// The parts in order of time; empty ones left out.
    fn filled(self) -> Vec<&'a [T]> {
        self.each().into_iter().filter(|part| !part.is_empty()).collect()
    }
}

/// Neighbouring parts of a split.
fn boundaries<T>(parts: &[T]) -> impl Iterator<Item = (&T, &T)> {
    parts.iter().zip(parts.iter().skip(1))
}

/// What a check says that has no boundary to look at.
const NO_BOUNDARY: &str = "fewer than two parts have samples";

/// L1: every decision of a part lies before every decision of the next.
///
/// `decisions`: decision times in µs, of all symbols together, in any order: a symbol whose train
/// reaches into another symbol's test leaks as much as one that reaches into its own.
pub fn l1_parts_in_order(decisions: Parts<&[i64]>) -> Finding {
    let parts = decisions.filled();
    if parts.len() < 2 {
        return Finding::not_run(LeakCheck::L1, NO_BOUNDARY);
    }
    let late = |(earlier, later): (&&[i64], &&[i64])| {
        let first = later.iter().min().copied().unwrap_or(i64::MAX);
        earlier.iter().filter(|time| **time >= first).count()
    };
    let count = boundaries(&parts).map(late).sum();
    let detail = format!("{count} decisions lie in or after the next part");
    Finding::strict(LeakCheck::L1, count, detail)
}

/// L2: every label of a part is known before the first decision of the next.
///
/// `decisions` and `label_ends`: times in µs, of the samples of each part, one label a sample.
pub fn l2_labels_end_in_time(decisions: Parts<&[i64]>, label_ends: Parts<&[i64]>) -> Finding {
    let of_parts = decisions.each().into_iter().zip(label_ends.each());
    if let Some((decisions, ends)) = of_parts.clone().find(|(d, ends)| d.len() != ends.len()) {
        let (decisions, ends) = (decisions.len(), ends.len());
        let reason = format!("a part has {decisions} decisions and {ends} labels");
        return Finding::not_run(LeakCheck::L2, reason);
    }
    let parts: Vec<(&[i64], &[i64])> = of_parts.filter(|(d, _)| !d.is_empty()).collect();
    if parts.len() < 2 {
        return Finding::not_run(LeakCheck::L2, NO_BOUNDARY);
    }
    let overlap = |((_, ends), (next, _)): (&(_, &[i64]), &(&[i64], _))| {
        let first = next.iter().min().copied().unwrap_or(i64::MAX);
        ends.iter().filter(|end| **end >= first).count()
    };
    let count = boundaries(&parts).map(overlap).sum();
    Finding::strict(LeakCheck::L2, count, format!("{count} labels are known only in the next part"))
}

/// What was declared to lie between the parts, and where their samples are.
#[derive(Clone, Copy, Debug)]
pub struct Gap<'a> {
    /// Index of the last bar of each sample.
    pub bars: Parts<&'a [usize]>,
    /// Purge and embargo together, in bars.
    pub declared: usize,
}

/// L3: at least `gap` bars lie between the parts: the purge and the embargo that were declared.
///
/// `bars`: index of the last bar of each sample.
pub fn l3_embargo_is_kept(bars: Parts<&[usize]>, gap: usize) -> Finding {
    let parts = bars.filled();
    if parts.len() < 2 {
        return Finding::not_run(LeakCheck::L3, NO_BOUNDARY);
    }
    // None where the later part begins in the earlier one: that is no gap, not even one of 0 bars.
    let between = |(earlier, later): (&&[usize], &&[usize])| {
        let (last, first) = (*earlier.iter().max()?, *later.iter().min()?);
        first.checked_sub(last)?.checked_sub(1)
    };
    let Some(gaps) = boundaries(&parts).map(between).collect::<Option<Vec<usize>>>() else {
        let detail = "a part begins before the one before it ends".to_owned();
        return Finding::strict(LeakCheck::L3, gap.max(1), detail);
    };
    let narrowest = gaps.into_iter().min().unwrap_or(0);
    let count = gap.saturating_sub(narrowest);
    let detail = format!("the narrowest gap has {narrowest} bars of {gap}");
    Finding::strict(LeakCheck::L3, count, detail)
}

/// What a sample is known by.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SampleKey<'a> {
    /// What is priced.
    pub symbol: &'a str,
    /// Length of a bar in µs.
    pub timeframe_us: i64,
    /// Opening time of the sample's last bar, in µs.
    pub time: i64,
}

/// L4: no sample is in two parts.
///
/// `keys`: what a sample is known by, such as a [`SampleKey`].
pub fn l4_keys_are_apart<K: Ord>(keys: Parts<&[K]>) -> Finding {
    let parts = keys.filled();
    if parts.len() < 2 {
        return Finding::not_run(LeakCheck::L4, NO_BOUNDARY);
    }
    let mut part_of: BTreeMap<&K, usize> = BTreeMap::new();
    let mut shared = 0;
    for (part, keys) in parts.into_iter().enumerate() {
        shared += keys.iter().filter(|key| *part_of.entry(key).or_insert(part) != part).count();
    }
    let detail = format!("{shared} samples are in more than one part");
    Finding::strict(LeakCheck::L4, shared, detail)
}

/// Rows of features, row-major.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Values `[row, feature]`.
    pub values: &'a [f64],
    /// Features in a row.
    pub width: usize,
}

impl<'a> Rows<'a> {
    /// The rows one by one; a width of 0 has none.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f64]> + use<'a> {
        let values = if self.width == 0 { &[] } else { self.values };
        values.chunks_exact(self.width.max(1))
    }

    /// One row; none past the end.
    pub(super) fn get(&self, row: usize) -> Option<&'a [f64]> {
        let start = row.checked_mul(self.width)?;
        self.values.get(start..start.checked_add(self.width)?)
    }

    /// A hash of each row as whole multiples of 1e-12: what is equal to that precision is the same.
    ///
    /// Of 64 bits: among a million rows two different ones agree once in thirty million tries.
    fn hashes(&self) -> impl Iterator<Item = u64> + use<'a> {
        let rounded = |value: &f64| ((value * 1e12).round() + 0.0).to_bits();
        let hash = move |row: &[f64]| row.iter().fold(0, |hash, v| scramble(hash ^ rounded(v)));
        self.iter().map(hash)
    }
}

/// L4b: hardly any test row has the same features as a row of train or validation.
///
/// One in a thousand may, by chance; any at all is a warning.
pub fn l4b_rows_are_apart(rows: Parts<Rows<'_>>) -> Finding {
    /// Largest share of test rows that may be found elsewhere.
    const SHARE_MAX: f64 = 0.001;
    let seen: BTreeSet<u64> = rows.train.hashes().chain(rows.validation.hashes()).collect();
    if seen.is_empty() || rows.test.iter().len() == 0 {
        return Finding::not_run(LeakCheck::L4b, "there are no rows to compare");
    }
    let all = rows.test.iter().len();
    let count = rows.test.hashes().filter(|hash| seen.contains(hash)).count();
    let verdict = match count {
        0 => LeakVerdict::Pass,
        _ if count as f64 > SHARE_MAX * all as f64 => LeakVerdict::Fail,
        _ => LeakVerdict::Warn,
    };
    let detail = format!("{count} of {all} test rows have the features of an earlier part's row");
    Finding::of(LeakCheck::L4b, verdict, count, detail)
}
