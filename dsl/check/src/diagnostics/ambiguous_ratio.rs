//! # Plus or minus a percentage of a percentage
//!
//! Five percent less than 65% may be 60% or 61.75%. Percentage points are meant by `5pp`, a share
//! of the value by `* 95%`. Points are also what the difference of two ratios is.
//!
//! Wrong:
//!
//! ```suho wrong
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= quality.baseline?.accuracy - 5%
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! gate proof {
//!   model = candidate.model
//!   require quality.accuracy >= quality.baseline?.accuracy - 5pp
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use rust_decimal::Decimal;
use suho_domain::{Points, Ratio};
use suho_syntax::ast::Span;

/// The code.
pub(crate) const CODE: &str = "ambiguous-ratio";

/// `left` plus or minus the ratio `right`, the operator between them at `operator`.
pub(crate) fn new(left: At, operator: Span, is_minus: bool, right: At, ratio: Ratio) -> Diagnostic {
    let sign = if is_minus { '-' } else { '+' };
    let whole = Span { start: operator.start, end: right.span.end };
    let number = ratio.number();
    let points = Points::new(number);
    let factor = if is_minus { Decimal::ONE - number } else { Decimal::ONE + number };
    // 65% is a believable accuracy: an example says more than a rule.
    let start = Decimal::new(65, 2);
    let added = Ratio::new(if is_minus { start - number } else { start + number });
    let scaled = Ratio::new((start * factor).normalize());
    let of_it = Ratio::new(factor);
    Diagnostic::error(
        CODE,
        At::new(right.file, whole),
        format!("`{sign} {ratio}` is ambiguous: what it is applied to is itself a ratio"),
    )
    .label("percentage points, or percent of the value?")
    .note(left, "a `Ratio`")
    .fix(format!("for 65% this means {added}"), whole, &format!("{sign} {points}"))
    .fix(format!("for 65% this means {scaled}"), whole, &format!("* {of_it}"))
}

/// The sum of two ratios of which neither is written out.
pub(crate) fn sum(at: At) -> Diagnostic {
    Diagnostic::error(CODE, at, "the sum of two ratios is ambiguous")
        .help("a `Ratio` and `Points` can be added, a `Ratio` can be multiplied")
}
