//! What a step may know of the world, and how it speaks to whoever runs it.

use crate::{Order, Progress};
use std::fmt;
use std::path::Path;
use suho_domain::{AttemptKey, Instant};

/// Whoever runs an attempt: hears of its progress and may end it.
pub trait Supervisor {
    /// Hears how far the step has come.
    fn progress(&mut self, progress: &Progress);

    /// Hears one line for the attempt's log, without its line end.
    fn log(&mut self, line: &str);

    /// Whether the step should stop at its next convenience.
    fn is_cancelled(&self) -> bool;
}

/// What a step may know of the world while it runs.
///
/// All paths are absolute. There is no wall clock here, by design: the only time a step knows is
/// the run's [`logical_time`](Self::logical_time).
pub struct Context<'a> {
    order: &'a Order,
    folder: &'a Path,
    supervisor: &'a mut dyn Supervisor,
}

impl<'a> Context<'a> {
    /// The context of the attempt that `order` asks for, working in `folder`.
    pub fn new(order: &'a Order, folder: &'a Path, supervisor: &'a mut dyn Supervisor) -> Self {
        Self { order, folder, supervisor }
    }

    /// The attempt: the idempotency key of everything the step does outside its folder.
    pub const fn key(&self) -> &AttemptKey {
        &self.order.key
    }

    /// The engine's term under which the attempt was ordered; an older one is refused.
    pub const fn epoch(&self) -> u64 {
        self.order.epoch
    }

    /// The project's root, which paths in `.suho` files start from.
    pub fn project(&self) -> &'a Path {
        &self.order.project
    }

    /// Where artifacts live: a path or a URL.
    pub fn artifacts(&self) -> &'a str {
        &self.order.artifacts
    }

    /// The attempt's own folder. Scratch files go here and vanish with it.
    pub const fn folder(&self) -> &'a Path {
        self.folder
    }

    /// The run's as-of: data after it does not exist yet.
    pub const fn logical_time(&self) -> Instant {
        self.order.logical_time
    }

    /// The seed of all chance in the step; the same for each attempt at it.
    pub const fn seed(&self) -> u64 {
        self.order.seed
    }

    /// Tells how far the step has come.
    pub fn progress(&mut self, progress: &Progress) {
        self.supervisor.progress(progress);
    }

    /// Writes one line to the attempt's log.
    pub fn log(&mut self, line: &str) {
        self.supervisor.log(line);
    }

    /// Whether the step should stop and answer [`StepError::cancelled`](crate::StepError::cancelled).
    pub fn is_cancelled(&self) -> bool {
        self.supervisor.is_cancelled()
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("order", self.order)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
