//! # A name that nothing uses
//!
//! Nothing in the pipeline speaks of what `let` gave a name, or nothing in the file of what `use` took
//! in. It can go.
//!
//! Wrong:
//!
//! ```suho wrong
//! let capital = 100_000 USD
//! ```
//!
//! Right:
//!
//! ```suho right
//! let capital = 100_000 USD
//!
//! backtest small {
//!   model   = candidate.model
//!   window  = data.test.window
//!   capital = capital
//!   costs   = retail
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_syntax::ast::Span;

/// The code.
pub(crate) const CODE: &str = "unused-name";

/// A `let` gives `name` for nothing; its statement is `gone`.
pub(crate) fn given(at: At, name: &str, gone: Span) -> Diagnostic {
    Diagnostic::warning(CODE, at, format!("nothing uses `{name}`")).fix("remove it", gone, "")
}

/// A `use` takes `name` for nothing; it is `gone`, with the whole statement where nothing is left.
pub(crate) fn taken(at: At, name: &str, gone: Span) -> Diagnostic {
    Diagnostic::warning(CODE, at, format!("nothing in this file uses `{name}`")).fix(
        "remove it",
        gone,
        "",
    )
}
