//! What is asked: the bars of a table as of an instant, or of a query that someone wrote.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::dialect::Dialect;
use super::{ClickHouseError, WireFormat};
use crate::source::{BARS_MAX, Column, ColumnNames};

/// What our own columns are called in an answer, before the column's name: a name that no table
/// has, because an alias that is also a column's name means the one or the other by turns.
pub(super) const ALIAS: &str = "suho_";

/// Most tenants that are told of: more than a few are a filter that does not filter.
pub(super) const TENANTS_MAX: usize = 1_000;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Query<'a> {
    /// The bars of a table as they were known at an instant.
    Table(PointInTime<'a>),
    /// The rows of a SELECT that someone wrote; columns are found by name.
    Sql {
        /// The SELECT, without a semicolon.
        sql: &'a str,
    },
}

/// The bars of a table as they were known at an instant.
///
/// Of several rows of one bar the one that arrived last counts, among those that had arrived.
#[derive(Clone, Copy, Debug)]
pub struct PointInTime<'a> {
    /// The table, with its database or without: `market.ohlcv`.
    pub table: &'a str,
    /// The symbol as it stands in the table.
    pub symbol: &'a str,
    /// The timeframe as it stands in the table: `1h`.
    pub timeframe: &'a str,
    /// The tenants whose rows count.
    pub tenants: &'a [&'a str],
    /// The first opening time that counts.
    pub from: DateTime<Utc>,
    /// The first opening time that no longer counts.
    pub to: DateTime<Utc>,
    /// Rows that arrived after it do not count, and what says when they did.
    pub as_of: AsOf<'a>,
    /// The column of tenants: `tenant_id`.
    pub tenant_column: &'a str,
    /// The columns beside the four prices: volume and spread, where the table has them.
    pub beside: &'a [Column],
}

/// The instant as of which rows count.
#[derive(Clone, Copy, Debug)]
pub struct AsOf<'a> {
    /// The instant.
    pub instant: DateTime<Utc>,
    /// The column that says when a row arrived: `ingested_at`.
    pub column: &'a str,
}

/// A query as it is sent, for lineage.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Statement {
    /// The text, with `{name:Type}` where a value is bound.
    pub sql: String,
    /// The bound values.
    pub parameters: Vec<Parameter>,
}

/// A value that is bound.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name in the text.
    pub name: String,
    /// Its value, as the server reads it.
    pub value: String,
}

impl Query<'_> {
    /// What errors call it.
    pub(super) fn origin(&self) -> String {
        match self {
            Self::Table(PointInTime { table, .. }) => format!("clickhouse {table}"),
            Self::Sql { .. } => "clickhouse query".to_owned(),
        }
    }

    /// The query in the words of a server.
    pub(super) fn statement(
        &self,
        dialect: Dialect,
        format: WireFormat,
        names: &ColumnNames,
    ) -> Result<Statement, ClickHouseError> {
        let rows_max = BARS_MAX + 1;
        match self {
            Self::Table(table) => table.statement(dialect, format, names, rows_max),
            Self::Sql { sql } => {
                let time = instant(&quoted(names.name(Column::Time))?, dialect, format);
                let sql = sql.trim().trim_end_matches(';');
                // A line of its own, or a comment at the end would swallow what follows.
                let sql = format!(
                    "SELECT *, {time} AS {ALIAS}time FROM (\n{sql}\n) ORDER BY {ALIAS}time LIMIT {rows_max}"
                );
                Ok(Statement { sql, parameters: Vec::new() })
            }
        }
    }
}

impl PointInTime<'_> {
    fn statement(
        &self,
        dialect: Dialect,
        format: WireFormat,
        names: &ColumnNames,
        rows_max: usize,
    ) -> Result<Statement, ClickHouseError> {
        let column = |column: Column| quoted(names.name(column));
        let (ts, arrived) = (column(Column::Time)?, quoted(self.as_of.column)?);
        let mut selected = vec![format!("{} AS {ALIAS}time", instant(&ts, dialect, format))];
        let prices = [Column::Open, Column::High, Column::Low, Column::Close];
        for price in prices.into_iter().chain(self.beside.iter().copied()) {
            let name = column(price)?;
            selected.push(format!("argMax({name}, {arrived}) AS {ALIAS}{}", price.name()));
        }
        let mut bound = Bound { dialect, parameters: Vec::new() };
        let rows = self.rows(names, &mut bound)?;
        let sql = format!(
            "SELECT {} FROM {rows} GROUP BY {ts} ORDER BY {ts} LIMIT {rows_max}",
            selected.join(", "),
        );
        Ok(Statement { sql, parameters: bound.parameters })
    }

    /// Whose the rows are that count, how many of each, and when the last of them arrived.
    pub(super) fn whose(
        &self,
        dialect: Dialect,
        names: &ColumnNames,
    ) -> Result<Statement, ClickHouseError> {
        let (arrived, tenant) = (quoted(self.as_of.column)?, quoted(self.tenant_column)?);
        let last = instant(&format!("max({arrived})"), dialect, WireFormat::JsonCompact);
        let mut bound = Bound { dialect, parameters: Vec::new() };
        let rows = self.rows(names, &mut bound)?;
        let rows_max = TENANTS_MAX + 1;
        let sql = format!(
            "SELECT toString({tenant}) AS {ALIAS}tenant, count() AS {ALIAS}rows, {last} AS \
             {ALIAS}arrived FROM {rows} GROUP BY {ALIAS}tenant ORDER BY {ALIAS}tenant \
             LIMIT {rows_max}"
        );
        Ok(Statement { sql, parameters: bound.parameters })
    }

    /// The table, and which of its rows count.
    fn rows(&self, names: &ColumnNames, bound: &mut Bound) -> Result<String, ClickHouseError> {
        let table: Vec<String> = self.table.split('.').map(quoted).collect::<Result<_, _>>()?;
        if table.len() > 2 {
            return Err(ClickHouseError::Name { name: self.table.to_owned() });
        }
        let column = |column: Column| quoted(names.name(column));
        let (ts, arrived) = (column(Column::Time)?, quoted(self.as_of.column)?);
        let (symbol, timeframe) = (column(Column::Symbol)?, column(Column::Timeframe)?);
        let tenant = quoted(self.tenant_column)?;
        Ok(format!(
            "{} WHERE {symbol} = {} AND {timeframe} = {} AND {tenant} IN {} AND {ts} >= {} AND \
             {ts} < {} AND {arrived} <= {}",
            table.join("."),
            bound.text("symbol", self.symbol),
            bound.text("timeframe", self.timeframe),
            bound.texts("tenants", self.tenants),
            bound.from("from", self.from),
            bound.from("to", self.to),
            bound.up_to("as_of", self.as_of.instant),
        ))
    }
}

/// A column of times as one that is read the same whatever zone the server keeps: whole µs in JSON,
/// a timestamp in Parquet.
fn instant(column: &str, dialect: Dialect, format: WireFormat) -> String {
    match (dialect, format) {
        (Dialect::Old, _) => format!("toInt64(toUnixTimestamp({column})) * 1000000"),
        (Dialect::Current, WireFormat::JsonCompact) => {
            format!("toUnixTimestamp64Micro(toDateTime64({column}, 6, 'UTC'))")
        }
        (Dialect::Current, WireFormat::Parquet) => format!("toDateTime64({column}, 6, 'UTC')"),
    }
}

/// Values in a query: bound where the server knows how, quoted where it does not.
struct Bound {
    dialect: Dialect,
    parameters: Vec<Parameter>,
}

impl Bound {
    fn text(&mut self, name: &str, value: &str) -> String {
        match self.dialect {
            Dialect::Current => self.bind(name, "String", escaped(value)),
            Dialect::Old => literal(value),
        }
    }

    fn texts(&mut self, name: &str, values: &[&str]) -> String {
        let list: Vec<String> = values.iter().map(|value| literal(value)).collect();
        match self.dialect {
            Dialect::Current => self.bind(name, "Array(String)", format!("[{}]", list.join(","))),
            // An empty list is no SQL; nobody is called nothing.
            Dialect::Old if list.is_empty() => "('')".to_owned(),
            Dialect::Old => format!("({})", list.join(",")),
        }
    }

    /// The beginning of a range. An old server keeps whole seconds: the next one is the first.
    fn from(&mut self, name: &str, instant: DateTime<Utc>) -> String {
        let part = i64::from(instant.timestamp_subsec_micros() > 0);
        self.instant(name, instant, part)
    }

    /// The last instant that counts. An old server keeps whole seconds: the one before it.
    fn up_to(&mut self, name: &str, instant: DateTime<Utc>) -> String {
        self.instant(name, instant, 0)
    }

    fn instant(&mut self, name: &str, instant: DateTime<Utc>, more_seconds: i64) -> String {
        match self.dialect {
            Dialect::Current => {
                let value = instant.format("%Y-%m-%d %H:%M:%S%.6f").to_string();
                self.bind(name, "DateTime64(6, 'UTC')", value)
            }
            // A DateTime of an old server has 32 bits: times beyond them are its first and last.
            Dialect::Old => {
                let seconds = instant.timestamp().saturating_add(more_seconds);
                format!("toDateTime({})", seconds.clamp(0, i64::from(u32::MAX)))
            }
        }
    }

    fn bind(&mut self, name: &str, of: &str, value: String) -> String {
        self.parameters.push(Parameter { name: name.to_owned(), value });
        format!("{{{name}:{of}}}")
    }
}

/// A name in a query, when it is one.
fn quoted(name: &str) -> Result<String, ClickHouseError> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_name = !name.is_empty()
        && name.chars().all(is_letter)
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if is_name {
        Ok(format!("`{name}`"))
    } else {
        Err(ClickHouseError::Name { name: name.to_owned() })
    }
}

/// A text in quotes: `'it\'s'`.
fn literal(text: &str) -> String {
    format!("'{}'", escaped(text).replace('\'', "\\'"))
}

/// A text as the server reads the value of a parameter: one line, without tabs.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\\' => "\\\\".to_owned(),
            '\t' => "\\t".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\0' => "\\0".to_owned(),
            letter => letter.to_string(),
        })
        .collect()
}
