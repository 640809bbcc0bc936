//! # Things that need each other
//!
//! A step starts when what it needs is there. Steps that need each other never start; values that
//! are made of each other have no value.
//!
//! Wrong:
//!
//! ```suho wrong
//! evaluate first {
//!   model = candidate.model
//!   data  = data.test
//!   when  = second.events > 0
//! }
//!
//! evaluate second {
//!   model = candidate.model
//!   data  = data.test
//!   when  = first.events > 0
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! evaluate first {
//!   model = candidate.model
//!   data  = data.test
//! }
//!
//! evaluate second {
//!   model = candidate.model
//!   data  = data.test
//!   when  = first.events > 0
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "cycle";

/// `way` are the names in a circle, each with its place; the first is named again at the end.
pub(crate) fn new(way: &[(&str, At)]) -> Option<Diagnostic> {
    let (first, at) = way.first()?;
    let names: Vec<String> = way.iter().map(|(name, _)| format!("`{name}`")).collect();
    let found = Diagnostic::error(
        CODE,
        *at,
        format!("these need each other: {} → `{first}`", names.join(" → ")),
    );
    Some(way.iter().skip(1).fold(found, |found, (name, at)| found.note(*at, format!("`{name}`"))))
}
