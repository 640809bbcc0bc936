//! The whole database held against its own history.

use crate::connection::{Connection, Dialect};
use crate::error::{Doing as _, tampered};
use crate::fields::Fields;
use crate::models::{self, select_models};
use crate::query::query;
use crate::{audit, queries};
use suho_domain::{ModelId, ModelStatus, Move};
use suho_driver::ports::StoreError;

/// What a verification looked at, and what does not hold.
#[derive(Debug)]
pub struct Verification {
    /// Models looked at.
    pub models: u64,
    /// Lines of the audit log walked along.
    pub audit_lines: u64,
    /// Each contradiction, a [`StoreError::Tampered`]. Empty when everything holds.
    pub found: Vec<StoreError>,
}

/// Every model against its moves, the moves against the lifecycle and the audit log, the audit
/// log against itself, every run's log against gaps, every reference against its row.
pub(crate) async fn all(conn: &mut Connection) -> Result<Verification, StoreError> {
    let walk = audit::walk(conn).await?;
    let mut found = walk.found;
    let rows = query(select_models!("ORDER BY m.rowid"))
        .fetch_all(&mut *conn)
        .await
        .doing("read the models")?;
    let mut models = 0_u64;
    for row in &rows {
        models = models.saturating_add(1);
        found.extend(models::read(row).err());
    }
    moves(conn, &mut found).await?;
    gaps(conn, &mut found).await?;
    references(conn, &mut found).await?;
    Ok(Verification { models, audit_lines: walk.lines, found })
}

/// Every move starts where the one before it ended, and is one the lifecycle has.
async fn moves(conn: &mut Connection, found: &mut Vec<StoreError>) -> Result<(), StoreError> {
    let rows = query("SELECT * FROM model_transitions ORDER BY model_id, from_row_version")
        .fetch_all(conn)
        .await
        .doing("read the models' moves")?;
    let mut before: Option<(ModelId, ModelStatus)> = None;
    for row in &rows {
        let step = match queries::transition(row) {
            Ok(step) => step,
            Err(error) => {
                found.push(error);
                continue;
            }
        };
        let due = before.filter(|(model, _)| *model == step.model).map(|(_, status)| status);
        let legal = match step.from {
            None => step.to == ModelStatus::Draft,
            Some(from) => Move::ALL.iter().any(|each| from.after(*each) == Ok(step.to)),
        };
        if due != step.from || !legal {
            let from = step.from.map_or("nothing", ModelStatus::word);
            let what = format!("the history of model `{}`", step.model);
            found.push(tampered(what, format_args!("it goes from `{from}` to `{}`", step.to)));
        }
        before = Some((step.model, step.to));
    }
    Ok(())
}

async fn gaps(conn: &mut Connection, found: &mut Vec<StoreError>) -> Result<(), StoreError> {
    let rows = query(
        "SELECT run_id, count(*) AS events, max(seq) AS last FROM events \
         GROUP BY run_id HAVING count(*) <> max(seq)",
    )
    .fetch_all(conn)
    .await
    .doing("read the logs")?;
    for row in &rows {
        let fields = Fields::of(row, "a log");
        let (run, events) = (fields.get::<&str>("run_id")?, fields.get::<i64>("events")?);
        let said = format!("it ends at event {} and has {events}", fields.get::<i64>("last")?);
        found.push(tampered(format_args!("the log of run `{run}`"), said));
    }
    Ok(())
}

async fn references(conn: &mut Connection, found: &mut Vec<StoreError>) -> Result<(), StoreError> {
    // A server does not let a row go that another one names.
    if conn.dialect() == Dialect::Postgres {
        return Ok(());
    }
    let rows = query("SELECT \"table\" AS child, parent FROM pragma_foreign_key_check")
        .fetch_all(conn)
        .await
        .doing("check the references")?;
    for row in &rows {
        let fields = Fields::of(row, "a reference");
        let (child, parent) = (fields.get::<&str>("child")?, fields.get::<&str>("parent")?);
        let said = format_args!("a row of it names one of `{parent}` that is not there");
        found.push(tampered(format_args!("table `{child}`"), said));
    }
    Ok(())
}
