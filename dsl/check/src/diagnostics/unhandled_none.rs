//! # A value that may not be there
//!
//! On the very first run there is no production model and no score of one. Say what holds then:
//! `?.` looks in only if there is something, `??` gives another value. In rules this is not
//! needed: a rule about a baseline that does not exist is shown and does not decide.
//!
//! Wrong:
//!
//! ```suho wrong
//! on rollback {
//!   ticket = incident(title: "back to ${baseline.version}")
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! on rollback {
//!   ticket = incident(title: "back to ${baseline?.version ?? v1.0.0}")
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_syntax::ast::Span;

/// The code.
pub(crate) const CODE: &str = "unhandled-none";

/// `what` may be none and is looked into with a plain dot at `dot`.
pub(crate) fn field(at: At, what: &str, field: At) -> Diagnostic {
    // The dot stands just before the field.
    let dot = Span { start: field.span.start.saturating_sub(1), end: field.span.start };
    Diagnostic::error(CODE, at, format!("{what} may be none")).fix(
        "look in only if there is something",
        dot,
        "?.",
    )
}

/// A `T?` stands where a `T` is needed.
pub(crate) fn value(at: At, expected: &str, got: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("expected `{expected}`, got `{got}`, which may be none"))
        .help("say what holds when there is nothing: `… ?? other`")
}
