//! The indicator catalogue: names, definitions and numbers. Pure.
//!
//! A feature is a column computed from bars, such as `rsi_14`. [`parse`] turns a name into a
//! [`Feature`]; [`compute()`] turns features and bars into a [`Matrix`], [`compute_timed`] those
//! that read the clock as well, and a [`Stream`] answers bar by bar what they answer at once, to the
//! bit. [`catalogue()`] lists what there is. Where TA-Lib defines an indicator, ours is equal to it
//! (`tests/golden/talib_*.csv`).
//!
//! A value at bar *i* depends on bars up to *i* and on none after it.

mod catalogue;
mod compute;
mod family;
mod feature;
mod kernel;
mod matrix;
mod series;
mod stream;
#[cfg(test)]
mod testing;
mod timeframe;

pub use catalogue::{Entry, ParameterEntry, catalogue, catalogue_digest, describe, expand};
pub use compute::{ComputeError, FALL_MAX, MAGNITUDE_MAX, compute, compute_beside, compute_timed};
pub use family::{Group, Unit};
pub use feature::{
    Feature, FeatureListError, SymbolKey, UnknownFeature, history_needed, parse, parse_list,
    warm_up, warm_up_on,
};
pub use matrix::Matrix;
pub use series::{Bar, Beside, Columns, Input, Times};
pub use stream::Stream;

/// The version of the catalogue's definitions, in semantic versioning: major when a number of an
/// existing feature changes by more than 1e-9, minor when a feature is added, patch when neither.
pub const FEATURE_VERSION: &str = "v1.0.0";

#[cfg(test)]
mod tests;
