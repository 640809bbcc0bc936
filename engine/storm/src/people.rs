//! Whoever uses the daemons: submits under a key and asks again until there is an answer, cancels,
//! has things done again, pauses a schedule. Answers get lost on the way to them, too.

use crate::base::Base;
use crate::bug::Bug;
use crate::chance::Chance;
use crate::play::{Config, Faults};
use crate::plot::{CHORES, ENVIRONMENT, RETRAIN};
use crate::reach::Reach;
use crate::storm::{BEGINNING, Happening, Storm, Who};
use std::collections::BTreeMap;
use suho_domain::{Digest, Duration, Instant, ModelStatus, Move, RunId, RunStatus};
use suho_driver::ports::{Commit, ModelRow, NewRun, PlanText, StoreError};
use suho_driver::registry::{Change, MoveModel, RouteRow};
use suho_driver::reopen;
use suho_scheduler::{Pause, ScheduleEvent};
use suho_store::{ScheduleChange, Submission, SubmissionKey};

/// What a person wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Want {
    Submit {
        pipeline: &'static str,
    },
    /// What was submitted as this number, once more.
    Again {
        number: usize,
    },
    /// Something else under that number's key.
    Other {
        number: usize,
    },
    /// A run that nobody can carry out.
    Poison,
    Cancel,
    Retry,
    Pause,
    Resume,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct People {
    wants: Vec<(Instant, Want)>,
    /// What was answered: the run of each key.
    pub(crate) told: BTreeMap<usize, RunId>,
    /// Runs whose end was asked for and acknowledged.
    pub(crate) cancelled: Vec<RunId>,
    /// The retirement that somebody is about to make, as of when he looked.
    looked_at: Option<Commit>,
}

/// Wishes in ten days.
const WISHES: u64 = 14;
/// Who got no answer asks again after this time.
const AGAIN: (Duration, Duration) = (Duration::from_seconds(20), Duration::from_minutes(20));

impl People {
    pub(crate) fn new(chance: &Chance, config: &Config) -> Self {
        let length = Duration::from_hours(24 * i64::from(config.days));
        let mut wants = Vec::new();
        if config.faults != Faults::Swarm {
            wants.push((BEGINNING, Want::Submit { pipeline: RETRAIN }));
            return Self { wants, told: BTreeMap::new(), cancelled: Vec::new(), looked_at: None };
        }
        let wishes = chance.below(WISHES * u64::from(config.days) / 10 + 1);
        let mut submitted = Vec::new();
        for number in 0..usize::try_from(wishes).unwrap_or(0) {
            let at = BEGINNING.plus(chance.span(Duration::ZERO, length));
            let earlier = submitted.get(chance.place(submitted.len())).copied();
            let want = match (chance.below(16), earlier) {
                (0..=2, _) | (8 | 9, None) => Want::Submit { pipeline: RETRAIN },
                (3..=6, _) => Want::Submit { pipeline: CHORES },
                (7, _) => Want::Poison,
                (8, Some(number)) => Want::Again { number },
                (9, Some(number)) => Want::Other { number },
                (10 | 11, _) => Want::Cancel,
                (12 | 13, _) => Want::Retry,
                (14, _) => Want::Pause,
                _ => Want::Resume,
            };
            if matches!(want, Want::Submit { .. }) {
                submitted.push(number);
            }
            wants.push((at, want));
        }
        Self { wants, told: BTreeMap::new(), cancelled: Vec::new(), looked_at: None }
    }

    /// When each wish is first uttered.
    pub(crate) fn beginnings(&self) -> Vec<Instant> {
        self.wants.iter().map(|(at, _)| *at).collect()
    }
}

/// Whether a wish is done with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Met {
    Yes,
    NotYet,
}

/// The end of the model in production, which may be none, or be compared with.
fn retirement(base: &Base, at: Instant) -> Option<Commit> {
    let serves = |row: &&ModelRow| row.status == ModelStatus::Production;
    let model = base.registry.models.iter().find(serves)?;
    let facts = base.registry.slot(&model.slot);
    let record = base.run(model.run.as_ref()?).ok().filter(|_| facts.live.is_none())?;
    let moved = MoveModel {
        model: model.id.clone(),
        from: model.status,
        row_version: model.row_version,
        attempted: Move::Retire,
        reason: "retired".to_owned(),
        detail: None,
        quarantined: None,
        deployment: None,
        actor: "person".to_owned(),
    };
    let route = RouteRow {
        slot: model.slot.clone(),
        generation: facts.generation().saturating_add(1),
        production: None,
        candidate: None,
        deployment: None,
    };
    Some(Commit {
        run: record.row.id.clone(),
        after_seq: u64::try_from(record.log.len()).unwrap_or(u64::MAX),
        recorded_at: at,
        effective_at: at,
        events: Vec::new(),
        changes: vec![Change::Move(moved), Change::Route(route)],
        status: record.row.status,
    })
}

impl Storm<'_> {
    /// A person utters a wish, at the first daemon that is there; who is not answered comes again.
    pub(crate) fn wish(&self, number: usize) {
        let Some((_, want)) = self.people.borrow().wants.get(number).copied() else { return };
        let daemons = self.daemons.borrow();
        let there = daemons.iter().enumerate().filter(|(_, it)| it.is_up && !it.stands_still);
        let there: Vec<_> = there.map(|(daemon, it)| Who { daemon, life: it.life }).collect();
        drop(daemons);
        let met = match there.get(self.chance.place(there.len())) {
            Some(who) => self.meet(Reach { storm: self, who: *who, epoch: None }, number, want),
            None => Ok(Met::NotYet),
        };
        if !met.is_ok_and(|met| met == Met::Yes) {
            let wait = self.chance.span(AGAIN.0, AGAIN.1);
            self.put(self.now().plus(wait), Happening::Wish { number });
        }
    }

    fn meet(&self, desk: Reach<'_, '_>, number: usize, want: Want) -> Result<Met, StoreError> {
        match want {
            Want::Submit { pipeline } => self.submit(desk, number, pipeline),
            Want::Poison => self.submit_poison(desk, number),
            Want::Again { number } | Want::Other { number } => {
                let first = self.people.borrow().wants.get(number).map(|(_, want)| *want);
                let Some(Want::Submit { pipeline }) = first else { return Ok(Met::Yes) };
                if matches!(want, Want::Again { .. }) {
                    return self.submit(desk, number, pipeline);
                }
                let other = if pipeline == CHORES { RETRAIN } else { CHORES };
                self.submit_other(desk, number, other)
            }
            Want::Cancel => self.cancel(desk),
            Want::Retry => self.retry(desk, false),
            Want::Pause | Want::Resume => self.pause_schedule(desk, want == Want::Pause),
        }
    }

    fn submission(&self, number: usize, pipeline: &str) -> Option<(SubmissionKey, NewRun)> {
        let form = self.plot.by_name.get(pipeline)?;
        let (key, body) = (format!("key-{number}"), Digest::of(pipeline.as_bytes()));
        let now = self.now();
        let new = NewRun {
            pipeline: form.plan.pipeline.clone(),
            environment: ENVIRONMENT.to_owned(),
            plan_digest: form.plan.digest.clone(),
            plan: PlanText::default(),
            as_of: now,
            created_at: now,
            created_by: "person".to_owned(),
        };
        Some((SubmissionKey { key, body }, new))
    }

    fn submit(
        &self,
        desk: Reach<'_, '_>,
        number: usize,
        pipeline: &str,
    ) -> Result<Met, StoreError> {
        let Some((key, new)) = self.submission(number, pipeline) else { return Ok(Met::Yes) };
        let submitted = desk.write(|base| base.submit(&key, &new));
        if self.has(Bug::AckFirst) && submitted.is_err() {
            // Whoever asked has heard that all is well.
            return Ok(self.is_told(number, &RunId::derive(&["never"])));
        }
        let run = match submitted? {
            Submission::New(row) => {
                self.count(|tally| tally.runs += 1);
                row.id
            }
            Submission::Known(row) => {
                self.count(|tally| tally.keys_again += 1);
                row.id
            }
            // Somebody else was quicker with the key.
            Submission::Other(_) => return Ok(Met::Yes),
        };
        self.heard_of(&run);
        Ok(self.is_told(number, &run))
    }

    /// A person was told which run it is; told twice, it is the same.
    fn is_told(&self, number: usize, run: &RunId) -> Met {
        let mut people = self.people.borrow_mut();
        if let Some(known) = people.told.insert(number, run.clone())
            && known != *run
        {
            self.breaks("I4", format!("key-{number} is two runs: {known} and {run}"));
        }
        Met::Yes
    }

    /// Whoever has the desk looks at once.
    fn heard_of(&self, run: &RunId) {
        if let Ok(place) = self.base.borrow().place(run) {
            self.put(self.now(), Happening::Bell { run: place });
        }
    }

    fn submit_other(
        &self,
        desk: Reach<'_, '_>,
        number: usize,
        pipeline: &str,
    ) -> Result<Met, StoreError> {
        if !self.people.borrow().told.contains_key(&number) {
            return Ok(Met::Yes);
        }
        let Some((key, new)) = self.submission(number, pipeline) else { return Ok(Met::Yes) };
        match desk.write(|base| base.submit(&key, &new))? {
            Submission::Other(_) => self.count(|tally| tally.other_bodies += 1),
            Submission::New(row) | Submission::Known(row) => {
                let run = row.id;
                self.breaks("I4", format!("another body under key-{number} became run {run}"));
            }
        }
        Ok(Met::Yes)
    }

    fn submit_poison(&self, desk: Reach<'_, '_>, number: usize) -> Result<Met, StoreError> {
        let Some((key, new)) = self.submission(number, CHORES) else { return Ok(Met::Yes) };
        let submitted = desk.write(|base| {
            let submitted = base.submit(&key, &new)?;
            if let Submission::New(row) = &submitted {
                base.poison(&row.id)?;
            }
            Ok(submitted)
        })?;
        if let Submission::New(row) = submitted {
            self.count(|tally| tally.runs += 1);
            self.heard_of(&row.id);
        }
        Ok(Met::Yes)
    }

    /// Asks for the end of the newest run that has not ended.
    fn cancel(&self, desk: Reach<'_, '_>) -> Result<Met, StoreError> {
        let now = self.now();
        let asked = desk.write(|base| {
            let open = base
                .runs
                .iter()
                .rfind(|record| !record.row.status.is_terminal() && record.quarantine.is_none());
            let run = open.map(|record| record.row.id.clone());
            if let Some(run) = &run {
                base.ask(run, "person", now)?;
            }
            Ok(run)
        })?;
        if let Some(run) = asked {
            self.count(|tally| tally.cancels += 1);
            self.heard_of(&run);
            self.people.borrow_mut().cancelled.push(run);
        }
        Ok(Met::Yes)
    }

    /// Has the newest run done again that can be, or the one that only a person brings on.
    pub(crate) fn retry(&self, desk: Reach<'_, '_>, only_unknown: bool) -> Result<Met, StoreError> {
        let audit = self.audit.borrow();
        let base = self.base.borrow();
        let may = base.runs.iter().enumerate().rfind(|(place, record)| {
            let is_unknown = record.row.status == RunStatus::Unknown;
            let is_asked = if only_unknown { is_unknown } else { audit.may_retry(*place) };
            is_asked && record.quarantine.is_none()
        });
        let run = may.map(|(_, record)| record.row.id.clone());
        drop((audit, base));
        let Some(run) = run else { return Ok(Met::Yes) };
        let mut store = Reach { epoch: None, ..desk };
        match reopen(&mut store, &run, self.now()) {
            Ok(()) => {
                self.count(|tally| tally.retries += 1);
                self.heard_of(&run);
                Ok(Met::Yes)
            }
            Err(suho_driver::EngineError::Store(error)) => Err(error),
            // It has moved on since it was looked at.
            Err(_) => Ok(Met::Yes),
        }
    }

    /// Retires the model in production, where no rollout compares with it, as `suho model archive`
    /// does on a server that nobody has to himself.
    pub(crate) fn retire(&self, desk: Reach<'_, '_>) -> Result<(), StoreError> {
        let at = self.now();
        // Read first, written then or hours later: what has moved on meanwhile refuses it.
        let looked_at = self.people.borrow_mut().looked_at.take();
        let is_later = looked_at.is_some();
        let seen = match looked_at {
            None => desk.ask(|base| Ok(retirement(base, at)))?,
            seen => seen,
        };
        let Some(seen) = seen else { return Ok(()) };
        if !is_later && self.chance.below(2) == 0 {
            self.people.borrow_mut().looked_at = Some(seen);
            return Ok(());
        }
        let commit = Commit { recorded_at: at, effective_at: at, ..seen };
        desk.write(|base| {
            base.commit(&commit)?;
            self.audit_commit(base, &commit, None);
            self.count(|tally| tally.retired += 1);
            self.announce();
            Ok(())
        })
    }

    pub(crate) fn pause_schedule(
        &self,
        desk: Reach<'_, '_>,
        pauses: bool,
    ) -> Result<Met, StoreError> {
        let at = self.now();
        for row in desk.ask(|base| Ok(base.ledger.rows()))? {
            let is_paused = matches!(row.schedule.pause(), Some(Pause::By { .. }));
            if row.schedule.spec().is_none() || is_paused == pauses {
                continue;
            }
            let (by, why) = ("person".to_owned(), "looking at it".to_owned());
            let event = if pauses {
                ScheduleEvent::Paused { by, why, at }
            } else {
                ScheduleEvent::Resumed { by, why, at }
            };
            let mut change = ScheduleChange::of(&row);
            let Ok(decisions) = change.schedule.apply(&event) else { continue };
            change.decisions.extend(decisions);
            change.events.push(event);
            self.write_schedule(desk, &change, at)?;
            self.count(|tally| tally.pauses_of_schedules += u64::from(pauses));
            self.rouse(desk.who.daemon, at);
            break;
        }
        Ok(Met::Yes)
    }
}
