//! # A model judged by what it learnt from
//!
//! Rows that a model was trained on, or chosen by, say nothing about the future. It is judged by
//! the test rows, and traded on their window.
//!
//! Wrong:
//!
//! ```suho wrong
//! evaluate scores {
//!   model = candidate.model
//!   data  = data.train
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! evaluate scores {
//!   model = candidate.model
//!   data  = data.test
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use chrono::NaiveDate;
use suho_syntax::ast::Span;

/// The code.
pub(crate) const CODE: &str = "leakage";

/// `port` is given the split `split` of the data set `set`, written out at `split_at`.
pub(crate) fn split(at: At, set: &str, split: &str, split_at: Option<Span>) -> Diagnostic {
    let seen = if split == "train" { "was trained on" } else { "was chosen by" };
    let found = Diagnostic::error(CODE, at, format!("the model {seen} `{set}.{split}`"))
        .label("not held out");
    let way = "judge it by rows that it has never seen";
    match split_at {
        Some(span) => found.fix(way, span, "test"),
        None => found.help(format!("{way}: `{set}.test`")),
    }
}

/// The window reaches back before the test rows of `set`, which begin about `from`.
pub(crate) fn window(at: At, set: &str, from: NaiveDate) -> Diagnostic {
    Diagnostic::error(CODE, at, "the window overlaps what the model learnt from")
        .label(format!("the test rows begin about {from}"))
        .fix("trade the test rows", at.span, &format!("{set}.test.window"))
}
