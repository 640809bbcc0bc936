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

impl SyntaxError {
    /// A mistake of the code `syntax`.
    pub(crate) fn syntax(message: impl Into<String>, span: Span) -> Self {
        Self::new("syntax", message, span)
    }

    /// A mistake with nothing said beyond its message.
    pub(crate) fn new(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        let (label, notes, help) = (String::new(), Vec::new(), Vec::new());
        Self { code, message: message.into(), span, label, notes, help }
    }

    /// With words at the underlined piece.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With words at another place.
    pub(crate) fn note(mut self, span: Span, words: impl Into<String>) -> Self {
        self.notes.push((span, words.into()));
        self
    }

    /// With a way out in words.
    pub(crate) fn advice(mut self, message: impl Into<String>) -> Self {
        self.help.push(Help { message: message.into(), edits: Vec::new() });
        self
    }

    /// With a way out that can be typed.
    pub(crate) fn fix(mut self, message: impl Into<String>, span: Span, text: &str) -> Self {
        let edit = Edit { span, text: text.to_owned() };
        self.help.push(Help { message: message.into(), edits: vec![edit] });
        self
    }

    /// With a way out of several edits.
    pub(crate) fn fixes(mut self, message: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.help.push(Help { message: message.into(), edits });
        self
    }

    /// The edits of its only way out that can be typed; none where a person has to choose.
    pub(crate) fn only_fix(&self) -> Option<&[Edit]> {
        only_fix(&self.help)
    }
}

/// The edits of the only way out among `help` that can be typed; none where a person has to choose.
pub fn only_fix(help: &[Help]) -> Option<&[Edit]> {
    let mut fixes = help.iter().filter(|help| !help.edits.is_empty());
    match (fixes.next(), fixes.next()) {
        (Some(only), None) => Some(&only.edits),
        _ => None,
    }
}
