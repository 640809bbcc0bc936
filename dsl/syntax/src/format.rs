//! The one layout of a program. There is nothing to choose.
//!
//! Two blanks a level, one statement a line, a hundred columns; lists, calls and parameters on one
//! line where they fit, else an element a line; the `=` of neighbouring attributes aligned. A record
//! and a block of one statement stay open where their author opened them. What is broken, and what
//! holds a comment in an odd place, is left as written; so is all between `// fmt: off` and
//! `// fmt: on`.

mod block;
mod bracket;
mod expression;
mod meaning;
mod statement;

use crate::error::SyntaxError;
use crate::mistake;
use crate::tree::Tree;

pub(crate) use meaning::difference;

/// The width of a page in characters.
const WIDTH: usize = 100;
/// What a level is indented by.
const LEVEL: usize = 2;

/// A text in its layout.
#[derive(Clone, Debug)]
pub struct Formatted {
    /// The text; where nothing could be done, the one given.
    pub text: String,
    /// The mistakes of the text given; their statements are left as written.
    pub errors: Vec<SyntaxError>,
    /// A mistake of ours: the layout would have changed what the text means, so the text is the one
    /// given. To be reported as a bug.
    pub defect: Option<&'static str>,
}

/// Lays a text out.
///
/// The result says the same, comment for comment, which is checked by reading it again, and laying
/// it out again changes nothing. Ends of lines become `\n`; a byte order mark goes.
pub fn format(text: &str) -> Formatted {
    let kept = |errors, defect| Formatted { text: text.to_owned(), errors, defect };
    let tree = match crate::read(text) {
        Ok(tree) => tree,
        Err(error) => return kept(vec![*error], None),
    };
    let errors = mistake::all(&tree).errors;
    let laid = lay_out(&tree);
    match crate::read(&laid).map(|again| difference(&tree, &again)) {
        Ok(None) => Formatted { text: laid, errors, defect: None },
        Ok(Some(difference)) => kept(errors, Some(difference)),
        Err(_) => kept(errors, Some("the layout cannot be read again")),
    }
}

pub(crate) fn lay_out(tree: &Tree<'_>) -> String {
    let mut text = tree.root().map(|file| block::items(file, 0)).unwrap_or_default();
    if !text.is_empty() {
        text.push('\n');
    }
    unix(&text)
}

/// A text whose lines end with `\n`, however many `\r` stood before it.
fn unix(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    while text.contains("\r\n") {
        text = text.replace("\r\n", "\n");
    }
    text
}

/// The characters in the last line of a text that begins at `column`.
fn column_after(text: &str, column: usize) -> usize {
    match text.rsplit_once('\n') {
        Some((_, last)) => last.chars().count(),
        None => column + text.chars().count(),
    }
}

/// Whether `text`, begun at `column` and followed by `after` more characters, stays on the page.
fn fits(text: &str, column: usize, after: usize) -> bool {
    column + text.chars().count() + after <= WIDTH
}

/// A new line with its indentation.
fn line(indent: usize) -> String {
    format!("\n{}", " ".repeat(indent))
}

#[cfg(test)]
mod tests;
