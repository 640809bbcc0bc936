//! # A calendar period for an exact duration
//!
//! A month is 28 to 31 days. Where something lasts, write days or hours: `30d`.
//!
//! Wrong:
//!
//! ```suho wrong
//! shadow trial {
//!   model    = acceptance.model
//!   against  = baseline
//!   duration = 1mo
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! shadow trial {
//!   model    = acceptance.model
//!   against  = baseline
//!   duration = 30d
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_domain::Period;

/// The code.
pub(crate) const CODE: &str = "period-for-duration";

/// A period stands where a duration is needed.
pub(crate) fn new(at: At, period: Option<Period>) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, "a calendar period has no exact length");
    match period {
        Some(period) => {
            // Thirty days a month and 365 a year, as people mean them.
            let days = period.months() / 12 * 365 + period.months() % 12 * 30;
            found.fix(format!("write `{days}d`"), at.span, &format!("{days}d"))
        }
        None => found,
    }
}
