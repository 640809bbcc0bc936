//! The HTTP API, version 1: JSON in, JSON out, `problem+json` when not.
//!
//! Every answer to a change is given after the change is durable. A change that is asked for twice
//! under one `Idempotency-Key` happens once.

mod guard;
mod health;
mod logs;
mod openapi;
mod people;
mod problem;
mod runs;
mod schedules;

use crate::desk::Desk;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use problem::Problem;
use std::sync::Arc;

/// The largest body that is read, in bytes: a run's parameters.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Everything that is answered. With a `token`, requests must carry it.
pub(crate) fn router(desk: Arc<Desk>, token: Option<&str>) -> Router {
    let guard = guard::Guard::new(token);
    Router::new()
        .route("/v1/runs", get(runs::list).post(runs::submit))
        .route("/v1/runs/{run}", get(runs::show))
        .route("/v1/runs/{run}/cancel", post(runs::cancel))
        .route("/v1/runs/{run}/retry", post(runs::retry))
        .route("/v1/runs/{run}/pause", post(people::pause))
        .route("/v1/runs/{run}/resume", post(people::resume))
        .route("/v1/runs/{run}/approve", post(people::approve))
        .route("/v1/runs/{run}/reject", post(people::reject))
        .route("/v1/approvals", get(people::approvals))
        .route("/v1/freeze", get(people::line).post(people::freeze))
        .route("/v1/thaw", post(people::thaw))
        .route("/v1/runs/{run}/logs", get(logs::logs))
        .route("/v1/schedules", get(schedules::list))
        .route("/v1/schedules/{pipeline}/{schedule}", get(schedules::show))
        .route("/v1/schedules/{pipeline}/{schedule}/pause", post(schedules::pause))
        .route("/v1/schedules/{pipeline}/{schedule}/resume", post(schedules::resume))
        .route("/v1/alarms", get(health::alarms))
        .route("/v1/reload", post(schedules::reload))
        .route("/v1/openapi.json", get(openapi::page))
        .route("/healthz", get(health::health))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(async || Problem::not_found("there is no such page"))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .with_state(desk)
}

/// Does `work`, which waits for the disk, where it holds nobody up.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(_) => Err(Problem::bug("the request could not be worked on")),
    }
}

#[cfg(test)]
mod tests;
