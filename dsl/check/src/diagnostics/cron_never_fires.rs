//! # A schedule that never comes
//!
//! No month has such a day, so nothing would ever happen.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ops
//! use "./example.suho" { retrain }
//!
//! trigger yearly {
//!   on  = cron("0 2 31 2 *")
//!   run = retrain()
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ops
//! use "./example.suho" { retrain }
//!
//! trigger yearly {
//!   on  = cron("0 2 28 2 *")
//!   run = retrain()
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "cron-never-fires";

/// As `sentence` says.
pub(crate) fn new(at: At, sentence: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, sentence)
}
