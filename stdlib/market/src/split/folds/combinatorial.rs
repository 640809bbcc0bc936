//! Every choice of test groups among equal groups of samples, each with what is left to train on.

use std::ops::Range;

use super::{FoldError, Sampling, gap, trimmed};

/// Combinatorial purged cross-validation: for research, not for a gate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Combinatorial {
    /// Groups that the samples are divided into, in order of time, at least 2.
    pub groups: usize,
    /// How many of them are tested at a time, at least 1 and fewer than all.
    pub test: usize,
    /// Bars left out on both sides of a test group because labels overlap; none for the horizon.
    pub purge: Option<usize>,
    /// Further bars so that sequences do not share bars; none for the sequence length.
    pub embargo: Option<usize>,
}

/// One choice of test groups. Ranges are places in the list of samples.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CombinatorialSplit {
    /// The groups that are tested, ascending.
    pub chosen: Vec<usize>,
    /// The samples that a model learns from, in stretches.
    pub train: Vec<Range<usize>>,
    /// The samples that it is measured on, in stretches.
    pub test: Vec<Range<usize>>,
}

/// All choices, and how their tests make up whole histories.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Combinations {
    /// The samples of each group.
    pub groups: Vec<Range<usize>>,
    /// Every choice, in lexical order.
    pub splits: Vec<CombinatorialSplit>,
    /// Each path is one whole history: the split whose test measures each group, `[path][group]`.
    pub paths: Vec<Vec<usize>>,
}

/// Most splits that are made: each is a training.
const SPLITS_MAX: usize = 1_000;

/// Every choice of `rule.test` among `rule.groups` groups of `samples`.
///
/// `samples` `[sample]`: index of the last bar of each, in order. There are C(n, k) splits and
/// k/n · C(n, k) paths: 45 and 9 of n = 10, k = 2. Groups differ by one sample at most.
///
/// # Errors
/// When the purge is shorter than the horizon, or the groups leave nothing to choose or to train
/// on, or too much to choose.
///
/// Source: López de Prado, Advances in Financial Machine Learning, ch. 7 and 12.
pub fn combinatorial(
    samples: &[usize],
    sampling: &Sampling,
    rule: &Combinatorial,
) -> Result<Combinations, FoldError> {
    let Combinatorial { groups, test, .. } = *rule;
    let gap = gap(rule.purge, rule.embargo, sampling)?;
    if test == 0 || groups <= test || groups > samples.len() {
        return Err(FoldError::Groups { groups, test });
    }
    let splits = choices_count(groups, test);
    if splits > SPLITS_MAX as u64 {
        return Err(FoldError::TooManySplits { groups, test, splits, max: SPLITS_MAX });
    }
    if !samples.is_sorted() {
        return Err(FoldError::Order);
    }
    let place = |group: usize| {
        // Never beyond the number of samples, as `group` is never beyond that of the groups.
        let place = samples.len() as u128 * group as u128 / groups as u128;
        usize::try_from(place).unwrap_or(samples.len())
    };
    let ranges: Vec<Range<usize>> =
        (0..groups).map(|group| place(group)..place(group + 1)).collect();
    let split = |chosen: Vec<usize>| CombinatorialSplit {
        test: stretches(&ranges, |group| chosen.contains(&group)),
        train: stretches(&ranges, |group| !chosen.contains(&group))
            .into_iter()
            .map(|train| trimmed(train, samples, gap))
            .filter(|train| !train.is_empty())
            .collect(),
        chosen,
    };
    let splits: Vec<CombinatorialSplit> = choices(groups, test).into_iter().map(split).collect();
    let paths = paths(groups, &splits);
    Ok(Combinations { groups: ranges, splits, paths })
}

/// The groups that are `wanted`, neighbours joined.
fn stretches(groups: &[Range<usize>], wanted: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for (_, group) in groups.iter().enumerate().filter(|(group, _)| wanted(*group)) {
        match stretches.last_mut() {
            Some(before) if before.end == group.start => before.end = group.end,
            _ => stretches.push(group.clone()),
        }
    }
    stretches
}

/// n over k, or the largest number there is.
fn choices_count(n: usize, k: usize) -> u64 {
    let k = k.min(n - k) as u64;
    let step = |count: u64, place: u64| Some(count.checked_mul(n as u64 - place)? / (place + 1));
    (0..k).try_fold(1, step).unwrap_or(u64::MAX)
}

/// Every ascending choice of `k` among `0..n`, in lexical order.
fn choices(n: usize, k: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for left in (0..k).rev() {
        let longer = |choice: Vec<usize>| {
            let from = choice.last().map_or(0, |last| last + 1);
            (from..n - left).map(move |next| {
                let mut longer = choice.clone();
                longer.push(next);
                longer
            })
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// Path p measures each group by the p-th split that tests it.
fn paths(groups: usize, splits: &[CombinatorialSplit]) -> Vec<Vec<usize>> {
    let tested_by = |group: usize| -> Vec<usize> {
        let tests = |(_, split): &(usize, &CombinatorialSplit)| split.chosen.contains(&group);
        splits.iter().enumerate().filter(tests).map(|(place, _)| place).collect()
    };
    let by_group: Vec<Vec<usize>> = (0..groups).map(tested_by).collect();
    let count = by_group.first().map_or(0, Vec::len);
    let path =
        |path: usize| by_group.iter().filter_map(|splits| splits.get(path).copied()).collect();
    (0..count).map(path).collect()
}
