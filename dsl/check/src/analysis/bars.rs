//! How far the labels of a model or data set look ahead.

use super::view::{Pipeline, Step};
use crate::program::Expr;
use suho_domain::units::Duration;
use suho_domain::{Timeframe, Value};

/// How far labels look ahead, and in how many bars of what length.
#[derive(Clone, Copy)]
pub(super) struct Horizon {
    pub(super) bars: i64,
    pub(super) bar: Duration,
}

/// That of a data set.
pub(super) fn horizon(pipeline: &Pipeline<'_>, data: &Step<'_>) -> Option<Horizon> {
    let Value::Duration(horizon) = pipeline.input(data, "horizon")? else { return None };
    let Value::Text(timeframe) = pipeline.input(data, "timeframe")? else { return None };
    let bar = timeframe.parse::<Timeframe>().ok()?.duration();
    let (whole, rest) =
        (horizon.nanos().div_euclid(bar.nanos()), horizon.nanos().rem_euclid(bar.nanos()));
    // A horizon of part of a bar looks into the next one.
    Some(Horizon { bars: whole + i64::from(rest > 0), bar })
}

/// That of the model that `step` is given, by the data set it was trained on.
pub(super) fn of_model(pipeline: &Pipeline<'_>, step: &Step<'_>) -> Option<Horizon> {
    let mut step = step;
    // At most once through every step: a circle has no beginning.
    for _ in &pipeline.steps {
        let input = |name| match step.program.inputs.get(name) {
            Some(Expr::Output { step, .. }) => pipeline.step(step),
            _ => None,
        };
        if let Some(data) = input("train") {
            return horizon(pipeline, data);
        }
        step = input("model")?;
    }
    None
}
