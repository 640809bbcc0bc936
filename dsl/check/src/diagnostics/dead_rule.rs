//! # A rule that never decides
//!
//! Another rule of the same step has always answered before this one could: where a rollback takes the
//! candidate back above 200 ms, a limit of 250 ms at the end is never reached.
//!
//! Wrong:
//!
//! ```suho wrong
//! canary trial {
//!   model   = staging.model
//!   against = baseline
//!   require latency.p95 <= 250ms
//!   rollback when latency.p95 > 200ms
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! canary trial {
//!   model   = staging.model
//!   against = baseline
//!   require latency.p95 <= 200ms
//!   rollback when latency.p95 > 250ms
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::program::Verb;

/// The code.
pub(crate) const CODE: &str = "dead-rule";

/// The rule with `verb` never decides, as the one at `other` with `stricter` does before it.
pub(crate) fn new(at: At, verb: Verb, other: At, stricter: Verb) -> Diagnostic {
    let label = match (verb, stricter) {
        (Verb::Require, Verb::Require) => "always kept when the other is",
        (Verb::Require, _) => "where this fails, the other has taken it back",
        _ => "where this fires, the other has fired",
    };
    Diagnostic::warning(CODE, at, "this rule never decides")
        .label(label)
        .note(other, "decides before it")
        .help("remove it, or make it stricter")
}
