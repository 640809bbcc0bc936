//! What comes next, for people.

use suho_domain::{Duration, Instant};
use suho_time::jitter;

use super::{Schedule, State, TickSkip};

/// A tick that lies ahead, and what becomes of it as things stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Upcoming {
    /// The tick.
    pub tick: Instant,
    /// When its run may begin.
    pub not_before: Instant,
    /// Why there will be none. Whether an earlier run will have ended nobody knows yet.
    pub skip: Option<TickSkip>,
}

impl Schedule {
    /// The next `count` ticks after `now`, fewer when the schedule ends; none when no text declares
    /// it. Ticks that a clock set back will show again are left out: they have been judged.
    pub fn next(&self, count: usize, now: Instant) -> Vec<Upcoming> {
        let (Some(spec), Some(judged)) = (self.spec(), self.judged) else { return Vec::new() };
        let spread = chrono::TimeDelta::microseconds(spec.jitter.micros());
        let delay = jitter(&self.key.to_string(), spread);
        let delay = Duration::from_seconds(delay.num_seconds());
        let first = spec.next_after(now.max(judged));
        let ticks = std::iter::successors(first, |tick| spec.next_after(*tick));
        let upcoming = ticks.map(|tick| {
            let skip = match &self.state {
                State::Paused(..) => Some(TickSkip::Paused),
                _ if !spec.keeps(tick) => Some(TickSkip::Calendar),
                State::Live(_) | State::Absent => None,
            };
            Upcoming { tick, not_before: tick.plus(delay), skip }
        });
        upcoming.take(count).collect()
    }
}
