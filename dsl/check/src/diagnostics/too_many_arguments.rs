//! # More arguments than there are fields
//!
//! Arguments without a name are taken in the order of the fields; there are no more fields than
//! that.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ml
//!
//! costs dear {
//!   spread = { "EUR/USD" = 0.8pip }
//!   swap   = daily(0.6pip, 0.2pip, 0.1pip)
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
//! costs dear {
//!   spread = { "EUR/USD" = 0.8pip }
//!   swap   = daily(long: -0.6pip, short: 0.2pip)
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "too-many-arguments";

/// `what` takes `count` arguments at most.
pub(crate) fn new(at: At, what: &str, count: usize) -> Diagnostic {
    let arguments = match count {
        0 => "no arguments".to_owned(),
        1 => "one argument".to_owned(),
        count => format!("{count} arguments"),
    };
    Diagnostic::error(CODE, at, format!("`{what}` takes {arguments}"))
}
