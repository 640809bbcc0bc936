//! # A rollback on few labels
//!
//! Labels mature slowly. Over the 48 events of two days a model that is truly right 62% of the
//! time falls below 60% about one time in three. Accuracy is judged by `compare`, which knows how
//! sure it is, and by a `require` at the end.
//!
//! Wrong:
//!
//! ```suho wrong
//! canary trial {
//!   model   = staging.model
//!   against = baseline
//!   rollback when accuracy < 60% for 1h
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! canary trial {
//!   model   = staging.model
//!   against = baseline
//!   compare accuracy {
//!     test   = group_sequential(alpha: 5%)
//!     accept = no_harm
//!   }
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "noisy-rule";

/// A rollback hangs on the point value of `metric`.
pub(crate) fn new(at: At, metric: &str) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        at,
        format!("a rollback on the plain value of `{metric}` is a coin toss"),
    )
    .label("few labels mature in a short time")
    .help(format!("judge it by `compare {metric} {{ … }}`, which knows how sure it is"))
}
