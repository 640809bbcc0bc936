//! Conditions as the cases in which they hold: what each of them says of a figure is an interval.
//!
//! A figure is a metric, a step's output, or the difference of two such. What cannot be read so is
//! left open in its case, so that cases may be more than there are, and never fewer: where none is
//! left, none is.

use super::interval::Interval;
use super::view::Pipeline;
use crate::program::{BinaryOp, Expr, UnaryOp};
use std::collections::BTreeMap;
use suho_domain::Value;

/// Cases kept of one condition; one that has more is left open.
const CASES_MAX: usize = 64;

/// Where each figure lies in one case.
type Case = BTreeMap<String, Interval>;

/// The cases in which something holds.
#[derive(Clone, Debug)]
pub(super) struct Cases(Vec<Case>);

impl Cases {
    /// In which `condition` comes to `wanted`.
    pub(super) fn of(condition: &Expr, wanted: bool, pipeline: &Pipeline<'_>) -> Self {
        if let Some(Value::Bool(value)) = pipeline.known(condition) {
            return if value == wanted { Self::open() } else { Self::none() };
        }
        match condition {
            Expr::Unary(UnaryOp::Not, inner) => Self::of(inner, !wanted, pipeline),
            Expr::Binary(op @ (BinaryOp::And | BinaryOp::Or), sides) => {
                let left = Self::of(&sides.0, wanted, pipeline);
                let right = Self::of(&sides.1, wanted, pipeline);
                if (*op == BinaryOp::And) == wanted { left.and(&right) } else { left.or(right) }
            }
            Expr::Binary(op, sides) => compared(*op, &sides.0, &sides.1, wanted, pipeline),
            _ => Self::open(),
        }
    }

    /// In which both hold.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut cases = Vec::new();
        for one in &self.0 {
            for two in &other.0 {
                let mut case = one.clone();
                for (figure, interval) in two {
                    let met = case.get(figure).map_or(*interval, |first| first.meet(*interval));
                    case.insert(figure.clone(), met);
                }
                if !case.values().any(|interval| interval.is_empty()) {
                    cases.push(case);
                }
            }
            if cases.len() > CASES_MAX {
                return Self::open();
            }
        }
        Self(cases)
    }

    /// Whether there is no case.
    pub(super) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        if self.0.len() > CASES_MAX { Self::open() } else { self }
    }

    /// One case that says nothing.
    fn open() -> Self {
        Self(vec![Case::new()])
    }

    const fn none() -> Self {
        Self(Vec::new())
    }

    fn all(figure: &str, intervals: impl IntoIterator<Item = Interval>) -> Self {
        let case = |interval| Case::from([(figure.to_owned(), interval)]);
        Self(intervals.into_iter().map(case).collect())
    }
}

/// A figure with a number added, or a number alone.
struct Term {
    figure: Option<String>,
    added: f64,
}

fn term(expr: &Expr, pipeline: &Pipeline<'_>) -> Option<Term> {
    if let Some(value) = pipeline.known(expr) {
        return value.as_f64().map(|added| Term { figure: None, added });
    }
    if let Expr::Binary(op @ (BinaryOp::Add | BinaryOp::Subtract), sides) = expr
        && let Some(number) = pipeline.known(&sides.1).and_then(|value| value.as_f64())
    {
        let Term { figure, added } = term(&sides.0, pipeline)?;
        let sign = if *op == BinaryOp::Add { 1.0 } else { -1.0 };
        return Some(Term { figure, added: number.mul_add(sign, added) });
    }
    // Alike where it is written alike: its names are resolved, so it comes to the same.
    Some(Term { figure: Some(format!("{expr:?}")), added: 0.0 })
}

/// The cases in which `left op right` comes to `wanted`.
fn compared(
    op: BinaryOp,
    left: &Expr,
    right: &Expr,
    wanted: bool,
    pipeline: &Pipeline<'_>,
) -> Cases {
    let Some(left) = term(left, pipeline) else { return Cases::open() };
    if op == BinaryOp::In {
        return contained(&left, right, wanted, pipeline);
    }
    let Some(right) = term(right, pipeline) else { return Cases::open() };
    let limit = right.added - left.added;
    let (figure, limit, op) = match (left.figure, right.figure) {
        (Some(left), Some(right)) if left == right => return Cases::open(),
        (Some(left), Some(right)) if left < right => (format!("{left} - {right}"), limit, op),
        (Some(left), Some(right)) => (format!("{right} - {left}"), -limit, flipped(op)),
        (Some(left), None) => (left, limit, op),
        (None, Some(right)) => (right, -limit, flipped(op)),
        (None, None) => return Cases::open(),
    };
    let Some(op) = (if wanted { Some(op) } else { denied(op) }) else { return Cases::open() };
    match op {
        BinaryOp::Less => Cases::all(&figure, [Interval::below(limit, true)]),
        BinaryOp::LessOrEqual => Cases::all(&figure, [Interval::below(limit, false)]),
        BinaryOp::Greater => Cases::all(&figure, [Interval::above(limit, true)]),
        BinaryOp::GreaterOrEqual => Cases::all(&figure, [Interval::above(limit, false)]),
        BinaryOp::Equal => {
            let point = Interval::above(limit, false).meet(Interval::below(limit, false));
            Cases::all(&figure, [point])
        }
        BinaryOp::NotEqual => {
            Cases::all(&figure, [Interval::below(limit, true), Interval::above(limit, true)])
        }
        _ => Cases::open(),
    }
}

/// `figure in low .. high`; the high end is out.
fn contained(left: &Term, right: &Expr, wanted: bool, pipeline: &Pipeline<'_>) -> Cases {
    let (Some(figure), Some(Value::Range(ends))) = (&left.figure, pipeline.known(right)) else {
        return Cases::open();
    };
    let (Some(low), Some(high)) = (ends.0.as_f64(), ends.1.as_f64()) else { return Cases::open() };
    let (low, high) = (low - left.added, high - left.added);
    if wanted {
        return Cases::all(figure, [Interval::above(low, false).meet(Interval::below(high, true))]);
    }
    Cases::all(figure, [Interval::below(low, true), Interval::above(high, false)])
}

const fn flipped(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessOrEqual => BinaryOp::GreaterOrEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterOrEqual => BinaryOp::LessOrEqual,
        op => op,
    }
}

/// The comparison that holds where `op` does not; none where there is none.
const fn denied(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Less => BinaryOp::GreaterOrEqual,
        BinaryOp::LessOrEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessOrEqual,
        BinaryOp::GreaterOrEqual => BinaryOp::Less,
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        _ => return None,
    })
}
