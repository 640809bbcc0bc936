//! A PostgreSQL server, in a session that only reads.

use super::{Answer, AskError, Cell};
use serde_json::Value as Json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use std::str::FromStr as _;
use std::time::Duration;

/// What the server answers when a statement took too long: `query_canceled`.
const CANCELED: &str = "57014";
/// Classes of refusals that may go better another time: connections, resources, operators, the
/// system itself.
const PASSING: [&str; 4] = ["08", "53", "57", "58"];

/// What the server at `url` answers to `sql`.
///
/// Rows come as JSON, which has every type as people write it: a number with all its digits, an
/// instant with its offset.
pub(super) async fn ask(url: &str, sql: String, time: Duration) -> Result<Answer, AskError> {
    // What the driver says of a URL could repeat its password.
    let unreadable = |_| AskError::Open(sqlx::Error::Configuration("the URL is none".into()));
    let limit = time.as_millis().to_string();
    let options = PgConnectOptions::from_str(url).map_err(unreadable)?.options([
        ("default_transaction_read_only", "on"),
        ("statement_timeout", limit.as_str()),
        ("timezone", "UTC"),
    ]);
    let mut conn = options.disable_statement_logging().connect().await.map_err(opened)?;
    let sql = format!("SELECT row_to_json(answer)::text FROM ({sql}) AS answer");
    // Safe: the session only reads, and the text is one SELECT in brackets.
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await;
    let rows = rows.map_err(|error| refused(error, time))?;
    let mut answer = Answer::default();
    for row in rows {
        let text: String = row.try_get(0).map_err(AskError::World)?;
        let json = serde_json::from_str(&text)
            .map_err(|error| AskError::World(sqlx::Error::Decode(error.into())))?;
        add(&mut answer, json);
    }
    // Nothing was written that closing could lose.
    let _closed = conn.close().await;
    Ok(answer)
}

fn add(answer: &mut Answer, row: Json) {
    let Json::Object(fields) = row else { return };
    if answer.columns.is_empty() {
        answer.columns = fields.keys().cloned().collect();
    }
    answer.rows.push(fields.into_iter().map(|(_, value)| cell(value)).collect());
}

fn cell(value: Json) -> Cell {
    match value {
        Json::Null => Cell::Null,
        Json::String(text) => Cell::Text(text),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Integer(whole),
            (None, Some(number)) => Cell::Number(number),
            (None, None) => Cell::Text(number.to_string()),
        },
        other => Cell::Text(other.to_string()),
    }
}

fn opened(error: sqlx::Error) -> AskError {
    match error {
        error @ (sqlx::Error::Database(_) | sqlx::Error::Configuration(_)) => AskError::Open(error),
        error => AskError::World(error),
    }
}

fn refused(error: sqlx::Error, time: Duration) -> AskError {
    let code = error.as_database_error().and_then(|said| Some(said.code()?.into_owned()));
    match code {
        Some(code) if code == CANCELED => AskError::Slow(time),
        Some(code) if !PASSING.iter().any(|class| code.starts_with(class)) => {
            AskError::Refused(error)
        }
        _ => AskError::World(error),
    }
}
