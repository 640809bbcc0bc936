//! How the daemon does: for probes, for Prometheus, for whoever is told.

use super::apart;
use super::problem::Problem;
use crate::desk::Desk;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value as Shape, json};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Alarms shown.
const ALARMS_MAX: u32 = 100;

/// Bytes that the state folder's disk should have left: the log of a busy hour.
const ROOM_MIN: u64 = 64 * 1024 * 1024;

/// The process is there.
pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// The store answers, and the disk has room for what runs will write. It is asked for only once
/// recovery is complete: before, nobody listens.
pub(super) async fn ready(State(desk): State<Arc<Desk>>) -> Result<&'static str, Problem> {
    apart(move || {
        desk.store.open_runs(&desk.environment)?;
        has_room(room(&desk), &desk.folder)
    })
    .await?;
    Ok("ready\n")
}

/// Bytes that may still be written to the state folder's disk; nothing where it cannot be told.
fn room(desk: &Desk) -> Option<u64> {
    let disk = rustix::fs::statvfs(&desk.folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn has_room(room: Option<u64>, folder: &Path) -> Result<(), Problem> {
    let Some(room) = room.filter(|room| *room < ROOM_MIN) else { return Ok(()) };
    let folder = folder.display();
    let detail =
        format!("the disk of `{folder}` has {room} bytes left: at least {ROOM_MIN} are wanted");
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "disk-full", detail))
}

/// What the daemon has to tell, newest first.
pub(super) async fn alarms(State(desk): State<Arc<Desk>>) -> Result<Json<Shape>, Problem> {
    apart(move || {
        let alarms = desk.store.alarms(ALARMS_MAX)?;
        let each = alarms.iter().map(|alarm| {
            json!({
                "id": alarm.id,
                "severity": alarm.severity,
                "code": alarm.code,
                "message": alarm.message,
                "at": alarm.at,
            })
        });
        Ok(Json(json!({ "version": 1, "alarms": each.collect::<Vec<_>>() })))
    })
    .await
}

/// Prometheus's text format, version 0.0.4.
pub(super) async fn metrics(State(desk): State<Arc<Desk>>) -> Result<impl IntoResponse, Problem> {
    let text = apart(move || text(&desk)).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

fn text(desk: &Desk) -> Result<String, Problem> {
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: Vec<(String, u64)>| {
        let _infallible = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (labels, value) in samples {
            let _infallible = writeln!(text, "{name}{labels} {value}");
        }
    };
    let open = desk.store.open_runs(&desk.environment)?;
    let open = open.into_iter().map(|(status, runs)| (format!("{{status=\"{status}\"}}"), runs));
    family("suho_runs_unfinished", "gauge", "Runs that have not ended.", open.collect());
    let rows = desk.store.schedules(&desk.environment)?;
    let declared: Vec<_> = rows.iter().filter(|row| row.schedule.spec().is_some()).collect();
    let paused = declared.iter().filter(|row| row.schedule.pause().is_some()).count();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let states = vec![
        ("{state=\"live\"}".to_owned(), count(declared.len() - paused)),
        ("{state=\"paused\"}".to_owned(), count(paused)),
    ];
    family("suho_schedules", "gauge", "Schedules that a text declares.", states);
    let free = room(desk).map(|room| (String::new(), room));
    family(
        "suho_disk_free_bytes",
        "gauge",
        "Room of the state's disk.",
        free.into_iter().collect(),
    );
    let alarms = desk.store.alarms(1)?.first().map_or(0, |alarm| alarm.id);
    let alarms = vec![(String::new(), alarms)];
    family("suho_alarms_total", "counter", "What the daemon had to tell.", alarms);
    Ok(text)
}

#[cfg(test)]
mod tests;
