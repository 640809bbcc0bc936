//! # A kind of block that nothing defines
//!
//! What stands before a block's name is its kind: `train`, `gate`, `model`. Kinds come from the
//! library; those of `std.ml` and `std.rollout` are known where the file has `use std.ml`.
//!
//! Wrong:
//!
//! ```suho wrong
//! evalute scores {
//!   model = candidate.model
//!   data  = data.test
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
use suho_syntax::ast::Span;

/// The code.
pub(crate) const CODE: &str = "unknown-kind";

/// Blocks of other languages, and how the same is said here.
const ELSEWHERE: [(&[&str], &str); 7] = [
    (
        &["variable", "variables", "input", "inputs", "params", "parameters"],
        "what a run is given stands in the pipeline's head: `pipeline name(share: Ratio = 10%) { … }`",
    ),
    (&["locals", "local", "vars"], "write `let name = value`"),
    (&["module", "import", "include"], "write `use \"./file.suho\" { name }`"),
    (&["output", "outputs"], "what a step gives is read as `step.output`"),
    (
        &["provider", "terraform", "backend", "config"],
        "where runs keep what they know, and what carries them out, is said by `env name { … }`",
    ),
    (
        &["parallel", "stage", "stages", "group", "steps", "jobs", "sequence", "tasks"],
        "steps stand in the pipeline itself: each waits for what it uses, and for `after`",
    ),
    (
        &["job", "task", "node"],
        "a step begins with its kind: `train name { … }`, `shell name { … }`",
    ),
];

/// There is no kind `kind`; `near` is what may have been meant.
pub(crate) fn new(at: At, kind: &str, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("there is no kind `{kind}`")).meant(near);
    match ELSEWHERE.iter().find(|(words, _)| near.is_none() && words.contains(&kind)) {
        Some((_, ours)) => found.help(*ours),
        None => found,
    }
}

/// The kind is `module`'s, which the file does not use; a `use` can stand at `insert`.
pub(crate) fn unused_module(at: At, kind: &str, module: &str, insert: Span) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{kind}` is a kind of `{module}`, which is not used here"))
        .fix(format!("add `use {module}`"), insert, &format!("\nuse {module}"))
}

/// What `what` says, a word of the language in backticks or a description, cannot stand there.
pub(crate) fn misplaced(at: At, what: &str, place: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("{what} cannot stand {place}"))
}

/// The kind is defined in the file `other`, which the path `path` leads to and nothing uses here; a
/// `use` can stand at `insert`.
pub(crate) fn not_used(at: At, kind: &str, other: &str, path: &str, insert: Span) -> Diagnostic {
    let add = format!("use \"{path}\" {{ {kind} }}");
    Diagnostic::error(CODE, at, format!("`{kind}` is a step of `{other}`, which is not used here"))
        .fix(format!("add `{add}`"), insert, &format!("\n{add}"))
}
