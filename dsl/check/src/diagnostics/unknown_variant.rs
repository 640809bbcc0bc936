//! # A choice that the enum does not have
//!
//! Where an enum is expected its choices are plain words, some with arguments: `relu`,
//! `dense(units: 32)`.
//!
//! Wrong:
//!
//! ```suho wrong
//! on failure {
//!   status = archive
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! on failure {
//!   status = archived
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::{listed, nearest};

/// The code.
pub(crate) const CODE: &str = "unknown-variant";

/// `name` is no choice of `of`, whose choices are `known`.
pub(crate) fn new(at: At, of: &str, name: &str, known: &[&str]) -> Diagnostic {
    let near = nearest(name, known.iter().copied());
    let found = Diagnostic::error(CODE, at, format!("there is no `{name}` in `{of}`"));
    match near {
        Some(_) => found.meant(near),
        None => found.help(format!("its choices are {}", listed(known.iter().copied()))),
    }
}
