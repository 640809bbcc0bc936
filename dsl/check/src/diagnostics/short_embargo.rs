//! # An embargo shorter than the horizon
//!
//! The embargo keeps rows apart whose inputs overlap. One of fewer bars than labels look ahead protects
//! from less than it seems to. `auto` takes the sequence length; 0 says that none is wanted.
//!
//! Wrong:
//!
//! ```suho wrong
//! dataset short {
//!   source    = parquet("bars.parquet")
//!   symbol    = "EUR/USD"
//!   timeframe = 1h
//!   features  = ["close"]
//!   horizon   = 4h
//!   split     = chronological(train: 5, validation: 1, test: 1, embargo: 2)
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! dataset short {
//!   source    = parquet("bars.parquet")
//!   symbol    = "EUR/USD"
//!   timeframe = 1h
//!   features  = ["close"]
//!   horizon   = 4h
//!   split     = chronological(train: 5, validation: 1, test: 1, embargo: 4)
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "short-embargo";

/// `embargo` bars are left out and labels look `horizon` bars ahead.
pub(crate) fn new(at: At, embargo: i64, horizon: i64) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        at,
        format!("an embargo of {embargo} bars is shorter than the horizon"),
    )
    .label(format!("labels look {horizon} bars ahead"))
    .help(format!("write `embargo: {horizon}` or more, leave it out, or write 0"))
}
