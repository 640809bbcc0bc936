//! Numbers, quantities, money, dates, instants, versions.

use super::{Elaborator, Typed};
use crate::Type;
use crate::diagnostic::At;
use crate::diagnostics::{instant_without_zone, invalid_literal, unknown_unit};
use suho_domain::units::{Bytes, Duration, Money, Period, Pips, Points, Ratio};
use suho_domain::{Instant, Value, Version};
use suho_syntax::ast::ExprKind;

impl Elaborator<'_> {
    /// The value that a literal writes.
    pub(super) fn literal(&mut self, kind: &ExprKind, at: At) -> Typed {
        match kind {
            ExprKind::Number(text) => self.number(text, at),
            ExprKind::Quantity(text) => self.quantity(text, at),
            ExprKind::Money(text) => {
                let money = text.parse::<Money>().ok();
                self.read(money.map(Value::Money), Type::Money, text, "money like `40 USD`", at)
            }
            ExprKind::Date(text) => {
                let date = text.parse().ok();
                self.read(date.map(Value::Date), Type::Date, text, "a day of the calendar", at)
            }
            ExprKind::Instant(text) => self.instant(text, at),
            ExprKind::Version(text) => {
                let version = text.parse::<Version>().ok();
                let what = "a version like `v1.2.0`";
                self.read(version.map(Value::Version), Type::Version, text, what, at)
            }
            _ => Typed::broken(at),
        }
    }

    fn read(&mut self, value: Option<Value>, ty: Type, text: &str, what: &str, at: At) -> Typed {
        match value {
            Some(value) => Typed::value(value, ty, at),
            None => self.broken(at, invalid_literal::new(at, text, what)),
        }
    }

    fn number(&mut self, text: &str, at: At) -> Typed {
        let plain: String = text.chars().filter(|c| *c != '_').collect();
        if plain.contains(['.', 'e', 'E']) {
            let number = plain.parse().ok().filter(|number: &f64| number.is_finite());
            return self.read(number.map(Value::Float), Type::Float, text, "a finite number", at);
        }
        let what = format!("a whole number up to {}", i64::MAX);
        self.read(plain.parse().ok().map(Value::Int), Type::Int, text, &what, at)
    }

    fn quantity(&mut self, text: &str, at: At) -> Typed {
        let ratio = || text.parse::<Ratio>().ok().map(|it| (Value::Ratio(it), Type::Ratio));
        let points = || text.parse::<Points>().ok().map(|it| (Value::Points(it), Type::Points));
        let pips = || text.parse::<Pips>().ok().map(|it| (Value::Pips(it), Type::Pips));
        let lasting =
            || text.parse::<Duration>().ok().map(|it| (Value::Duration(it), Type::Duration));
        let period = || text.parse::<Period>().ok().map(|it| (Value::Period(it), Type::Period));
        let bytes = || text.parse::<Bytes>().ok().map(|it| (Value::Bytes(it), Type::Bytes));
        let timed = || lasting().or_else(period);
        match ratio().or_else(points).or_else(pips).or_else(timed).or_else(bytes) {
            Some((value, ty)) => Typed::value(value, ty, at),
            None => self.broken(at, unknown_unit::new(at, text)),
        }
    }

    fn instant(&mut self, text: &str, at: At) -> Typed {
        // A zone's name in brackets says for people what the offset says for us.
        let (plain, _) = text.split_once('[').unwrap_or((text, ""));
        if let Ok(instant) = plain.parse::<Instant>() {
            return Typed::value(Value::Instant(instant), Type::Instant, at);
        }
        if format!("{plain}Z").parse::<Instant>().is_ok() {
            return self.broken(at, instant_without_zone::new(at, text));
        }
        self.broken(at, invalid_literal::new(at, text, "an instant like `2025-01-02T10:00:00Z`"))
    }
}
