//! # A name that means two things
//!
//! A word is both a name in sight and a choice of the enum expected. Write the enum before it, or
//! give the other thing another name.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ml
//!
//! let flat = 3
//!
//! model example {
//!   target   = { symbol = "EUR/USD", timeframe = 1h, horizon = 4h }
//!   classes  = [down, flat, up]
//!   features = ["close"]
//!   layers   = [output(units: 3)]
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ml
//!
//! let flat = 3
//!
//! model example {
//!   target   = { symbol = "EUR/USD", timeframe = 1h, horizon = 4h }
//!   classes  = [down, Class.flat, up]
//!   features = ["close"]
//!   layers   = [output(units: 3)]
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "ambiguous-name";

/// `name` stands for what is defined at `other` and for a choice of `of`.
pub(crate) fn new(at: At, name: &str, of: &str, other: Option<At>) -> Diagnostic {
    let found =
        Diagnostic::error(CODE, at, format!("`{name}` is a name in sight and a choice of `{of}`"))
            .fix(format!("write `{of}.{name}`"), at.span, &format!("{of}.{name}"));
    match other {
        Some(other) => found.note(other, "the other meaning"),
        None => found,
    }
}
