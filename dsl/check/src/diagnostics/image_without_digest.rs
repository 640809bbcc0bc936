//! # An image that may be another one tomorrow
//!
//! A tag can be moved; a digest cannot. Without one, a run made again may be carried out by another
//! program, and its result cannot be reused with a good conscience.
//!
//! Wrong:
//!
//! ```suho wrong
//! container lint {
//!   image   = "python:3.12-slim"
//!   command = ["python", "scripts/validate.py"]
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! container lint {
//!   image   = "python@sha256:2f0a8b9c6e1d"
//!   command = ["python", "scripts/validate.py"]
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "image-without-digest";

/// `image` has no digest.
pub(crate) fn new(at: At, image: &str) -> Diagnostic {
    Diagnostic::warning(CODE, at, format!("`{image}` may be another image tomorrow"))
        .label("no digest")
        .help("write `NAME@sha256:…`, as `docker inspect` shows it")
}
