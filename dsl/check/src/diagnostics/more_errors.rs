//! # More errors than are shown
//!
//! A file's first 25 errors are shown. The rest is counted: much of it goes away with the first
//! ones.

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "more-errors";

/// `count` more errors in the file, after `at`.
pub(crate) fn new(at: At, count: usize) -> Diagnostic {
    let errors = if count == 1 { "error" } else { "errors" };
    Diagnostic::error(CODE, at, format!("{count} more {errors} in this file"))
}

/// The count that the message of one begins with.
pub(crate) fn count(message: &str) -> Option<usize> {
    message.split(' ').next()?.parse().ok()
}
