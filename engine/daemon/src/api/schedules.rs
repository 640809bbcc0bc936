//! Schedules: when they fire next, what became of their ticks, held and let go.

use super::apart;
use super::perhaps::Perhaps;
use super::problem::Problem;
use crate::desk::Desk;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value as Shape, json};
use std::sync::Arc;
use suho_domain::Instant;
use suho_scheduler::{Choice, ScheduleEvent, Upcoming};
use suho_store::{DecisionRow, ScheduleRow};

/// Firings and decisions shown where the asker does not say.
const SHOWN: u32 = 5;
/// The most shown.
const SHOWN_MAX: u32 = 100;

/// How much to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    n: Option<u32>,
}

impl Shown {
    fn count(&self) -> u32 {
        self.n.unwrap_or(SHOWN).clamp(1, SHOWN_MAX)
    }
}

/// Who holds a schedule.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Who {
    by: Option<String>,
    why: Option<String>,
}

impl Who {
    fn named(self) -> (String, String) {
        let by = self.by.unwrap_or_else(|| "api".to_owned());
        (by, self.why.unwrap_or_else(|| "by hand".to_owned()))
    }
}

/// Lists the schedules that a text declares, each with its next firings.
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    query: Result<Query<Shown>, QueryRejection>,
) -> Result<Json<Shape>, Problem> {
    let Query(shown) = query?;
    apart(move || {
        let rows = desk.store.schedules(&desk.environment)?;
        let now = desk.time.now();
        let declared = rows.iter().filter(|row| row.schedule.spec().is_some());
        let each: Vec<_> = declared.map(|row| schedule(row, shown.count(), now)).collect();
        Ok(Json(json!({ "version": 1, "schedules": each })))
    })
    .await
}

/// Shows one schedule: its next firings, and the newest decisions.
pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Path((pipeline, name)): Path<(String, String)>,
    query: Result<Query<Shown>, QueryRejection>,
) -> Result<Json<Shape>, Problem> {
    let Query(shown) = query?;
    apart(move || {
        let row = desk.schedule(&pipeline, &name)?;
        let decisions = desk.store.decisions(row.id, shown.count())?;
        let decisions: Vec<_> = decisions.iter().map(decision).collect();
        let schedule = schedule(&row, shown.count(), desk.time.now());
        Ok(Json(json!({ "version": 1, "schedule": schedule, "decisions": decisions })))
    })
    .await
}

/// Begins no runs of a schedule until it is resumed.
pub(super) async fn pause(
    State(desk): State<Arc<Desk>>,
    Path((pipeline, name)): Path<(String, String)>,
    Perhaps(who): Perhaps<Who>,
) -> Result<Json<Shape>, Problem> {
    let (by, why) = who.named();
    let paused = move |at| ScheduleEvent::Paused { by: by.clone(), why: why.clone(), at };
    change(desk, pipeline, name, paused).await
}

/// Goes on with a schedule; ticks in between stay skipped.
pub(super) async fn resume(
    State(desk): State<Arc<Desk>>,
    Path((pipeline, name)): Path<(String, String)>,
    Perhaps(who): Perhaps<Who>,
) -> Result<Json<Shape>, Problem> {
    let (by, why) = who.named();
    let resumed = move |at| ScheduleEvent::Resumed { by: by.clone(), why: why.clone(), at };
    change(desk, pipeline, name, resumed).await
}

async fn change(
    desk: Arc<Desk>,
    pipeline: String,
    name: String,
    event: impl Fn(Instant) -> ScheduleEvent + Send + 'static,
) -> Result<Json<Shape>, Problem> {
    apart(move || {
        let row = desk.happen(&pipeline, &name, &event)?;
        Ok(Json(json!({ "version": 1, "schedule": schedule(&row, SHOWN, desk.time.now()) })))
    })
    .await
}

/// Reads the text again; a broken one changes nothing.
pub(super) async fn reload(State(desk): State<Arc<Desk>>) -> Result<Json<Shape>, Problem> {
    apart(move || {
        let summary = desk.reload("api").map_err(|error| {
            let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Problem::new(status, error.code(), suho_domain::fault::chain(&error))
        })?;
        desk.wake(crate::daemon::Wake::Scheduled);
        let each = |keys: &[suho_scheduler::ScheduleKey]| -> Vec<String> {
            keys.iter().map(ToString::to_string).collect()
        };
        Ok(Json(json!({
            "version": 1,
            "added": each(&summary.added),
            "changed": each(&summary.changed),
            "removed": each(&summary.removed),
            "notes": summary.notes,
        })))
    })
    .await
}

fn schedule(row: &ScheduleRow, count: u32, now: Instant) -> Shape {
    let (schedule, key) = (&row.schedule, row.schedule.key());
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let next: Vec<_> = schedule.next(count, now).iter().map(upcoming).collect();
    let pause = schedule.pause().map(ToString::to_string);
    let recurrence = schedule.spec().map(|spec| &spec.recurrence);
    json!({
        "scope": key.scope.key(),
        "pipeline": key.pipeline,
        "schedule": key.schedule,
        "rule": recurrence.map(|recurrence| recurrence.rule().to_string()),
        "timezone": recurrence.map(|recurrence| recurrence.zone().name()),
        "plan_digest": row.plan_digest,
        "paused": pause,
        "running": schedule.running().collect::<Vec<_>>(),
        "waiting": schedule.waiting().collect::<Vec<_>>(),
        "next": next,
    })
}

fn upcoming(upcoming: &Upcoming) -> Shape {
    json!({
        "tick": upcoming.tick,
        "not_before": upcoming.not_before,
        "skipped": upcoming.skip.map(|skip| skip.to_string()),
    })
}

fn decision(row: &DecisionRow) -> Shape {
    let skipped = match row.decision.choice {
        Choice::Run { .. } => None,
        Choice::Skip(skip) => Some(skip.to_string()),
    };
    json!({
        "first": row.decision.first,
        "last": row.decision.last,
        "ticks": row.decision.ticks,
        "decided_at": row.decided_at,
        "skipped": skipped,
        "run": row.run,
    })
}
