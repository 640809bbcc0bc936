//! # A rule that asks for the worse side
//!
//! Each metric says which way is better. A `require` that only bounds it from the good side lets
//! bad models pass, and a `rollback when` of that kind takes good ones back.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate proof {
//!   model = candidate.model
//!   require bt.max_drawdown > 20%
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate proof {
//!   model = candidate.model
//!   require bt.max_drawdown < 20%
//! }
//! ```

use crate::Better;
use crate::diagnostic::{At, Diagnostic};
use suho_syntax::ast::Span;

/// The code.
pub(crate) const CODE: &str = "wrong-direction";

/// `metric` is better when `better`; the operator at `operator` should be `instead`.
pub(crate) fn new(
    at: At,
    metric: &str,
    better: Better,
    operator: Span,
    instead: &str,
) -> Diagnostic {
    let way = if better == Better::Lower { "lower" } else { "higher" };
    Diagnostic::error(CODE, at, format!("this asks for the worse side of `{metric}`"))
        .label(format!("{way} is better"))
        .fix(format!("write `{instead}`"), operator, instead)
}
