//! The files of an attempt's folder: all that the engine and a step's process say to each other.
//!
//! The engine writes [`ORDER`] and starts the process; the process appends to [`PROGRESS`],
//! [`STDOUT`] and [`STDERR`] while it holds the lock on [`ALIVE`], and writes [`OUTCOME`] last, by
//! rename: the file is whole or absent, and it is the truth of how the attempt ended.

mod file;

pub use file::{FileError, append_line, create_new_whole, read_json, write_whole};

use crate::{Exec, StepError};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use suho_domain::{AttemptKey, Digest, Duration, Instant, Record};

/// What is to be done: one [`Order`].
pub const ORDER: &str = "attempt.json";
/// What the process wrote to its standard output.
pub const STDOUT: &str = "stdout.log";
/// What the process wrote to its standard error.
pub const STDERR: &str = "stderr.log";
/// One [`Progress`](crate::Progress) a line, only ever appended to.
pub const PROGRESS: &str = "progress.jsonl";
/// How it ended: one [`Outcome`].
pub const OUTCOME: &str = "outcome.json";
/// Locked exclusively for as long as the attempt's process lives; holds its number once it began.
pub const ALIVE: &str = "alive";
/// There once somebody has asked for the attempt's end: a process that starts late ends at once.
pub const CANCELLED: &str = "cancelled";

/// What the engine asks one attempt to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Which attempt.
    pub key: AttemptKey,
    /// The engine's term under which it is ordered.
    pub epoch: u64,
    /// The step's kind: the name of its signature.
    pub kind: String,
    /// The values of its input ports.
    pub inputs: Record,
    /// The project's root, absolute.
    pub project: PathBuf,
    /// Where artifacts live: an absolute path or a URL.
    pub artifacts: String,
    /// The run's as-of.
    pub logical_time: Instant,
    /// The seed of all chance in the step.
    pub seed: u64,
    /// Longest it may run, in wall time; `None` is no limit.
    #[serde(default)]
    pub timeout: Option<Duration>,
    /// What carries it out, where it is a step of the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
    /// Digest of all that its result follows from, as it was when the step was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which attempt.
    pub key: AttemptKey,
    /// The epoch of its order.
    pub epoch: u64,
    /// The content of its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
    /// When its process began, by the wall clock of its machine.
    pub started_at: Instant,
    /// When its process wrote this, by the same clock.
    pub ended_at: Instant,
    /// What came of it.
    pub result: Ending,
    /// What it used; `None` where the machine does not tell.
    #[serde(default)]
    pub usage: Option<Usage>,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The step did its work.
    Succeeded {
        /// The values of its output ports.
        outputs: Record,
    },
    /// The step could not, or its process was stopped and could still say so.
    Failed(StepError),
}

/// What an attempt's process used, without its children.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Processor time, user and system, all threads, in milliseconds.
    pub cpu_ms: u64,
    /// Most memory resident at any one time, in KiB.
    pub rss_max_kib: u64,
}

impl Outcome {
    /// Whether this outcome answers `order`: the same attempt, ordered in the same epoch.
    pub fn answers(&self, order: &Order) -> bool {
        self.key == order.key && self.epoch == order.epoch
    }
}

#[cfg(test)]
pub(crate) mod tests;
