//! An SQLite file, read only.

use super::{Answer, AskError, Cell};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow, SqliteValueRef};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Decode, Row as _, Sqlite,
    TypeInfo as _, ValueRef as _,
};
use std::path::Path;
use std::time::Duration;

/// Instructions of the database's machine between two looks at the clock: some milliseconds.
const INSTRUCTIONS: i32 = 1_000_000;

/// What the file at `path` answers to `sql`.
pub(super) async fn ask(path: &Path, sql: String, time: Duration) -> Result<Answer, AskError> {
    let mut conn = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .pragma("query_only", "ON")
        .pragma("trusted_schema", "OFF")
        .connect()
        .await
        .map_err(AskError::Open)?;
    #[expect(clippy::disallowed_methods, reason = "how long a query takes is what is bounded")]
    let begun = std::time::Instant::now();
    let mut handle = conn.lock_handle().await.map_err(AskError::World)?;
    handle.set_progress_handler(INSTRUCTIONS, move || begun.elapsed() <= time);
    drop(handle);
    // Safe: the file cannot be written to, and the text is one SELECT in brackets.
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await;
    let rows =
        rows.map_err(
            |error| if begun.elapsed() > time { AskError::Slow(time) } else { refused(error) },
        )?;
    let columns = rows.first().map(|row| row.columns().iter().map(|c| c.name().to_owned()));
    let answer = Answer {
        columns: columns.map(Iterator::collect).unwrap_or_default(),
        rows: rows.iter().map(cells).collect::<Result<_, _>>()?,
    };
    // Nothing was written that closing could lose.
    let _closed = conn.close().await;
    Ok(answer)
}

fn cells(row: &SqliteRow) -> Result<Vec<Cell>, AskError> {
    (0..row.len()).map(|place| cell(row.try_get_raw(place).map_err(AskError::World)?)).collect()
}

fn cell(value: SqliteValueRef<'_>) -> Result<Cell, AskError> {
    let failed = |error| AskError::Refused(sqlx::Error::Decode(error));
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    match kind.as_str() {
        "INTEGER" | "BOOLEAN" => {
            Ok(Cell::Integer(<i64 as Decode<'_, Sqlite>>::decode(value).map_err(failed)?))
        }
        "REAL" => Ok(Cell::Number(<f64 as Decode<'_, Sqlite>>::decode(value).map_err(failed)?)),
        _ => Ok(Cell::Text(<String as Decode<'_, Sqlite>>::decode(value).map_err(failed)?)),
    }
}

fn refused(error: sqlx::Error) -> AskError {
    match error {
        error @ sqlx::Error::Database(_) => AskError::Refused(error),
        error => AskError::World(error),
    }
}
