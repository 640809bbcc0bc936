//! Where attempts run.

use suho_domain::{AttemptKey, FailureClass};
use suho_step::{Order, Outcome, Progress};

/// How an attempt stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// It is at work.
    Running,
    /// It ended and said how.
    Ended(Box<Outcome>),
    /// It is not there and never said how it ended; as far as the system tells, this is why.
    Gone(FailureClass),
}

/// How an attempt is to be ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stop {
    /// Asked to end by itself.
    Ask,
    /// Ended.
    Force,
}

/// Starts, watches and ends attempts. Every call is safe to repeat.
pub trait Executor {
    /// Starts an attempt, or adopts it when it is there already.
    ///
    /// # Errors
    /// When it cannot be started.
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError>;

    /// How the attempt stands.
    ///
    /// # Errors
    /// When that cannot be told: it may be running.
    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError>;

    /// The attempts that may have ended since the last call, where that can be told; others need
    /// not be looked at. `None` where it cannot: then all are looked at.
    fn ended(&mut self) -> Option<Vec<AttemptKey>> {
        None
    }

    /// Progress reported since the last call.
    ///
    /// # Errors
    /// When it cannot be read.
    fn progress(&mut self, key: &AttemptKey) -> Result<Vec<Progress>, ExecutorError>;

    /// Ends the attempt; nothing happens when it has ended.
    ///
    /// # Errors
    /// When it cannot be reached.
    fn stop(&mut self, key: &AttemptKey, how: Stop) -> Result<(), ExecutorError>;
}

/// The executor refused.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing}")]
pub struct ExecutorError {
    /// What was being done: `start attempt …`.
    pub doing: String,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}
