//! # A secret in a text
//!
//! Texts end up in logs, plans and messages. A secret only goes where a `Secret` is asked for.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! secret token = env("TOKEN")
//!
//! project example {
//!   timezone = "${token}"
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! secret hook: Url = env("SLACK_URL")
//!
//! channel desk {
//!   to = slack(webhook: hook)
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "secret-leak";

/// A secret would become part of a text.
pub(crate) fn new(at: At, ty: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("a `{ty}` cannot be put into a text"))
        .help("pass it to an attribute that takes a `Secret`")
}

/// A secret would be compared: the answer tells something of it.
pub(crate) fn compared(at: At, ty: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("a `{ty}` cannot be compared"))
}

/// A secret stands where something else is wanted, that is not kept secret.
pub(crate) fn elsewhere(at: At, ty: &str, wanted: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("a `{ty}` cannot stand for a `{wanted}`"))
        .help("only what takes a `Secret` keeps it one")
}
