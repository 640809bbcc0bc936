//! What a loop sleeps by: it sleeps until its time, or until somebody rings.

use std::sync::{Condvar, Mutex, PoisonError};
use suho_domain::Duration;

/// A bell that is rung from any thread. A ring that nobody waits for is kept for whoever waits next,
/// so that none is lost between a look and the sleep after it.
#[derive(Debug, Default)]
pub struct Bell {
    is_rung: Mutex<bool>,
    rung: Condvar,
}

impl Bell {
    /// Wakes whoever waits, or keeps the next one from sleeping.
    pub fn ring(&self) {
        *self.is_rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.rung.notify_all();
    }

    /// Sleeps `at_most`, or until the bell is rung.
    pub fn wait(&self, at_most: Duration) {
        let is_rung = self.is_rung.lock().unwrap_or_else(PoisonError::into_inner);
        let slept = self.rung.wait_timeout_while(is_rung, at_most.to_std(), |is_rung| !*is_rung);
        let (mut is_rung, _) = slept.unwrap_or_else(PoisonError::into_inner);
        *is_rung = false;
    }
}

#[cfg(test)]
mod tests;
