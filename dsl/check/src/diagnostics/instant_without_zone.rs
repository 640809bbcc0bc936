//! # An instant without its zone
//!
//! 10 o'clock where? An instant says: `Z` for UTC, or an offset like `+01:00`.
//!
//! Wrong:
//!
//! ```suho wrong
//! backtest past {
//!   model  = candidate.model
//!   window = 2025-01-01T00:00:00 .. 2025-02-01T00:00:00Z
//!   costs  = retail
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! backtest past {
//!   model  = candidate.model
//!   window = 2025-01-01T00:00:00Z .. 2025-02-01T00:00:00Z
//!   costs  = retail
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "instant-without-zone";

/// The instant `text` has no zone.
pub(crate) fn new(at: At, text: &str) -> Diagnostic {
    let fixed = format!("{text}Z");
    Diagnostic::error(CODE, at, format!("`{text}` has no zone")).fix(
        format!("write `{fixed}` for UTC"),
        at.span,
        &fixed,
    )
}
