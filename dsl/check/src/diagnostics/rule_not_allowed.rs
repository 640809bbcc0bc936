//! # A rule that the kind cannot have
//!
//! A gate decides once, so it knows `require` alone. Shadow, canary and ramp look again and
//! again, so they know `rollback when` and `hold when` too; `for` and `else` belong to some verbs
//! only.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate proof {
//!   model = candidate.model
//!   rollback when quality.accuracy < 60%
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= 60%
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::listed;

/// The code.
pub(crate) const CODE: &str = "rule-not-allowed";

/// `kind` has no rules with `verb`, but with `known`.
pub(crate) fn verb(at: At, kind: &str, verb: &str, known: &[&str]) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("a `{kind}` has no `{verb}` rules"));
    if known.is_empty() {
        return found.help("it takes no rules at all");
    }
    found.help(format!("it knows {}", listed(known.iter().copied())))
}

/// `clause` does not go with `verb`.
pub(crate) fn clause(at: At, verb: &str, clause: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{clause}` does not go with `{verb}`"))
}
