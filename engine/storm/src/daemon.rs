//! A daemon of the storm: decides as the real one does, with the real one's decisions, and drives
//! its runs a turn at a time. What it keeps in memory is gone when it dies.

use crate::base::Lease;
use crate::bug::Bug;
use crate::reach::Reach;
use crate::storm::{Happening, Storm, TERM, Who};
use crate::town::{Followed, Town};
use std::collections::BTreeMap;
use std::sync::Arc;
use suho_daemon::{Carried, Next, judge, pause_after};
use suho_domain::{Digest, Duration, Instant, RunId};
use suho_driver::executor::Stop;
use suho_driver::ports::StoreError;
use suho_driver::{CachePolicy, Carrying, EngineError, Rim, Rooms, Setting, Turn};

/// Runs at work at the same time.
const RUNS_MAX: usize = 3;
/// Longest time between two looks at the store while there is something to carry on.
const POLL: Duration = Duration::from_minutes(10);
/// And while there is nothing.
const IDLE: Duration = Duration::from_hours(6);
/// Who stands by looks so often whether the leader is still there; it is woken when it goes.
const STANDBY: Duration = Duration::from_hours(1);
/// The pause after a turn that the world refused.
const REFUSED_PAUSE: Duration = Duration::from_seconds(5);
/// Turns of a storm, beyond which engines work without getting anywhere.
const TURNS_MAX: u64 = 20_000;
/// A supervisor starts a daemon again within this time.
const RESTART_MAX: Duration = Duration::from_minutes(3);

/// An engine between two turns.
#[derive(Debug)]
pub(crate) struct Hand {
    /// `None` while it is in one.
    carrying: Option<Carrying>,
    followed: Option<Followed>,
    /// In which its daemon leads.
    epoch: u64,
    /// Of the turn that is to come; an older one is not taken.
    stamp: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Daemon {
    pub(crate) is_up: bool,
    pub(crate) life: u64,
    /// Whether it stands still, in the middle of something.
    pub(crate) stands_still: bool,
    /// What waits for it to go on.
    pub(crate) waiting: Vec<Happening>,
    hands: BTreeMap<usize, Hand>,
    /// Runs that the world refused: until when they are left alone, and how often in a row.
    held: BTreeMap<usize, (Instant, u32)>,
    /// The text in force here.
    pub(crate) text: Option<usize>,
    /// What its runs have and want of its machine.
    pub(crate) rooms: Arc<Rooms>,
    /// The epoch in which it leads, as far as it knows.
    led: Option<u64>,
    wakes_at: Option<Instant>,
    stamp: u64,
}

fn setting() -> Setting {
    Setting {
        project: "/project".into(),
        artifacts: "/artifacts".to_owned(),
        code: Digest::of(b"code"),
        engine_version: "1".to_owned(),
        feature_version: "1".to_owned(),
        actor: "daemon".to_owned(),
        cache: CachePolicy::Use,
        until: None,
    }
}

/// Something that an engine does, over its rim.
fn with_rim<T>(
    reach: Reach<'_, '_>,
    followed: Option<Followed>,
    with: impl FnOnce(Rim<'_>) -> T,
) -> (T, Option<Followed>) {
    let (mut store, mut executor, mut clock, mut observer) = (reach, reach, reach, reach);
    let mut world = Town { reach, followed };
    let rim = Rim {
        store: &mut store,
        executor: &mut executor,
        world: &mut world,
        clock: &mut clock,
        observer: &mut observer,
        sources: &reach,
    };
    let done = with(rim);
    (done, world.followed)
}

impl<'p> Storm<'p> {
    /// Lets a daemon look around at `at`, if it does not do so before.
    pub(crate) fn rouse(&self, daemon: usize, at: Instant) {
        let stamp = self.with_daemon(daemon, |daemon| {
            let is_before = daemon.wakes_at.is_some_and(|wakes| wakes <= at);
            if !daemon.is_up || is_before {
                return None;
            }
            daemon.wakes_at = Some(at);
            daemon.stamp += 1;
            Some(daemon.stamp)
        });
        if let Some(stamp) = stamp {
            self.put(at, Happening::Wake { daemon, stamp });
        }
    }

    pub(crate) fn wake(&self, daemon: usize, stamp: u64) {
        let life = self.with_daemon(daemon, |it| {
            let is_due = it.is_up && it.stamp == stamp;
            is_due.then(|| {
                it.wakes_at = None;
                it.life
            })
        });
        let Some(life) = life else { return };
        let who = Who { daemon, life };
        match self.conduct(who) {
            _ if !self.lives(who) => {}
            Ok(next) => self.rouse(daemon, next),
            // Only a new process may go on: what was committed is to be read again.
            Err(StoreError::Unknown { .. }) => self.crash(daemon, None),
            Err(_) => self.rouse(daemon, self.now().plus(REFUSED_PAUSE)),
        }
    }

    /// Does everything that is due; answers when to look again.
    fn conduct(&self, who: Who) -> Result<Instant, StoreError> {
        let now = self.now();
        let Some(epoch) = self.lead(who)? else { return Ok(now.plus(STANDBY)) };
        let desk = Reach { storm: self, who, epoch: Some(epoch) };
        self.take_text(desk)?;
        let timer = self.move_schedules(desk)?;
        self.fill(desk)?;
        self.sweep(who);
        let now = self.now();
        let has_work = self.base.borrow().runs.iter().any(crate::base::Record::is_due);
        let has_work = has_work || self.cluster.borrow().busy_until > now;
        let poll = if self.has(Bug::OnlyWoken) {
            None
        } else {
            Some(now.plus(if has_work { POLL } else { IDLE }))
        };
        let held = self.with_daemon(who.daemon, |it| it.held.values().map(|(at, _)| *at).min());
        let held = held.filter(|at| *at > now);
        let next = [poll, timer, held].into_iter().flatten().min();
        Ok(next.unwrap_or(Instant::from_micros(i64::MAX)).max(now.plus(Duration::from_millis(1))))
    }

    /// Gives the free places to runs that are due, the first first.
    fn fill(&self, desk: Reach<'_, 'p>) -> Result<(), StoreError> {
        for run in desk.ask(|base| Ok(base.due()))? {
            let place = self.base.borrow().place(&run)?;
            let now = self.now();
            let is_free = self.with_daemon(desk.who.daemon, |it| {
                let is_held = it.held.get(&place).is_some_and(|(until, _)| *until > now);
                it.hands.len() < RUNS_MAX && !is_held && !it.hands.contains_key(&place)
            });
            if is_free && !self.begin(desk, &run) {
                break;
            }
        }
        Ok(())
    }

    /// Becomes the leader, or stays it; answers the epoch, or nothing while another one leads.
    fn lead(&self, who: Who) -> Result<Option<u64>, StoreError> {
        let (now, never, anyhow) =
            (self.now(), self.has(Bug::NeverTakenUp), self.has(Bug::NoLease));
        let led = self.with_daemon(who.daemon, |it| it.led);
        let desk = Reach { storm: self, who, epoch: None };
        if self.base.borrow().lease.is_some_and(|it| (it.daemon, it.life) == (who.daemon, who.life))
        {
            return Ok(led);
        }
        // What it had in hand is another's.
        self.with_daemon(who.daemon, |it| {
            it.hands.retain(|_, hand| hand.carrying.is_none());
            it.rooms = Arc::default();
            it.led = None;
        });
        let taken = desk.write(|base| {
            let is_over = |lease: Lease| lease.silent.is_some_and(|since| since.plus(TERM) <= now);
            match base.lease {
                Some(_) if never => return Ok(None),
                Some(lease) if !is_over(lease) && !anyhow => return Ok(None),
                Some(lease) if lease.silent.is_none() => {
                    let what = format!("daemon {} leads beside {}", who.daemon, lease.daemon);
                    self.breaks("I1", what);
                }
                _ => {}
            }
            base.epoch += 1;
            base.lease = Some(Lease { daemon: who.daemon, life: who.life, silent: None });
            Ok(Some(base.epoch))
        })?;
        if taken.is_some() {
            let open = self.base.borrow().runs.iter().filter(|run| run.is_due()).count();
            self.count(|tally| tally.taken_up += u64::try_from(open).unwrap_or(0));
        }
        self.with_daemon(who.daemon, |it| it.led = taken);
        Ok(taken)
    }

    /// Takes a run up; answers whether its daemon goes on.
    fn begin(&self, reach: Reach<'_, 'p>, run: &RunId) -> bool {
        let (who, epoch) = (reach.who, reach.epoch.unwrap_or(0));
        if self.has(Bug::LostOnStart) {
            self.lose_all(reach, run);
        }
        if self.has(Bug::Overwritten) {
            self.overwrite(reach, run);
        }
        let Ok(place) = self.base.borrow().place(run) else { return true };
        let (begun, followed) = with_rim(reach, None, |rim| Carrying::begin(rim, setting(), run));
        if !self.lives(who) {
            return false;
        }
        match begun {
            Ok(carrying) => {
                let hand = Hand { carrying: Some(carrying), followed, epoch, stamp: 0 };
                self.with_daemon(who.daemon, |it| drop(it.hands.insert(place, hand)));
                self.resume_at(who, place, self.now());
            }
            Err(error) => self.back(who, place, Carried::Refused(error)),
        }
        self.lives(who)
    }

    fn resume_at(&self, who: Who, run: usize, at: Instant) {
        let stamp = self.with_daemon(who.daemon, |it| {
            let hand = it.hands.get_mut(&run)?;
            hand.stamp += 1;
            Some(hand.stamp)
        });
        if let Some(stamp) = stamp {
            let Who { daemon, life } = who;
            self.put(at, Happening::Resume { daemon, life, run, stamp });
        }
    }

    /// A turn of every run that a daemon has in hand and that is not in one.
    pub(crate) fn turn_all(&self, who: Who) {
        let idle = self.with_daemon(who.daemon, |it| {
            let idle = it.hands.iter().filter(|(_, hand)| hand.carrying.is_some());
            idle.map(|(run, hand)| (*run, hand.stamp)).collect::<Vec<_>>()
        });
        for (run, stamp) in idle {
            self.resume(who, run, stamp);
        }
    }

    /// An engine's next turn.
    pub(crate) fn resume(&self, who: Who, run: usize, stamp: u64) {
        if !self.lives(who) {
            return;
        }
        let taken = self.with_daemon(who.daemon, |it| {
            let hand = it.hands.get_mut(&run).filter(|hand| hand.stamp == stamp)?;
            Some((hand.carrying.take()?, hand.followed.take(), hand.epoch))
        });
        let Some((carrying, followed, epoch)) = taken else { return };
        self.count(|tally| tally.turns += 1);
        if self.tally.borrow().turns > TURNS_MAX {
            let base = self.base.borrow();
            let log = base.runs.get(run).map(|it| (it.row.status, it.log.last(), it.log.len()));
            return self.breaks("I3", format!("run #{run} turns and gets nowhere: {log:?}"));
        }
        let reach = Reach { storm: self, who, epoch: Some(epoch) };
        let (turned, followed) = with_rim(reach, followed, |rim| carrying.turn(rim));
        if !self.lives(who) {
            return;
        }
        match turned {
            Ok((_, Turn::Over(_))) => self.back(who, run, Carried::Ended),
            Ok((carrying, turn)) => {
                self.with_daemon(who.daemon, |it| {
                    if let Some(hand) = it.hands.get_mut(&run) {
                        (hand.carrying, hand.followed) = (Some(carrying), followed);
                    }
                });
                let wait = match turn {
                    Turn::Rests(at_most) => at_most.max(Duration::from_millis(1)),
                    _ => self.chance.span(Duration::from_millis(1), Duration::from_millis(40)),
                };
                self.resume_at(who, run, self.now().plus(wait));
            }
            Err(error) => self.back(who, run, Carried::Refused(error)),
        }
    }

    /// Takes in that an engine came back.
    fn back(&self, who: Who, run: usize, carried: Carried) {
        if let Carried::Refused(EngineError::Store(StoreError::Fenced { .. })) = &carried {
            self.count(|tally| tally.zombies += 1);
        }
        if let (Carried::Ended, Some(epoch)) = (
            &carried,
            self.with_daemon(who.daemon, |it| it.led).filter(|_| self.has(Bug::OnceAgain)),
        ) {
            self.try_again(Reach { storm: self, who, epoch: Some(epoch) }, run);
        }
        let (now, next) = (self.now(), judge(carried));
        let next = match next {
            Next::Stop(why) if self.has(Bug::UnknownIsFailed) => Next::Quarantine(why),
            next => next,
        };
        self.with_daemon(who.daemon, |it| drop(it.hands.remove(&run)));
        let is_asked = matches!(next, Next::Again(_));
        let rooms = self.with_daemon(who.daemon, |it| Arc::clone(&it.rooms));
        if let Some(record) = self.base.borrow().runs.get(run) {
            let end = if is_asked { Rooms::rest } else { Rooms::leave };
            end(&rooms, &record.row.id);
        }
        let again = self.with_daemon(who.daemon, |it| {
            let failures = it.held.get(&run).map_or(0, |(_, failures)| *failures);
            it.held.remove(&run);
            is_asked.then(|| {
                let until = now.plus(pause_after(failures));
                it.held.insert(run, (until, failures.saturating_add(1)));
                until
            })
        });
        match next {
            Next::Stop(_) => {
                return self.crash(who.daemon, None);
            }
            Next::Quarantine(why) => {
                if self.has(Bug::PoisonStops) {
                    return self.crash(who.daemon, None);
                }
                self.count(|tally| tally.quarantined += 1);
                self.audit_quarantine(run, &why);
                if let Some(record) = self.base.borrow_mut().runs.get_mut(run) {
                    record.quarantine = Some(why);
                }
            }
            Next::Nothing | Next::Again(_) => {}
        }
        self.rouse(who.daemon, again.unwrap_or(now));
    }

    /// Something happened to a run: who has it is woken, unless the wake is not heard.
    pub(crate) fn ring(&self, run: usize) {
        if self.hits(self.weather.unheard) {
            return self.count(|tally| tally.unheard += 1);
        }
        let soon = self.now().plus(Duration::from_millis(50));
        let daemons = self.daemons.borrow().len();
        for daemon in 0..daemons {
            let life = self.with_daemon(daemon, |it| {
                let is_free = it.hands.get(&run).is_some_and(|hand| hand.carrying.is_some());
                is_free.then_some(it.life)
            });
            match life {
                Some(life) => self.resume_at(Who { daemon, life }, run, soon),
                None => self.rouse(daemon, soon),
            }
        }
    }

    /// Ends what nothing durable asks for.
    fn sweep(&self, who: Who) {
        let now = self.now();
        if self.has(Bug::NoSweep) || self.cluster.borrow().busy_until <= now {
            return;
        }
        let audit = self.audit.borrow();
        let cluster = self.cluster.borrow();
        let at_work = cluster.jobs.iter().filter(|(_, job)| job.is_at_work(now));
        let busy_until = at_work.clone().map(|(_, job)| job.ends_at).max();
        let strays = at_work.filter(|(key, _)| !audit.wants(key));
        let strays: Vec<_> = strays.map(|(key, _)| key.clone()).collect();
        drop((audit, cluster));
        self.cluster.borrow_mut().busy_until = busy_until.unwrap_or(now);
        for key in strays {
            if !self.touch(who) {
                return;
            }
            self.count(|tally| tally.swept += 1);
            self.stop(&key, Stop::Force);
        }
    }

    /// A daemon dies, with all that it has in memory; a supervisor starts it again.
    pub(crate) fn crash(&self, daemon: usize, down: Option<Duration>) {
        let now = self.now();
        let life = self.with_daemon(daemon, |it| {
            let old = std::mem::take(it);
            it.life = old.life + 1;
            it.stamp = old.stamp;
            (it.stands_still, it.waiting) = (old.stands_still, old.waiting);
            old.life
        });
        self.fall_silent(Who { daemon, life }, Some(now));
        let quick = || self.chance.span(Duration::from_seconds(1), RESTART_MAX);
        let down = down.unwrap_or_else(quick);
        self.put(now.plus(down), Happening::Restart { daemon });
    }

    /// A daemon goes down for hours, by a power cut or because it was told to leave.
    pub(crate) fn go_down(&self, daemon: usize) {
        if self.is_healed.get() || !self.with_daemon(daemon, |it| it.is_up) {
            return;
        }
        let life = self.with_daemon(daemon, |it| it.life);
        let (least, most) = (Duration::from_minutes(5), Duration::from_hours(40));
        let down = self.chance.span(least, most);
        let leaves = self.chance.below(2) == 0;
        self.count(|tally| {
            tally.leaves += u64::from(leaves);
            tally.outages += u64::from(!leaves);
        });
        self.crash(daemon, Some(down));
        let mut base = self.base.borrow_mut();
        let led = base.lease.is_some_and(|it| (it.daemon, it.life) == (daemon, life));
        if leaves && led {
            base.lease = None;
        }
    }

    /// A daemon begins its next life.
    pub(crate) fn restart(&self, daemon: usize) {
        let is_new = self.with_daemon(daemon, |it| !std::mem::replace(&mut it.is_up, true));
        if is_new {
            self.plant_at_start();
            self.rouse(daemon, self.now());
        }
    }
}
