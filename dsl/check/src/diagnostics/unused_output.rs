//! # A model that goes nowhere
//!
//! A gate, a shadow or a canary lets a model pass as its output. Where the next step takes another
//! step's model, what this one decides holds nothing back.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate second {
//!   model = candidate.model
//!   require quality.accuracy >= 60%
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate second {
//!   model = candidate.model
//!   require quality.accuracy >= 60%
//! }
//!
//! shadow looking {
//!   model   = second.model
//!   against = baseline
//! }
//!
//! canary trying {
//!   model   = looking.model
//!   against = baseline
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_domain::Stage;

/// The code.
pub(crate) const CODE: &str = "unused-output";

/// Nothing takes the model of `step`, which is `stage`; at `other` another one is taken.
pub(crate) fn new(at: At, step: &str, stage: Stage, other: At) -> Diagnostic {
    Diagnostic::warning(CODE, at, format!("nothing takes the model of `{step}`"))
        .label("holds nothing back")
        .note(other, format!("takes another {stage} model"))
        .help(format!("write `model = {step}.model` where the model goes on"))
}
