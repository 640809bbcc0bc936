//! Text to tree and errors; the formatter. Never fails: every text has a tree.

pub mod ast;
mod error;

pub use error::{Edit, Help, SyntaxError};

/// What reading a text gives: always a tree, and every mistake found.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree of what could be read.
    pub file: ast::File,
    /// The mistakes, in the order of their places.
    pub errors: Vec<SyntaxError>,
}
