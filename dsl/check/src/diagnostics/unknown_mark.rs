//! # A mark that means nothing
//!
//! A line `@word` marks the definition below it. There are few: `@deprecated("use …")` above a step
//! or a resource, and in the library `@controller` and `@within(…)` above a step. Whatever else is
//! written there would be read by nobody.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! @depreciated("use `greet`")
//! step hello {
//!   in name: Text
//!   exec = shell("""
//!     echo "$NAME"
//!     """, env: { NAME = name })
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! @deprecated("use `greet`")
//! step hello {
//!   in name: Text
//!   exec = shell("""
//!     echo "$NAME"
//!     """, env: { NAME = name })
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "unknown-mark";

/// There is no mark `mark`.
pub(crate) fn new(at: At, mark: &str, near: Option<&str>) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("there is no mark `@{mark}`")).meant(near)
}

/// The mark `mark` does not go above such a statement, or lacks its text.
pub(crate) fn misplaced(at: At, mark: &str, place: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`@{mark}` {place}"))
}
