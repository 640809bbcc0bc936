//! The daemon: follows a text, fires its schedules once a tick, carries runs out, answers over HTTP.
//!
//! Everything it knows is in the store: what is in memory follows from there and can be lost at any
//! moment. One thread, the [conductor](Daemon::run), decides what begins; each run has a thread of
//! its own that drives [`suho_driver::carry_out`] through a [`Workplace`]. Nothing is polled: the
//! conductor sleeps until the next timer that the state names, or until somebody wakes it.
//!
//! This crate knows no step, no project and no terminal: those are the [`Workplace`]'s.

mod advance;
mod api;
mod apply;
pub mod backfill;
mod clock;
mod conductor;
mod daemon;
mod desired;
mod desk;
mod error;
mod exclusion;
mod listen;
mod lock;
mod people;
mod place;
mod pool;
mod pushes;
pub mod retraining;
pub mod rollback;
mod start;
mod steering;
mod tls;
mod workplace;

pub use advance::advance;
pub use api::BODY_BYTES_MAX;
pub use apply::{Summary, changes};
pub use clock::{OnChange, TestClock, TestClockError, Time, WallTime};
pub use daemon::{Candidate, Daemon, Options, Remote};
pub use desired::{Desired, Pushed, Refusal, Wanted, World, desired, plan_in, world_of};
pub use desk::happen_to;
pub use error::DaemonError;
pub use lock::is_daemon_at_work;
pub use place::{Place, find};
pub use pool::{Carried, Next, judge, wait as pause_after};
pub use steering::{LiveRollout, WeightRefusal, admit_weight, live_rollouts};
pub use tls::Tls;
pub use workplace::{Text, Workplace};

#[cfg(test)]
mod tests;
