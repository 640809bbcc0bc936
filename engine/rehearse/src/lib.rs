//! The replay world of a rehearsal: a virtual clock, held-back bars, seeded requests.
//!
//! [`Replay`] is the world that `engine/driver` carries a rollout out in, when the time is taken
//! from recorded bars. A minute passes with every look; bars close on it; two models answer each
//! bar once; users drawn from a seed ask all the while. Everything but the measured latencies is a
//! function of the bars, the models and the seed, so a rehearsal repeats to the byte, and one that
//! was interrupted goes on as if it had not been. It loads no model and reads no clock: both are
//! handed to it, as [`Models`] and [`Stopwatch`].

mod arrival;
mod event;
mod failure;
mod label;
mod ledger;
mod metric;
mod model;
mod population;
mod replay;
mod request;
mod rollout;
mod tape;

pub use model::{Answer, Model, Models, Stopwatch};
pub use replay::{Replay, ReplayConfig};

#[cfg(test)]
mod tests;
