//! What the author of a pipeline reads: a code, a sentence, places, and what to type instead.

use crate::diagnostics::more_errors;
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

/// A place in one of the files checked.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct At {
    /// The file.
    pub file: FileId,
    /// The place in it.
    pub span: Span,
}

impl At {
    /// `span` of `file`.
    pub(crate) const fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

impl Diagnostic {
    /// How many errors it stands for that are not told one by one; none where it tells of one.
    pub fn counted(&self) -> Option<usize> {
        (self.code == more_errors::CODE).then(|| more_errors::count(&self.message)).flatten()
    }
}

/// Builders, so that each code reads as its sentence.
impl Diagnostic {
    /// An error at `at`.
    pub(crate) fn error(code: &'static str, at: At, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            file: at.file,
            span: at.span,
            label: String::new(),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning at `at`.
    pub(crate) fn warning(code: &'static str, at: At, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, at, message) }
    }

    /// With words at the underlined place.
    pub(crate) fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// With another place and its words.
    pub(crate) fn note(mut self, at: At, words: impl Into<String>) -> Self {
        self.notes.push((at.file, at.span, words.into()));
        self
    }

    /// With a way out in words.
    pub(crate) fn help(mut self, message: impl Into<String>) -> Self {
        self.help.push(Help { message: message.into(), edits: Vec::new() });
        self
    }

    /// With a way out that replaces `span` by `text`.
    pub(crate) fn fix(mut self, message: impl Into<String>, span: Span, text: &str) -> Self {
        let edits = vec![Edit { span, text: text.to_owned() }];
        self.help.push(Help { message: message.into(), edits });
        self
    }

    /// With the replacement of the underlined place by the name that was probably meant.
    pub(crate) fn meant(self, near: Option<&str>) -> Self {
        let span = self.span;
        match near {
            Some(name) => self.fix(format!("did you mean `{name}`?"), span, name),
            None => self,
        }
    }
}

/// A file among those checked together.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId(pub usize);
