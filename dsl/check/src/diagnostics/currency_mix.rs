//! # Money of two currencies
//!
//! Suho knows no exchange rates: sums and comparisons of money stay in one currency.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! pipeline example() {
//!   budget = 40 USD + 10 EUR
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! pipeline example() {
//!   budget = 40 USD + 10 USD
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "currency-mix";

/// `left` and `right` are currencies that meet.
pub(crate) fn new(at: At, left: &str, right: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{left}` and `{right}` are different currencies"))
}
