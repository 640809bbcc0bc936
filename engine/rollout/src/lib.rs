//! Shadow, canary, ramp and rollback: evidence in, traffic out. Pure.
//!
//! A [`Rollout`] is fed an [`Observation`] each market minute and answers with [`Action`]s. Time,
//! traffic and measurements come in as numbers; its whole state is serialisable, and one read back
//! after a crash goes on as if nothing had happened. [`RoutingTable`] is what its shares become.

mod action;
mod clock;
mod comparison;
mod decide;
mod evidence;
mod guardrail;
mod rollout;
mod route;
mod rule;
mod spec;
mod timeline;
mod weight;

pub use action::{Action, Reason, Verdict};
pub use comparison::{Accept, Block, Comparison, Level, Look, NotALevel, Test};
pub use evidence::{
    Correct, Events, Evidence, Latency, Observation, Probes, Totals, Units, Window,
};
pub use guardrail::{Guardrail, Guardrails};
pub use rollout::Rollout;
pub use route::{Arm, Candidate, RoutingTable, StaleGeneration, bucket};
pub use rule::{Answer, Rule, Verb};
pub use spec::{Canary, NotARollout, Ramp, Shadow, Spec, Stage};
pub use timeline::{Moment, What, timeline};
pub use weight::NotAWeight;

#[cfg(test)]
mod tests;
