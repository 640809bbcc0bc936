//! `suho simulate`: how often a pipeline's own tests err, played where the truth is known.
//!
//! A figure here is never a measurement of a model: it says what a test would do if the world were
//! as supposed, and every page ends with what it cannot show.

mod canary;
mod drift;

use crate::args::Simulate;
use crate::failure::Failure;
use crate::terminal::Terminal;
use serde_json::{Value as Json, json};
use suho_driver::Candidate;
use suho_plan::Plan;
use suho_stats::simulate::Rate;
use suho_stats::{Measured, Reason};

/// `suho simulate …`.
pub(crate) fn simulate(command: &Simulate, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Simulate::Canary(args) => canary::canary(args, terminal),
        Simulate::Drift(args) => drift::drift(args, terminal),
    }
}

/// The model that `plan` would make.
fn candidate(plan: &Plan) -> Result<Candidate, Failure> {
    let place = || format!("{}:{}", plan.place.file, plan.place.line);
    Candidate::of(plan, suho_steps::FEATURE_VERSION)
        .map_err(|error| Failure::from_error(error.fault(), "candidate", &error).at(place()))?
        .ok_or_else(|| {
            let message = format!("`{}` trains no model", plan.pipeline);
            Failure::user("no-model", message)
                .at(place())
                .help("name a pipeline with a `train` step")
        })
}

/// A rate in percent with its Monte-Carlo standard error: `4.1% ± 0.4`.
fn percent(rate: &Rate) -> String {
    format!("{:.1}% ± {:.1}", 100.0 * rate.share, 100.0 * rate.error)
}

fn rate(rate: &Rate) -> Json {
    json!({ "share": rate.share, "error": rate.error })
}

/// A reason in place of a figure.
fn undefined(reason: Reason) -> Json {
    json!({ "undefined": reason.to_string() })
}

/// `figure` of what is defined; else why it is not.
fn json_of<T>(measured: &Measured<T>, figure: impl FnOnce(&T) -> Json) -> Json {
    match measured {
        Measured::Defined(value) => figure(value),
        Measured::Undefined(reason) => undefined(*reason),
    }
}

/// What the figures above cannot show, a line each.
fn limits(lines: &[String]) -> String {
    let each = lines.iter().map(|line| format!("  {line}\n"));
    format!("\nwhat these figures cannot show\n{}", each.collect::<String>())
}
