//! # Many tests at once, none corrected
//!
//! Fifty features, each tested at 5%, cry wolf on nine days of ten though nothing has changed, and
//! the formula's spread is that of independent rows, which those of a market are not. Calibrated, the
//! test learns its spread from the training rows and holds the false discoveries to `q`.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ops
//!
//! monitor prod {
//!   model = production("direction")
//!
//!   drift shifted {
//!     test = ks(uncalibrated, alpha: 5%)
//!     fire when verdict == drift
//!   }
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ops
//!
//! monitor prod {
//!   model = production("direction")
//!
//!   drift shifted {
//!     test = ks(calibrated, q: 5%)
//!     fire when verdict == drift
//!   }
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_domain::Ratio;

/// The code.
pub(crate) const CODE: &str = "uncorrected-tests";

/// Each of `features` is tested at `alpha` alone; how many there are is not always known.
pub(crate) fn new(at: At, alpha: Ratio, features: Option<usize>) -> Diagnostic {
    let each = match features {
        Some(count) => format!("{count} features"),
        None => "every feature".to_owned(),
    };
    let found =
        Diagnostic::warning(CODE, at, format!("{each} tested at {alpha}, and none corrected"));
    let found = match features {
        Some(count) => found.label(format!("a false alarm on {} of the looks", any(alpha, count))),
        None => found,
    };
    found.help("write `ks(calibrated, q: 5%)`, or say which `correction`")
}

/// How likely one of `count` independent tests at `alpha` is to be wrong.
fn any(alpha: Ratio, count: usize) -> Ratio {
    let right = (1.0 - alpha.to_f64()).powf(count as f64);
    let whole = ((1.0 - right) * 100.0).round() / 100.0;
    Ratio::measured(whole).unwrap_or(alpha)
}
