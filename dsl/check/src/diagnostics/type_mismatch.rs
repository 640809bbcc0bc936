//! # A value of another type
//!
//! Nothing is converted silently: a text is not a number, and the outputs of a step are not one
//! of them.
//!
//! Wrong:
//!
//! ```suho wrong
//! train another {
//!   model      = spec
//!   train      = data.train
//!   validation = data.validation
//!   version    = next(baseline)
//!   epochs     = "20"
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! train another {
//!   model      = spec
//!   train      = data.train
//!   validation = data.validation
//!   version    = next(baseline)
//!   epochs     = 20
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "type-mismatch";

/// `expected` is needed and `got` is there.
pub(crate) fn new(at: At, expected: &str, got: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("expected `{expected}`, got `{got}`"))
}

/// An operator that does not take what it is given.
pub(crate) fn operator(at: At, sentence: String) -> Diagnostic {
    Diagnostic::error(CODE, at, sentence)
}
