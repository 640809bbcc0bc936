//! # The same thing twice
//!
//! A name is given once in a file and once in a pipeline, an attribute is set once in a block.
//! Which of two would hold is not worth knowing.
//!
//! Wrong:
//!
//! ```suho wrong
//! train another {
//!   model      = spec
//!   train      = data.train
//!   validation = data.validation
//!   version    = next(baseline)
//!   epochs     = 20
//!   epochs     = 30
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
//!   epochs     = 30
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "duplicate";

/// `name` was given before, at `first`.
pub(crate) fn new(at: At, name: &str, first: At) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{name}` is given twice")).note(first, "first here")
}
