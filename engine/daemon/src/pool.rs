//! The runs at work: a thread each, as many at once as there are places.
//!
//! Which runs there are is the store's to say; here is only who works on them now. A run that the
//! world keeps from going on is taken up again after a while; one that cannot go on is left alone.

use crate::clock::Time;
use crate::daemon::Wake;
use crate::workplace::Workplace;
use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use suho_domain::{Duration, Fault, Instant, RunId, RunStatus, fault};
use suho_driver::ports::{Store as _, StoreError};
use suho_driver::world::Clock;
use suho_driver::{Bell, EngineError, Rooms, standing};
use suho_store::SqliteStore;

/// The first wait before a run that the world refused is taken up again; each is twice the last.
const AGAIN: Duration = Duration::from_seconds(5);
/// The longest.
const AGAIN_MAX: Duration = Duration::from_minutes(5);

/// A run at work looks at everything this often though nothing was heard: `suho cancel` writes into
/// the database and rings nowhere.
const PATIENCE: Duration = Duration::from_seconds(1);

/// How a run's thread came back.
#[derive(Debug)]
pub enum Carried {
    /// The run ended.
    Ended,
    /// It was left to the next engine.
    Left,
    /// Only people can bring it on, or the time.
    Parked(Option<Instant>),
    /// It could not go on.
    Refused(EngineError),
    /// Its thread died: a bug of ours.
    Died(String),
}

/// What is to be done about a run whose thread came back.
#[derive(Debug, Eq, PartialEq)]
pub enum Next {
    /// Nothing.
    Nothing,
    /// It is taken up again after a while; this is why.
    Again(String),
    /// It is left alone until a person has looked; this is why.
    Quarantine(String),
    /// The disk failed a commit: this process must not go on.
    Stop(String),
}

/// What the runs' threads share.
pub(crate) struct Hands {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) workplace: Arc<dyn Workplace>,
    pub(crate) time: Arc<dyn Time>,
    /// Whether the daemon goes away.
    pub(crate) is_leaving: Arc<AtomicBool>,
    pub(crate) wake: Sender<Wake>,
    /// What the machine has, and which runs have it.
    pub(crate) rooms: Arc<Rooms>,
}

/// A run's thread, and how it is spoken to.
struct Hand {
    thread: JoinHandle<()>,
    ear: Arc<Ear>,
}

/// Who works on which run.
pub(crate) struct Pool {
    hands: Arc<Hands>,
    limit: usize,
    at_work: BTreeMap<RunId, Hand>,
    /// Runs that the world refused: until when they are left alone, and how often in a row.
    held: BTreeMap<RunId, (Instant, u32)>,
    /// Runs that wait for people: until when at the longest.
    parked: BTreeMap<RunId, Option<Instant>>,
}

impl Pool {
    pub(crate) fn new(hands: Hands, limit: NonZeroU32) -> Self {
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let (at_work, held, parked) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { hands: Arc::new(hands), limit, at_work, held, parked }
    }

    /// Whether `run` has a thread.
    pub(crate) fn works_on(&self, run: &RunId) -> bool {
        self.at_work.contains_key(run)
    }

    /// Rows to ask the store for, so that every free place can be taken.
    pub(crate) fn wanted(&self) -> u32 {
        let aside = self.held.len().saturating_add(self.parked.len());
        let rows = self.limit.saturating_add(self.at_work.len()).saturating_add(aside);
        u32::try_from(rows).unwrap_or(u32::MAX)
    }

    /// Gives the free places to `runs`, the first first.
    pub(crate) fn fill(&mut self, runs: Vec<RunId>, now: Instant) -> io::Result<()> {
        for run in runs {
            if self.at_work.len() >= self.limit {
                break;
            }
            let is_held = self.held.get(&run).is_some_and(|(until, _)| *until > now);
            let is_parked =
                self.parked.get(&run).is_some_and(|until| until.is_none_or(|until| until > now));
            if !is_held && !is_parked && !self.at_work.contains_key(&run) {
                self.parked.remove(&run);
                let hand = begin(&self.hands, run.clone())?;
                self.at_work.insert(run, hand);
            }
        }
        Ok(())
    }

    /// When a run that was refused is due again.
    pub(crate) fn next_timer(&self) -> Option<Instant> {
        let parked = self.parked.values().filter_map(|until| *until);
        self.held.values().map(|(until, _)| *until).chain(parked).min()
    }

    /// Takes in that a run's thread came back.
    pub(crate) fn back(&mut self, run: &RunId, carried: Carried, now: Instant) -> Next {
        if let Some(hand) = self.at_work.remove(run) {
            // It has said all it had to say; what it died of is in `carried`.
            drop(hand.thread.join());
        }
        if let Carried::Parked(until) = carried {
            self.parked.insert(run.clone(), until);
        }
        let next = judge(carried);
        if let Next::Again(_) = next {
            self.hands.rooms.rest(run);
            let failures = self.held.get(run).map_or(0, |(_, failures)| *failures);
            self.held.insert(run.clone(), (now.plus(wait(failures)), failures.saturating_add(1)));
        } else {
            self.hands.rooms.leave(run);
            self.held.remove(run);
        }
        next
    }

    /// Forgets that the world refused `run`: somebody wants it taken up at once.
    pub(crate) fn free(&mut self, run: &RunId) {
        self.held.remove(run);
        self.parked.remove(run);
    }

    /// Somebody has said something to these runs: those that waited for it are taken up, those at
    /// work listen.
    pub(crate) fn unpark(&mut self, runs: &[RunId]) {
        for run in runs {
            self.parked.remove(run);
            self.tell(run);
        }
    }

    /// Forgets it of every run.
    pub(crate) fn free_all(&mut self) {
        self.held.clear();
    }

    /// Lets the thread of `run`, if it has one, hear that somebody asked something of it.
    pub(crate) fn tell(&self, run: &RunId) {
        if let Some(hand) = self.at_work.get(run) {
            hand.ear.is_asked.store(true, Ordering::Release);
            hand.ear.bell.ring();
        }
    }

    /// Tells every thread to leave its run to the next daemon, and waits until they have.
    pub(crate) fn leave(&mut self) {
        self.hands.is_leaving.store(true, Ordering::Release);
        for hand in self.at_work.values() {
            hand.ear.bell.ring();
        }
        for hand in std::mem::take(&mut self.at_work).into_values() {
            drop(hand.thread.join());
        }
    }
}

/// How long a run that the world refused is left alone, after so many refusals in a row before.
pub fn wait(failures: u32) -> Duration {
    let doubled = AGAIN.micros().saturating_mul(1 << failures.min(10));
    Duration::from_micros(doubled.min(AGAIN_MAX.micros()))
}

/// What is to be done about a run whose thread came back so.
pub fn judge(carried: Carried) -> Next {
    match carried {
        Carried::Ended | Carried::Left | Carried::Parked(_) => Next::Nothing,
        Carried::Died(why) => Next::Quarantine(why),
        Carried::Refused(error) => {
            let why = fault::chain(&error);
            match &error {
                EngineError::Store(StoreError::Unknown { .. }) => Next::Stop(why),
                EngineError::Store(StoreError::Tampered { .. }) => Next::Quarantine(why),
                error if error.fault() == Fault::World => Next::Again(why),
                _ => Next::Quarantine(why),
            }
        }
    }
}

fn begin(hands: &Arc<Hands>, run: RunId) -> io::Result<Hand> {
    let (hands, ear) = (Arc::clone(hands), Arc::<Ear>::default());
    let heard = Arc::clone(&ear);
    let thread = std::thread::Builder::new().name(format!("run-{}", run.short()));
    let thread = thread.spawn(move || {
        // What one run does to its thread is that run's affair.
        let carried = catch_unwind(AssertUnwindSafe(|| carry(&hands, &run, heard)));
        let carried = carried.unwrap_or_else(|panic| Carried::Died(last_words(panic.as_ref())));
        // Nobody listens any more when the daemon is gone.
        drop(hands.wake.send(Wake::Back { run, carried }));
    })?;
    Ok(Hand { thread, ear })
}

fn carry(hands: &Hands, run: &RunId, ear: Arc<Ear>) -> Carried {
    let mut store = &*hands.store;
    let row = match store.load(run) {
        Ok((row, _)) => row,
        Err(error) => return Carried::Refused(error.into()),
    };
    let (time, is_leaving) = (Arc::clone(&hands.time), Arc::clone(&hands.is_leaving));
    let rooms = Arc::clone(&hands.rooms);
    let mut clock = RunClock { time, is_leaving, ear, rooms };
    match hands.workplace.carry(&hands.store, &row, &mut clock) {
        Ok(RunStatus::Paused | RunStatus::Waiting) => match standing(&mut store, run) {
            Ok(standing) => Carried::Parked(standing.state.next_timer()),
            Err(error) => Carried::Refused(error),
        },
        Ok(_) => Carried::Ended,
        Err(EngineError::HandedOver) => Carried::Left,
        Err(error) => Carried::Refused(error),
    }
}

fn last_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("its thread died: {}", text.unwrap_or_else(|| "without a word".to_owned()))
}

/// How a run's thread is reached while it sleeps.
#[derive(Debug, Default)]
struct Ear {
    bell: Arc<Bell>,
    is_asked: AtomicBool,
}

/// The clock of one run: it rests in real time, because what it waits for is a process.
struct RunClock {
    time: Arc<dyn Time>,
    is_leaving: Arc<AtomicBool>,
    ear: Arc<Ear>,
    rooms: Arc<Rooms>,
}

impl Clock for RunClock {
    fn wall(&self) -> Instant {
        self.time.now()
    }

    fn wait(&mut self, at_most: Duration) {
        self.ear.bell.wait(at_most);
    }

    fn is_interrupted(&self) -> bool {
        false
    }

    fn may_park(&self) -> bool {
        true
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn bell(&self) -> Option<Arc<Bell>> {
        Some(Arc::clone(&self.ear.bell))
    }

    fn rooms(&self) -> Option<Arc<Rooms>> {
        Some(Arc::clone(&self.rooms))
    }

    fn is_asked(&mut self) -> bool {
        self.ear.is_asked.swap(false, Ordering::Acquire)
    }

    fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests;
