//! # A metric that is not measured there
//!
//! A rule may speak of the live metrics that its kind measures, besides the outputs of other
//! steps. A shadow answers nobody, so it has no accuracy to speak of.
//!
//! Wrong:
//!
//! ```suho wrong
//! shadow trial {
//!   model   = acceptance.model
//!   against = baseline
//!   require accuracy >= 60%
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! shadow trial {
//!   model   = acceptance.model
//!   against = baseline
//!   require error_rate < 1%
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::listed;

/// The code.
pub(crate) const CODE: &str = "unknown-metric";

/// `kind` does not measure the metric `name`; it does measure `known`.
pub(crate) fn new(at: At, kind: &str, name: &str, known: &[String]) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("a `{kind}` does not measure `{name}`"));
    if known.is_empty() {
        return found.help("name the step that measures it, as in `quality.accuracy`");
    }
    found.help(format!("it measures {}", listed(known.iter().map(String::as_str))))
}
