//! # A value that may never come to be
//!
//! A handler runs when something went wrong, perhaps before a step had made anything. It may use
//! parameters, what is looked up when the run starts, and, after a rollback, what every rollout
//! needs.
//!
//! Wrong:
//!
//! ```suho wrong
//! on failure {
//!   ticket = incident(title: "failed with ${quality.accuracy}")
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! on failure {
//!   ticket = incident(title: "failed: ${event.reason}")
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "maybe-absent";

/// `on event` uses the outputs of `step`, which may not have run.
pub(crate) fn new(at: At, event: &str, step: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{step}` may not have run when `on {event}` does"))
}
