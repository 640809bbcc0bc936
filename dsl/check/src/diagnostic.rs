//! What the author of a pipeline reads: a code, a sentence, places, and what to type instead.

use suho_syntax::ast::Span;
pub use suho_syntax::{Edit, Help};

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The pipeline cannot be planned.
    Error,
    /// It can, and probably should not.
    Warning,
}

/// One mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    /// The kebab-case code, stable: `suho explain CODE` tells more.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// One sentence without full stop, names in backticks.
    pub message: String,
    /// The file, as an index into the sources that were checked.
    pub file: FileId,
    /// The place underlined.
    pub span: Span,
    /// What the underlined place is told; may be empty.
    pub label: String,
    /// Other places that matter: file, span, words.
    pub notes: Vec<(FileId, Span, String)>,
    /// Ways out, the likeliest first.
    pub help: Vec<Help>,
}

/// A file among those checked together.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId(pub usize);
