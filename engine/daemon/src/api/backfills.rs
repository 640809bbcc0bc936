//! Backfills: shown, and begun.

use super::apart;
use super::problem::Problem;
use crate::backfill::Wish;
use crate::desk::{Depth, Desk};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use std::num::NonZeroU32;
use std::sync::Arc;
use suho_domain::Instant;

/// Which slots of which schedule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pipeline: String,
    #[serde(default)]
    schedule: Option<String>,
    from: Instant,
    to: Instant,
    #[serde(default = "one")]
    parallel: NonZeroU32,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// Begins a run for every slot that has none; asked for again it begins nothing twice.
pub(super) async fn begin(
    State(desk): State<Arc<Desk>>,
    body: Result<Json<Asked>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(asked) = body?;
    apart(move || {
        let wish = Wish {
            pipeline: &asked.pipeline,
            schedule: asked.schedule.as_deref(),
            from: asked.from,
            to: asked.to,
            parallel: asked.parallel,
            by: asked.by.as_deref().unwrap_or("api"),
        };
        let (depth, status) = if asked.dry_run {
            (Depth::Preview, StatusCode::OK)
        } else {
            (Depth::Full, StatusCode::ACCEPTED)
        };
        let backfill = desk.backfill(&wish, depth)?;
        Ok((status, Json(json!({ "version": 1, "backfill": backfill }))).into_response())
    })
    .await
}
