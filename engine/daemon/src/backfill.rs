//! Backfill: runs for instants of a schedule that are over and had none.
//!
//! A slot is an instant at which the schedule is due by its rule, whether or not a daemon was there.
//! It has one run: the one that the schedule began, or the one that the first backfill began, found
//! again by its key. Decisions of the schedule stay as they are. A backfill's run starts with its
//! slot, ends before the rollout and knows no model that came to serve later: it changes nothing
//! that serves. Runs of one schedule's backfill take turns, so many at a time; beside everything
//! else.

use crate::apply;
use crate::desired::{Desired, Refusal, Wanted, World, desired};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use suho_check::Program;
use suho_domain::{Digest, Duration, Instant, Name, RunId, RunStatus, Value, Variant};
use suho_driver::Beginner;
use suho_driver::ports::{NewRun, RunRow, StoreError};
use suho_plan::{Expr, Plan};
use suho_scheduler::{Choice, ScheduleKey};
use suho_store::{DecisionRow, SqliteStore, SubmissionKey};

/// The most slots of one backfill.
pub const SLOTS_MAX: usize = 1_000;

/// Which slots are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The pipeline.
    pub pipeline: &'a str,
    /// The schedule, where the pipeline has several.
    pub schedule: Option<&'a str>,
    /// From this slot on.
    pub from: Instant,
    /// Before this instant.
    pub to: Instant,
    /// Runs at a time.
    pub parallel: NonZeroU32,
    /// Who asks.
    pub by: &'a str,
}

/// What a backfill comes to, slot by slot.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Backfill {
    /// The pipeline.
    pub pipeline: Name,
    /// The schedule.
    pub schedule: Name,
    /// Where.
    pub environment: String,
    /// The zone in which people read its times.
    pub timezone: String,
    /// Runs at a time.
    pub parallel: NonZeroU32,
    /// The steps of a run, in order.
    pub steps: Vec<Name>,
    /// Steps that a scheduled run has beside them: its rollout, and all that follows.
    pub left_out: Vec<Name>,
    /// Whether all runs do the same: nothing in the pipeline depends on when it starts.
    pub is_alike: bool,
    /// The slots, oldest first.
    pub slots: Vec<Slot>,
}

/// One slot.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Its instant: the start of its run.
    pub slot: Instant,
    /// `run` where a run begins, `keep` where there is one.
    pub action: Action,
    /// Why the schedule itself began none, where it decided so.
    #[serde(default)]
    pub skipped: Option<String>,
    /// The run, once there is one.
    #[serde(default)]
    pub run: Option<SlotRun>,
}

/// What becomes of a slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A run begins.
    Run,
    /// It has a run already.
    Keep,
}

/// A slot's run.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SlotRun {
    /// Its id.
    pub id: RunId,
    /// Its number.
    pub number: u64,
    /// How it stands.
    pub status: RunStatus,
    /// Whether a backfill began it, and not the schedule.
    pub is_backfill: bool,
}

impl SlotRun {
    fn of(run: &RunRow) -> Self {
        let is_backfill = matches!(Beginner::of(&run.created_by), Beginner::Backfill { .. });
        let (id, number, status) = (run.id.clone(), run.number, run.status);
        Self { id, number, status, is_backfill }
    }
}

/// A backfill, and what its runs carry out.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What it comes to.
    pub preview: Backfill,
    plan: Plan,
    key: ScheduleKey,
    by: String,
}

/// Finds out what `wish` comes to at `now`. Nothing changes. Without a store nothing ever ran.
///
/// # Errors
/// When the pipeline has no such schedule, there are too many slots or none, or the store refuses.
pub fn prepare(
    store: Option<&SqliteStore>,
    environment: &str,
    program: &Program,
    wish: &Wish<'_>,
    now: Instant,
) -> Result<Prepared, BackfillError> {
    if !program.pipelines.contains_key(wish.pipeline) {
        let message = format!("there is no pipeline `{}`", wish.pipeline);
        return Err(Refusal::user("unknown-pipeline", message).into());
    }
    // Rollouts are left out: whether they could be carried out does not matter.
    let desired = desired(program, environment, World::Replay)?;
    let (key, wanted) = schedule(&desired, wish)?;
    let ticks = ticks(wanted, wish, now)?;
    let known = match store {
        Some(store) => known(store, environment, key)?,
        None => Known::default(),
    };
    let slots = ticks.into_iter().map(|tick| known.slot(tick)).collect();
    let (plan, left_out) = wanted.plan.without_rollout();
    let knows_slot = !plan.starting.is_empty() || plan.of_kind("dataset").next().is_some();
    let preview = Backfill {
        pipeline: key.pipeline.clone(),
        schedule: key.schedule.clone(),
        environment: environment.to_owned(),
        timezone: plan.settings.timezone.clone(),
        parallel: wish.parallel,
        steps: plan.nodes.iter().map(|node| node.name.clone()).collect(),
        left_out,
        is_alike: !knows_slot,
        slots,
    };
    Ok(Prepared { preview, plan, key: key.clone(), by: wish.by.to_owned() })
}

/// Why there is no backfill.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Prepared {
    /// What the run of the slot at `place` is begun with, under the key that makes it the only one;
    /// nothing where the slot has a run.
    ///
    /// # Errors
    /// When no calendar has the days that its plan asks for.
    pub fn order(
        &self,
        place: usize,
        now: Instant,
    ) -> Result<Option<(SubmissionKey, NewRun)>, BackfillError> {
        let slots = &self.preview.slots;
        let Some(slot) = slots.get(place).filter(|slot| slot.action == Action::Run) else {
            return Ok(None);
        };
        let before = slots.iter().take(place).filter(|slot| slot.action == Action::Run).count();
        let parallel = usize::try_from(self.preview.parallel.get()).unwrap_or(usize::MAX);
        let lane = before % parallel;
        let mut plan = self
            .plan
            .started(slot.slot)
            .map_err(|error| Refusal::user("plan", format!("the run of {}: {error}", slot.slot)))?;
        plan.settings.concurrency = Some(turns(&self.key, lane));
        let environment = self.preview.environment.clone();
        let key = slot_key(&environment, &self.key, slot.slot);
        let body = Digest::of(key.as_bytes());
        let beginner =
            Beginner::Backfill { schedule: self.key.schedule.as_str(), person: &self.by };
        let new = NewRun {
            pipeline: plan.pipeline.clone(),
            environment,
            plan_digest: plan.digest.clone(),
            plan: apply::plan(&plan),
            as_of: slot.slot,
            created_at: now,
            created_by: beginner.written(),
        };
        Ok(Some((SubmissionKey { key, body }, new)))
    }

    /// The run that the slot at `place` has by now.
    pub fn begun(&mut self, place: usize, run: &RunRow) {
        if let Some(slot) = self.preview.slots.get_mut(place) {
            slot.run = Some(SlotRun::of(run));
        }
    }
}

/// Runs of the same lane begin one after another.
fn turns(key: &ScheduleKey, lane: usize) -> Expr {
    let queue = Variant { name: "queue".to_owned(), fields: BTreeMap::new() };
    Expr::Value(Value::record([
        ("key", Value::Text(format!("backfill/{key}/{lane}"))),
        ("on_conflict", Value::Variant(queue)),
    ]))
}

fn prefix(environment: &str, key: &ScheduleKey) -> String {
    format!("backfill/{environment}/{key}/")
}

fn slot_key(environment: &str, key: &ScheduleKey, slot: Instant) -> String {
    format!("{}{slot}", prefix(environment, key))
}

/// The schedule that is meant.
fn schedule<'d>(
    wanted: &'d Desired,
    wish: &Wish<'_>,
) -> Result<(&'d ScheduleKey, &'d Wanted), Refusal> {
    let of_pipeline: Vec<_> =
        wanted.schedules.iter().filter(|(key, _)| key.pipeline.as_str() == wish.pipeline).collect();
    let names = || {
        let names = of_pipeline.iter().map(|(key, _)| format!("`{}`", key.schedule));
        names.collect::<Vec<_>>().join(", ")
    };
    let meant = of_pipeline
        .iter()
        .filter(|(key, _)| wish.schedule.is_none_or(|schedule| key.schedule.as_str() == schedule));
    let meant: Vec<_> = meant.collect();
    match (meant.as_slice(), wish.schedule) {
        ([only], _) => Ok(**only),
        _ if of_pipeline.is_empty() => {
            let message = format!("`{}` has no schedule to take slots from", wish.pipeline);
            Err(Refusal::user("no-schedule", message).help(format!(
                "declare one: `trigger NAME {{ on = cron(\"0 3 1 * *\")  run = {}() }}`",
                wish.pipeline
            )))
        }
        ([], Some(schedule)) => {
            let message = format!("`{}` has no schedule `{schedule}`", wish.pipeline);
            Err(Refusal::user("unknown-schedule", message).help(format!("there is {}", names())))
        }
        _ => {
            let message = format!("`{}` has several schedules: {}", wish.pipeline, names());
            Err(Refusal::user("which-schedule", message).help("name one: `--schedule NAME`"))
        }
    }
}

/// The instants at which the schedule was due.
fn ticks(wanted: &Wanted, wish: &Wish<'_>, now: Instant) -> Result<Vec<Instant>, Refusal> {
    let refused = |why: String| Refusal::user("no-slots", why);
    if wish.to <= wish.from {
        return Err(refused(format!("there is nothing from {} to {}", wish.from, wish.to)));
    }
    if wish.from > now {
        let help = "a backfill is of what is over; `suho next` shows what comes";
        return Err(refused(format!("{} is not over yet", wish.from)).help(help));
    }
    let recurrence = &wanted.spec.recurrence;
    let next = |after: Instant| recurrence.next_after(after.to_chrono()).map(Instant::from_chrono);
    let first = next(wish.from.plus(Duration::from_micros(-1)));
    let end = wish.to.min(now);
    let ticks = std::iter::successors(first, |tick| next(*tick)).take_while(|tick| *tick < end);
    let kept = ticks.filter(|tick| recurrence.keeps(tick.to_chrono()));
    let ticks: Vec<_> = kept.take(SLOTS_MAX.saturating_add(1)).collect();
    if ticks.is_empty() {
        return Err(refused(format!("no slot lies between {} and {end}", wish.from)));
    }
    if ticks.len() > SLOTS_MAX {
        let why = format!("there are more than {SLOTS_MAX} slots from {} to {end}", wish.from);
        return Err(Refusal::user("too-many-slots", why).help("do it piece by piece"));
    }
    Ok(ticks)
}

/// What a schedule and its backfills did so far.
#[derive(Default)]
struct Known {
    decisions: Vec<(DecisionRow, Option<RunRow>)>,
    filled: BTreeMap<String, RunRow>,
    prefix: String,
}

fn known(
    store: &SqliteStore,
    environment: &str,
    key: &ScheduleKey,
) -> Result<Known, BackfillError> {
    let prefix = prefix(environment, key);
    let filled = store.submitted(&prefix)?.into_iter().collect();
    let row = store.schedules(environment)?.into_iter().find(|row| row.schedule.key() == key);
    let rows = match row {
        Some(row) => store.decisions(row.id, u32::MAX)?,
        None => Vec::new(),
    };
    let mut decisions = Vec::with_capacity(rows.len());
    for row in rows {
        let run = row.run.as_ref().map(|run| store.find_run(run.as_str())).transpose()?;
        decisions.push((row, run));
    }
    Ok(Known { decisions, filled, prefix })
}

impl Known {
    fn slot(&self, slot: Instant) -> Slot {
        let decided = self
            .decisions
            .iter()
            .find(|(row, _)| row.decision.first <= slot && slot <= row.decision.last);
        let skipped = decided.and_then(|(row, _)| match row.decision.choice {
            Choice::Skip(skip) => Some(skip.to_string()),
            Choice::Run { .. } => None,
        });
        let filled = self.filled.get(&format!("{}{slot}", self.prefix));
        let run = filled.or_else(|| decided.and_then(|(_, run)| run.as_ref())).map(SlotRun::of);
        // One that was decided for and waits has its run soon.
        let waits = skipped.is_none() && decided.is_some();
        let action = if run.is_some() || waits { Action::Keep } else { Action::Run };
        Slot { slot, action, skipped, run }
    }
}
