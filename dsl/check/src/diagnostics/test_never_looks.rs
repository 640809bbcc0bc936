//! # A test that never looks
//!
//! A comparison looks at whole blocks of three horizons. `always_valid` looks from 30 blocks on; a
//! canary that ends before compares nothing. `group_sequential` plans its looks for the time there is.
//!
//! Wrong:
//!
//! ```suho wrong
//! canary trial {
//!   model    = staging.model
//!   against  = baseline
//!   duration = 48h
//!   compare accuracy {
//!     test = always_valid(alpha: 5%)
//!   }
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! canary trial {
//!   model    = staging.model
//!   against  = baseline
//!   duration = 48h
//!   compare accuracy {
//!     test = group_sequential(alpha: 5%)
//!   }
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use suho_domain::units::Duration;

/// The code.
pub(crate) const CODE: &str = "test-never-looks";

/// `always_valid`, written at `word`, has `blocks`; the rollout would have to last `needed`.
pub(crate) fn always(at: At, blocks: i64, needed: Duration, word: Option<At>) -> Diagnostic {
    let message = format!("`always_valid` looks from 30 blocks on, and there are {blocks}");
    let found = Diagnostic::error(CODE, at, message).label("never compared");
    let found = match word {
        Some(word) => found.fix("write `group_sequential`", word.span, "group_sequential"),
        None => found.help("write `group_sequential`"),
    };
    found.help(format!("or let it last at least `{needed}`"))
}

/// No block is complete within `total`; the first takes `needed`.
pub(crate) fn sequential(at: At, total: Duration, needed: Duration) -> Diagnostic {
    Diagnostic::warning(CODE, at, format!("no labels to compare come to be within {total}"))
        .label("not compared here")
        .help(format!("the first look comes after `{needed}`"))
}
