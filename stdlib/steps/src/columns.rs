//! Features of bars, whatever they read of them.

use suho_domain::Timeframe;
use suho_features::{ComputeError, Feature, Matrix, Times, compute, compute_timed};
use suho_market::Bars;

/// Features of every bar, `[feature, bar]`; NaN where a feature is not there yet.
///
/// # Errors
/// When a column that a feature reads has a missing value, or bars of this length cannot make up a
/// timeframe that a feature asks for.
pub(crate) fn matrix(features: &[Feature], bars: &Bars) -> Result<Matrix, ComputeError> {
    let minutes = u32::try_from(bars.timeframe.num_minutes());
    match minutes.ok().and_then(|minutes| Timeframe::from_minutes(minutes).ok()) {
        Some(timeframe) => {
            compute_timed(features, &bars.columns(), Times { open: &bars.time, timeframe })
        }
        None => compute(features, &bars.columns()),
    }
}
