//! Comparisons that end before their test looks.

use super::bars;
use super::time;
use super::view::{Pipeline, Rule, Step};
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::test_never_looks;
use crate::program::Verb;
use suho_domain::Value;
use suho_domain::units::Duration;
use suho_syntax::ast::{ExprKind, StmtKind};

/// A block of labels is three horizons long: shorter ones hang together.
const BLOCK_HORIZONS: i64 = 3;
/// The blocks that a confidence sequence looks from.
const ALWAYS_VALID_BLOCKS_MIN: i64 = 30;

/// Tells of each comparison of `step` that is too short for its test.
pub(super) fn never(pipeline: &Pipeline<'_>, step: &Step<'_>, found: &mut Vec<Diagnostic>) {
    for rule in step.rules.iter().filter(|rule| rule.program.verb == Verb::Compare) {
        let Some(test) = rule.program.attributes.get("test") else { continue };
        let Some(Value::Variant(test)) = pipeline.known(test) else { continue };
        let Some(horizon) = bars::of_model(pipeline, step) else { continue };
        let Some(total) = time::total(pipeline, step) else { continue };
        let block = horizon.bar.nanos().saturating_mul(horizon.bars * BLOCK_HORIZONS).max(1);
        let blocks = total.nanos() / block;
        let needed = |blocks: i64| Duration::from_nanos(block.saturating_mul(blocks));
        if test.name == "always_valid" && blocks < ALWAYS_VALID_BLOCKS_MIN {
            let needed = needed(ALWAYS_VALID_BLOCKS_MIN);
            found.push(test_never_looks::always(rule.at, blocks, needed, word(pipeline, rule)));
        } else if test.name == "group_sequential" && blocks == 0 {
            found.push(test_never_looks::sequential(rule.at, total, needed(1)));
        }
    }
}

/// The place of the test's name.
fn word(pipeline: &Pipeline<'_>, rule: &Rule<'_>) -> Option<At> {
    let items = &rule.written.body.as_ref()?.items;
    items.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Attribute { path, value } if path.iter().all(|part| part.node == "test") => {
            let span = match &value.kind {
                ExprKind::Call(callee, _) => callee.span,
                _ => value.span,
            };
            Some(At::new(pipeline.file, span))
        }
        _ => None,
    })
}
