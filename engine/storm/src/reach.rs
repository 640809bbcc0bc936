//! The world as one engine reaches it: each call is a micro-step, at which its daemon may die or be
//! stopped, and each answer may be lost.

use crate::base::Base;
use crate::bug::Bug;
use crate::chance::fate;
use crate::cluster::{Cluster, Course, Standing};
use crate::planted::telling_nobody;
use crate::storm::{Storm, Who};
use std::sync::Arc;
use suho_domain::{
    AttemptKey, DeploymentId, Digest, Duration, FailureClass, Instant, ModelId, Move, Name, RunId,
    RunStatus, Slot, Value,
};
use suho_driver::Rooms;
use suho_driver::executor::{Executor, ExecutorError, Observed, Stop};
use suho_driver::ports::{
    CacheEntry, Commit, DeploymentRow, LoggedEvent, ModelRow, NewRun, Prediction, Request, RunRow,
    SlotFacts, Store, StoreError,
};
use suho_driver::registry::Change;
use suho_driver::world::{Clock, Message, Observer, RolloutLook, Sources, WorldError};
use suho_scheduler::Event;
use suho_step::{Order, Progress};

/// What never ends by itself is at work longer than any storm and the calm after it.
const ENDLESS: Duration = Duration::from_hours(24 * 400);
/// How long an engine rests when nothing tells it when to go on.
const PATIENCE: Duration = Duration::from_minutes(15);

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Reach<'s, 'p> {
    pub(crate) storm: &'s Storm<'p>,
    pub(crate) who: Who,
    /// The epoch in which it leads; none for who writes at a desk.
    pub(crate) epoch: Option<u64>,
}

/// What a daemon that is dead hears from everybody.
pub(crate) fn dead() -> StoreError {
    unknown("the daemon died")
}

fn unknown(why: &'static str) -> StoreError {
    StoreError::Unknown { doing: "reach the store".to_owned(), source: why.into() }
}

impl Reach<'_, '_> {
    /// Asks the store.
    pub(crate) fn ask<T>(
        &self,
        ask: impl FnOnce(&mut Base) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let storm = self.storm;
        if !storm.touch(self.who) {
            return Err(dead());
        }
        if storm.hits(storm.weather.refused) {
            storm.count(|tally| tally.refused += 1);
            let doing = "reach the store".to_owned();
            return Err(StoreError::Refused { doing, source: "it is busy".into() });
        }
        ask(&mut storm.base.borrow_mut())
    }

    /// Writes to the store: a transaction whose reply may be lost, before it or after it.
    pub(crate) fn write<T>(
        &self,
        write: impl FnOnce(&mut Base) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let storm = self.storm;
        if storm.hits(storm.weather.lost_before) && storm.lives(self.who) {
            storm.count(|tally| tally.lost_before += 1);
            return Err(unknown("the connection broke"));
        }
        let epoch = self.epoch;
        let written = self.ask(|base| {
            base.fence(epoch)?;
            write(base)
        });
        storm.count(|tally| match &written {
            Err(StoreError::Conflict { .. }) => tally.conflicts += 1,
            Err(StoreError::Fenced { .. }) => tally.fenced += 1,
            _ => {}
        });
        let written = written?;
        storm.count(|tally| tally.commits += 1);
        let commits = storm.tally.borrow().commits;
        let is_lost = storm.config.faults == crate::play::Faults::LostAt(commits);
        if is_lost || storm.hits(storm.weather.lost_after) {
            storm.count(|tally| tally.lost_after += 1);
            return Err(unknown("the connection broke"));
        }
        // What follows a commit is another moment to die at.
        if storm.touch(self.who) { Ok(written) } else { Err(dead()) }
    }

    /// One commit as the engine made it, looked at by the oracles.
    fn commit_once(&self, commit: &Commit) -> Result<(), StoreError> {
        let (storm, epoch) = (self.storm, self.epoch);
        self.write(|base| {
            base.commit(commit)?;
            storm.audit_commit(base, commit, epoch);
            // Durable is durable, whether or not the writer hears of it.
            if commit.changes.iter().any(|change| matches!(change, Change::Route(_))) {
                storm.announce();
            }
            Ok(())
        })
    }

    /// The commit with the planted bugs of whoever writes it.
    fn commit_as_planted(&self, commit: &Commit) -> Result<(), StoreError> {
        let Some(bug) = self.storm.config.bug else { return self.commit_once(commit) };
        let bare = |keeps: &dyn Fn(&Change) -> bool, has_events: bool| Commit {
            changes: commit.changes.iter().filter(|change| keeps(change)).cloned().collect(),
            events: if has_events { commit.events.clone() } else { Vec::new() },
            ..commit.clone()
        };
        let steps_down = |change: &Change| matches!(change, Change::Move(change) if change.attempted == Move::Supersede);
        let is_mixed = !commit.changes.is_empty() && !commit.events.is_empty();
        match bug {
            Bug::TornCommit if is_mixed => {
                self.commit_once(&bare(&|_| false, true))?;
                let after_seq = commit.after_seq + u64::try_from(commit.events.len()).unwrap_or(0);
                self.commit_once(&Commit { after_seq, ..bare(&|_| true, false) })
            }
            Bug::ChangesFirst if is_mixed => {
                let status = self.storm.base.borrow().run(&commit.run)?.row.status;
                self.commit_once(&Commit { status, ..bare(&|_| true, false) })?;
                self.commit_once(&bare(&|_| false, true))
            }
            Bug::HalfPromotion if commit.changes.iter().any(steps_down) => {
                let status = self.storm.base.borrow().run(&commit.run)?.row.status;
                self.commit_once(&Commit { status, ..bare(&steps_down, false) })?;
                self.commit_once(&bare(&|change| !steps_down(change), true))
            }
            Bug::RouteFirst => {
                self.storm.plant_before(commit);
                self.commit_once(commit)
            }
            Bug::LostCommit => match self.commit_once(commit) {
                Err(StoreError::Unknown { .. }) if self.storm.lives(self.who) => Ok(()),
                written => written,
            },
            Bug::TwiceCommitted => match self.commit_once(commit) {
                Err(StoreError::Unknown { .. }) if self.storm.lives(self.who) => {
                    let last = self.storm.base.borrow().run(&commit.run)?.log.len();
                    let after_seq = u64::try_from(last).unwrap_or(0);
                    self.commit_once(&Commit { after_seq, ..commit.clone() })
                }
                written => written,
            },
            Bug::UnhandledLeft => {
                let is_handler = |event: &Event| matches!(event, Event::HandlerRan { .. });
                let tells = |change: &Change| matches!(change, Change::Notice { .. });
                let Some(place) = commit.events.iter().position(is_handler) else {
                    return self.commit_once(commit);
                };
                let (before, after) = commit.events.split_at(place);
                let ended = Commit { events: before.to_vec(), ..bare(&|it| !tells(it), false) };
                self.commit_once(&ended)?;
                let after_seq = commit.after_seq + u64::try_from(place).unwrap_or(0);
                let handled = Commit { events: after.to_vec(), ..bare(&tells, false) };
                self.commit_once(&Commit { after_seq, ..handled })
            }
            Bug::NobodyTold => self.commit_once(&telling_nobody(commit)),
            Bug::CancelAnswered => {
                let events = commit
                    .events
                    .iter()
                    .filter(|event| !matches!(event, Event::CancelRequested { .. }));
                let events: Vec<_> = events.cloned().collect();
                if events.len() == commit.events.len() {
                    return self.commit_once(commit);
                }
                let status = self.storm.base.borrow().run(&commit.run)?.row.status;
                self.commit_once(&Commit { events, status, ..commit.clone() })
            }
            _ => self.commit_once(commit),
        }
    }

    fn reach_cluster(&self, doing: &str) -> Result<(), ExecutorError> {
        let refused =
            |why: &'static str| ExecutorError { doing: doing.to_owned(), source: why.into() };
        let storm = self.storm;
        if !storm.touch(self.who) {
            return Err(refused("the daemon died"));
        }
        if storm.hits(storm.weather.unreachable) {
            storm.count(|tally| tally.unreachable += 1);
            return Err(refused("nobody answers"));
        }
        Ok(())
    }
}

impl Store for Reach<'_, '_> {
    fn create_run(&mut self, run: &NewRun) -> Result<RunRow, StoreError> {
        self.write(|base| base.create(run))
    }

    fn load(&mut self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError> {
        self.ask(|base| base.load(run))
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        self.commit_as_planted(commit)
    }

    fn cached(&mut self, keys: &[Digest]) -> Result<Vec<CacheEntry>, StoreError> {
        self.ask(|base| Ok(keys.iter().filter_map(|key| base.cached(key)).collect()))
    }

    fn slot(&mut self, slot: &Slot) -> Result<SlotFacts, StoreError> {
        self.ask(|base| Ok(base.registry.slot(slot)))
    }

    fn model(&mut self, model: &ModelId) -> Result<Option<ModelRow>, StoreError> {
        self.ask(|base| Ok(base.registry.model(model).cloned()))
    }

    fn rollout(
        &mut self,
        deployment: &DeploymentId,
    ) -> Result<Option<(DeploymentRow, Vec<Prediction>)>, StoreError> {
        self.ask(|base| Ok(base.registry.rollout(deployment).map(|row| (row, Vec::new()))))
    }

    fn requests(&mut self, run: &RunId) -> Result<Vec<Request>, StoreError> {
        self.ask(|base| Ok(base.run(run)?.open_requests().cloned().collect()))
    }
}

impl Executor for Reach<'_, '_> {
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError> {
        let storm = self.storm;
        self.reach_cluster("start an attempt")?;
        storm.launch(order);
        if storm.hits(storm.weather.doubled) {
            storm.count(|tally| tally.doubled += 1);
            storm.launch(order);
        }
        if storm.hits(storm.weather.reply_lost) {
            storm.count(|tally| tally.reply_lost += 1);
            if storm.has(Bug::SubmitFailed) {
                storm.give_up(&order.key);
            }
            let doing = "start an attempt".to_owned();
            return Err(ExecutorError { doing, source: "the answer is lost".into() });
        }
        Ok(())
    }

    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        self.reach_cluster("look at an attempt")?;
        Ok(self.storm.observe(key))
    }

    fn progress(&mut self, _: &AttemptKey) -> Result<Vec<Progress>, ExecutorError> {
        Ok(Vec::new())
    }

    fn stop(&mut self, key: &AttemptKey, how: Stop) -> Result<(), ExecutorError> {
        self.reach_cluster("end an attempt")?;
        self.storm.stop(key, how);
        Ok(())
    }
}

impl Storm<'_> {
    /// Launches what `order` asks for, unless it is there.
    fn launch(&self, order: &Order) {
        let weather = self.weather;
        let course = if self.hits(weather.failing) {
            Course::Fails(FailureClass::Infrastructure)
        } else if self.hits(weather.preempted) {
            Course::Fails(FailureClass::Preempted)
        } else if self.hits(weather.node) {
            Course::Vanishes
        } else {
            Course::Well
        };
        let (least, most) = match (order.kind.as_str(), self.hits(weather.slow)) {
            (_, true) => (Duration::from_hours(1), Duration::from_hours(12)),
            ("train", false) => (Duration::from_minutes(20), Duration::from_hours(3)),
            _ => (Duration::from_seconds(5), Duration::from_minutes(30)),
        };
        let is_endless = order.timeout.is_some() && self.hits(weather.endless);
        let takes = if is_endless { ENDLESS } else { self.chance.span(least, most) };
        let is_deaf = self.hits(weather.deaf);
        let is_new = self.cluster.borrow_mut().launch(order, self.now(), (takes, course, is_deaf));
        self.count(|tally| {
            tally.launched += u64::from(is_new);
            tally.adopted += u64::from(!is_new);
        });
        self.audit_launch(order);
        if let Ok(run) = self.base.borrow().place(&order.key.run)
            && is_new
        {
            self.put(self.now().plus(takes), crate::storm::Happening::Bell { run });
        }
    }

    /// An engine was told that the attempt is gone.
    fn give_up(&self, key: &AttemptKey) {
        if let Some(job) = self.cluster.borrow_mut().jobs.get_mut(key) {
            job.is_given_up = true;
        }
    }

    fn observe(&self, key: &AttemptKey) -> Observed {
        let now = self.now();
        let mut cluster = self.cluster.borrow_mut();
        let earlier = (1..key.attempt).map(|attempt| AttemptKey { attempt, ..key.clone() });
        let taken_for = earlier.filter(|_| self.has(Bug::OtherAttempt)).find(|key| {
            cluster
                .jobs
                .get(key)
                .is_some_and(|job| job.standing == Standing::Ended && job.course == Course::Well)
        });
        if let Some(job) = taken_for.and_then(|key| cluster.jobs.get(&key))
            && let Ok(outcome) = Cluster::said(job)
        {
            return Observed::Ended(Box::new(outcome));
        }
        let Some(job) = cluster.jobs.get_mut(key) else {
            self.audit.borrow_mut().gone(key);
            return Observed::Gone(FailureClass::Infrastructure);
        };
        if self.has(Bug::SubmitFailed) && job.is_given_up {
            return Observed::Gone(FailureClass::Infrastructure);
        }
        if job.is_at_work(now) {
            if !self.hits(self.weather.mistaken) {
                return Observed::Running;
            }
            self.count(|tally| tally.mistaken += 1);
            job.is_given_up = true;
            self.audit.borrow_mut().gone(key);
            return Observed::Gone(FailureClass::Infrastructure);
        }
        if self.hits(self.weather.late) {
            self.count(|tally| tally.late += 1);
            return Observed::Running;
        }
        if job.standing == Standing::AtWork {
            job.standing = Standing::Ended;
        }
        match Cluster::said(job) {
            Ok(outcome) => Observed::Ended(Box::new(outcome)),
            Err(class) => {
                self.count(|tally| {
                    tally.node_deaths += u64::from(class == FailureClass::Infrastructure);
                });
                self.audit.borrow_mut().gone(key);
                Observed::Gone(class)
            }
        }
    }

    pub(crate) fn stop(&self, key: &AttemptKey, how: Stop) {
        let now = self.now();
        let mut cluster = self.cluster.borrow_mut();
        if self.has(Bug::KillLost) {
            return;
        }
        let Some(job) = cluster.jobs.get_mut(key).filter(|job| job.is_at_work(now)) else { return };
        match how {
            Stop::Ask if job.is_deaf => return self.count(|tally| tally.deaf += 1),
            Stop::Ask => job.standing = Standing::Asked,
            Stop::Force => job.standing = Standing::Killed,
        }
        job.ends_at = now;
        self.count(|tally| tally.killed += 1);
        if let Ok(run) = self.base.borrow().place(&key.run) {
            self.put(now, crate::storm::Happening::Bell { run });
        }
    }
}

impl Clock for Reach<'_, '_> {
    fn wall(&self) -> Instant {
        self.storm.now()
    }

    fn wait(&mut self, _: Duration) {}

    fn is_interrupted(&self) -> bool {
        false
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn rooms(&self) -> Option<Arc<Rooms>> {
        Some(self.storm.with_daemon(self.who.daemon, |it| Arc::clone(&it.rooms)))
    }
}

impl Observer for Reach<'_, '_> {
    fn event(&mut self, _: &Event, _: Instant) {}
    fn progress(&mut self, _: &Name, _: &Progress) {}
    fn rollout(&mut self, _: &RolloutLook<'_>) {}
    fn ended(&mut self, _: RunStatus) {}
    fn told(&mut self, _: &Message) {}
}

/// The bars: other ones every day.
impl Sources for Reach<'_, '_> {
    fn fingerprint(&self, _: &Value) -> Result<Digest, WorldError> {
        let day = self.storm.now().micros().div_euclid(Duration::DAY.micros());
        Ok(Digest::of(&fate(self.storm.config.seed, &day.to_string()).to_le_bytes()))
    }
}
