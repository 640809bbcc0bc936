//! The loop: load, step, commit, dispatch; and the traits of the world around it.

pub mod ports;
pub mod registry;
