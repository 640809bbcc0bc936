//! `suho doctor --verify`: the state derived anew from what happened.

use crate::args::Doctor;
use crate::failure::Failure;
use crate::inspect::place::{States, refused};
use crate::inspect::words::many;
use crate::terminal::out;
use serde_json::{Value as Json, json};
use suho_domain::{Fault, fault};
use suho_driver::ports::{Store as _, StoreError};
use suho_driver::standing;
use suho_scheduler::Schedule;
use suho_store::SqliteStore;

/// What was looked at, and what does not hold.
#[derive(Default)]
struct Finding {
    runs: u64,
    events: u64,
    schedules: u64,
    models: u64,
    audit_lines: u64,
    /// A sentence each.
    wrong: Vec<String>,
}

/// `suho doctor --verify`: exit 3 when something does not hold.
pub(crate) fn doctor(args: &Doctor) -> Result<u8, Failure> {
    let mut finding = Finding::default();
    for state in &States::of(&args.place)?.each {
        let looked = look(&state.store, &mut finding);
        looked.map_err(|error| refused(&error))?;
    }
    let notation = args.output.notation();
    if let Some(notation) = notation {
        out(&notation.page(&finding.json()));
    } else if finding.wrong.is_empty() {
        out(&finding.text());
    }
    let Some(first) = finding.wrong.first() else { return Ok(0) };
    if notation.is_some() {
        return Ok(Fault::World.exit_code());
    }
    let failure = Failure::new(Fault::World, "tampered", first.clone());
    let also = finding.wrong.iter().skip(1);
    let failure = also.fold(failure, |failure, other| failure.help(format!("also: {other}")));
    Err(failure.help("restore `suho.db` from a copy; if nobody changed it, report a bug of suho"))
}

fn look(store: &SqliteStore, finding: &mut Finding) -> Result<(), StoreError> {
    let all = store.verify_all()?;
    finding.models += all.models;
    finding.audit_lines += all.audit_lines;
    finding.wrong.extend(all.found.iter().map(StoreError::to_string));
    runs(store, finding)?;
    schedules(store, finding)
}

/// Each run's row against its log, replayed.
fn runs(store: &SqliteStore, finding: &mut Finding) -> Result<(), StoreError> {
    let mut store = store;
    for id in store.every_run()? {
        finding.runs += 1;
        let called = format!("run `{}`", id.short());
        let found = match standing(&mut store, &id) {
            Ok(found) => found,
            Err(error) => {
                finding
                    .wrong
                    .push(format!("{called} cannot be replayed: {}", fault::chain(&error)));
                continue;
            }
        };
        finding.events += u64::try_from(store.load(&id)?.1.len()).unwrap_or(0);
        let (row, state) = (&found.row, &found.state);
        if row.status != state.status() {
            finding.wrong.push(format!(
                "{called} is `{}` in its row and `{}` by its log",
                row.status,
                state.status()
            ));
        }
        if row.ended_at.is_some() != state.ended().is_some() {
            finding.wrong.push(format!("{called} has ended in its row or by its log alone"));
        }
    }
    Ok(())
}

/// Each schedule's row against what happened to it.
fn schedules(store: &SqliteStore, finding: &mut Finding) -> Result<(), StoreError> {
    for environment in store.environments()? {
        for row in store.schedules(&environment)? {
            finding.schedules += 1;
            let key = row.schedule.key();
            let mut replayed = Schedule::new(key.clone());
            let events = store.schedule_events(row.id)?;
            finding.events += u64::try_from(events.len()).unwrap_or(0);
            let refused = events.iter().find_map(|event| replayed.apply(event).err());
            if let Some(error) = refused {
                finding.wrong.push(format!("schedule `{key}` cannot be replayed: {error}"));
            } else if replayed != row.schedule {
                finding.wrong.push(format!("schedule `{key}` is not what happened to it"));
            }
        }
    }
    Ok(())
}

impl Finding {
    fn text(&self) -> String {
        format!(
            "ok  {} and {} are what {} made of them\nok  {} and {} of the audit log agree\n",
            many(self.runs, "run"),
            many(self.schedules, "schedule"),
            many(self.events, "event"),
            many(self.models, "model"),
            many(self.audit_lines, "line"),
        )
    }

    fn json(&self) -> Json {
        json!({
            "version": 1,
            "ok": self.wrong.is_empty(),
            "runs": self.runs,
            "schedules": self.schedules,
            "events": self.events,
            "models": self.models,
            "audit_lines": self.audit_lines,
            "wrong": self.wrong,
        })
    }
}
