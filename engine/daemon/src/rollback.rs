//! Rollback: a candidate under way is taken back, else the model before serves again.
//!
//! Asked for twice it happens once: who serves because of a rollback is not rolled back by another,
//! unless it is said to which version.

use crate::desired::Refusal;
use serde::{Deserialize, Serialize};
use suho_domain::{Duration, Instant, ModelId, ModelStatus, Move, RunId, Version};
use suho_driver::ports::{Commit, ModelRow, SlotFacts, Store as _, StoreError};
use suho_driver::registry::{Change, MoveModel, RouteRow};
use suho_store::{SqliteStore, Wish};

/// How long after a promotion the version before need not be named.
const WINDOW: Duration = Duration::from_hours(7 * 24);
/// The reason word of a model that serves again.
const RESTORED: &str = "restored_by_rollback";
/// The reason word of one that another took the place of.
const SUPERSEDED: &str = "superseded";
/// The request that takes a rollout's candidate back.
const ABORT: &str = "abort";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The model, as [`SqliteStore::find_model`] takes it: whose slot it is about.
    pub model: &'a str,
    /// The version that is to serve again; the one before if none.
    pub to: Option<Version>,
    /// Who asks.
    pub by: &'a str,
    /// Why.
    pub why: &'a str,
    /// When, by the wall clock.
    pub at: Instant,
}

/// A model version, named.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: ModelId,
    /// Its name and version, `trend v1.0.0`.
    pub name: String,
}

impl Named {
    fn of(row: &ModelRow) -> Self {
        Self { id: row.id.clone(), name: format!("{} {}", row.slot.model, row.version) }
    }
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum RolledBack {
    /// The run's engine takes the candidate of its rollout back.
    Abort {
        /// The candidate.
        from: Named,
        /// The run.
        run: RunId,
        /// `canary` or `ramp`.
        kind: String,
    },
    /// Another version serves.
    Restore {
        /// The one that served.
        from: Named,
        /// The one that serves again.
        to: Named,
    },
    /// There is nothing to do.
    None {
        /// Why.
        why: String,
    },
}

/// Why nothing was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Rolls back. `verify` looks whether a model's artifact still is what was sealed.
///
/// # Errors
/// When there is nothing to go back to, the version has to be named, its artifact is damaged, or
/// the store refuses; nothing changes then.
pub fn roll_back(
    store: &SqliteStore,
    asked: &Asked<'_>,
    verify: &dyn Fn(&ModelRow) -> Result<(), Refusal>,
) -> Result<RolledBack, RollbackError> {
    let model = store.find_model(asked.model)?;
    let slot = (&*store).slot(&model.slot)?;
    let in_traffic = slot.live.as_ref().filter(|live| live.kind != "shadow");
    if let Some(live) = in_traffic {
        let candidate = slot.versions.iter().find(|row| row.id == live.model);
        let run = candidate.and_then(|row| Some((row, row.run.clone()?)));
        let (row, run) = run.ok_or_else(|| StoreError::Missing(format!("run of `{}`", live.id)))?;
        abort(store, &run, asked)?;
        return Ok(RolledBack::Abort { from: Named::of(row), run, kind: live.kind.clone() });
    }
    let Some(serving) = &slot.production else {
        let message = format!("no model serves {}", model.slot);
        return Err(Refusal::user("nobody-serves", message).into());
    };
    if asked.to.is_none() {
        if let Some(why) = done_before(store, &model, serving, asked.model)? {
            return Ok(RolledBack::None { why });
        }
    } else if asked.to == Some(serving.version) {
        let why = format!("{} serves already", Named::of(serving).name);
        return Ok(RolledBack::None { why });
    }
    let target = target(&slot, serving, asked.to)?;
    if asked.to.is_none() {
        within_window(store, serving, target, asked.at)?;
    }
    verify(target)?;
    restore(store, &slot, serving, target, asked)?;
    Ok(RolledBack::Restore { from: Named::of(serving), to: Named::of(target) })
}

/// Asks the run's engine, once.
fn abort(store: &SqliteStore, run: &RunId, asked: &Asked<'_>) -> Result<(), StoreError> {
    let open = (&*store).requests(run)?;
    if open.iter().any(|request| request.kind == ABORT) {
        return Ok(());
    }
    let [kind, by, why] = [ABORT, asked.by, asked.why].map(str::to_owned);
    store.wish(&Wish { run: run.clone(), kind, subject: None, by, why, at: asked.at }).map(drop)
}

/// Why there is nothing to do, if what is asked for was done before.
fn done_before(
    store: &SqliteStore,
    model: &ModelRow,
    serving: &ModelRow,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let serves = Named::of(serving).name;
    if model.id != serving.id && name != model.slot.model.as_str() {
        let was = Named::of(model).name;
        return Ok(Some(format!("{was} does not serve (it is `{}`): {serves} does", model.status)));
    }
    let last = store.transitions(&serving.id)?.pop();
    Ok(last.filter(|last| last.reason == RESTORED).map(|last| {
        format!("{serves} serves again since {}, when {} rolled back to it", last.at, last.actor)
    }))
}

/// The version that is to serve again.
fn target<'s>(
    slot: &'s SlotFacts,
    serving: &ModelRow,
    to: Option<Version>,
) -> Result<&'s ModelRow, Refusal> {
    let place = &serving.slot;
    let is_there = |row: &&ModelRow| {
        row.slot == *place
            && row.status == ModelStatus::Archived
            && row.status_reason.as_deref() == Some(SUPERSEDED)
            && !row.quarantined
    };
    let mut restorable = slot.versions.iter().filter(is_there);
    if let Some(version) = to {
        let names: Vec<_> = restorable.clone().map(|row| row.version.to_string()).collect();
        return restorable.find(|row| row.version == version).ok_or_else(|| {
            let message = format!("{} {version} cannot serve {place} again", place.model);
            Refusal::user("not-restorable", message).help(if names.is_empty() {
                "no version that served before is there".to_owned()
            } else {
                format!("there is {}", names.join(", "))
            })
        });
    }
    let before = restorable.filter(|row| row.deployed_at <= serving.deployed_at);
    before.max_by_key(|row| row.deployed_at).ok_or_else(|| {
        let message = format!("nothing served {place} before {}", Named::of(serving).name);
        Refusal::user("nothing-before", message)
            .help("`suho freeze on` stops the line; `suho model archive` retires the model")
    })
}

/// A promotion of long ago is not undone by accident.
fn within_window(
    store: &SqliteStore,
    serving: &ModelRow,
    target: &ModelRow,
    at: Instant,
) -> Result<(), RollbackError> {
    let Some(run) = &serving.run else { return Ok(()) };
    // By the wall clock: a rehearsal's promotion is of its own time.
    let (_, log) = (&*store).load(run)?;
    let promoted = log.last().map_or(at, |logged| logged.recorded_at);
    if at.since(promoted) <= WINDOW {
        return Ok(());
    }
    let message = format!("{} serves since {promoted}, longer than {WINDOW}", serving.version);
    let help = format!("if that is meant, name the version: `--to {}`", target.version);
    Err(Refusal::user("long-ago", message).help(help).into())
}

/// T13, T12 and the route, in one transaction.
fn restore(
    store: &SqliteStore,
    slot: &SlotFacts,
    serving: &ModelRow,
    target: &ModelRow,
    asked: &Asked<'_>,
) -> Result<(), RollbackError> {
    let Some(run) = &serving.run else {
        let message = format!("no run has made {}", Named::of(serving).name);
        return Err(Refusal::user("no-run", message).into());
    };
    let (row, log) = (&*store).load(run)?;
    let last = log.last();
    let is_of_the_wall = last.is_none_or(|logged| {
        logged.recorded_at.since(logged.effective_at) < Duration::from_minutes(1)
    });
    let moved = |row: &ModelRow, attempted, reason: &str, quarantined| MoveModel {
        model: row.id.clone(),
        from: row.status,
        row_version: row.row_version,
        attempted,
        reason: reason.to_owned(),
        detail: Some(asked.why.to_owned()),
        quarantined,
        deployment: None,
        actor: asked.by.to_owned(),
    };
    let route = RouteRow {
        slot: serving.slot.clone(),
        generation: slot.generation().saturating_add(1),
        production: Some(target.id.clone()),
        candidate: None,
        deployment: None,
    };
    let (from, to) = (Named::of(serving).name, Named::of(target).name);
    let message =
        format!("{from} was rolled back by {}: {}; {to} serves again", asked.by, asked.why);
    let (severity, model) = ("critical".to_owned(), Some(serving.id.clone()));
    let commit = Commit {
        run: run.clone(),
        after_seq: last.map_or(0, |logged| logged.seq),
        recorded_at: asked.at,
        effective_at: match last {
            Some(logged) if !is_of_the_wall => logged.effective_at,
            _ => asked.at,
        },
        events: Vec::new(),
        changes: vec![
            Change::Move(moved(serving, Move::Demote, "rolled_back", Some(true))),
            Change::Move(moved(target, Move::Restore, RESTORED, None)),
            Change::Route(route),
            Change::Notice { severity, message, model },
        ],
        status: row.status,
    };
    Ok(store.commit_aside(&commit)?)
}

#[cfg(test)]
mod tests;
