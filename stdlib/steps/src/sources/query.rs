//! Bars that a database is asked for.

use super::elsewhere::{Database, secret};
use super::{Found, Reading, Sources, frozen, refused};
use crate::failure;
use crate::generated::{ClickhouseConnection, Source};
use chrono::{DateTime, Utc};
use std::path::Path;
use suho_artifacts::Artifacts;
use suho_domain::{Digest, Instant, Scope, Timeframe};
use suho_market::clickhouse::{
    Account, AsOf, ClickHouse, ClickHouseError, Extract, PointInTime, Query,
};
use suho_market::{BARS_MAX, Bars, Column, Lineage, Queries, QueryError};
use suho_step::StepError;

/// What our own tables call when a bar opens (domain §4.2).
const TIME: &str = "ts";
/// What our own tables call when a row arrived, unless the source names the column.
const ARRIVED: &str = "ingested_at";
/// What our own tables call whose a row is, unless the source names the column.
const TENANT: &str = "tenant_id";
/// Whose rows everybody may read.
pub(crate) const PLATFORM: &str = "platform";

impl Sources<'_> {
    /// What the database answers, or answered when it was asked the same before.
    pub(super) fn asked(&self, source: &Source, reading: &Reading) -> Result<Found, StepError> {
        let as_of = self.as_of_of(source, reading);
        let key = Digest::of_json(&serde_json::json!({
            "as_of": as_of,
            "scope": reading.scope().folder(),
            "source": source.title(),
            "asked": format!("{source:?}"),
            "symbol": reading.symbol(),
            "timeframe": reading.timeframe(),
        }));
        let kept = self.kept_in.as_deref().map(Artifacts::open).transpose();
        let kept = kept.map_err(|error| failure::of_artifacts(&error))?;
        let folder = suho_artifacts::source_folder(reading.scope(), &key)
            .map_err(|error| failure::of_folder(&error))?;
        if let Some(artifacts) = &kept
            && let Some((bars, lineage)) = frozen::find(artifacts, &folder)?
        {
            return Ok(Found { bars, lineage, digest: key, as_of });
        }
        let (bars, lineage) = self.ask(source, reading, as_of)?;
        let Some(artifacts) = &kept else {
            return Ok(Found { bars, lineage, digest: key, as_of });
        };
        frozen::keep(artifacts, &folder, &bars, (&source.title(), as_of), &lineage)?;
        // What is kept counts, also when somebody else was faster.
        let (bars, lineage) = frozen::find(artifacts, &folder)?.unwrap_or((bars, lineage));
        Ok(Found { bars, lineage, digest: key, as_of })
    }

    /// The instant as of which a source is asked: the one that it says, or the last at which a bar
    /// can have closed.
    fn as_of_of(&self, source: &Source, reading: &Reading) -> Instant {
        let bar = reading.timeframe().micros().max(1);
        let closed = self.as_of.micros().div_euclid(bar).saturating_mul(bar);
        match source {
            Source::Clickhouse { as_of: Some(as_of), .. } => *as_of,
            _ => Instant::from_micros(closed),
        }
    }

    fn ask(
        &self,
        source: &Source,
        reading: &Reading,
        as_of: Instant,
    ) -> Result<(Bars, Lineage), StepError> {
        let names = source.names();
        let length = source.length(reading)?;
        let wanted =
            suho_market::Reading { symbol: reading.symbol(), timeframe: length, names: &names };
        match source {
            Source::Clickhouse { connection, table, query, .. } => {
                let server = self.server(connection)?;
                let asked = one_of(table.as_deref(), query.as_deref())?;
                let as_of = as_of.to_chrono();
                clickhouse(&server, &asked, source, reading, &wanted, as_of)
                    .map_err(|error| refused_server(&error))
            }
            Source::Postgres { connection, table, query, .. } => {
                let url = secret(&self.project, self.connections, &connection.url)?;
                let sql = match one_of(table.as_deref(), query.as_deref())? {
                    Asked::Query(sql) => sql.to_owned(),
                    Asked::Table(table) => format!("SELECT * FROM {}", quoted(table)?),
                };
                let database = self.connections.database(&Database::Postgres(&url))?;
                answered(&*database, sql, &source.title(), &wanted)
            }
            Source::Sqlite { path, query, .. } => {
                let path = self.project.join(path);
                let database = self.connections.database(&Database::Sqlite(&path))?;
                answered(&*database, query.clone(), &source.title(), &wanted)
            }
            Source::Parquet { .. } | Source::Csv { .. } => {
                Err(StepError::bug("no-query", "a file is not asked, it is read"))
            }
        }
    }

    fn server(&self, connection: &ClickhouseConnection) -> Result<ClickHouse, StepError> {
        let place = connection.password.as_ref();
        let password =
            place.map(|place| secret(&self.project, self.connections, place)).transpose()?;
        Ok(ClickHouse {
            account: Some(Account {
                user: connection.user.clone(),
                password: password.unwrap_or_default(),
            }),
            database: Some(connection.database.clone()),
            ..ClickHouse::at(&connection.url)
        })
    }
}

/// What a database is asked for.
enum Asked<'a> {
    Table(&'a str),
    Query(&'a str),
}

fn one_of<'a>(table: Option<&'a str>, query: Option<&'a str>) -> Result<Asked<'a>, StepError> {
    match (table, query) {
        (Some(table), None) => Ok(Asked::Table(table)),
        (None, Some(query)) => Ok(Asked::Query(query)),
        _ => Err(StepError::user("table-or-query", "a source is a table or a query")
            .help("write either `table:` or `query:`")),
    }
}

/// The bars that ClickHouse answers, those that had closed by `as_of`, and what was asked.
fn clickhouse(
    server: &ClickHouse,
    asked: &Asked<'_>,
    source: &Source,
    reading: &Reading,
    wanted: &suho_market::Reading<'_>,
    as_of: DateTime<Utc>,
) -> Result<(Bars, Lineage), ClickHouseError> {
    let table = match asked {
        Asked::Query(sql) => {
            let extract = server.bars(&Query::Sql { sql }, wanted)?;
            let Extract { bars, statement, version, .. } = extract;
            return Ok((bars, Lineage::ClickHouse { statement, version, rows: Vec::new() }));
        }
        Asked::Table(table) => *table,
    };
    let names = source.names();
    let names =
        if source.column(Column::Time).is_some() { names } else { names.with(Column::Time, TIME) };
    let tenants = tenants(reading.scope());
    let tenants: Vec<&str> = tenants.iter().map(String::as_str).collect();
    let timeframe =
        source.timeframe().map_or_else(|| Timeframe::from_duration(reading.timeframe()).ok(), Some);
    let timeframe = timeframe.map(|timeframe| timeframe.to_string()).unwrap_or_default();
    let spread = source.column(Column::Spread).is_some().then_some(Column::Spread);
    let beside: Vec<Column> = [Column::Volume].into_iter().chain(spread).collect();
    let point = PointInTime {
        table,
        symbol: wanted.symbol,
        timeframe: &timeframe,
        tenants: &tenants,
        from: DateTime::UNIX_EPOCH,
        to: as_of,
        as_of: AsOf { instant: as_of, column: source.arrived().unwrap_or(ARRIVED) },
        tenant_column: source.tenant().unwrap_or(TENANT),
        beside: &beside,
    };
    let wanted = suho_market::Reading { names: &names, ..*wanted };
    let Extract { bars, statement, version, .. } = server.bars(&Query::Table(point), &wanted)?;
    let rows = server.whose(&point, &names, &version)?;
    Ok((closed(&bars, as_of), Lineage::ClickHouse { statement, version, rows }))
}

/// Those of `bars`, in order of time, that had closed by `as_of`: one that was still open then is
/// not what it became.
fn closed(bars: &Bars, as_of: DateTime<Utc>) -> Bars {
    let bar = bars.timeframe.num_microseconds().unwrap_or(i64::MAX);
    let is_closed = |open: &i64| open.saturating_add(bar) <= as_of.timestamp_micros();
    bars.slice(0..bars.time.partition_point(is_closed))
}

/// Whose rows a scope may learn from: everybody's and its tenant's.
fn tenants(scope: &Scope) -> Vec<String> {
    let folder = scope.folder();
    let tenant = folder.split('/').next().filter(|tenant| *tenant != PLATFORM);
    std::iter::once(PLATFORM).chain(tenant).map(str::to_owned).collect()
}

/// What a database answers as bars.
fn answered(
    database: &dyn Queries,
    sql: String,
    title: &str,
    wanted: &suho_market::Reading<'_>,
) -> Result<(Bars, Lineage), StepError> {
    let table = database.query(&sql, BARS_MAX).map_err(|error| refused_query(&error))?;
    let bars = table.into_bars(Path::new(title), wanted).map_err(|error| refused(&error))?;
    Ok((bars, Lineage::Sql { sql }))
}

/// The name of a table in a query, when it is one.
fn quoted(table: &str) -> Result<String, StepError> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let parts: Vec<&str> = table.split('.').collect();
    let is_name = |part: &&str| !part.is_empty() && part.chars().all(is_letter);
    if parts.len() > 2 || !parts.iter().all(is_name) {
        return Err(StepError::user("bad-name", format!("`{table}` is no name of a table"))
            .help("letters, digits and `_`, with `.` between a schema and a table"));
    }
    Ok(parts.iter().map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join("."))
}

fn refused_query(error: &QueryError) -> StepError {
    failure::of(error.fault(), "refused-query", error)
        .help("ask with one SELECT that gives `time`, `open`, `high`, `low` and `close`")
}

fn refused_server(error: &ClickHouseError) -> StepError {
    let failure = failure::of(error.fault(), error.code(), error);
    match error {
        ClickHouseError::Answer { source } => refused(source),
        ClickHouseError::Unreachable { .. } | ClickHouseError::Url { .. } => {
            failure.help("look at the `url` of the connection, and whether the server runs")
        }
        ClickHouseError::Slow { .. } | ClickHouseError::BrokenOff { .. } => {
            failure.help("run again; ask for fewer rows if it stays so")
        }
        ClickHouseError::NotClickHouse { .. } => {
            failure.help("write the address of ClickHouse's HTTP port, such as `http://host:8123`")
        }
        _ => failure,
    }
}
