//! Where an attempt runs: a process of its own, with the shim that speaks for it.
//!
//! The engine's side is [`ProcessExecutor`]; the process's side is [`shim::exec`], which
//! `suho exec FOLDER` calls. They talk through the files of the attempt's folder
//! ([`suho_step::attempt`]) and need nothing else of each other: either may die at any time.

mod alive;
mod death;
mod environment;
mod logs;
mod oom;
mod own;
mod process;
pub mod shim;
mod sweep;
mod vigil;

pub use death::{Death, Exit, Reason, classify};
pub use logs::{Chunk, Stream};
pub use process::{ExecutorError, Handle, Observed, ProcessExecutor};
pub use sweep::sweep;
pub use vigil::Ring;
