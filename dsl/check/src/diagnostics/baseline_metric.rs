//! # A baseline's figure from another day
//!
//! The accuracy that a production model once had was measured on other rows. Two models are
//! compared on the same rows: `evaluate` scores the baseline too when it is given `against`.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= baseline.accuracy - 5pp
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= quality.baseline?.accuracy - 5pp
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "baseline-metric";

/// `model.metric`, where `evaluate` is a step that scores it on the same rows, if there is one.
pub(crate) fn new(at: At, model: &str, metric: &str, evaluate: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error(
        CODE,
        at,
        format!("the `{metric}` of `{model}` was not measured on these rows"),
    );
    match evaluate {
        Some(step) => {
            let text = format!("{step}.baseline?.{metric}");
            found.fix(format!("write `{text}`: scored on the same rows"), at.span, &text)
        }
        None => found.help(format!("let an `evaluate` step score it too: `against = {model}`")),
    }
}
