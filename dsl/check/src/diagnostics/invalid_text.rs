//! # A text that lacks its form
//!
//! Some texts have a form of their own, which is checked where they are written: symbols
//! (`EUR/USD`), timeframes, zones, URLs, paths, names of features.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! project example {
//!   timezone = "Europe/Berlim"
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! project example {
//!   timezone = "Europe/Berlin"
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "invalid-text";

/// The text is not of its form, as `sentence` says.
pub(crate) fn new(at: At, sentence: String) -> Diagnostic {
    Diagnostic::error(CODE, at, sentence)
}
