//! What people hold: a run as a whole, or everybody's way to production.

use suho_domain::{Duration, Instant};

/// Who holds something, why, and since when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hold {
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Instant,
}

/// What a run is held by. A run that is held has no deadline: it moves by the time that went by
/// until nothing holds the run any more.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Holds {
    /// The run is paused: nothing begins.
    pub(crate) pause: Option<Hold>,
    /// The line is stopped: nothing begins that moves traffic.
    pub(crate) freeze: Option<Hold>,
    /// Since when there is either.
    since: Option<Instant>,
}

impl Holds {
    /// Whether anything is held.
    pub(crate) const fn is_any(&self) -> bool {
        self.pause.is_some() || self.freeze.is_some()
    }

    /// The run is held; `None` when it is already.
    pub(crate) fn pause(&mut self, hold: Hold) -> Option<()> {
        take(&mut self.pause, &mut self.since, hold)
    }

    /// The line is stopped; `None` when it is already.
    pub(crate) fn freeze(&mut self, hold: Hold) -> Option<()> {
        take(&mut self.freeze, &mut self.since, hold)
    }

    /// The run goes on; answers by how much its deadline moves. `None` when it was not held.
    pub(crate) fn resume(&mut self, at: Instant) -> Option<Duration> {
        self.pause.take()?;
        Some(self.stood(at))
    }

    /// The line goes on; answers by how much the run's deadline moves. `None` when it was not
    /// stopped.
    pub(crate) fn thaw(&mut self, at: Instant) -> Option<Duration> {
        self.freeze.take()?;
        Some(self.stood(at))
    }

    fn stood(&mut self, at: Instant) -> Duration {
        if self.is_any() {
            return Duration::ZERO;
        }
        // A clock that was set back makes no deadline come earlier.
        self.since.take().map_or(Duration::ZERO, |since| at.since(since).max(Duration::ZERO))
    }
}

fn take(place: &mut Option<Hold>, since: &mut Option<Instant>, hold: Hold) -> Option<()> {
    if place.is_some() {
        return None;
    }
    since.get_or_insert(hold.since);
    *place = Some(hold);
    Some(())
}
