//! Waiting for asynchronous work from synchronous code.

use std::io;
use tokio::runtime::{Builder, Handle, Runtime};

/// A runtime of one's own, on the thread that waits.
#[derive(Debug)]
pub(crate) struct Blocking(Runtime);

/// It was called from within another runtime, which would panic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asynchronous;

impl Blocking {
    pub(crate) fn new() -> io::Result<Self> {
        // Retries wait by the runtime's clock.
        Ok(Self(Builder::new_current_thread().enable_time().build()?))
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Asynchronous> {
        if Handle::try_current().is_ok() {
            return Err(Asynchronous);
        }
        Ok(self.0.block_on(work))
    }
}
