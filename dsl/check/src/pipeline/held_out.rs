//! Leakage that shows in the text: a model judged by rows that it learnt from.

use super::follow::Steps;
use super::{StepParts, split, value_of};
use crate::diagnostic::At;
use crate::diagnostics::leakage;
use crate::elaborate::{Elaborator, Typed};
use crate::program::Expr;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use suho_domain::Value;
use suho_syntax::ast::Span;

/// Kinds that judge a model, and the attribute that says by which rows.
const JUDGES: [(&str, &str); 2] = [("evaluate", "data"), ("backtest", "window")];
/// Splits that a model has seen.
const SEEN: [&str; 2] = ["train", "validation"];

impl Elaborator<'_> {
    /// Tells of every step that judges a model by what it has seen.
    pub(super) fn holds_out(
        &mut self,
        steps: &[StepParts<'_>],
        known: &dyn Fn(&Expr) -> Option<Value>,
    ) {
        let by_name = Steps::of(steps);
        for step in steps {
            let kind = step.signature.kind.as_str();
            let Some((_, port)) = JUDGES.iter().find(|(judge, _)| *judge == kind) else { continue };
            let Some(typed) = step.set(port) else { continue };
            if self.uses_seen(typed) {
                continue;
            }
            if let Some((set, from)) = overlap(step, typed, self.zone, &by_name, known) {
                self.found.push(leakage::window(typed.at, set.as_str(), from));
            }
        }
    }

    /// Whether `typed` is a split that was trained on or chosen by; tells it.
    fn uses_seen(&mut self, typed: &Typed) -> bool {
        let Expr::Output { step, path } = &typed.expr else { return false };
        let Some(split) = path.first().filter(|first| SEEN.contains(&&*first.field)) else {
            return false;
        };
        // The word itself, if it is written here and not behind a `let`.
        let written = self.sources.slice(typed.at);
        let span = written.rfind(&format!(".{}", split.field)).map(|dot| {
            let start = typed.at.span.start + dot + 1;
            Span { start, end: start + split.field.len() }
        });
        let span =
            span.filter(|span| self.sources.slice(At::new(typed.at.file, *span)) == split.field);
        self.found.push(leakage::split(typed.at, step.as_str(), &split.field, span));
        true
    }
}

/// The data set, and the day its test rows begin about, when the window written out begins before.
fn overlap(
    step: &StepParts<'_>,
    window: &Typed,
    zone: Tz,
    steps: &Steps<'_, '_>,
    known: &dyn Fn(&Expr) -> Option<Value>,
) -> Option<(suho_domain::Name, NaiveDate)> {
    let starts = day(&value_of(window, known)?, zone)?;
    let name = steps.trained_on(&step.set("model")?.expr)?;
    let set = steps.get(&name)?;
    let Value::Range(whole) = value_of(set.set("window")?, known)? else { return None };
    let (Value::Date(from), Value::Date(to)) = *whole else { return None };
    let share = split::before_test(&value_of(set.set("split")?, known)?)?;
    let days = (to - from).num_days() as f64 * share;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "days between two dates, and a share between 0 and 1"
    )]
    let test = from.checked_add_days(Days::new(days as u64))?;
    (starts < test).then_some((name, test))
}

/// The day that a window begins on, on a calendar in `zone`.
fn day(window: &Value, zone: Tz) -> Option<NaiveDate> {
    let Value::Range(ends) = window else { return None };
    match &ends.0 {
        Value::Date(date) => Some(*date),
        Value::Instant(instant) => Some(instant.to_chrono().with_timezone(&zone).date_naive()),
        _ => None,
    }
}
