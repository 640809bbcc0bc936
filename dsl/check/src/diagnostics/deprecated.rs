//! # A kind that is on its way out
//!
//! Who defined the kind has marked it `@deprecated`, with the words of what to use instead. It still
//! does what it did.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! step greet {
//!   in name: Text
//!   exec = shell("""
//!     echo "$NAME"
//!     """, env: { NAME = name })
//! }
//!
//! @deprecated("use `greet`")
//! step hello {
//!   in name: Text
//!   exec = shell("""
//!     echo "$NAME"
//!     """, env: { NAME = name })
//! }
//!
//! pipeline example() {
//!   hello first { name = "you" }
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! step greet {
//!   in name: Text
//!   exec = shell("""
//!     echo "$NAME"
//!     """, env: { NAME = name })
//! }
//!
//! pipeline example() {
//!   greet first { name = "you" }
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "deprecated";

/// The kind `kind` is used; `instead` are the words of its definition.
pub(crate) fn new(at: At, kind: &str, instead: &str) -> Diagnostic {
    let found = Diagnostic::warning(CODE, at, format!("`{kind}` is deprecated: {instead}"));
    // `use x` is what can be typed, where it is just that.
    match instead.strip_prefix("use `").and_then(|rest| rest.strip_suffix('`')) {
        Some(name) if suho_domain::Name::new(name).is_ok() => {
            found.fix(format!("write `{name}`"), at.span, name)
        }
        _ => found,
    }
}
