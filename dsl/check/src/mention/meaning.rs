//! A name in a text, and what it stands for.

use crate::diagnostic::At;
use crate::program::Expr;
use crate::{Port, Type};

/// A name in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Where it stands.
    pub at: At,
    /// What it stands for.
    pub meaning: Meaning,
    /// The type of the value there; [`Type::Unknown`] where it has none.
    pub ty: Type,
    /// Where what it stands for is given. None for what the language itself has, and for what a
    /// definition gives: that is found by its [`Key`].
    pub given: Option<At>,
}

impl Mention {
    /// Whether what it stands for is given right here.
    pub fn is_given(&self) -> bool {
        self.given == Some(self.at)
    }
}

/// What a name can stand for.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// The kind of a block, `train`, `pipeline`, `on`.
    Kind(String),
    /// A word that rules begin with.
    Verb(String),
    /// A part of the library, `std.ml`.
    Module(String),
    /// A file that is used.
    File(String),
    /// An attribute, a field, an argument or an output.
    Port(Box<PortOf>),
    /// A pipeline.
    Pipeline(String),
    /// A parameter of a pipeline: the pipeline and its own name.
    Param(String, String),
    /// `let x = …`.
    Let,
    /// `secret x: T = …`.
    Secret,
    /// A step by its name: its kind.
    Step(String),
    /// A resource by its name: its kind.
    Resource(String),
    /// Any other named block: its kind.
    Block(String),
    /// What a comprehension binds, or a port inside the definition that has it.
    Bound,
    /// What a place itself has: `event` in a handler, `reference` in a monitor, `run` in a test.
    Ambient(String),
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
    /// A quantity or another literal.
    Literal,
}

/// A port, by whom it is had.
#[derive(Clone, Debug, PartialEq)]
pub struct PortOf {
    /// The port.
    pub port: Port,
    /// Who has it, as people call it: `train`, `Target`, `lstm`; empty for an argument.
    pub of: String,
    /// How it is found among what definitions give.
    pub key: Option<Key>,
    /// What it is set to here.
    pub set: Option<Expr>,
}

/// How something is found among what definitions give.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Key {
    /// `step train`, `resource model`.
    Kind(String),
    /// `record Target`, `enum Layer`.
    Type(String),
    /// `metric accuracy`.
    Metric(String),
    /// What a step takes.
    Input(String, String),
    /// What a step gives.
    Output(String, String),
    /// A field of a record.
    Field(String, String),
    /// A choice of an enum.
    Choice(String, String),
    /// A field of an enum's choice.
    Argument(String, String, String),
}

impl Key {
    /// Whether it is what every step takes, whatever its kind.
    pub fn is_of_every_step(&self) -> bool {
        matches!(self, Self::Field(of, _) if of == crate::library::STEP)
    }
}

impl Meaning {
    /// How it is found among what definitions give.
    pub fn key(&self) -> Option<Key> {
        match self {
            Self::Kind(kind) => Some(Key::Kind(kind.clone())),
            Self::Port(port) => port.key.clone(),
            Self::Metric(name) => Some(Key::Metric(name.clone())),
            Self::Choice(of, name) => Some(Key::Choice(of.clone(), name.clone())),
            Self::Type(name) => Some(Key::Type(name.clone())),
            _ => None,
        }
    }
}
