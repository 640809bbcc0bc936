//! Waits for the ends of attempts, so that nobody has to look.
//!
//! Each attempt at work has a thread that sleeps on its lock, which the kernel gives it when the
//! attempt's process dies: whoever started that process, and however it dies. A process costs more
//! than a thread that sleeps.

use crate::alive;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use suho_domain::AttemptKey;

/// The stack of a thread that does nothing but sleep, in bytes.
const STACK: usize = 64 * 1024;

/// Called from another thread whenever an attempt has ended.
pub type Ring = Arc<dyn Fn() + Send + Sync>;

/// Knows which attempts have ended since somebody asked.
pub(crate) struct Vigil {
    ring: Ring,
    ended: Arc<Mutex<Vec<AttemptKey>>>,
    /// The attempts whose ends are waited for, or have been.
    watched: BTreeSet<AttemptKey>,
}

impl Vigil {
    pub(crate) fn new(ring: Ring) -> Self {
        Self { ring, ended: Arc::default(), watched: BTreeSet::new() }
    }

    /// Begins to wait for the end of the attempt `key`, unless it is waited for.
    pub(crate) fn watch(&mut self, key: &AttemptKey, folder: &Path) {
        if self.watched.contains(key) {
            return;
        }
        let (ring, ended) = (Arc::clone(&self.ring), Arc::clone(&self.ended));
        let (folder, attempt) = (folder.to_owned(), key.clone());
        let wait = move || {
            // What cannot be waited for is looked at, and tells there what is wrong with it.
            drop(alive::wait_until_free(&folder));
            lock(&ended).push(attempt);
            ring();
        };
        // Where there is no thread to be had the attempt is found by looking, a little later.
        if Builder::new().name("attempt".to_owned()).stack_size(STACK).spawn(wait).is_ok() {
            self.watched.insert(key.clone());
        }
    }

    /// The attempts that have ended since the last call.
    pub(crate) fn ended(&mut self) -> Vec<AttemptKey> {
        let ended = std::mem::take(&mut *lock(&self.ended));
        for key in &ended {
            self.watched.remove(key);
        }
        ended
    }
}

impl fmt::Debug for Vigil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vigil").field("watched", &self.watched).finish_non_exhaustive()
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
