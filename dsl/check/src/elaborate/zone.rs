//! Dates are instants only somewhere: a day begins when the pipeline's zone says so.

use super::{Elaborator, Typed};
use crate::program::Expr;
use chrono::{Days, Months, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use suho_domain::{Duration, Instant, Value};
use suho_time::resolve_local;

/// The function that makes instants of what is not known before the run: `in_zone(days, "UTC")`.
pub(crate) const FUNCTION: &str = "in_zone";

impl Elaborator<'_> {
    /// A date, or a range of dates, as the instants that its days begin at.
    pub(super) fn in_zone(&self, typed: Typed) -> Typed {
        let zone = Expr::Value(Value::text(self.zone.name()));
        let call = Expr::Call(FUNCTION.to_owned(), vec![(None, typed.expr), (None, zone)]);
        Typed { expr: crate::fold::folded(call), ..typed }
    }
}

/// `value` with its dates made instants of `zone`: what `in_zone` gives; none where it has none to
/// make, or there is no such zone.
pub fn begun(value: &Value, zone: &str) -> Option<Value> {
    let zone = suho_time::parse_zone(zone).ok()?;
    let instant = |value: &Value| match value {
        Value::Date(date) => Some(Value::Instant(midnight(*date, zone)?)),
        Value::Instant(_) => Some(value.clone()),
        _ => None,
    };
    match value {
        Value::Range(ends) => Some(Value::Range(Box::new((instant(&ends.0)?, instant(&ends.1)?)))),
        value => instant(value),
    }
}

/// The days of `span` before `at`, by the clocks of `zone`: from so long ago until the day that it is
/// at `at`, which is left out. A duration counts by whole days, and a part of one as a day. None where
/// `span` is no span of time, there is no such zone, or no calendar goes back so far.
pub fn days_before(span: &Value, at: Instant, zone: &str) -> Option<Value> {
    let zone = suho_time::parse_zone(zone).ok()?;
    let today = at.to_chrono().with_timezone(&zone).date_naive();
    let first = match span {
        Value::Period(period) => today.checked_sub_months(Months::new(period.months()))?,
        Value::Duration(span) => {
            let day = Duration::DAY.nanos();
            let days = span.nanos().div_euclid(day) + i64::from(span.nanos().rem_euclid(day) > 0);
            today.checked_sub_days(Days::new(u64::try_from(days).ok()?))?
        }
        _ => return None,
    };
    Some(Value::Range(Box::new((Value::Date(first), Value::Date(today)))))
}

/// When `date` begins. Where clocks skip midnight, it begins as late as the clocks do.
fn midnight(date: NaiveDate, zone: Tz) -> Option<Instant> {
    let local = resolve_local(date.and_time(NaiveTime::MIN), zone)?;
    Some(Instant::from_chrono(local.first()))
}
