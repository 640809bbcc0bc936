//! A label rule as it is declared, and as it is computed.

use crate::failure::{bug, user};
use std::num::NonZeroU32;
use suho_domain::{Duration, Value};
use suho_driver::world::WorldError;
use suho_market::{Bars, LabelRule, SIGMA_BARS};
use suho_time::Calendar;

/// `k` of `vol_scaled` when it is not written.
const K: f64 = 0.43;

/// The rule that `declared` names: `vol_scaled(k: 0.43)`, `fixed(10bps)` or
/// `triple_barrier(profit: 1.0, stop: 1.0)`.
///
/// # Errors
/// When it is another one, or one that cannot be computed.
pub(crate) fn rule(declared: &Value) -> Result<LabelRule, WorldError> {
    let refused = || {
        let message = format!("a rehearsal cannot label bars by `{declared}`");
        user("label-not-computable", message, "use `vol_scaled(k: 0.43)` or `fixed(10bps)`")
    };
    let Value::Variant(variant) = declared else { return Err(refused()) };
    let field = |name: &str| variant.fields.get(name).and_then(Value::as_f64);
    let window = variant.fields.get("window");
    match variant.name.as_str() {
        "vol_scaled" if window.is_none_or(is_sigma_window) => {
            Ok(LabelRule::VolScaled { k: field("k").unwrap_or(K) })
        }
        "fixed" => {
            let threshold = field("threshold").ok_or_else(refused)?;
            Ok(LabelRule::Fixed { bps: threshold * 10_000.0 })
        }
        "triple_barrier" => {
            let barriers = field("profit").zip(field("stop")).ok_or_else(refused)?;
            Ok(LabelRule::TripleBarrier { profit: barriers.0, stop: barriers.1 })
        }
        _ => Err(refused()),
    }
}

fn is_sigma_window(window: &Value) -> bool {
    matches!(window, Value::Int(bars) if usize::try_from(*bars) == Ok(SIGMA_BARS))
}

/// `horizon` in bars of `bar_micros`, held to what `rule` can label.
///
/// # Errors
/// When it is no whole number of bars, or the rule's factor orders nothing.
pub(crate) fn horizon(
    horizon: Duration,
    bar_micros: i64,
    rule: LabelRule,
) -> Result<NonZeroU32, WorldError> {
    let (bars, rest) = (horizon.micros() / bar_micros, horizon.micros() % bar_micros);
    let whole = u32::try_from(bars).ok().and_then(NonZeroU32::new).filter(|_| rest == 0);
    let bars = whole.ok_or_else(|| {
        let bar = Duration::from_micros(bar_micros);
        bug("ragged-horizon", format!("a horizon of `{horizon}` is no number of `{bar}` bars"))
    })?;
    // Labelling nothing checks the rule.
    let nothing = Bars::empty("", chrono::TimeDelta::microseconds(bar_micros));
    let steps = usize::try_from(bars.get()).unwrap_or(usize::MAX);
    suho_market::labels(&nothing, rule, steps, Calendar::Always).map_err(|error| {
        user("label-not-computable", error.to_string(), "give a factor above 0")
    })?;
    Ok(bars)
}

#[cfg(test)]
mod tests;
