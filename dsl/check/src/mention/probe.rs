//! What could be written at a place in a text.

use super::meaning::Meaning;
use super::ports::Keyed;
use super::sight::InSight;
use crate::diagnostic::At;
use crate::{FileId, Type};

/// A place in a text, and what was found out about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The place; a word stands there.
    pub(crate) at: At,
    /// What could be written there; none where nothing of the language could.
    pub wanted: Option<Wanted>,
    /// The calls around it, the outermost first.
    pub calls: Vec<Called>,
}

/// What could be written at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A statement of a block, or a field of a record.
    Statement(Block),
    /// The kind of a block that stands in a block of this kind, or outside of blocks.
    Kind(Option<String>),
    /// A value.
    Value {
        /// Of this type.
        expected: Type,
        /// The names in sight, the nearest first.
        names: Vec<InSight>,
        /// Arguments that could be named here.
        arguments: Vec<Keyed>,
    },
    /// What a value of this type has.
    Field(Type),
    /// One of these words.
    Word(Vec<String>),
    /// A choice of an enum.
    Choice(String),
    /// A type.
    Type,
    /// The rest of `std.…`.
    Module,
    /// A name of a file that is used; none where there is no such file.
    Imported(Option<FileId>),
}

/// A block, or a record, that a place stands in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Its kind; none outside of blocks.
    pub kind: Option<String>,
    /// What it takes.
    pub takes: Vec<Keyed>,
    /// What it has already.
    pub has: Vec<String>,
    /// What stands before the last `.` of the name at the place.
    pub before: String,
    /// Whether it is a record in an expression, and no block.
    pub is_value: bool,
}

/// A call around a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The choice, the function or the pipeline called.
    pub name: String,
    /// What it is, for its documentation.
    pub meaning: Meaning,
    /// What it takes.
    pub takes: Vec<Keyed>,
    /// Which of them the place is at.
    pub active: Option<usize>,
}
