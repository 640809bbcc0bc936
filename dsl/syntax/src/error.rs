//! What is wrong with a text, before anything is known of its meaning.

use crate::ast::Span;

/// One mistake of syntax. Independent of every other in the same file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SyntaxError {
    /// The kebab-case code: `syntax`, `unclosed-block`, `edition`, ….
    pub code: &'static str,
    /// One sentence without full stop: ``expected a value after `+` ``.
    pub message: String,
    /// Where; the picture underlines it.
    pub span: Span,
    /// What the underlined piece is told: short, may be empty.
    pub label: String,
    /// Other places that matter, each with its words (the `{` that is not closed).
    pub notes: Vec<(Span, String)>,
    /// What to type instead.
    pub help: Vec<Help>,
}

/// One way out of a mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Help {
    /// A fragment: ``write `seed = 42` ``.
    pub message: String,
    /// The edits that do it; empty when only words can help.
    pub edits: Vec<Edit>,
}

/// Replace `span` by `text`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}
