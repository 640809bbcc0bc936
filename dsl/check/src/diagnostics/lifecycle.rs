//! # A model that skips a stage
//!
//! `Model<tested>` has passed a gate, `Model<staged>` a shadow, `Model<canaried>` a canary,
//! `Model<ramped>` a ramp. A step takes a model of the stage that it needs, so nothing reaches
//! traffic that was not proven.
//!
//! Wrong:
//!
//! ```suho wrong
//! canary short_cut {
//!   model   = acceptance.model
//!   against = baseline
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! shadow trial {
//!   model   = acceptance.model
//!   against = baseline
//! }
//!
//! canary next_step {
//!   model   = trial.model
//!   against = baseline
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::listed;
use suho_domain::Stage;

/// The code.
pub(crate) const CODE: &str = "lifecycle";

/// A `Model<needed>` is needed, a `Model<got>` is there; `missing` are the kinds in between.
pub(crate) fn new(at: At, needed: Stage, got: Stage, missing: &[&str]) -> Diagnostic {
    let found =
        Diagnostic::error(CODE, at, format!("expected `Model<{needed}>`, got `Model<{got}>`"));
    if missing.is_empty() {
        return found.help(format!("the model is already {got}; take the step before"));
    }
    found.label(format!("has not passed {}", listed(missing.iter().copied()))).help(match missing {
        [only] => format!("a `{only}` comes in between"),
        several => format!("{} come in between", listed(several.iter().copied())),
    })
}
