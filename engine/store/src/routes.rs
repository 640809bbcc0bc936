//! Who serves a slot, generation after generation.

use crate::audit::{self, Entry};
use crate::connection::Connection;
use crate::error::{Doing as _, conflict, stored};
use crate::fields::{Fields, Row};
use crate::log::Stamp;
use crate::people;
use crate::query::query;
use crate::rows::Route;
use serde_json::json;
use suho_domain::{BasisPoints, DeploymentId, ModelId, Slot};
use suho_driver::ports::StoreError;
use suho_driver::registry::RouteRow;

/// Writes the next generation. Any other is a writer who did not see the last one.
pub(crate) async fn route(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    route: &RouteRow,
) -> Result<(), StoreError> {
    let slot = &route.slot;
    let last = generation(conn, slot).await?;
    if last.saturating_add(1) != route.generation {
        let expected = format_args!("generation {}", route.generation.saturating_sub(1));
        let what = format_args!("the route of slot `{slot}`");
        return Err(conflict(what, expected, format_args!("generation {last}")));
    }
    if people::is_step_up(conn, route).await? {
        people::refuse_while_frozen(conn, stamp).await?;
    }
    let candidate = route.candidate.as_ref();
    query(
        "INSERT INTO routes (scope_key, model_name, target_symbol, target_timeframe, generation, \
         production_model_id, candidate_model_id, candidate_bp, deployment_id, run_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .bind(stored(route.generation))
    .bind(route.production.as_ref().map(ModelId::as_str))
    .bind(candidate.map(|(model, _)| model.as_str()))
    .bind(candidate.map_or(BasisPoints::NONE, |(_, share)| *share).points())
    .bind(route.deployment.as_ref().map(DeploymentId::as_str))
    .bind(stamp.run.as_str())
    .bind(stamp.effective_at.micros())
    .execute(&mut *conn)
    .await
    .doing(format_args!("route slot `{slot}`"))?;
    let entry = Entry {
        at: stamp.recorded_at,
        actor: "engine",
        tenant: slot.scope.tenant_id(),
        action: "route",
        object: "slot",
        id: &slot.to_string(),
        before: None,
        after: Some(json!({
            "generation": route.generation, "production": route.production,
            "candidate": candidate.map(|(model, _)| model),
            "candidate_bp": candidate.map_or(0, |(_, share)| share.points()),
        })),
        reason: None,
    };
    audit::append(conn, &entry).await
}

/// The newest generation; 0 before the first.
pub(crate) async fn generation(conn: &mut Connection, slot: &Slot) -> Result<u64, StoreError> {
    let last: i64 = query(
        "SELECT coalesce(max(generation), 0) FROM routes WHERE scope_key = $1 AND model_name = $2 \
         AND target_symbol = $3 AND target_timeframe = $4",
    )
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .value(conn)
    .await
    .doing(format_args!("read the route of slot `{slot}`"))?;
    Ok(last.unsigned_abs())
}

/// Every generation of `slot`, oldest first.
pub(crate) async fn of_slot(conn: &mut Connection, slot: &Slot) -> Result<Vec<Route>, StoreError> {
    let rows = query(
        "SELECT * FROM routes WHERE scope_key = $1 AND model_name = $2 \
         AND target_symbol = $3 AND target_timeframe = $4 ORDER BY generation",
    )
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .fetch_all(conn)
    .await
    .doing(format_args!("read the routes of slot `{slot}`"))?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Route, StoreError> {
    let fields = Fields::of(row, "a route");
    let candidate: Option<ModelId> = fields.parsed_or_none("candidate_model_id")?;
    let share = fields.share("candidate_bp")?;
    let row = RouteRow {
        slot: fields.slot()?,
        generation: fields.number("generation")?,
        production: fields.parsed_or_none("production_model_id")?,
        candidate: candidate.map(|model| (model, share)),
        deployment: fields.parsed_or_none("deployment_id")?,
    };
    Ok(Route { row, run: fields.parsed("run_id")?, at: fields.instant("at")? })
}
