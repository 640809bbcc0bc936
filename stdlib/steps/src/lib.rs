//! One step a file: thin glue from a signature to the crates that compute.
//!
//! A step reads its inputs into types, calls the crates that know how, and says what came of it as
//! values of the language. Whatever it keeps is put into the artifact store once and never changed:
//! a snapshot for data, a [`model`] for models. Training, judging and probing read these
//! frozen files and nothing else.

mod backtest;
mod beside;
mod columns;
mod cross_validate;
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
mod reports;
mod sessions;
mod snapshot;
pub mod sources;
mod spec;
mod stopwatch;
mod sweep;
mod table;
mod train;
mod tuning;

pub use suho_features::FEATURE_VERSION;

use suho_domain::Digest;
use suho_step::{Context, Inputs, Outputs, Step, StepError};

/// Every step with the version of its behaviour: the number moves whenever the same inputs give
/// other outputs, so that no earlier result is taken for a new one.
const STEPS: [(&dyn Step, u32); 9] = [
    (&dataset::Dataset(&sources::Nowhere), 4),
    (&table::Table, 1),
    (&sweep::Sweep, 1),
    (&train::Train, 4),
    (&cross_validate::CrossValidate, 1),
    (&leakage_scan::LeakageScan, 2),
    (&evaluate::Evaluate, 3),
    (&backtest::Backtest, 3),
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

/// Carries out the step `kind`, which reaches what lies outside the project through `connections`;
/// none where there is no such step.
pub fn carry_out(
    kind: &str,
    context: &mut Context<'_>,
    inputs: &Inputs,
    connections: &dyn sources::Connections,
) -> Option<Result<Outputs, StepError>> {
    let data = dataset::Dataset(connections);
    if kind == data.signature() {
        return Some(data.run(context, inputs));
    }
    find(kind).map(|step| step.run(context, inputs))
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
