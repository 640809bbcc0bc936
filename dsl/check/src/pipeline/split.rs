//! Splits: shares that make sense together, a purge no shorter than the horizon.

mod folds;

use super::{StepParts, value_of};
use crate::diagnostics::{broken_check, purge_too_short};
use crate::elaborate::Elaborator;
use crate::program::Expr;
use rust_decimal::Decimal;
use suho_domain::{Timeframe, Value, Variant};

/// The split by shares.
const CHRONOLOGICAL: &str = "chronological";
/// Its shares, in the order of time.
const SHARES: [&str; 3] = ["train", "validation", "test"];

impl Elaborator<'_> {
    /// Tells what is wrong with the split of `step`, as far as it is known.
    pub(super) fn split_is_sound(
        &mut self,
        step: &StepParts<'_>,
        known: &dyn Fn(&Expr) -> Option<Value>,
    ) {
        let Some(typed) = step.set("split") else { return };
        let Some(Value::Variant(split)) = value_of(typed, known) else { return };
        if let Some(sentence) = unsound(&split) {
            self.found.push(broken_check::said(typed.at, sentence));
        }
        let Some(Value::Variant(purge)) = split.fields.get("purge") else { return };
        let Some(Value::Int(purge)) = purge.fields.get("count") else { return };
        if let Some(horizon) = horizon(step, known).filter(|horizon| purge < horizon) {
            self.found.push(purge_too_short::new(typed.at, *purge, horizon));
        }
    }
}

/// What is wrong with the shares, if anything.
fn unsound(split: &Variant) -> Option<String> {
    if split.name != CHRONOLOGICAL {
        return folds::unsound(split);
    }
    let shares: Vec<&Value> = SHARES.iter().filter_map(|name| split.fields.get(*name)).collect();
    let ratios: Vec<Decimal> = shares
        .iter()
        .filter_map(|share| match share {
            Value::Ratio(ratio) => Some(ratio.number()),
            _ => None,
        })
        .collect();
    if ratios.is_empty() {
        return None;
    }
    if ratios.len() < shares.len() {
        return Some("shares are all percentages or all whole numbers".to_owned());
    }
    let sum: Decimal = ratios.iter().sum();
    let percent = (sum * Decimal::ONE_HUNDRED).normalize();
    (sum != Decimal::ONE).then(|| format!("the shares sum to {percent}%, not to 100%"))
}

/// How many bars ahead the labels of the data set `step` look.
fn horizon(step: &StepParts<'_>, known: &dyn Fn(&Expr) -> Option<Value>) -> Option<i64> {
    let Value::Duration(horizon) = value_of(step.set("horizon")?, known)? else { return None };
    let Value::Text(timeframe) = value_of(step.set("timeframe")?, known)? else { return None };
    let bar = timeframe.parse::<Timeframe>().ok()?.duration().nanos();
    // A horizon of part of a bar looks into the next one.
    Some(horizon.nanos().div_euclid(bar) + i64::from(horizon.nanos().rem_euclid(bar) > 0))
}

/// The part of the time that lies before the test rows, between 0 and 1.
pub(super) fn before_test(split: &Value) -> Option<f64> {
    let Value::Variant(Variant { name, .. }) = split else { return None };
    (name == CHRONOLOGICAL).then_some(())?;
    let share = |name: &str| split.field(name).and_then(Value::as_f64);
    let (train, validation, test) = (share("train")?, share("validation")?, share("test")?);
    let whole = train + validation + test;
    (whole > 0.0).then(|| (train + validation) / whole)
}
