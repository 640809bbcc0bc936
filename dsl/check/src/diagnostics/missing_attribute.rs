//! # An attribute that must be set
//!
//! What has no default must be given: an attribute of a block, a field of a record, an argument
//! of a choice.
//!
//! Wrong:
//!
//! ```suho wrong
//! train another {
//!   model      = spec
//!   train      = data.train
//!   validation = data.validation
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
//! }
//! ```

use crate::Type;
use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "missing-attribute";

/// `what` needs every one of `missing`: name and type.
pub(crate) fn new(at: At, what: &str, missing: &[(&str, &Type)]) -> Diagnostic {
    let list: Vec<String> = missing.iter().map(|(name, ty)| format!("`{name}: {ty}`")).collect();
    Diagnostic::error(CODE, at, format!("{what} needs {}", list.join(", ")))
}

/// `what` needs a rule written `form`.
pub(crate) fn rule(at: At, what: &str, form: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("{what} needs a rule `{form}`"))
}
