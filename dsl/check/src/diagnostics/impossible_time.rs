//! # A time that cannot pass
//!
//! A rule that must hold for longer than its step lasts never fires. A deadline before the rollouts can
//! have ended always strikes. Shadow, canary and ramp take at least what they are given, one after the
//! other; a ramp holds each of its shares for `every`.
//!
//! Wrong:
//!
//! ```suho wrong
//! canary trial {
//!   model    = staging.model
//!   against  = baseline
//!   duration = 6h
//!   hold when events < min_events for 12h
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! canary trial {
//!   model    = staging.model
//!   against  = baseline
//!   duration = 48h
//!   hold when events < min_events for 12h
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_domain::units::Duration;

/// The code.
pub(crate) const CODE: &str = "impossible-time";

/// A rule must hold for `lasting`, and its step `step` lasts `total`.
pub(crate) fn rule(at: At, lasting: Duration, step: &str, total: Duration) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("nothing lasts {lasting} in a step of {total}"))
        .label(format!("`{step}` ends before"))
        .help("shorten it, or make the step longer")
}

/// An attempt is ended after `limit`, and the step lasts `total`.
pub(crate) fn timeout(at: At, limit: Duration, total: Duration) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("a step of {total} always takes longer than {limit}"))
        .label("ends every attempt")
        .help(format!("write more than `{total}`, or leave it out"))
}

/// The run ends after `deadline`, and `parts`, one after the other, last `total`.
pub(crate) fn deadline(
    at: At,
    deadline: Duration,
    parts: &[(String, Duration)],
    total: Duration,
) -> Diagnostic {
    let sum: Vec<String> = parts.iter().map(|(step, lasts)| format!("{step} {lasts}")).collect();
    Diagnostic::error(CODE, at, format!("{deadline} pass before the rollout can end"))
        .label(format!("{} = {total}", sum.join(" + ")))
        .help(format!("write more than `{total}`: market time is longer by every weekend"))
}
