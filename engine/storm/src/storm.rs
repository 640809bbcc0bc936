//! One storm: virtual time, a queue of what is to come, and the world that all of it happens to.
//!
//! Everything runs on one thread. A daemon that is stopped in the middle of something lets time pass
//! there and then: the others go on inside [`Storm::pause`], and when it comes back it goes on where
//! it was, with what it knew.

use crate::audit::Audit;
use crate::base::Base;
use crate::bug::Bug;
use crate::chance::{Chance, MILLION, fate};
use crate::cluster::Cluster;
use crate::daemon::Daemon;
use crate::people::People;
use crate::play::{Config, Faults, Violation};
use crate::plot::Plot;
use crate::reach::Reach;
use crate::router::Router;
use crate::tally::Tally;
use crate::weather::Weather;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use suho_domain::{Duration, Instant};

/// When a storm begins: 2026-01-05T00:00:00Z, a Monday.
pub(crate) const BEGINNING: Instant = Instant::from_micros(1_767_571_200_000_000);
/// How long a lease holds that nobody renews.
pub(crate) const TERM: Duration = Duration::from_seconds(15);

/// A daemon in one of its lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Who {
    pub(crate) daemon: usize,
    pub(crate) life: u64,
}

/// What is to come.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Happening {
    /// The daemon looks at what is due.
    Wake { daemon: usize, stamp: u64 },
    /// An engine's next turn.
    Resume { daemon: usize, life: u64, run: usize, stamp: u64 },
    /// A daemon begins its next life.
    Restart { daemon: usize },
    /// A daemon goes down for hours, or leaves in peace.
    Down { daemon: usize },
    /// Something happened to a run.
    Bell { run: usize },
    /// A person wants something.
    Wish { number: usize },
    /// The next text is pushed.
    Push { text: usize },
    /// The router asks the store.
    Poll,
}

/// What strikes a daemon at a micro-step.
enum Strike {
    Crash,
    Stop(Duration),
    /// Another of its threads comes between.
    Beside,
}

/// See the module.
pub(crate) struct Storm<'p> {
    pub(crate) plot: &'p Plot,
    pub(crate) config: Config,
    pub(crate) weather: Weather,
    pub(crate) chance: Chance,
    now: Cell<Instant>,
    sequence: Cell<u64>,
    queue: RefCell<BinaryHeap<Reverse<(i64, u64, Happening)>>>,
    /// The text on the branch.
    pub(crate) text: Cell<usize>,
    pub(crate) base: RefCell<Base>,
    pub(crate) cluster: RefCell<Cluster>,
    pub(crate) router: RefCell<Router>,
    pub(crate) daemons: RefCell<Vec<Daemon>>,
    pub(crate) people: RefCell<People>,
    pub(crate) audit: RefCell<Audit>,
    pub(crate) tally: RefCell<Tally>,
    /// Whether nothing goes wrong any more.
    pub(crate) is_healed: Cell<bool>,
    /// Whether another thread of a daemon is between two micro-steps of one: only one at a time.
    is_beside: Cell<bool>,
    broken: RefCell<Option<Violation>>,
}

impl<'p> Storm<'p> {
    pub(crate) fn new(plot: &'p Plot, config: Config) -> Self {
        let chance = Chance::new(fate(config.seed, "storm"));
        let is_calm = config.faults != Faults::Swarm;
        let weather = if is_calm { Weather::CALM } else { Weather::drawn(&chance) };
        let daemons = if is_calm { 1 } else { 1 + chance.place(3) };
        Self {
            plot,
            config,
            weather,
            now: Cell::new(BEGINNING),
            sequence: Cell::new(0),
            queue: RefCell::default(),
            text: Cell::new(0),
            base: RefCell::new(Base::new(config.bug, &plot.forms)),
            cluster: RefCell::new(Cluster::new(config.bug)),
            router: RefCell::default(),
            daemons: RefCell::new((0..daemons).map(|_| Daemon::default()).collect()),
            people: RefCell::new(People::new(&chance, &config)),
            audit: RefCell::default(),
            tally: RefCell::default(),
            is_healed: Cell::new(false),
            is_beside: Cell::new(false),
            broken: RefCell::default(),
            chance,
        }
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.config.bug == Some(bug)
    }

    pub(crate) fn now(&self) -> Instant {
        self.now.get()
    }

    /// The instant at which everything heals.
    pub(crate) fn healing(&self) -> Instant {
        BEGINNING.plus(Duration::from_hours(24 * i64::from(self.config.days)))
    }

    pub(crate) fn count(&self, add: impl FnOnce(&mut Tally)) {
        add(&mut self.tally.borrow_mut());
    }

    /// Whether something strikes that strikes so often; never once all has healed.
    pub(crate) fn hits(&self, in_a_million: u32) -> bool {
        in_a_million > 0 && !self.is_healed.get() && self.chance.hits(in_a_million)
    }

    /// Notes that a promise was broken; the first counts.
    pub(crate) fn breaks(&self, oracle: &'static str, what: String) {
        let at = self.now();
        self.broken.borrow_mut().get_or_insert(Violation { oracle, what, at });
    }

    pub(crate) fn broken(&self) -> Option<Violation> {
        self.broken.borrow().clone()
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.borrow().is_some()
    }

    pub(crate) fn put(&self, at: Instant, happening: Happening) {
        let sequence = self.sequence.get();
        self.sequence.set(sequence + 1);
        self.queue.borrow_mut().push(Reverse((at.micros(), sequence, happening)));
    }

    /// Lets happen what is to come up to `until`.
    pub(crate) fn pump(&self, until: Instant) {
        while !self.is_broken() {
            let next = self.queue.borrow().peek().map(|Reverse((at, ..))| *at);
            if next.is_none_or(|at| at > until.micros()) {
                break;
            }
            let Some(Reverse((at, _, happening))) = self.queue.borrow_mut().pop() else { break };
            self.now.set(self.now().max(Instant::from_micros(at)));
            self.dispatch(happening);
        }
        self.now.set(self.now().max(until));
    }

    fn dispatch(&self, happening: Happening) {
        let of = match happening {
            Happening::Wake { daemon, .. }
            | Happening::Resume { daemon, .. }
            | Happening::Down { daemon } => Some(daemon),
            _ => None,
        };
        // What waits for a process that stands still waits until it goes on.
        let waits = of.is_some_and(|daemon| {
            self.with_daemon(daemon, |it| {
                it.waiting.extend(it.stands_still.then_some(happening));
                it.stands_still
            })
        });
        if waits {
            return;
        }
        match happening {
            Happening::Wake { daemon, stamp } => self.wake(daemon, stamp),
            Happening::Resume { daemon, life, run, stamp } => {
                self.resume(Who { daemon, life }, run, stamp);
            }
            Happening::Restart { daemon } => self.restart(daemon),
            Happening::Down { daemon } => self.go_down(daemon),
            Happening::Bell { run } => self.ring(run),
            Happening::Wish { number } => self.wish(number),
            Happening::Push { text } => {
                self.text.set(text);
                let daemons = self.daemons.borrow().len();
                (0..daemons).for_each(|daemon| self.rouse(daemon, self.now()));
            }
            Happening::Poll => self.follow(),
        }
    }

    /// Whether `who` is still at work.
    pub(crate) fn lives(&self, who: Who) -> bool {
        let daemons = self.daemons.borrow();
        let daemon = daemons.get(who.daemon);
        !self.is_broken() && daemon.is_some_and(|it| it.is_up && it.life == who.life)
    }

    /// A micro-step of a daemon: a moment at which it may die or be stopped. Whether it lives.
    pub(crate) fn touch(&self, who: Who) -> bool {
        if !self.lives(who) {
            return false;
        }
        let mut tally = self.tally.borrow_mut();
        tally.micro_steps += 1;
        let step = tally.micro_steps;
        drop(tally);
        match self.strike(step) {
            None => true,
            Some(Strike::Crash) => {
                self.count(|tally| tally.crashes += 1);
                self.crash(who.daemon, None);
                false
            }
            Some(Strike::Stop(span)) => {
                self.pause(who, span);
                self.lives(who)
            }
            Some(Strike::Beside) => {
                self.come_between(who);
                self.lives(who)
            }
        }
    }

    fn strike(&self, step: u64) -> Option<Strike> {
        if self.config.faults == Faults::CrashAt(step) {
            return Some(Strike::Crash);
        }
        let Weather { crash, pause, nap, beside, .. } = self.weather;
        if self.is_healed.get() || self.config.faults != Faults::Swarm {
            return None;
        }
        let drawn = u32::try_from(self.chance.below(MILLION.into())).unwrap_or(0);
        if drawn < crash {
            return Some(Strike::Crash);
        }
        if drawn < crash + pause {
            self.count(|tally| tally.pauses += 1);
            let (least, most) = (TERM.plus(TERM), Duration::from_minutes(90));
            return Some(Strike::Stop(self.chance.span(least, most)));
        }
        if drawn < crash + pause + nap {
            self.count(|tally| tally.naps += 1);
            let (least, most) = (Duration::from_millis(1), Duration::from_seconds(10));
            return Some(Strike::Stop(self.chance.span(least, most)));
        }
        (drawn < crash + pause + nap + beside).then_some(Strike::Beside)
    }

    /// Another thread of the same daemon acts between two calls of one: somebody at its desk, or the
    /// runs that it has in hand.
    fn come_between(&self, who: Who) {
        if self.is_beside.replace(true) {
            return;
        }
        self.count(|tally| tally.beside += 1);
        let desk = Reach { storm: self, who, epoch: None };
        // Whoever is refused here may come again.
        match self.chance.below(32) {
            0..=3 => drop(self.retire(desk)),
            drawn @ 4..=11 => drop(self.pause_schedule(desk, drawn % 2 == 0)),
            _ => self.turn_all(who),
        }
        self.is_beside.set(false);
    }

    /// Stops a daemon for `span`: nobody renews its lease, and the world goes on.
    fn pause(&self, who: Who, span: Duration) {
        let until = self.now().plus(span);
        self.fall_silent(who, Some(self.now()));
        self.with_daemon(who.daemon, |daemon| daemon.stands_still = true);
        self.pump(until);
        let waiting = self.with_daemon(who.daemon, |daemon| {
            daemon.stands_still = false;
            std::mem::take(&mut daemon.waiting)
        });
        for happening in waiting {
            self.put(self.now(), happening);
        }
        if self.lives(who) {
            self.fall_silent(who, None);
        }
    }

    /// Marks the lease of `who`, if it leads, as renewed by nobody since then, or as renewed; the
    /// others notice when its term is over.
    pub(crate) fn fall_silent(&self, who: Who, since: Option<Instant>) {
        let mut base = self.base.borrow_mut();
        let lease = base.lease.as_mut();
        let lease = lease.filter(|lease| (lease.daemon, lease.life) == (who.daemon, who.life));
        let Some(lease) = lease else { return };
        lease.silent = since;
        drop(base);
        if let Some(since) = since {
            let daemons = self.daemons.borrow().len();
            let later = since.plus(TERM).plus(Duration::from_seconds(1));
            (0..daemons).for_each(|other| self.rouse(other, later));
        }
    }

    pub(crate) fn with_daemon<T: Default>(
        &self,
        daemon: usize,
        with: impl FnOnce(&mut Daemon) -> T,
    ) -> T {
        self.daemons.borrow_mut().get_mut(daemon).map(with).unwrap_or_default()
    }
}
