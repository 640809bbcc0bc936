//! `suho model archive`: a model that is not wanted any more: a draft is withdrawn (T14), the one in
//! production is retired and its place left empty (T15).

use super::place::{State, States, refused};
use super::words::now;
use crate::args;
use crate::failure::Failure;
use crate::rehearse::actor;
use crate::terminal::{self, Terminal};
use suho_domain::{ModelStatus, Move};
use suho_driver::ports::{Commit, ModelRow, SlotFacts, Store as _};
use suho_driver::registry::{Change, MoveModel, RouteRow};
use suho_store::{Access, SqliteStore};

/// `suho model archive MODEL -m WHY [--confirm NAME@VERSION]`.
pub(super) fn archive(args: &args::ModelArchive, terminal: Terminal) -> Result<u8, Failure> {
    let (State { folder, store }, model) = States::of(&args.place)?.model(&args.model)?;
    drop(store);
    // Whoever changes the registry is alone at it.
    let store = SqliteStore::open(&folder, Access::Engine).map_err(|error| refused(&error))?;
    let mut store = &store;
    let model = store.find_model(model.id.as_str()).map_err(|error| refused(&error))?;
    let slot = store.slot(&model.slot).map_err(|error| refused(&error))?;
    let (attempted, reason) = decide(&model, &slot, args.confirm.as_deref())?;
    let Some(run) = &model.run else {
        return Err(Failure::user("no-run", format!("no run has made {}", title(&model))));
    };
    let (row, log) = store.load(run).map_err(|error| refused(&error))?;
    let actor = actor();
    let mut changes = vec![Change::Move(MoveModel {
        model: model.id.clone(),
        from: model.status,
        row_version: model.row_version,
        attempted,
        reason: reason.to_owned(),
        detail: Some(args.message.clone()),
        quarantined: None,
        deployment: None,
        actor,
    })];
    if attempted == Move::Retire {
        changes.push(Change::Route(RouteRow {
            slot: model.slot.clone(),
            generation: slot.generation().saturating_add(1),
            production: None,
            candidate: None,
            deployment: None,
        }));
    }
    let at = now();
    let last = log.last();
    let commit = Commit {
        run: run.clone(),
        after_seq: last.map_or(0, |logged| logged.seq),
        recorded_at: at,
        effective_at: last.map_or(at, |logged| logged.effective_at),
        events: Vec::new(),
        changes,
        status: row.status,
    };
    store.commit(&commit).map_err(|error| refused(&error))?;
    if !terminal.is_quiet {
        terminal::out(&said(&model, attempted));
    }
    Ok(0)
}

fn title(model: &ModelRow) -> String {
    format!("{} {}", model.slot.model, model.version)
}

/// What is to happen to `model`, and the reason word; or why nothing can.
pub(super) fn decide(
    model: &ModelRow,
    slot: &SlotFacts,
    confirm: Option<&str>,
) -> Result<(Move, &'static str), Failure> {
    let no = |message: String| Failure::user("cannot-archive", message);
    let title = title(model);
    match model.status {
        ModelStatus::Draft => Ok((Move::Withdraw, "withdrawn")),
        ModelStatus::Production if slot.live.is_some() => {
            let message = format!("{title} is what a rollout compares its candidate with");
            Err(no(message).help("wait for the rollout to end, or `suho cancel` its run"))
        }
        ModelStatus::Production => {
            let named = format!("{}@{}", model.slot.model, model.version);
            if confirm == Some(named.as_str()) {
                return Ok((Move::Retire, "retired"));
            }
            let message = format!(
                "{title} is in production: retiring it leaves {} with nobody to answer",
                model.slot
            );
            Err(no(message).help(format!("if that is meant, write `--confirm {named}`")))
        }
        ModelStatus::Archived => {
            let why = model.status_reason.as_deref().unwrap_or("archived");
            Err(no(format!("{title} is archived already ({why})")))
        }
        status => {
            let message = format!("{title} is `{status}`: a run is at work on it");
            Err(no(message).help("`suho cancel` ends the run"))
        }
    }
}

fn said(model: &ModelRow, attempted: Move) -> String {
    let title = title(model);
    if attempted == Move::Retire {
        format!("{title} is archived; nobody serves {} now\n", model.slot)
    } else {
        format!("{title} is archived; its number stays taken\n")
    }
}
