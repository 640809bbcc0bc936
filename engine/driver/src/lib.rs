//! The loop: load, step, commit, dispatch; and the traits of the world around it.
//!
//! Synchronous, and pure but for the traits it is handed: `engine/rehearse` runs it on a virtual
//! clock, a daemon on the wall's. [`carry_out`] is all of it, [`Carrying`] the same a turn at a time; what a
//! plan would do is known before
//! through [`Candidate`], [`next_version`] and [`inputs()`].

mod beginner;
mod bell;
pub mod budget;
mod candidate;
mod condition;
pub mod controller;
mod decide;
mod due;
mod engine;
pub mod executor;
pub mod gate;
mod handler;
mod inputs;
mod models;
mod own;
mod people;
mod plan_text;
mod pool;
pub mod ports;
mod record;
pub mod registry;
mod rollouts;
mod rooms;
mod round;
mod spec;
mod standing;
mod turn;
pub mod version;
mod work;
pub mod world;

pub use beginner::Beginner;
pub use bell::Bell;
pub use candidate::{Candidate, CandidateError};
pub use engine::{CachePolicy, EngineError, Rim, Setting, carry_out, reopen, reopen_from};
pub use inputs::{InputError, Surroundings, calendar, inputs};
pub use models::{id_of, next_version, value_of};
pub use own::{OwnError, admit, obstacles, why_anew};
pub use rollouts::weight::{WeightError, may_weigh, weigh};
pub use rooms::Rooms;
pub use spec::of_plan as run_spec;
pub use standing::{AnswerError, Standing, standing};
pub use turn::{Carrying, Turn};
