//! # A number, date or instant that cannot be
//!
//! It is written like a value and is none: 30 February, a number too large to hold.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! pipeline example(window: Range<Date> = 2023-02-30 .. 2025-01-01) {
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! pipeline example(window: Range<Date> = 2023-02-28 .. 2025-01-01) {
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "invalid-literal";

/// `text` is not `what`: ``a whole number up to 9223372036854775807``.
pub(crate) fn new(at: At, text: &str, what: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{text}` is not {what}"))
}
