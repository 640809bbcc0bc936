//! What a rule's comparison of a metric says, whatever the metric will be.

use super::operator::OVER;
use super::{Elaborator, Typed};
use crate::Better;
use crate::diagnostics::{constant_condition, noisy_rule, wrong_direction};
use crate::program::{BinaryOp, Expr, Verb};
use suho_domain::Value;
use suho_syntax::ast::Span;

/// Metrics that need labels to mature, of which a short time has few.
const LABELLED: [&str; 5] = ["accuracy", "auc", "f1", "precision", "recall"];

impl Elaborator<'_> {
    /// Looks at `left op right` in a rule with `verb`.
    pub(super) fn judge(
        &mut self,
        verb: Verb,
        (op, span): (BinaryOp, Span),
        left: &Typed,
        right: &Typed,
    ) {
        match (self.metric(left), self.metric(right)) {
            (Some(metric), None) => {
                self.judge_metric(verb, (op, span), &metric, left, right, false);
            }
            (None, Some(metric)) => {
                self.judge_metric(verb, (flipped(op), span), &metric, right, left, true);
            }
            _ => {}
        }
    }

    /// The metric that `typed` is a value of, if it is one's.
    fn metric(&self, typed: &Typed) -> Option<String> {
        let name = match &typed.expr {
            Expr::Live(name) => name.split('.').next().map(str::to_owned),
            Expr::Output { path, .. } => path.first().map(|access| access.field.clone()),
            Expr::Call(name, args) if name == OVER => match args.first() {
                Some((_, Expr::Live(name))) => name.split('.').next().map(str::to_owned),
                _ => None,
            },
            _ => None,
        }?;
        self.library.metrics.contains_key(&name).then_some(name)
    }

    fn judge_metric(
        &mut self,
        verb: Verb,
        (op, span): (BinaryOp, Span),
        name: &str,
        measured: &Typed,
        limit: &Typed,
        is_flipped: bool,
    ) {
        let Some(metric) = self.library.metrics.get(name) else { return };
        let at = crate::diagnostic::At::new(
            measured.at.file,
            Span {
                start: measured.at.span.start.min(limit.at.span.start),
                end: measured.at.span.end.max(limit.at.span.end),
            },
        );
        if let (Expr::Value(limit), Some((low, high))) = (&limit.expr, &metric.domain)
            && metric.ty == measured.ty
            && let Some(outcome) = settled(op, low, high, limit)
        {
            let why = format!("`{name}` lies between {low} and {high}");
            self.found.push(constant_condition::new(at, outcome, &why));
            return;
        }
        let is_upper = matches!(op, BinaryOp::Less | BinaryOp::LessOrEqual);
        let asks_low = match verb {
            Verb::Require => is_upper,
            Verb::Rollback => !is_upper,
            Verb::Hold | Verb::Compare | Verb::Fire => return,
        };
        let is_wrong = match metric.better {
            Better::Higher => asks_low,
            Better::Lower => !asks_low,
            Better::Neither => false,
        };
        if is_wrong {
            // The operator as written is the other way round when the metric stands on the right.
            let written = if is_flipped { flipped(op) } else { op };
            let instead = sign(flipped(written));
            self.found.push(wrong_direction::new(at, name, metric.better, span, instead));
        } else if verb == Verb::Rollback
            && LABELLED.contains(&name)
            && matches!(limit.expr, Expr::Value(_))
        {
            self.found.push(noisy_rule::new(at, name));
        }
    }
}

/// Whether `metric op limit` is the same for every metric between `low` and `high`.
fn settled(op: BinaryOp, low: &Value, high: &Value, limit: &Value) -> Option<bool> {
    let (low, high) = (crate::fold::compare(low, limit)?, crate::fold::compare(high, limit)?);
    let (always, never) = match op {
        BinaryOp::Less => (high.is_lt(), low.is_ge()),
        BinaryOp::LessOrEqual => (high.is_le(), low.is_gt()),
        BinaryOp::Greater => (low.is_gt(), high.is_le()),
        BinaryOp::GreaterOrEqual => (low.is_ge(), high.is_lt()),
        _ => (false, false),
    };
    if always { Some(true) } else { never.then_some(false) }
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

const fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::GreaterOrEqual => ">=",
        _ => ">",
    }
}
