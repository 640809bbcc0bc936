//! Have the features that a model sees moved away from those it was trained on?
//!
//! Features of a market depend on their past, so a p-value that supposes independent observations
//! alarms on most days of a market that does not move at all. Here the distance between a live
//! window and the training data is held against the distances of the training data's own windows
//! ([`KsNull`]), the family of features is corrected for ([`Correction`](crate::Correction)), the
//! distance has to matter in size, and to come back on other days ([`DriftRule`]).

mod distance;
mod reference;
mod report;
mod rule;
mod uncalibrated;

pub use distance::{Bins, energy_distance, jensen_shannon, stability_index, wasserstein};
pub use reference::{KsNull, Reference};
pub use report::{Change, DriftReport, FeatureDrift, FeatureKind, Watched, Weight};
pub use rule::{DriftRule, DriftVerdict};
pub use uncalibrated::{FalseAlarms, UncalibratedRule};
