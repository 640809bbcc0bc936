//! Embargoes that protect from less than labels look ahead.

use super::bars;
use super::view::{Pipeline, Step};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::short_embargo;
use suho_domain::Value;

/// Tells of an embargo between one bar and the horizon; none at all is a decision.
pub(super) fn is_short(pipeline: &Pipeline<'_>, step: &Step<'_>, found: &mut Vec<Diagnostic>) {
    let Some(Value::Variant(split)) = pipeline.input(step, "split") else { return };
    let Some(Value::Variant(embargo)) = split.fields.get("embargo") else { return };
    let Some(Value::Int(count)) = embargo.fields.get("count") else { return };
    let Some(horizon) = bars::horizon(pipeline, step) else { return };
    let Some(at) = pipeline.attribute(step.body, "split") else { return };
    if *count > 0 && *count < horizon.bars {
        found.push(short_embargo::new(at, *count, horizon.bars));
    }
}
