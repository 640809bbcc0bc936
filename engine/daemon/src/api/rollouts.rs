//! Rollouts and models, as people steer them.

use super::apart;
use super::people::Said;
use super::problem::Problem;
use super::runs::row;
use crate::desk::Desk;
use crate::rollback::Asked;
use crate::steering::{LiveRollout, live_rollouts};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value as Shape, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use suho_domain::{BasisPoints, Version};

/// Lists the rollouts that are not over.
pub(super) async fn list(State(desk): State<Arc<Desk>>) -> Result<Json<Shape>, Problem> {
    apart(move || {
        let live = live_rollouts(&desk.store)?;
        let each: Vec<_> = live.iter().map(rollout).collect();
        Ok(Json(json!({ "version": 1, "rollouts": each })))
    })
    .await
}

fn rollout(live: &LiveRollout) -> Shape {
    let LiveRollout { row, candidate, run } = live;
    json!({
        "id": row.id,
        "kind": row.kind,
        "status": row.status,
        "model": {
            "id": candidate.id,
            "name": candidate.slot.model,
            "version": candidate.version.to_string(),
        },
        "slot": row.slot.to_string(),
        "traffic_basis_points": row.traffic.points(),
        "accrued": row.accrued,
        "created_at": row.created_at,
        "run": super::runs::row(run),
    })
}

/// Takes the candidate of a run's rollout back.
pub(super) async fn abort(
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
    body: Result<Json<Said>, JsonRejection>,
) -> Result<Response, Problem> {
    let said = Said::of(body)?;
    apart(move || {
        let run = desk.store.find_run(&run)?;
        let is_asked = desk.abort(&run, &said.by, &said.why)?;
        let status = if is_asked { StatusCode::ACCEPTED } else { StatusCode::OK };
        Ok((status, Json(json!({ "version": 1, "run": row(&run) }))).into_response())
    })
    .await
}

/// How much, who wants it, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Weight {
    basis_points: u16,
    by: String,
    why: String,
}

/// Gives the candidate of a run's rollout another share.
pub(super) async fn weigh(
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
    body: Result<Json<Weight>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(Weight { basis_points, by, why }) = body?;
    let share = BasisPoints::new(basis_points).map_err(|error| Problem::bad(error.to_string()))?;
    let said = Said::new(&by, why)?;
    apart(move || {
        let run = desk.store.find_run(&run)?;
        desk.weigh(&run, share, &said.by, &said.why)?;
        let body = json!({ "version": 1, "run": row(&run), "basis_points": share.points() });
        Ok((StatusCode::ACCEPTED, Json(body)).into_response())
    })
    .await
}

/// Which model, who wants it, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rollback {
    model: String,
    #[serde(default)]
    to: Option<String>,
    by: String,
    why: String,
}

/// Takes a candidate back, or lets the version before serve again.
pub(super) async fn roll_back(
    State(desk): State<Arc<Desk>>,
    body: Result<Json<Rollback>, JsonRejection>,
) -> Result<Json<Shape>, Problem> {
    let Json(Rollback { model, to, by, why }) = body?;
    let to = to.map(|to| to.parse::<Version>()).transpose();
    let to = to.map_err(|error| Problem::bad(error.to_string()))?;
    let said = Said::new(&by, why)?;
    apart(move || {
        let at = desk.time.now();
        let asked = Asked { model: &model, to, by: &said.by, why: &said.why, at };
        let done = desk.roll_back(&asked)?;
        Ok(Json(json!({ "version": 1, "rollback": done })))
    })
    .await
}

/// Which model, with which parameters, who wants it, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retraining {
    model: String,
    #[serde(default)]
    trigger: Option<String>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    by: String,
    why: String,
}

/// Runs the pipeline that made a model again.
pub(super) async fn retrain(
    State(desk): State<Arc<Desk>>,
    body: Result<Json<Retraining>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(Retraining { model, trigger, params, by, why }) = body?;
    let said = Said::new(&by, why)?;
    apart(move || {
        let who = (said.by.as_str(), said.why.as_str());
        let (run, is_new, trigger) = desk.retrain(&model, trigger.as_deref(), &params, who)?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        let body = json!({ "version": 1, "run": row(&run), "new": is_new, "trigger": trigger });
        Ok((status, Json(body)).into_response())
    })
    .await
}
