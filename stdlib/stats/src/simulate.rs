//! How often the rules err, found by playing them on made-up worlds in which the truth is known.
//!
//! The worlds take a pipeline's own figures: how many events and requests there are, how far
//! neighbouring events depend on each other, which features it uses. A seed plays the same games
//! on every machine. Nothing here is fitted: a rate says what the rule would do if the world were
//! as described.

mod canary;
mod confidence;
mod drift;
mod events;
mod rate;

pub use canary::{CanaryPlan, CanaryRates, canary};
pub use confidence::{ConfidencePlan, ConfidenceRates, confidence};
pub use drift::{DriftPlan, DriftRates, FeatureSeries, drift};
pub use events::EventModel;
pub use rate::Rate;
