//! A row's fields as our types. What cannot be read as its type was not written by us.

use crate::error::tampered;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};
use std::fmt::Display;
use std::str::FromStr;
use suho_domain::{BasisPoints, Instant, Scope, Slot};
use suho_driver::ports::StoreError;

/// A row as its driver has it.
pub(crate) enum Row {
    /// Of a file.
    Sqlite(SqliteRow),
    /// Of a server.
    Postgres(PgRow),
}

/// What a column can be read as: `i64`, `f64`, a text, each or nothing.
pub(crate) trait Column<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl<'r, T> Column<'r> for T where
    T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// The first column.
    pub(crate) fn first<'r, T: Column<'r>>(&'r self) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(0),
            Self::Postgres(row) => row.try_get(0),
        }
    }

    /// The column called so.
    fn column<'r, T: Column<'r>>(&'r self, name: &str) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(name),
            Self::Postgres(row) => row.try_get(name),
        }
    }

    /// What the columns are called, in order.
    pub(crate) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Sqlite(row) => row.columns().iter().map(sqlx::Column::name).collect(),
            Self::Postgres(row) => row.columns().iter().map(sqlx::Column::name).collect(),
        }
    }
}

/// One row, and what to call it when a field of it is wrong.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'r> {
    row: &'r Row,
    what: &'r str,
}

impl<'r> Fields<'r> {
    /// The fields of `row`, called `what`: ``model `eurusd` v1.0.0``.
    pub(crate) const fn of(row: &'r Row, what: &'r str) -> Self {
        Self { row, what }
    }

    /// The field as the database has it.
    pub(crate) fn get<T: Column<'r>>(self, column: &str) -> Result<T, StoreError> {
        self.row.column(column).map_err(|error| {
            tampered(self.what, format_args!("its `{column}` cannot be read: {error}"))
        })
    }

    /// A yes or no, held as 1 or 0.
    pub(crate) fn flag(self, column: &str) -> Result<bool, StoreError> {
        self.get::<i64>(column).map(|number| number != 0)
    }

    fn wrong(self, column: &str, value: impl Display) -> StoreError {
        tampered(self.what, format_args!("its `{column}` is `{value}`, which cannot be"))
    }

    /// A whole number within `T`.
    pub(crate) fn number<T: TryFrom<i64>>(self, column: &str) -> Result<T, StoreError> {
        let number: i64 = self.get(column)?;
        T::try_from(number).map_err(|_| self.wrong(column, number))
    }

    /// A whole number within `T`, or nothing.
    pub(crate) fn number_or_none<T: TryFrom<i64>>(
        self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        let number: Option<i64> = self.get(column)?;
        number.map(|_| self.number(column)).transpose()
    }

    /// A text that reads as `T`.
    pub(crate) fn parsed<T: FromStr>(self, column: &str) -> Result<T, StoreError> {
        let text: &str = self.get(column)?;
        text.parse().map_err(|_| self.wrong(column, text))
    }

    /// A text that reads as `T`, or nothing.
    pub(crate) fn parsed_or_none<T: FromStr>(self, column: &str) -> Result<Option<T>, StoreError> {
        let text: Option<&str> = self.get(column)?;
        text.map(|text| text.parse().map_err(|_| self.wrong(column, text))).transpose()
    }

    /// One of a closed set of words.
    pub(crate) fn word<T>(
        self,
        column: &str,
        from_word: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let word: &str = self.get(column)?;
        from_word(word).ok_or_else(|| self.wrong(column, word))
    }

    /// A share of traffic.
    pub(crate) fn share(self, column: &str) -> Result<BasisPoints, StoreError> {
        let points: u16 = self.number(column)?;
        BasisPoints::new(points).map_err(|_| self.wrong(column, points))
    }

    /// An instant.
    pub(crate) fn instant(self, column: &str) -> Result<Instant, StoreError> {
        self.get(column).map(Instant::from_micros)
    }

    /// An instant, or nothing.
    pub(crate) fn instant_or_none(self, column: &str) -> Result<Option<Instant>, StoreError> {
        let micros: Option<i64> = self.get(column)?;
        Ok(micros.map(Instant::from_micros))
    }

    /// A structure held as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        self,
        column: &str,
    ) -> Result<T, StoreError> {
        let text: &str = self.get(column)?;
        serde_json::from_str(text).map_err(|error| {
            tampered(self.what, format_args!("its `{column}` cannot be read: {error}"))
        })
    }

    /// A structure held as JSON, or nothing.
    pub(crate) fn json_or_none<T: serde::de::DeserializeOwned>(
        self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        let text: Option<&str> = self.get(column)?;
        text.map(|_| self.json(column)).transpose()
    }

    /// The slot that the columns `scope_key`, `model_name`, `target_symbol` and
    /// `target_timeframe` name.
    pub(crate) fn slot(self) -> Result<Slot, StoreError> {
        Ok(Slot {
            scope: self.word("scope_key", scope)?,
            model: self.parsed("model_name")?,
            symbol: self.parsed("target_symbol")?,
            timeframe: self.parsed("target_timeframe")?,
        })
    }
}

/// The scope with the key `key`: `platform`, `tenant:T` or `user:T/U`.
fn scope(key: &str) -> Option<Scope> {
    if key == "platform" {
        return Some(Scope::Platform);
    }
    if let Some(tenant) = key.strip_prefix("tenant:") {
        return Scope::tenant(tenant).ok();
    }
    let (tenant, user) = key.strip_prefix("user:")?.split_once('/')?;
    Scope::user(tenant, user).ok()
}
