//! The indicator catalogue: names, definitions and numbers. Pure.
//!
//! A feature is a column computed from bars, such as `rsi_14`. [`parse`] turns a name into a
//! [`Feature`], [`compute()`] turns features and bars into a [`Matrix`], and [`catalogue`] lists what
//! there is. Where TA-Lib defines an indicator, ours is equal to it (`tests/golden/talib_*.csv`).
//!
//! A value at bar *i* depends on bars up to *i* and on none after it.

mod compute;
mod family;
mod feature;
mod kernel;

pub use compute::{Columns, ComputeError, Input, Matrix, compute};
pub use feature::{
    Entry, Feature, FeatureListError, UnknownFeature, catalogue, history_needed, parse, parse_list,
    warm_up,
};

/// The version of the catalogue's definitions, in semantic versioning: major when a number of an
/// existing feature changes by more than 1e-9, minor when a feature is added, patch when neither.
pub const FEATURE_VERSION: &str = "v1.0.0";
