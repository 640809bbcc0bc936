//! What a name in a text stands for.

use super::given::{Key, Place};
use suho_check::{Port, Type};
use suho_syntax::ast::Span;

/// A name in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mention {
    /// Where it stands.
    pub(crate) span: Span,
    /// What it stands for.
    pub(crate) meaning: Meaning,
    /// Where that is given; none for what the language itself has.
    pub(crate) given: Option<Place>,
    /// Whether it is given right here.
    pub(crate) is_given: bool,
}

/// What a name can stand for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// The kind of a block, `train`, `pipeline`, `on`; where it is not the library's, there is no
    /// signature.
    Kind(String),
    /// A word that rules begin with.
    Verb(String),
    /// A part of the library, `std.ml`.
    Module(String),
    /// A file that is used.
    File(String),
    /// An attribute, a field, an argument or an output: its port, and who has it.
    Port {
        /// The port.
        port: Box<Port>,
        /// Who has it, as people call it: `train`, `Target`, `lstm`.
        of: String,
        /// How it is found among what is given.
        key: Option<Key>,
        /// For an attribute of a step, the step that sets it.
        step: Option<StepOf>,
    },
    /// A pipeline.
    Pipeline(String),
    /// A parameter of a pipeline: the pipeline and its own name.
    Param(String, String),
    /// `let x = …`.
    Let(Type),
    /// `secret x: T = …`.
    Secret,
    /// A step by its name: its kind.
    Step(String),
    /// A resource by its name: its kind.
    Resource(String),
    /// Any other named block: its kind.
    Block(String),
    /// What a comprehension binds.
    Bound(Type),
    /// What happened, in a handler.
    Event(Type),
    /// A metric.
    Metric(String),
    /// A choice: its enum and its name.
    Choice(String, String),
    /// A record or an enum.
    Type(String),
    /// A type of the language itself, or a stage.
    Plain(String),
    /// A function of the language.
    Function(String),
    /// `true`, `false`, `none`.
    Constant(String),
    /// A quantity or another literal: its type.
    Literal(Type),
}

/// A step of a pipeline, by their names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StepOf {
    /// The pipeline.
    pub(crate) pipeline: String,
    /// The step; none for an attribute of the pipeline itself.
    pub(crate) step: Option<String>,
}

impl Meaning {
    /// How it is found among what is given by definitions.
    pub(crate) fn key(&self) -> Option<Key> {
        match self {
            Self::Kind(kind) => Some(Key::Kind(kind.clone())),
            Self::Port { key, .. } => key.clone(),
            Self::Metric(name) => Some(Key::Metric(name.clone())),
            Self::Choice(of, name) => Some(Key::Choice(of.clone(), name.clone())),
            Self::Type(name) => Some(Key::Type(name.clone())),
            _ => None,
        }
    }
}
