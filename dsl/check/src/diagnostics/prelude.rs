//! # The library itself is broken
//!
//! A file that comes with suho cannot be understood. That is a bug in suho, not in your files:
//! please report it.

use crate::diagnostic::Diagnostic;

/// The code.
pub(crate) const CODE: &str = "prelude";

/// A mistake in a file of the library.
pub(crate) fn from(found: Diagnostic) -> Diagnostic {
    let message = format!("the library is broken: {}", found.message);
    Diagnostic { code: CODE, message, ..found }.help("this is a bug in suho; please report it")
}
