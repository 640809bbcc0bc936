//! Runs: asked for, listed, shown, ended, taken up again.

use super::apart;
use super::perhaps::Perhaps;
use super::problem::Problem;
use crate::desk::Desk;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value as Shape, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use suho_domain::{Name, RunId, RunStatus, StepStatus, Value, fault};
use suho_driver::ports::{RunRow, Store as _};
use suho_plan::Plan;
use suho_scheduler::{Run, StepView};
use suho_store::{RunFilter, Submission};

/// Rows on a page where the asker does not say.
const PAGE: u32 = 50;
/// The most rows on a page.
const PAGE_MAX: u32 = 500;
/// Longest idempotency key, in bytes.
const KEY_BYTES_MAX: usize = 256;

/// What a run is asked for with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pipeline: String,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    by: Option<String>,
}

/// Which runs to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    pipeline: Option<String>,
    status: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// Why a run is to end.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Why {
    why: Option<String>,
    by: Option<String>,
}

/// Creates a run.
pub(super) async fn submit(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    body: Result<Json<Asked>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(asked) = body?;
    let key = match headers.get("idempotency-key").map(|key| key.to_str()) {
        None => None,
        Some(Ok(key)) if !key.is_empty() && key.len() <= KEY_BYTES_MAX => Some(key.to_owned()),
        Some(_) => {
            let most = format!("an idempotency key is 1 to {KEY_BYTES_MAX} ASCII characters");
            return Err(Problem::bad(most));
        }
    };
    apart(move || {
        let by = asked.by.as_deref().unwrap_or("api");
        let submitted = desk.submit(&asked.pipeline, &asked.params, key.as_deref(), by)?;
        let (status, run) = match submitted {
            Submission::New(run) => (StatusCode::CREATED, run),
            Submission::Known(run) => (StatusCode::OK, run),
            Submission::Other(run) => {
                let detail =
                    format!("the same key was used for something else: run {}", run.short());
                return Err(Problem::new(StatusCode::CONFLICT, "idempotency-key-reused", detail));
            }
        };
        Ok((status, Json(json!({ "version": 1, "run": row(&run) }))).into_response())
    })
    .await
}

/// Lists runs, newest first.
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    query: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Shape>, Problem> {
    let Query(listed) = query?;
    let limit = listed.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let filter = filter(&desk, &listed)?;
    apart(move || {
        let after = listed.after.map(|after| desk.store.find_run(&after)).transpose()?;
        let after = after.map(|run| run.id);
        let mut runs = desk.store.runs_after(&filter, after.as_ref(), limit.saturating_add(1))?;
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = runs.len() > page;
        runs.truncate(page);
        let next = runs.last().filter(|_| is_more).map(|run| run.id.clone());
        let rows: Vec<_> = runs.iter().map(row).collect();
        Ok(Json(json!({ "version": 1, "runs": rows, "next": next })))
    })
    .await
}

fn filter(desk: &Desk, listed: &Listed) -> Result<RunFilter, Problem> {
    let pipeline = listed.pipeline.as_ref().map(Name::new).transpose();
    let pipeline = pipeline.map_err(|error| Problem::bad(error.to_string()))?;
    let status = match listed.status.as_deref() {
        None => None,
        Some(word) => Some(RunStatus::from_word(word).ok_or_else(|| {
            let words: Vec<_> = RunStatus::ALL.iter().map(|status| status.word()).collect();
            Problem::bad(format!("`{word}` is no status: {}", words.join(", ")))
        })?),
    };
    Ok(RunFilter { environment: Some(desk.environment.clone()), pipeline, status })
}

/// Shows one run, step by step.
pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
) -> Result<Json<Shape>, Problem> {
    apart(move || {
        let found = desk.store.find_run(&run)?;
        Ok(Json(json!({ "version": 1, "run": whole(&desk, &found.id)? })))
    })
    .await
}

/// Asks a run to end.
pub(super) async fn cancel(
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
    Perhaps(why): Perhaps<Why>,
) -> Result<Response, Problem> {
    apart(move || {
        let run = desk.store.find_run(&run)?;
        let said = why.why.as_deref().unwrap_or("cancelled by hand");
        let is_asked = desk.cancel(&run, why.by.as_deref().unwrap_or("api"), said)?;
        Ok(changed(&run, is_asked))
    })
    .await
}

/// Where a run begins again.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Again {
    from: Option<String>,
}

/// Takes a run up again.
pub(super) async fn retry(
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
    Perhaps(again): Perhaps<Again>,
) -> Result<Response, Problem> {
    let from = again.from.map(Name::new).transpose();
    let from = from.map_err(|error| Problem::bad(error.to_string()))?;
    apart(move || {
        let run = desk.store.find_run(&run)?;
        let is_taken_up = desk.retry(&run, from.as_ref())?;
        Ok(changed(&run, is_taken_up))
    })
    .await
}

/// 202 when something is under way, 200 when there was nothing to do.
fn changed(run: &RunRow, is_under_way: bool) -> Response {
    let status = if is_under_way { StatusCode::ACCEPTED } else { StatusCode::OK };
    (status, Json(json!({ "version": 1, "run": row(run) }))).into_response()
}

/// A run as its row tells it.
pub(super) fn row(run: &RunRow) -> Shape {
    json!({
        "id": run.id,
        "number": run.number,
        "pipeline": run.pipeline,
        "environment": run.environment,
        "status": run.status,
        "plan_digest": run.plan_digest,
        "as_of": run.as_of,
        "created_at": run.created_at,
        "ended_at": run.ended_at,
    })
}

/// A run as its log tells it.
fn whole(desk: &Desk, id: &RunId) -> Result<Shape, Problem> {
    let (run, log) = (&*desk.store).load(id)?;
    let broken = |error: &dyn std::error::Error| Problem::bug(fault::chain(error));
    let plan = run.plan.read().map_err(|error| broken(&error))?;
    let spec = suho_driver::run_spec(&plan, id).map_err(|error| broken(&error))?;
    let state = Run::replay(spec, log.iter().map(|logged| &logged.event));
    let state = state.map_err(|error| broken(&error))?;
    let mut answer = row(&run);
    let more = json!({
        "status": state.status(),
        "started_at": state.started(),
        "quarantined": desk.store.quarantined(id)?,
        "steps": state.steps().map(|view| step(&plan, &view)).collect::<Vec<_>>(),
    });
    if let (Shape::Object(answer), Shape::Object(more)) = (&mut answer, more) {
        answer.extend(more);
    }
    Ok(answer)
}

fn step(plan: &Plan, view: &StepView<'_>) -> Shape {
    let outputs = view.outputs.iter().filter(|(name, _)| *name != "history");
    let outputs: serde_json::Map<_, _> =
        outputs.map(|(name, value)| (name.clone(), Value::to_plain(value))).collect();
    json!({
        "id": view.spec.name,
        "kind": plan.node(view.spec.name.as_str()).map(|node| &node.kind),
        "status": view.status,
        "attempts": view.attempt,
        "cached": view.status == StepStatus::Cached,
        "started_at": view.started,
        "ended_at": view.ended,
        "message": view.message,
        "outputs": outputs,
    })
}
