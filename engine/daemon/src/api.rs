//! The HTTP API, version 1: JSON in, JSON out, `problem+json` when not.
//!
//! Every answer to a change is given after the change is durable. A change that is asked for twice
//! under one `Idempotency-Key` happens once.

mod backfills;
pub(crate) mod guard;
mod health;
mod logs;
mod openapi;
mod pages;
mod people;
mod perhaps;
mod problem;
mod rollouts;
mod runs;
mod schedules;

use crate::desk::Desk;
use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use pages::pages;
use problem::Problem;
use std::sync::Arc;

/// The largest body that is read, in bytes: a run's parameters.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Everything that is answered, to those whom `guard` lets through.
pub(crate) fn router(desk: Arc<Desk>, guard: guard::Guard) -> Router {
    let routed = |router: Router<Arc<Desk>>, page: pages::Page| router.route(page.path, page.route);
    pages()
        .into_iter()
        .fold(Router::new(), routed)
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
