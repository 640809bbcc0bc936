//! The one clock of a simulated world. It only goes forward, and only when somebody has waited.

use std::cell::Cell;
use std::rc::Rc;
use suho_domain::{Duration, Instant};
use suho_driver::world::Clock;

/// The time of day, shared by all of a world.
#[derive(Clone, Debug)]
pub(crate) struct Time(Rc<Cell<Instant>>);

impl Time {
    pub(crate) fn starting_at(start: Instant) -> Self {
        Self(Rc::new(Cell::new(start)))
    }

    pub(crate) fn now(&self) -> Instant {
        self.0.get()
    }

    /// It is at least `at` now.
    pub(crate) fn pass_to(&self, at: Instant) {
        self.0.set(self.now().max(at));
    }
}

impl Clock for Time {
    fn wall(&self) -> Instant {
        self.now()
    }

    fn wait(&mut self, at_most: Duration) {
        // Waiting takes some time, so that a loop that waits gets somewhere.
        let waited = at_most.max(Duration::from_millis(1));
        self.pass_to(self.now().plus(waited));
    }

    fn is_interrupted(&self) -> bool {
        false
    }

    /// Between two timers nothing happens here: attempts end when they begin.
    fn patience(&self) -> Duration {
        Duration::DAY
    }
}
