//! A storm from its first wake to the calm after it.

use crate::bug::Bug;
use crate::chance::fate;
use crate::plot::Plot;
use crate::reach::Reach;
use crate::storm::{BEGINNING, Happening, Storm, Who};
use crate::tally::Tally;
use suho_domain::{Duration, Instant};

/// What is played.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Config {
    /// All chance follows from it.
    pub seed: u64,
    /// Virtual days until everything heals.
    pub days: u32,
    /// What is wrong on purpose, if anything.
    pub bug: Option<Bug>,
    /// What goes wrong.
    pub faults: Faults,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Faults {
    /// All there is, as often as the seed draws.
    Swarm,
    /// Nothing: one daemon, one person.
    None,
    /// One death, at this micro-step; else nothing.
    CrashAt(u64),
    /// One lost reply, to this commit; else nothing.
    LostAt(u64),
}

/// A promise that was broken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{oracle} at {at}: {what}")]
pub struct Violation {
    /// Which: `I1` to `I9` as in `audit.rs`, or the promise of the engine's design.
    pub oracle: &'static str,
    /// How.
    pub what: String,
    /// When, in virtual time.
    pub at: Instant,
}

/// What came of a storm.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Play {
    /// The first promise that was broken.
    pub broken: Option<Violation>,
    /// What happened.
    pub tally: Tally,
    /// Of all commits: the same storm has the same.
    pub hash: u64,
}

/// The last text, which has no schedules: what runs comes to its end.
const LAST_TEXT: usize = 3;
/// How long it may take after the storm until all is quiet.
const CALM_MAX: Duration = Duration::from_hours(24 * 20);
/// The calm is looked at so often.
const LOOK: Duration = Duration::from_hours(1);
/// Times that daemons go down are drawn for so many days.
const OUTAGE_DAYS: u32 = 10;

/// Plays a storm.
pub fn play(plot: &Plot, config: &Config) -> Play {
    let storm = Storm::new(plot, *config);
    storm.prepare();
    storm.pump(storm.healing());
    storm.heal();
    storm.calm_down();
    if !storm.is_broken() {
        storm.audit_end();
    }
    let minutes = storm.now().since(BEGINNING).minutes().unsigned_abs();
    storm.count(|tally| tally.minutes = minutes);
    let tally = *storm.tally.borrow();
    let hash = storm.audit.borrow().hash;
    Play { broken: storm.broken(), tally, hash }
}

/// A number that stands for a whole batch: of each storm its hash and whether it broke something.
pub fn fingerprint(so_far: u64, play: &Play) -> u64 {
    let word = play.broken.as_ref().map_or("", |broken| broken.oracle);
    fate(so_far ^ play.hash, word)
}

impl Storm<'_> {
    /// Puts what is known from the beginning into the queue.
    fn prepare(&self) {
        let daemons = self.daemons.borrow().len();
        for daemon in 0..daemons {
            let after = self.chance.span(Duration::ZERO, Duration::from_minutes(1));
            self.put(BEGINNING.plus(after), Happening::Restart { daemon });
        }
        let wishes = self.people.borrow().beginnings();
        for (number, at) in wishes.into_iter().enumerate() {
            self.put(at, Happening::Wish { number });
        }
        if self.config.faults != Faults::Swarm {
            return;
        }
        let length = self.healing().since(BEGINNING);
        for text in 1..LAST_TEXT {
            // Not every branch moves.
            if self.chance.below(3) > 0 {
                let at = BEGINNING.plus(self.chance.span(Duration::ZERO, length));
                self.put(at, Happening::Push { text });
            }
        }
        let outages = self.weather.outages.saturating_mul(self.config.days) / OUTAGE_DAYS;
        for _ in 0..outages {
            let at = BEGINNING.plus(self.chance.span(Duration::ZERO, length));
            self.put(at, Happening::Down { daemon: self.chance.place(daemons) });
        }
    }

    /// From now on nothing goes wrong: every daemon comes back, and no more runs are begun.
    fn heal(&self) {
        self.is_healed.set(true);
        let daemons = self.daemons.borrow().len();
        (0..daemons).for_each(|daemon| self.restart(daemon));
        self.put(self.now(), Happening::Push { text: LAST_TEXT });
    }

    /// Lets time pass until all is quiet; that it becomes quiet at all is a promise.
    fn calm_down(&self) {
        let last = self.now().plus(CALM_MAX);
        let mut strays = Vec::new();
        while !self.is_broken() {
            self.pump(self.now().plus(LOOK));
            let found = self.strays();
            if let Some(key) = found.iter().find(|key| strays.contains(*key)) {
                let what = format!("{key} is at work since {LOOK}, and nothing asks for it");
                return self.breaks("I7", what);
            }
            strays = found;
            self.bring_on_unknown();
            let Some((oracle, what)) = self.unrest() else { return };
            if self.now() > last {
                return self.breaks(oracle, what);
            }
        }
    }

    /// An operator looks at what only a person can bring on.
    fn bring_on_unknown(&self) {
        let daemons = self.daemons.borrow();
        let up = daemons.iter().position(|it| it.is_up);
        let who = up.map(|daemon| (daemon, daemons.get(daemon).map_or(0, |it| it.life)));
        drop(daemons);
        if let Some((daemon, life)) = who {
            let desk = Reach { storm: self, who: Who { daemon, life }, epoch: None };
            drop(self.retry(desk, true));
        }
    }
}
