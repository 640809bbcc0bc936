//! # A gate that does not ask for what the project wants proven
//!
//! `evidence` of the project names kinds of steps. Every gate must have a rule about what a step of
//! each of these kinds found.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ml
//! use "./example.suho" { direction }
//!
//! project example {
//!   evidence = ["evaluate"]
//! }
//!
//! pipeline bare(spec: ModelSpec = direction) {
//!   dataset data {
//!     source    = parquet("bars.parquet")
//!     symbol    = spec.target.symbol
//!     timeframe = spec.target.timeframe
//!     features  = spec.features
//!   }
//!
//!   train candidate {
//!     model      = spec
//!     train      = data.train
//!     validation = data.validation
//!     version    = v1.0.0
//!   }
//!
//!   gate proof {
//!     model = candidate.model
//!     require candidate.validation_accuracy >= 40%
//!   }
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ml
//! use "./example.suho" { direction }
//!
//! project example {
//!   evidence = ["evaluate"]
//! }
//!
//! pipeline bare(spec: ModelSpec = direction) {
//!   dataset data {
//!     source    = parquet("bars.parquet")
//!     symbol    = spec.target.symbol
//!     timeframe = spec.target.timeframe
//!     features  = spec.features
//!   }
//!
//!   train candidate {
//!     model      = spec
//!     train      = data.train
//!     validation = data.validation
//!     version    = v1.0.0
//!   }
//!
//!   evaluate quality {
//!     model = candidate.model
//!     data  = data.test
//!   }
//!
//!   gate proof {
//!     model = candidate.model
//!     require quality.accuracy >= 40%
//!   }
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "gate-without-evidence";

/// The gate `gate` asks nothing of a step of `kind`, as `steps` are.
pub(crate) fn new(at: At, gate: &str, kind: &str, steps: &[&str]) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("`{gate}` asks no `{kind}`"))
        .label("the project wants this proven");
    match steps.first() {
        Some(step) => {
            found.help(format!("add a rule about what `{step}` found: `require {step}.…`"))
        }
        None => found.help(format!("add a step `{kind}` and a rule about what it found")),
    }
}
