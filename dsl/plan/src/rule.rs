//! Rules as data, and their four answers.

use crate::evaluate::{Facts, Missing, evaluate};
use serde::{Deserialize, Serialize};
use std::fmt;
use suho_check::program::{BinaryOp, Expr, Rule};
use suho_domain::{Points, Ratio, Value};

/// What a rule says now (decisions: rules and statistics).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It holds.
    True,
    /// It does not.
    False,
    /// A measurement it needs has no answer: nothing is decided by it. Why.
    NoData(String),
    /// It speaks of a baseline and there is none: shown, not deciding.
    NotApplicable(String),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::True => "true",
            Self::False => "false",
            Self::NoData(_) => "no data",
            Self::NotApplicable(_) => "not applicable",
        })
    }
}

/// What `rule` says, given `facts`.
pub fn answer(rule: &Rule, facts: &dyn Facts) -> Answer {
    match evaluate(&rule.condition, facts) {
        Ok(Value::Bool(true)) => Answer::True,
        Ok(Value::Bool(false)) => Answer::False,
        Ok(other) => Answer::NoData(format!("`{other}` is neither true nor false")),
        Err(Missing::Nothing(what)) => Answer::NotApplicable(format!("there is no `{what}`")),
        Err(missing) => Answer::NoData(missing.to_string()),
    }
}

/// The two sides of a rule's comparison, for people: what is measured, and the limit.
///
/// `None` when the rule is no plain comparison. A side that has no value is a dash.
pub fn operands(rule: &Rule, facts: &dyn Facts) -> Option<(String, String)> {
    let Expr::Binary(op, sides) = &rule.condition else { return None };
    let is_comparison = matches!(
        op,
        BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual
            | BinaryOp::Equal
            | BinaryOp::NotEqual
    );
    let side = |expr: &Expr| evaluate(expr, facts);
    is_comparison.then(|| match (side(&sides.0), side(&sides.1)) {
        (Ok(left), Ok(right)) => apart(&left, &right),
        (left, right) => (said(left), said(right)),
    })
}

/// The rule's answer says why a side has no value.
fn said(side: Result<Value, Missing>) -> String {
    side.map_or_else(|_| "–".to_owned(), |value| rounded(&value))
}

/// Both values rounded for people; in full where rounding would make unequal ones look equal.
fn apart(left: &Value, right: &Value) -> (String, String) {
    let (short, limit) = (rounded(left), rounded(right));
    if short == limit && left != right {
        (left.to_string(), right.to_string())
    } else {
        (short, limit)
    }
}

/// A value with as many digits as decide: a hundredth of a percent, a microsecond, four decimals.
pub fn rounded(value: &Value) -> String {
    const RATIO_DECIMALS: u32 = 4;
    match value {
        Value::Ratio(ratio) => {
            Ratio::new(ratio.number().round_dp(RATIO_DECIMALS).normalize()).to_string()
        }
        Value::Points(points) => {
            Points::new(points.number().round_dp(RATIO_DECIMALS).normalize()).to_string()
        }
        Value::Duration(span)
            if span.nanos().unsigned_abs() < SECOND && span.nanos() % 10_000 != 0 =>
        {
            format!("{:.2}ms", span.millis_f64())
        }
        Value::Float(number) => format!("{number:.4}"),
        other => other.to_string(),
    }
}

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

#[cfg(test)]
mod tests;
