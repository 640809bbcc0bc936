//! Train on a stretch of time, test on the next, step on.

use std::ops::Range;

use chrono::TimeDelta;

use super::{FoldError, Sampling, gap, trimmed};

/// What happens to the begin of train from one fold to the next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Growth {
    /// It steps on, so that every train window is as long as the first.
    Rolling,
    /// It stays, so that train grows.
    Expanding,
}

/// A walk forward.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WalkForward {
    /// Length of the first train window, gap included, in calendar time.
    pub train: TimeDelta,
    /// Length of each test window.
    pub test: TimeDelta,
    /// From one test window's begin to the next one's.
    pub step: TimeDelta,
    /// Whether train begins anew.
    pub growth: Growth,
    /// Bars left out before each test because labels reach into it; none for the horizon.
    pub purge: Option<usize>,
    /// Further bars left out so that sequences do not share bars; none for the sequence length.
    pub embargo: Option<usize>,
    /// Fewest samples to train on.
    pub train_min: usize,
    /// Fewest samples to test on.
    pub test_min: usize,
}

/// One step of a walk forward. Ranges are places in the list of samples.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fold {
    /// The samples that a model learns from.
    pub train: Range<usize>,
    /// The samples that it is measured on.
    pub test: Range<usize>,
    /// Samples of the train window that were left out before the test.
    pub left_out: usize,
}

/// The folds of `samples`, in order of time.
///
/// `samples` `[sample]`: index of the last bar of each, in order. `decisions` `[sample]`: when each
/// decides, in µs, in order. Windows are laid from the first decision on; a last window that the
/// samples do not fill is left out.
///
/// # Errors
/// When the purge is shorter than the horizon, a window is empty, no fold fits, or one has too few
/// samples.
///
/// Source: workflow §4.5.
pub fn walk_forward(
    samples: &[usize],
    decisions: &[i64],
    sampling: &Sampling,
    rule: &WalkForward,
) -> Result<Vec<Fold>, FoldError> {
    let gap = gap(rule.purge, rule.embargo, sampling)?;
    for (name, given) in [("train", rule.train), ("test", rule.test), ("step", rule.step)] {
        if given <= TimeDelta::zero() {
            return Err(FoldError::EmptyWindow { name, given });
        }
    }
    if samples.len() != decisions.len() || !samples.is_sorted() || !decisions.is_sorted() {
        return Err(FoldError::Order);
    }
    let [train, test, step] = [rule.train, rule.test, rule.step].map(micros);
    let needed = TimeDelta::microseconds(train.saturating_add(test));
    let (Some(&first), Some(&last)) = (decisions.first(), decisions.last()) else {
        return Err(FoldError::NoFold { there: TimeDelta::zero(), needed });
    };
    // The last sample speaks for the time until the next one would decide.
    let spacing = decisions.iter().rev().nth(1).map_or(0, |before| last.saturating_sub(*before));
    let end = last.saturating_add(spacing);
    let at = |time: i64| decisions.partition_point(|decision| *decision < time);
    let mut folds = Vec::new();
    let mut begin = first;
    loop {
        let test_from = begin.saturating_add(train);
        let test_to = test_from.saturating_add(test);
        if test_to > end || test_to == i64::MAX {
            break;
        }
        let from = if rule.growth == Growth::Rolling { at(begin) } else { 0 };
        let window = from..at(test_from);
        let test = window.end..at(test_to);
        // Nothing lies before train that it would have to keep away from.
        let kept = trimmed(0..window.end, samples, gap);
        let train = window.start.min(kept.end)..kept.end;
        let left_out = window.len() - train.len();
        folds.push(Fold { train, test, left_out });
        begin = begin.saturating_add(step);
    }
    if folds.is_empty() {
        let there = TimeDelta::microseconds(end.saturating_sub(first));
        return Err(FoldError::NoFold { there, needed });
    }
    enough(&folds, rule)?;
    Ok(folds)
}

fn enough(folds: &[Fold], rule: &WalkForward) -> Result<(), FoldError> {
    let WalkForward { train_min, test_min, .. } = *rule;
    for (place, fold) in folds.iter().enumerate() {
        let (train, test) = (fold.train.len(), fold.test.len());
        if train < train_min || test < test_min {
            let fold = place + 1;
            return Err(FoldError::TooFewRows { fold, train, test, train_min, test_min });
        }
    }
    Ok(())
}

/// A window of more than 292,000 years holds everything.
fn micros(window: TimeDelta) -> i64 {
    window.num_microseconds().unwrap_or(i64::MAX)
}
