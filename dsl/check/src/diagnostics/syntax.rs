//! # A text that is not the language's
//!
//! The piece underlined cannot be read. Attributes are `name = value`, one a line; blocks are
//! `kind name { … }`. Everything else in the file was still checked.
//!
//! Wrong:
//!
//! ```suho wrong
//! train another {
//!   batch_size = = 32
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! train another {
//!   model      = spec
//!   train      = data.train
//!   validation = data.validation
//!   batch_size = 32
//!   version    = next(baseline)
//! }
//! ```

use crate::diagnostic::{At, Diagnostic, FileId};
use suho_syntax::SyntaxError;

/// The code.
pub(crate) const CODE: &str = "syntax";

/// A mistake that the parser found. Its code may be another one: `unclosed-block`, `edition`.
pub(crate) fn found(file: FileId, error: &SyntaxError) -> Diagnostic {
    let code = super::CODES.iter().copied().find(|code| *code == error.code).unwrap_or(CODE);
    let mut diagnostic = Diagnostic::error(code, At::new(file, error.span), error.message.clone())
        .label(&*error.label);
    for (span, words) in &error.notes {
        diagnostic = diagnostic.note(At::new(file, *span), &**words);
    }
    diagnostic.help.clone_from(&error.help);
    diagnostic
}
