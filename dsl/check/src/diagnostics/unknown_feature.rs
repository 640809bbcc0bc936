//! # A feature that the catalogue does not have
//!
//! Columns are names of the feature catalogue; an indicator's numbers may be chosen (`rsi_9`), and a
//! modifier may stand behind them (`rsi_9__lag_3`). A name that is not there would only be missed
//! when the data is read. Neither is there a feature of another symbol's bars (`rsi_9__sym_gbpusd`):
//! a data set holds those of its own.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ml
//!
//! features momentum {
//!   columns = ["close", "rsy_14"]
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
//! features momentum {
//!   columns = ["close", "rsi_14"]
//! }
//! ```

use crate::NoFeature;
use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "unknown-feature";

/// The catalogue has no feature `name`.
pub(crate) fn new(at: At, name: &str, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("there is no feature `{name}`"));
    match near {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found,
    }
}

/// The catalogue has the indicator, but not with these numbers or modifiers.
pub(crate) fn judged(at: At, no: NoFeature) -> Diagnostic {
    Diagnostic::error(CODE, at, no.why).help(no.help)
}
