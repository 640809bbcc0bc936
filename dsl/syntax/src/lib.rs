//! Text to tree and errors; the formatter. Never fails: every text has a tree.

pub mod ast;
mod decode;
mod depth;
mod edit;
mod error;
mod format;
mod grammar;
mod lower;
mod mistake;
mod place;
mod string;
mod token;
mod tree;
mod word;

pub use decode::{NotText, decode};
pub use edit::apply;
pub use error::{Edit, Help, SyntaxError, only_fix};
pub use format::{Formatted, format};
pub use place::{line_column, line_ends};

/// The largest text that is read, in bytes. A program of this size has some 40,000 lines.
pub const BYTES_MAX: usize = 1 << 20;

/// What reading a text gives: always a tree, and every mistake found.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree of what could be read.
    pub file: ast::File,
    /// The mistakes, in the order of their places; at most the first 20,000.
    pub errors: Vec<SyntaxError>,
}

/// Reads a text: UTF-8, with `\n` or `\r\n`; a byte order mark at its start is skipped.
///
/// Never fails: what cannot be read is missing from the tree, and an error says why. A text that is
/// larger than [`BYTES_MAX`] or nested beyond measure has an empty tree and that one error.
pub fn parse(text: &str) -> Parsed {
    match read(text) {
        Ok(tree) => {
            let mistake::Mistakes { errors, mends } = mistake::all(&tree);
            Parsed { file: lower::file(&tree.with_mends(mends)), errors }
        }
        Err(error) => Parsed { file: ast::File::default(), errors: vec![*error] },
    }
}

/// The tree of a text that is neither too large nor too deep.
fn read(text: &str) -> Result<tree::Tree<'_>, Box<SyntaxError>> {
    if text.len() > BYTES_MAX {
        let message = format!("the file is larger than {} KiB", BYTES_MAX / 1024);
        let error = SyntaxError::syntax(message, ast::Span::default());
        return Err(Box::new(error.advice("split it; `use` takes names from other files")));
    }
    if let Some(error) = depth::too_deep(text) {
        return Err(Box::new(error));
    }
    let tree = tree::Tree::of(text);
    match depth::too_high(&tree) {
        Some(error) => Err(Box::new(error)),
        None => Ok(tree),
    }
}

#[cfg(test)]
mod tests;
