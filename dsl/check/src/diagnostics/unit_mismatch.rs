//! # Numbers of different units
//!
//! `20%` is not `20` and not `0.2`; a duration is not a count. Numbers with units are only
//! compared and added with their own kind.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= 60
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= 60%
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "unit-mismatch";

/// `expected` is needed and `got` is there.
pub(crate) fn new(at: At, expected: &str, got: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("expected `{expected}`, got `{got}`"))
}

/// Two sides that do not go together: `verb` is `compare`, `add`, ….
pub(crate) fn sides(at: At, verb: &str, left: &str, right: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("cannot {verb} `{left}` and `{right}`"))
}
