//! L6: a feature that is the target by another name.

use super::{Finding, LeakCheck, LeakVerdict};
use crate::labels::Class;

/// Share of rows on which a column must equal a target to be one.
const SAME_MIN: f64 = 0.99;
/// Rank correlation with the future return that no honest feature has.
const CORRELATION_FAIL: f64 = 0.5;
/// Rank correlation with the future return that wants an explanation.
const CORRELATION_WARN: f64 = 0.1;
/// Fewer rows than this correlate by chance.
const CORRELATION_ROWS_MIN: usize = 1_000;
/// A correlation within this many standard errors of zero is chance, whatever its size: the
/// threshold above which none of a catalogue's hundred features on hundreds of data sets lies.
const CORRELATION_ERRORS: f64 = 5.0;

/// What a feature must not be, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    /// Log return over the horizon, `[row]`.
    pub log_returns: &'a [f64],
    /// What happened, `[row]`.
    pub classes: &'a [Class],
    /// The closes 1, 2, … up to horizon bars on, each `[row]`.
    pub future_closes: &'a [&'a [f64]],
}

/// The features to look at, and what they must not be.
#[derive(Clone, Copy, Debug)]
pub struct FeatureColumns<'a> {
    /// Name and values `[row]` of each.
    pub columns: &'a [(&'a str, &'a [f64])],
    /// What they must not be.
    pub targets: Targets<'a>,
}

/// L6: no feature is called like a target, equals one, or foretells it too well.
///
/// `features`: name and values `[row]` of each. A name fails with one of the words `label`,
/// `target`, `y`, `fwd`, `future`, `next`, `lead` in it. A column fails when it equals the future
/// return, the class or a future close on more than 99 % of rows, or when its rank correlation
/// (Spearman's) with the future return is 0.5 or more; 0.1 or more is a warning. Correlations need
/// 1,000 rows and five standard errors: returns over `h` bars overlap, so `n` rows of them say as
/// much as `n / h` independent ones, and a correlation errs by `√(h / n)`.
pub fn l6_target_in_features(features: &[(&str, &[f64])], targets: &Targets<'_>) -> Finding {
    if features.is_empty() || targets.log_returns.is_empty() {
        return Finding::not_run(LeakCheck::L6, "no features or no targets");
    }
    let of_return = ranks(targets.log_returns);
    let horizon = targets.future_closes.len().max(1);
    let (mut fails, mut warns) = (Vec::new(), Vec::new());
    for (name, values) in features {
        if let Some(word) = forbidden_word(name) {
            fails.push(format!("`{name}` has `{word}` in its name"));
        }
        if let Some(target) = equal_target(values, targets) {
            fails.push(format!("`{name}` equals {target}"));
        } else if values.len() >= CORRELATION_ROWS_MIN {
            let correlation = correlation(&ranks(values), &of_return);
            let words =
                format!("`{name}` has a rank correlation of {correlation:.2} with the future");
            let error = (horizon as f64 / values.len() as f64).sqrt();
            let least = CORRELATION_ERRORS * error;
            if correlation.abs() >= CORRELATION_FAIL.max(least) {
                fails.push(words);
            } else if correlation.abs() >= CORRELATION_WARN.max(least) {
                warns.push(words);
            }
        }
    }
    let verdict = match (fails.len(), warns.len()) {
        (0, 0) => LeakVerdict::Pass,
        (0, _) => LeakVerdict::Warn,
        _ => LeakVerdict::Fail,
    };
    let count = fails.len() + warns.len();
    fails.extend(warns);
    let detail = if fails.is_empty() {
        format!("none of {} features is or foretells the target", features.len())
    } else {
        fails.join("; ")
    };
    Finding::of(LeakCheck::L6, verdict, count, detail)
}

fn forbidden_word(name: &str) -> Option<&'static str> {
    const WORDS: [&str; 7] = ["label", "target", "y", "fwd", "future", "next", "lead"];
    let is_in_name = |word: &&str| name.split('_').any(|part| part.eq_ignore_ascii_case(word));
    WORDS.into_iter().find(is_in_name)
}

fn equal_target(values: &[f64], targets: &Targets<'_>) -> Option<String> {
    if is_same(values, targets.log_returns.iter().copied()) {
        return Some("the future return".to_owned());
    }
    let index = |class: &Class| class.index() as f64;
    let classes = targets.classes.iter().map(index);
    // Written as 0, 1, 2 or as −1, 0, 1.
    if is_same(values, classes.clone()) || is_same(values, classes.map(|class| class - 1.0)) {
        return Some("the class".to_owned());
    }
    let future = |(_, closes): &(usize, &&[f64])| is_same(values, closes.iter().copied());
    let (ahead, _) = targets.future_closes.iter().enumerate().find(future)?;
    Some(format!("the close {} bars on", ahead + 1))
}

fn is_same(values: &[f64], target: impl ExactSizeIterator<Item = f64>) -> bool {
    let rows = values.len();
    if rows == 0 || target.len() != rows {
        return false;
    }
    // Adding zero makes −0 and 0 one number.
    let same = values.iter().zip(target).filter(|(a, b)| (**a + 0.0).total_cmp(&(b + 0.0)).is_eq());
    same.count() as f64 > SAME_MIN * rows as f64
}

/// Place of each value in order of size, from 0; equal values share the mean of their places.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        values.iter().enumerate().map(|(row, value)| (*value, row)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let rank = before as f64 + (equal.len() - 1) as f64 / 2.0;
        for (_, row) in equal {
            if let Some(place) = ranks.get_mut(*row) {
                *place = rank;
            }
        }
        before += equal.len();
    }
    ranks
}

/// Pearson's; 0 where one of the two never changes.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (of_a, of_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - of_a, b - of_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}
