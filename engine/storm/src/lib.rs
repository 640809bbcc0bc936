//! The fault simulator: real engines over a made-up world in which everything goes wrong.
//!
//! One process, one thread, virtual time. What decides is the code that users run: the driver's
//! turns, the scheduler's runs and schedules, the rollout's controllers, the daemon's moves. What is
//! made up is all that has effects: a store whose replies get lost, a cluster that forgets, a router,
//! live traffic, people; and daemons that die at any call, stand still and come back, and start
//! again. Every commit is held against the oracles of `audit.rs`; after the storm all has to come to
//! its end.
//!
//! The same seed is the same storm. Each draws its own intensities, some of them none. Bugs that are
//! planted on purpose ([`Bug`]) show that the oracles see.

mod audit;
mod base;
mod batch;
mod bug;
mod chance;
mod cluster;
mod daemon;
mod people;
mod planted;
mod play;
mod plot;
mod reach;
mod router;
mod storm;
mod tally;
mod timetable;
mod town;
mod weather;

pub use batch::{Batch, Caught, catch, exhaust, sweep};
pub use bug::Bug;
pub use play::{Config, Faults, Play, Violation, fingerprint, play};
pub use plot::Plot;
pub use tally::Tally;

#[cfg(test)]
mod tests;
