//! # A kind of block that nothing defines
//!
//! What stands before a block's name is its kind: `train`, `gate`, `model`. Kinds come from the
//! library; those of `std.ml` and `std.rollout` are known where the file has `use std.ml`.
//!
//! Wrong:
//!
//! ```suho wrong
//! evalute scores {
//!   model = candidate.model
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
use suho_syntax::ast::Span;

/// The code.
pub(crate) const CODE: &str = "unknown-kind";

/// There is no kind `kind`; `near` is what may have been meant.
pub(crate) fn new(at: At, kind: &str, near: Option<&str>) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("there is no kind `{kind}`")).meant(near)
}

/// The kind is `module`'s, which the file does not use; a `use` can stand at `insert`.
pub(crate) fn unused_module(at: At, kind: &str, module: &str, insert: Span) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{kind}` is a kind of `{module}`, which is not used here"))
        .fix(format!("add `use {module}`"), insert, &format!("\nuse {module}"))
}

/// What `what` says, a word of the language in backticks or a description, cannot stand there.
pub(crate) fn misplaced(at: At, what: &str, place: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("{what} cannot stand {place}"))
}

/// The kind is defined in the file `other`, which the path `path` leads to and nothing uses here; a
/// `use` can stand at `insert`.
pub(crate) fn not_used(at: At, kind: &str, other: &str, path: &str, insert: Span) -> Diagnostic {
    let add = format!("use \"{path}\" {{ {kind} }}");
    Diagnostic::error(CODE, at, format!("`{kind}` is a step of `{other}`, which is not used here"))
        .fix(format!("add `{add}`"), insert, &format!("\n{add}"))
}
