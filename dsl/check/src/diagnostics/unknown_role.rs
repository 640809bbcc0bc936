//! # A role that nobody has
//!
//! Who may start a run by hand is said in roles; the library's `RoleName` lists them.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ops
//! use "./example.suho" { retrain }
//!
//! trigger by_hand {
//!   on  = manual(roles: ["ml_engineers"])
//!   run = retrain()
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ops
//! use "./example.suho" { retrain }
//!
//! trigger by_hand {
//!   on  = manual(roles: ["ml_engineer"])
//!   run = retrain()
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::{listed, nearest};

/// The code.
pub(crate) const CODE: &str = "unknown-role";

/// There is no role `role`, but `known`.
pub(crate) fn new(at: At, role: &str, known: &[&str]) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("there is no role `{role}`"));
    match nearest(role, known.iter().copied()) {
        Some(near) => found.fix(format!("did you mean `{near}`?"), at.span, &format!("\"{near}\"")),
        None => found.help(format!("roles are {}", listed(known.iter().copied()))),
    }
}
