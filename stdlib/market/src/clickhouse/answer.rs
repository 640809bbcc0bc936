//! Bars from an answer, once it is certain that it is whole.

use std::fmt;
use std::path::Path;

use bytes::Bytes;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::query::{ALIAS, Query};
use super::{ClickHouse, ClickHouseError, TenantRows, Validation, http};
use crate::bars::Bars;
use crate::source::{
    Column, ColumnNames, Reading, SourceError, Table, TableColumn, read_parquet_bars,
};

/// The bars of an answer in JSON.
pub(super) fn json(
    body: &[u8],
    server: &ClickHouse,
    query: &Query<'_>,
    origin: &Path,
    reading: &Reading<'_>,
) -> Result<Bars, ClickHouseError> {
    let broken = || ClickHouseError::BrokenOff { url: server.url.clone(), bytes: body.len() };
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        // The beginning of an answer, then perhaps the reason why there is no more.
        return Err(http::refusal(server, body).unwrap_or_else(broken));
    };
    if let Some(exception) = &answer.exception {
        return Err(http::refusal(server, exception.as_bytes()).unwrap_or_else(broken));
    }
    if answer.rows != Some(answer.data.len() as u64) {
        return Err(broken());
    }
    let names = in_answer(query, reading.names);
    let reading = Reading { names: &names, ..*reading };
    if server.validation == Validation::On {
        check_types(&answer.meta, &names, origin)?;
    }
    table(answer, &names).into_bars(origin, &reading).map_err(unusable)
}

/// Whose rows there are, in an answer in JSON of three columns: tenant, rows, arrival of the last.
pub(super) fn whose(
    body: &[u8],
    server: &ClickHouse,
    origin: &Path,
) -> Result<Vec<TenantRows>, ClickHouseError> {
    let broken = || ClickHouseError::BrokenOff { url: server.url.clone(), bytes: body.len() };
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        return Err(http::refusal(server, body).unwrap_or_else(broken));
    };
    if answer.rows != Some(answer.data.len() as u64) {
        return Err(broken());
    }
    let of_row = |row: Vec<Cell>| match row.as_slice() {
        [Cell::Text(tenant), rows, arrived] => Some(TenantRows {
            tenant: tenant.clone(),
            rows: usize::try_from(rows.whole()?).ok()?,
            arrived: arrived.whole()?,
        }),
        _ => None,
    };
    let found: Option<Vec<TenantRows>> = answer.data.into_iter().map(of_row).collect();
    found.ok_or_else(|| {
        unusable(SourceError::ColumnType {
            path: origin.to_owned(),
            name: "arrived".to_owned(),
            found: "something else".to_owned(),
            expected: "times of arrival",
        })
    })
}

/// The bars of an answer in Parquet.
pub(super) fn parquet(
    body: Vec<u8>,
    server: &ClickHouse,
    query: &Query<'_>,
    origin: &Path,
    reading: &Reading<'_>,
) -> Result<Bars, ClickHouseError> {
    /// What every Parquet file ends with, so that one that breaks off does not.
    const END: &[u8] = b"PAR1";
    if !body.ends_with(END) {
        let broken = || ClickHouseError::BrokenOff { url: server.url.clone(), bytes: body.len() };
        return Err(http::refusal(server, &body).unwrap_or_else(broken));
    }
    let names = in_answer(query, reading.names);
    let bars = Bars::empty(reading.symbol, reading.timeframe);
    read_parquet_bars(Bytes::from(body), origin, bars, &names).map_err(unusable)
}

fn unusable(source: SourceError) -> ClickHouseError {
    ClickHouseError::Answer { source: Box::new(source) }
}

/// What the columns are called in the answer: our aliases, and of a query that someone wrote the
/// names that it gave them.
fn in_answer(query: &Query<'_>, names: &ColumnNames) -> ColumnNames {
    let ours = |column: Column| format!("{ALIAS}{}", column.name());
    let time = names.clone().with(Column::Time, &ours(Column::Time));
    match query {
        Query::Sql { .. } => time,
        Query::Table(table) => {
            let prices = [Column::Open, Column::High, Column::Low, Column::Close];
            let named = ColumnNames::standard().with(Column::Time, &ours(Column::Time));
            let columns = prices.into_iter().chain(table.beside.iter().copied());
            columns.fold(named, |names, column| names.with(column, &ours(column)))
        }
    }
}

/// That prices are of a number's type, in the words of the server.
fn check_types(meta: &[Meta], names: &ColumnNames, origin: &Path) -> Result<(), ClickHouseError> {
    let prices = [Column::Open, Column::High, Column::Low, Column::Close, Column::Volume];
    for column in prices {
        let name = names.name(column);
        let Some(meta) = meta.iter().find(|meta| meta.name.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let of = meta.of.trim_start_matches("LowCardinality(").trim_start_matches("Nullable(");
        let is_number =
            ["Float", "BFloat", "Int", "UInt", "Decimal"].iter().any(|n| of.starts_with(n));
        if !is_number {
            return Err(unusable(SourceError::ColumnType {
                path: origin.to_owned(),
                name: column.name().to_owned(),
                found: format!("`{}`", meta.of),
                expected: "numbers",
            }));
        }
    }
    Ok(())
}

/// The answer column by column.
fn table(answer: Answer, names: &ColumnNames) -> Table {
    let time = names.name(Column::Time);
    let mut columns: Vec<Vec<Cell>> =
        answer.meta.iter().map(|_| Vec::with_capacity(answer.data.len())).collect();
    for row in answer.data {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    let named = answer.meta.into_iter().zip(columns).map(|(meta, cells)| {
        let values = if meta.name == time {
            TableColumn::Instants(cells.into_iter().map(|cell| cell.whole()).collect())
        } else if cells.iter().all(Cell::is_number) {
            TableColumn::Numbers(cells.into_iter().map(|cell| cell.number()).collect())
        } else {
            TableColumn::Texts(cells.into_iter().map(Cell::text).collect())
        };
        (meta.name, values)
    });
    Table { columns: named.collect() }
}

/// `{"meta": […], "data": [[…], …], "rows": 2, …}`
#[derive(serde::Deserialize)]
struct Answer {
    meta: Vec<Meta>,
    data: Vec<Vec<Cell>>,
    #[serde(default, deserialize_with = "rows")]
    rows: Option<u64>,
    /// What current servers write into an answer that they cannot finish.
    #[serde(default)]
    exception: Option<String>,
}

#[derive(serde::Deserialize)]
struct Meta {
    name: String,
    #[serde(rename = "type")]
    of: String,
}

/// A count, which some servers quote.
fn rows<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(Cell::deserialize(from)?.whole().and_then(|rows| u64::try_from(rows).ok()))
}

/// One value. Servers quote 64-bit integers, or do not, and write what is no number in words.
enum Cell {
    Null,
    Integer(i64),
    Number(f64),
    Text(String),
}

impl Cell {
    fn whole(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Text(text) => text.parse().ok(),
            Self::Null | Self::Number(_) => None,
        }
    }

    const fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Null | Self::Text(_) => None,
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Integer(value) => Some(value.to_string()),
            Self::Number(value) => Some(value.to_string()),
            Self::Text(text) => Some(text),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyCell)
    }
}

struct AnyCell;

impl Visitor<'_> for AnyCell {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Cell, E> {
        // Beyond 63 bits it is no time, and as a price it is as near as a double gets.
        Ok(i64::try_from(value).map_or(Cell::Number(value as f64), Cell::Integer))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Number(value))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }
}
