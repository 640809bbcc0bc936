//! # Values that break a kind's own conditions
//!
//! Signatures say what must hold of their attributes: shares that grow and end at 100%, splits
//! that sum to 100%.
//!
//! Wrong:
//!
//! ```suho wrong
//! ramp slowly {
//!   model = tenth.model
//!   steps = [10%, 50%, 25%, 100%]
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! ramp slowly {
//!   model = tenth.model
//!   steps = [10%, 25%, 50%, 100%]
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "broken-check";

/// `what` breaks the condition written `check` in its signature.
pub(crate) fn new(at: At, what: &str, check: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{what}` needs `{check}`"))
}

/// Something that no signature says, as `sentence` does: the shares of a split, a matrix' cells.
pub(crate) fn said(at: At, sentence: String) -> Diagnostic {
    Diagnostic::error(CODE, at, sentence)
}
