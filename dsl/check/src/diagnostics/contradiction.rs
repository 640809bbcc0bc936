//! # Rules that cannot all be kept
//!
//! No figure lies where all of these want it. A gate with such rules lets nothing through; a rollout
//! never ends well.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate proof {
//!   model = candidate.model
//!   require bt.sharpe > 1.0
//!   require bt.sharpe < 0.5
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate proof {
//!   model = candidate.model
//!   require bt.sharpe > 1.0
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::program::Verb;

/// The code.
pub(crate) const CODE: &str = "contradiction";

/// The condition contradicts itself.
pub(crate) fn itself(at: At) -> Diagnostic {
    Diagnostic::error(CODE, at, "this can never hold")
        .label("its parts exclude each other")
        .help("drop one of them, or join them by `or`")
}

/// The condition cannot be kept beside the one at `other`, a rule with `verb`.
pub(crate) fn other(at: At, other: At, verb: Verb) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, "these two rules cannot both be kept");
    let words = match verb {
        Verb::Rollback => "what keeps the other is taken back by this",
        _ => "beside this one",
    };
    found.label("no figure lies in both").note(other, words)
}
