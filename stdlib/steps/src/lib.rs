//! One step a file: thin glue from a signature to the crates that compute.
//!
//! A step reads its inputs into types, calls the crates that know how, and says what came of it as
//! values of the language. Whatever it keeps is put into the artifact store once and never changed:
//! a snapshot for data, a [`model`] for models. Training, judging and probing read these
//! frozen files and nothing else.

mod backtest;
mod beside;
mod columns;
mod dataset;
mod evaluate;
mod failure;
mod figure;
mod generated;
mod latency_probe;
mod leakage_scan;
pub mod model;
mod ports;
pub mod preview;
mod records;
mod sessions;
mod snapshot;
mod spec;
mod stopwatch;
mod train;

pub use suho_features::FEATURE_VERSION;

use suho_domain::Digest;
use suho_step::Step;

/// Every step with the version of its behaviour: the number moves whenever the same inputs give
/// other outputs, so that no earlier result is taken for a new one.
const STEPS: [(&dyn Step, u32); 6] = [
    (&dataset::Dataset, 2),
    (&train::Train, 3),
    (&leakage_scan::LeakageScan, 1),
    (&evaluate::Evaluate, 2),
    (&backtest::Backtest, 2),
    (&latency_probe::LatencyProbe, 1),
];

/// Every step there is, in the order in which a pipeline usually has them.
pub fn all() -> impl Iterator<Item = &'static dyn Step> {
    STEPS.iter().map(|(step, _)| *step)
}

/// The step whose signature is called `kind`.
pub fn find(kind: &str) -> Option<&'static dyn Step> {
    all().find(|step| step.signature() == kind)
}

/// The digest of the code of all steps, for the keys under which results are kept.
///
/// It moves with the crate's version, with the version of any step and with the feature catalogue.
pub fn code_digest() -> Digest {
    let steps: Vec<_> = STEPS.iter().map(|(step, version)| (step.signature(), version)).collect();
    Digest::of_json(&serde_json::json!({
        "crate": env!("CARGO_PKG_VERSION"),
        "features": FEATURE_VERSION,
        "steps": steps,
    }))
}

#[cfg(test)]
mod tests;
