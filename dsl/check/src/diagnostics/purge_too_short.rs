//! # A purge shorter than the horizon
//!
//! A label looks ahead by the horizon. The last rows of one split would share their future with
//! the first rows of the next, unless at least so many bars between them are left out.
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
//!   split     = chronological(train: 5, validation: 1, test: 1, purge: 2)
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
//!   split     = chronological(train: 5, validation: 1, test: 1, purge: 4)
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "purge-too-short";

/// `purge` bars are left out and labels look `horizon` bars ahead.
pub(crate) fn new(at: At, purge: i64, horizon: i64) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("a purge of {purge} bars is shorter than the horizon"))
        .label(format!("labels look {horizon} bars ahead"))
        .help(format!("write `purge: {horizon}` or leave it out"))
}
