//! # A trigger that may start run after run
//!
//! What fires goes on firing: drift does not go away by tomorrow, an alert may come back within the
//! minute. A cooldown is the time that the last run's model is given to make a difference: longer than
//! the time between two looks for drift, at least an hour after an alert.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ops
//! use "./example.suho" { retrain }
//!
//! monitor prod {
//!   model = production("direction")
//!
//!   drift shifted {
//!     schedule = cron("10 0 * * *")
//!     fire when verdict == drift
//!   }
//! }
//!
//! trigger drifted {
//!   on       = fired(prod.shifted)
//!   run      = retrain()
//!   cooldown = 6h
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ops
//! use "./example.suho" { retrain }
//!
//! monitor prod {
//!   model = production("direction")
//!
//!   drift shifted {
//!     schedule = cron("10 0 * * *")
//!     fire when verdict == drift
//!   }
//! }
//!
//! trigger drifted {
//!   on       = fired(prod.shifted)
//!   run      = retrain()
//!   cooldown = 7d
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_domain::Duration;

/// The code.
pub(crate) const CODE: &str = "trigger-storm";

/// The `cooldown` of `trigger` is shorter than `least`, which is how soon `watch` may fire again.
pub(crate) fn new(
    at: At,
    trigger: &str,
    watch: &str,
    cooldown: Duration,
    least: Duration,
) -> Diagnostic {
    let message = format!("`{trigger}` may start run after run");
    Diagnostic::warning(CODE, at, message)
        .label(format!("`{watch}` may fire again after {least}, and the cooldown is {cooldown}"))
        .help("leave `cooldown` out: 72h after an alert, 7d after drift")
}
