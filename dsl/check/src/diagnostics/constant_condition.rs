//! # A condition that is always the same
//!
//! The metric cannot lie on the other side of the threshold: an accuracy is never above 100%. The
//! rule would pass everything, or nothing.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= 120%
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= 62%
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "constant-condition";

/// The condition is always `outcome`, as `why` says.
pub(crate) fn new(at: At, outcome: bool, why: &str) -> Diagnostic {
    let word = if outcome { "always" } else { "never" };
    Diagnostic::error(CODE, at, format!("this {word} holds")).label(why)
}
