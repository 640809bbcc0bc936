//! `suho export`, `suho doctor` and `suho audit`: everything that happened, written down and held
//! against what is there now.

mod doctor;

pub(crate) use doctor::doctor;

use crate::args::{Audit, Export};
use crate::failure::Failure;
use crate::inspect::place::{States, refused};
use crate::inspect::words::many;
use crate::terminal::out;
use serde_json::{Value as Json, json};
use suho_driver::ports::{Store as _, StoreError};
use suho_store::SqliteStore;

/// Lines of the audit log that are read at a time.
const LINES: u32 = 1_000;
/// The most decisions of a schedule that are written.
const DECISIONS_MAX: u32 = 1_000_000;

/// `suho export`: a JSON object a line; each names what it is in `kind`. Runs in the order in which
/// they were asked for, each with its events; then schedules with theirs and their decisions; then
/// the audit log.
pub(crate) fn export(args: &Export) -> Result<u8, Failure> {
    for state in &States::of(&args.place)?.each {
        runs(&state.store).map_err(|error| refused(&error))?;
        schedules(&state.store).map_err(|error| refused(&error))?;
        audit_log(&state.store).map_err(|error| refused(&error))?;
    }
    Ok(0)
}

fn line(object: &Json) {
    out(&format!("{object}\n"));
}

fn runs(store: &SqliteStore) -> Result<(), StoreError> {
    let mut store = store;
    for id in store.every_run()? {
        let (run, log) = store.load(&id)?;
        // What cannot be read is given as the text that it is.
        let plan = run.plan.json().unwrap_or_else(|_| Json::from(run.plan.as_str()));
        line(&json!({
            "kind": "run", "run": run.id, "number": run.number, "pipeline": run.pipeline,
            "environment": run.environment, "status": run.status, "as_of": run.as_of,
            "created_at": run.created_at, "created_by": run.created_by, "ended_at": run.ended_at,
            "plan_digest": run.plan_digest, "plan": plan,
        }));
        for logged in log {
            line(&json!({
                "kind": "event", "run": id, "seq": logged.seq, "recorded_at": logged.recorded_at,
                "effective_at": logged.effective_at, "event": logged.event,
            }));
        }
    }
    Ok(())
}

fn schedules(store: &SqliteStore) -> Result<(), StoreError> {
    for environment in store.environments()? {
        for row in store.schedules(&environment)? {
            let key = row.schedule.key().to_string();
            line(&json!({
                "kind": "schedule", "schedule": key, "environment": environment,
                "plan_digest": row.plan_digest, "state": row.schedule,
            }));
            for (seq, event) in (1_u64..).zip(store.schedule_events(row.id)?) {
                line(&json!({
                    "kind": "schedule_event", "schedule": key, "environment": environment,
                    "seq": seq, "event": event,
                }));
            }
            let mut decisions = store.decisions(row.id, DECISIONS_MAX)?;
            decisions.reverse();
            for decided in decisions {
                line(&json!({
                    "kind": "decision", "schedule": key, "environment": environment,
                    "decision": decided.decision, "decided_at": decided.decided_at,
                    "run": decided.run,
                }));
            }
        }
    }
    Ok(())
}

fn audit_log(store: &SqliteStore) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        let lines = store.audit_lines(after, LINES)?;
        let Some((last, _)) = lines.last() else { return Ok(()) };
        after = *last;
        for (_, mut entry) in lines {
            if let Json::Object(fields) = &mut entry {
                fields.insert("kind".to_owned(), json!("audit"));
            }
            line(&entry);
        }
    }
}

/// `suho audit verify`.
pub(crate) fn audit(command: &Audit) -> Result<u8, Failure> {
    let Audit::Verify(args) = command;
    let (mut lines, mut found) = (0, Vec::new());
    for state in &States::of(&args.place)?.each {
        let walk = state.store.verify_audit().map_err(|error| refused(&error))?;
        lines += walk.audit_lines;
        found.extend(walk.found);
    }
    if let Some(first) = found.first() {
        let also = found.iter().skip(1).map(StoreError::to_string);
        return Err(also.fold(refused(first), |it, other| it.help(format!("also: {other}"))));
    }
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&json!({ "version": 1, "ok": true, "lines": lines })));
    } else {
        out(&format!(
            "ok  {} of the audit log, each sealed with the one before it\n",
            many(lines, "line")
        ));
    }
    Ok(0)
}
