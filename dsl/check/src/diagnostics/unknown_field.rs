//! # A field that is not there
//!
//! Records, models, data sets and the outputs of steps have the fields that their definition
//! lists. `with` changes fields and adds none, so a typo in it is found.
//!
//! Wrong:
//!
//! ```suho wrong
//! evaluate scores {
//!   model = candidate.modle
//!   data  = data.test
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! evaluate scores {
//!   model = candidate.model
//!   data  = data.test
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::{listed, nearest};

/// The code.
pub(crate) const CODE: &str = "unknown-field";

/// `what` has no field `name`, but `known`.
pub(crate) fn new(at: At, what: &str, name: &str, known: &[&str]) -> Diagnostic {
    let near = nearest(name, known.iter().copied());
    let found = Diagnostic::error(CODE, at, format!("{what} has no `{name}`"));
    match (near, known.is_empty()) {
        (None, false) => found.help(format!("it has {}", listed(known.iter().copied()))),
        _ => found.meant(near),
    }
}
