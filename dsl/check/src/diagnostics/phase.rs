//! # A value that is known too late
//!
//! Whatever shapes the run is known when it is planned: shares, durations, limits. What a step
//! makes is known when it has ended, a live metric only while a rollout looks.
//!
//! Wrong:
//!
//! ```suho wrong
//! canary trial {
//!   model   = staging.model
//!   against = baseline
//!   share   = quality.accuracy
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! canary trial {
//!   model   = staging.model
//!   against = baseline
//!   share   = 20%
//! }
//! ```

use crate::Phase;
use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "phase";

/// `port` must be known at `latest`, the value is at `actual`, after the step `step` if any.
pub(crate) fn new(
    at: At,
    port: &str,
    latest: Phase,
    actual: Phase,
    step: Option<(&str, Option<At>)>,
) -> Diagnostic {
    let needed = match latest {
        Phase::Plan => "when planning",
        Phase::Start => "when the run starts",
        Phase::Run | Phase::Live => "when the step begins",
    };
    let found = Diagnostic::error(CODE, at, format!("`{port}` must be known {needed}"));
    match (actual, step) {
        (Phase::Run, Some((step, place))) => {
            let found = found.label(format!("known after the step `{step}`"));
            place.into_iter().fold(found, |found, at| found.note(at, "this step"))
        }
        (Phase::Live, _) => found.label("a live metric: known only inside rules of a rollout"),
        _ => found.label("known when the run starts"),
    }
}

/// The live metric `name` outside a rule.
pub(crate) fn metric(at: At, name: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("the metric `{name}` is only known inside rules"))
        .help("name the step that measured it, as in `quality.accuracy`")
}
