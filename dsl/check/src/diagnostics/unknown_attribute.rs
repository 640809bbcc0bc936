//! # An attribute that the kind does not take
//!
//! Each kind takes the attributes of its signature, and every step takes `timeout`, `retry`,
//! `when`, `after`, `cache` and `compute` besides.
//!
//! Wrong:
//!
//! ```suho wrong
//! train another {
//!   model      = spec
//!   train      = data.train
//!   validation = data.validation
//!   batchsize  = 32
//!   version    = next(baseline)
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! train another {
//!   model      = spec
//!   train      = data.train
//!   validation = data.validation
//!   batch_size = 32
//!   version    = next(baseline)
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::{listed, nearest};

/// The code.
pub(crate) const CODE: &str = "unknown-attribute";

/// `kind` takes no `name`, but `known`.
pub(crate) fn new(at: At, kind: &str, name: &str, known: &[&str]) -> Diagnostic {
    let near = nearest(name, known.iter().copied());
    let found = Diagnostic::error(CODE, at, format!("`{kind}` has no attribute `{name}`"));
    match (near, known.is_empty()) {
        (None, false) => found.help(format!("it takes {}", listed(known.iter().copied()))),
        _ => found.meant(near),
    }
}
