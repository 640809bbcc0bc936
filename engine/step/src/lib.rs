//! The contract between the engine and a step.
//!
//! A step is a synchronous function from [`Inputs`] to [`Outputs`]. It never sees the store,
//! another step or the wall clock: what it may know of the world is in its [`Context`]. The files
//! of an attempt's folder, through which the engine and a step's process talk, are in [`attempt`];
//! the trials that every step must pass are in [`trials`].

pub mod attempt;
mod context;
mod error;
pub mod exec;
mod ports;
mod progress;
pub mod trials;

pub use attempt::{Ending, Order, Outcome, Usage};
pub use context::{Context, Supervisor};
pub use error::StepError;
pub use exec::Exec;
pub use ports::{Inputs, Outputs, PortError};
pub use progress::Progress;

/// One kind of work a pipeline can ask for, such as `train` or `evaluate`.
///
/// A step can be run again at any time: after a crash, on another machine, with the same inputs.
/// The same inputs and the same context give the same outputs ([`trials::runs_twice_alike`]).
pub trait Step: Send + Sync {
    /// The step's kind: the name of its signature in the prelude.
    fn signature(&self) -> &'static str;

    /// Does the work.
    ///
    /// # Errors
    /// When the work cannot be done; the error's class says whether another attempt can help.
    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError>;

    /// Takes back what [`run`](Self::run) with these inputs left behind, whether it ended well,
    /// failed or was cut off. Undoing twice, or undoing what never ran, is no error.
    ///
    /// # Errors
    /// When something that was made cannot be removed.
    fn undo(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<(), StepError> {
        let (_, _) = (context, inputs);
        Ok(())
    }
}
