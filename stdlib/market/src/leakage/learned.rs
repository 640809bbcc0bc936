//! L9, L10, L13 and L17: what a model's results say about where its skill comes from.

use super::history::scramble;
use super::{Finding, LeakCheck, LeakVerdict};

/// The accuracy of one model on features that come earlier or later than they did.
#[derive(Clone, Copy, Debug)]
pub struct ShiftTest<'a> {
    /// The accuracy of always answering the commonest class, `0..=1`.
    pub majority: f64,
    /// As they came, `0..=1`.
    pub as_is: f64,
    /// One bar late, `0..=1`.
    pub delayed: f64,
    /// 1, 2, … bars early, each `0..=1`; shown beside the others.
    pub advanced: &'a [f64],
}

/// L9: a delay of one bar does not cost most of the skill. Warns.
///
/// A skill of more than 15 points above the majority, of which one bar's delay takes more than
/// half, hangs on the newest bar alone: look whether that bar was complete when it was used.
pub fn l9_delay_costs_little(test: &ShiftTest<'_>) -> Finding {
    /// Skill that wants an explanation, as a share of decisions.
    const EDGE_MIN: f64 = 0.15;
    /// Share of the skill that a delay may cost.
    const LOSS_MAX: f64 = 0.5;
    let ShiftTest { majority, as_is, delayed, advanced } = *test;
    if [majority, as_is, delayed].iter().any(|accuracy| !accuracy.is_finite()) {
        return Finding::not_run(LeakCheck::L9, "an accuracy is not known");
    }
    let edge = as_is - majority;
    let is_odd = edge > EDGE_MIN && as_is - delayed > LOSS_MAX * edge;
    let verdict = if is_odd { LeakVerdict::Warn } else { LeakVerdict::Pass };
    let early: Vec<String> = advanced.iter().map(|share| percent(*share)).collect();
    let detail = format!(
        "accuracy {} as it is, {} with a bar's delay, majority {}{}{}",
        percent(as_is),
        percent(delayed),
        percent(majority),
        if early.is_empty() { "" } else { "; with bars of the future " },
        early.join(", ")
    );
    Finding::of(LeakCheck::L9, verdict, usize::from(is_odd), detail)
}

/// What a model makes of labels that have been torn from their rows.
#[derive(Clone, Copy, Debug)]
pub struct PermutationTest<'a> {
    /// Whether each validation sample was foretold, in order of time, by a model that was trained on
    /// labels permuted by [`block_permutation`].
    pub correct: &'a [bool],
    /// The accuracy of always answering the commonest class of validation, `0..=1`.
    pub majority: f64,
}

/// Labels that are this near, in bars, go together when labels are permuted: they overlap.
const BLOCK: usize = 48;

/// L10: a model trained on permuted labels knows no more than the majority.
///
/// Its validation accuracy must not lie more than 3 standard errors above. The error is of blocks
/// of 48 bars, within which answers are not independent, and not below that of independent answers.
pub fn l10_permuted_labels_teach_nothing(test: &PermutationTest<'_>) -> Finding {
    const ERRORS_MAX: f64 = 3.0;
    let PermutationTest { correct, majority } = *test;
    let blocks = correct.len() / BLOCK;
    if blocks < 2 || !majority.is_finite() {
        let reason =
            format!("{} validation samples are too few for two blocks of {BLOCK}", correct.len());
        return Finding::not_run(LeakCheck::L10, reason);
    }
    let share = |part: &[bool]| {
        part.iter().filter(|is_correct| **is_correct).count() as f64 / part.len() as f64
    };
    let accuracy = share(correct);
    let squares: f64 =
        correct.chunks_exact(BLOCK).map(|block| (share(block) - accuracy).powi(2)).sum();
    let of_blocks = (squares / (blocks as f64 - 1.0) / blocks as f64).sqrt();
    let of_answers = (majority * (1.0 - majority) / correct.len() as f64).sqrt();
    let most = majority + ERRORS_MAX * of_blocks.max(of_answers);
    let detail = format!(
        "a model of permuted labels is right in {} of cases; up to {} is chance",
        percent(accuracy),
        percent(most)
    );
    Finding::strict(LeakCheck::L10, usize::from(accuracy > most), detail)
}

/// An order of `samples` that keeps blocks of 48 together and deals the blocks anew.
///
/// The same seed gives the same order. Every place is in it once.
pub fn block_permutation(samples: usize, seed: u64) -> Vec<usize> {
    let mut blocks: Vec<usize> = (0..samples.div_ceil(BLOCK)).collect();
    // A number of its own for each block; the block's own number decides between equals.
    blocks.sort_by_key(|block| (scramble(seed ^ *block as u64), *block));
    blocks.into_iter().flat_map(|block| block * BLOCK..((block + 1) * BLOCK).min(samples)).collect()
}

/// L13: the test set has not been looked at too often. Warns.
///
/// `evaluations`: how many candidates of the slot were measured on the same test before. Whoever
/// tries twenty models on one test has fitted it with the twentieth.
pub fn l13_test_is_fresh(evaluations: usize) -> Finding {
    const EVALUATIONS_MAX: usize = 20;
    let is_worn = evaluations > EVALUATIONS_MAX;
    let verdict = if is_worn { LeakVerdict::Warn } else { LeakVerdict::Pass };
    let detail = format!("{evaluations} candidates were measured on this test before");
    Finding::of(LeakCheck::L13, verdict, usize::from(is_worn) * evaluations, detail)
}

/// What a model achieved on its test.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// Share of decisions that were right, `0..=1`; none where it was not measured.
    pub accuracy: Option<f64>,
    /// Sharpe ratio of a year and its standard error; none where it was not measured.
    pub sharpe: Option<(f64, f64)>,
    /// Bars of the test.
    pub bars: usize,
    /// Why someone who has looked accepts results that are too good (`accept_suspicious`).
    pub accepted: Option<&'a str>,
}

/// L17: the results are not too good to be true.
///
/// An accuracy of 90 % or more fails, and so does a Sharpe ratio that is 3 or more with three
/// standard errors taken off. Below 3,000 bars of test both warn: chance reaches that far.
pub fn l17_not_too_good(results: &Results<'_>) -> Finding {
    const CHECK: LeakCheck = LeakCheck::L17;
    const ACCURACY_MAX: f64 = 0.9;
    const SHARPE_MAX: f64 = 3.0;
    const ERRORS: f64 = 3.0;
    const BARS_MIN: usize = 3_000;
    let accuracy = results.accuracy.filter(|share| share.is_finite());
    let sharpe = results.sharpe.filter(|(ratio, error)| ratio.is_finite() && error.is_finite());
    let mut odd = Vec::new();
    let mut shown = Vec::new();
    if let Some(share) = accuracy {
        let words = format!("an accuracy of {}", percent(share));
        if share >= ACCURACY_MAX { odd.push(words) } else { shown.push(words) }
    }
    if let Some((ratio, error)) = sharpe {
        let words = format!("a Sharpe ratio of {ratio:.2} ± {error:.2}");
        if ratio - ERRORS * error >= SHARPE_MAX { odd.push(words) } else { shown.push(words) }
    }
    if accuracy.is_none() && sharpe.is_none() {
        return Finding::not_run(CHECK, "neither accuracy nor Sharpe ratio is known");
    }
    let bars = results.bars;
    if odd.is_empty() {
        let detail = format!("{} on {bars} bars", shown.join(" and "));
        return Finding::of(CHECK, LeakVerdict::Pass, 0, detail);
    }
    let too_good = format!("{} on {bars} bars: too good to be true", odd.join(" and "));
    let (verdict, detail) = match results.accepted.map(str::trim).filter(|why| !why.is_empty()) {
        Some(why) => (LeakVerdict::Warn, format!("{too_good}; accepted: {why}")),
        None if bars < BARS_MIN => (LeakVerdict::Warn, too_good),
        None => (LeakVerdict::Fail, too_good),
    };
    Finding::of(CHECK, verdict, odd.len(), detail)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
