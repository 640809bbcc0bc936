//! # A name that hides another
//!
//! Steps, parameters and names bound by `let` or `for` must not be called like anything else in
//! sight: one would have to know which is meant.
//!
//! Wrong:
//!
//! ```suho wrong
//! dataset retail {
//!   source    = parquet("bars.parquet")
//!   symbol    = "EUR/USD"
//!   timeframe = 1h
//!   features  = ["close"]
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! dataset retail_bars {
//!   source    = parquet("bars.parquet")
//!   symbol    = "EUR/USD"
//!   timeframe = 1h
//!   features  = ["close"]
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "shadowed-name";

/// `name` hides what is defined at `other`.
pub(crate) fn new(at: At, name: &str, other: At) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{name}` hides another `{name}`")).note(other, "this one")
}
