//! The parser that pest makes of `suho.pest`, and the one way it is called.

use std::num::NonZeroUsize;
use std::sync::Once;

use pest::Parser as _;
use pest::error::InputLocation;
use pest::iterators::Pairs;

/// Calls of grammar rules a byte of text may cost. A few hundred are usual; what needs more is not
/// a program, and would keep an editor waiting.
const CALLS_PER_BYTE: usize = 20_000;

#[derive(pest_derive::Parser)]
#[grammar = "suho.pest"]
struct Grammar;

/// Reads `text` as `rule`; else says at which byte reading broke off, at the furthest.
pub(crate) fn read(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, usize> {
    static LIMIT: Once = Once::new();
    // pest keeps the limit in a static. A limit of each text's own would be a race between threads,
    // so it is that of the largest text there is.
    LIMIT.call_once(|| {
        pest::set_call_limit(NonZeroUsize::new(CALLS_PER_BYTE.saturating_mul(crate::BYTES_MAX)));
    });
    Grammar::parse(rule, text).map_err(|error| match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    })
}
