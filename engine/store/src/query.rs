//! One statement and its values: `query("… $1 …").bind(value).fetch_all(conn)`.
//!
//! The text is the same for every database: parameters are `$1`, `$2`, …; whole numbers are 64
//! bits, booleans whole numbers, texts texts. What the databases say in different words is a
//! function of the schema (`migrations`) or a method of [`Connection`].

use crate::connection::{Connection, Driver};
use crate::fields::{Column, Row};
use sqlx::database::HasStatementCache;
use sqlx::{AssertSqlSafe, Database, Encode, SqlSafeStr as _, SqlStr, Type};
use std::borrow::Cow;

/// A statement to carry out.
pub(crate) struct Query<'q> {
    sql: SqlStr,
    values: Vec<Value<'q>>,
    is_kept: bool,
}

/// A value as every database takes it; nothing of a kind is nothing all the same.
pub(crate) enum Value<'q> {
    /// A whole number, or a boolean as 0 or 1.
    Integer(Option<i64>),
    /// A number.
    Real(Option<f64>),
    /// A text.
    Text(Option<Cow<'q, str>>),
}

/// The statement `sql`, prepared once a connection.
pub(crate) const fn query<'q>(sql: &'static str) -> Query<'q> {
    Query { sql: SqlStr::from_static(sql), values: Vec::new(), is_kept: true }
}

impl<'q> Query<'q> {
    /// A statement whose text was put together by us. `is_kept` says whether the very same text
    /// comes again, and is worth to be kept prepared.
    pub(crate) fn composed(sql: String, is_kept: bool) -> Self {
        // Safe: it holds no value, only their places.
        Self { sql: AssertSqlSafe(sql).into_sql_str(), values: Vec::new(), is_kept }
    }

    /// The next parameter's value.
    pub(crate) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Every row.
    pub(crate) async fn fetch_all(self, conn: &mut Connection) -> Result<Vec<Row>, sqlx::Error> {
        Ok(match conn.driver() {
            Driver::Sqlite(conn) => {
                self.of().fetch_all(conn).await?.into_iter().map(Row::Sqlite).collect()
            }
            Driver::Postgres(conn) => {
                self.of().fetch_all(conn).await?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional(
        self,
        conn: &mut Connection,
    ) -> Result<Option<Row>, sqlx::Error> {
        Ok(match conn.driver() {
            Driver::Sqlite(conn) => self.of().fetch_optional(conn).await?.map(Row::Sqlite),
            Driver::Postgres(conn) => self.of().fetch_optional(conn).await?.map(Row::Postgres),
        })
    }

    /// The only row.
    pub(crate) async fn fetch_one(self, conn: &mut Connection) -> Result<Row, sqlx::Error> {
        self.fetch_optional(conn).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// The first column of the only row.
    pub(crate) async fn value<T>(self, conn: &mut Connection) -> Result<T, sqlx::Error>
    where
        T: for<'r> Column<'r>,
    {
        self.fetch_one(conn).await?.first()
    }

    /// The first column of the first row, if there is one.
    pub(crate) async fn value_or_none<T>(
        self,
        conn: &mut Connection,
    ) -> Result<Option<T>, sqlx::Error>
    where
        T: for<'r> Column<'r>,
    {
        self.fetch_optional(conn).await?.map(|row| row.first()).transpose()
    }

    /// Carries it out; answers how many rows it touched.
    pub(crate) async fn execute(self, conn: &mut Connection) -> Result<u64, sqlx::Error> {
        Ok(match conn.driver() {
            Driver::Sqlite(conn) => self.of().execute(conn).await?.rows_affected(),
            Driver::Postgres(conn) => self.of().execute(conn).await?.rows_affected(),
        })
    }

    /// The same as the driver has it.
    fn of<DB: Database + HasStatementCache>(self) -> sqlx::query::Query<'q, DB, DB::Arguments>
    where
        Option<i64>: Encode<'q, DB> + Type<DB>,
        Option<f64>: Encode<'q, DB> + Type<DB>,
        Option<Cow<'q, str>>: Encode<'q, DB> + Type<DB>,
    {
        let query = sqlx::query(self.sql).persistent(self.is_kept);
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Integer(value) => query.bind(value),
            Value::Real(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
        })
    }
}

/// What a value may be made of, or nothing of it.
macro_rules! values {
    ($($from:ty => $kind:ident($value:ident => $into:expr)),+ $(,)?) => {
        $(
            impl<'q> From<$from> for Value<'q> {
                fn from($value: $from) -> Self {
                    Self::$kind(Some($into))
                }
            }

            impl<'q> From<Option<$from>> for Value<'q> {
                fn from(value: Option<$from>) -> Self {
                    Self::$kind(value.map(|$value| $into))
                }
            }
        )+
    };
}

values! {
    i64 => Integer(value => value),
    i8 => Integer(value => i64::from(value)),
    u16 => Integer(value => i64::from(value)),
    u32 => Integer(value => i64::from(value)),
    bool => Integer(value => i64::from(value)),
    f64 => Real(value => value),
    String => Text(value => Cow::Owned(value)),
    &'q str => Text(value => Cow::Borrowed(value)),
    &'q String => Text(value => Cow::Borrowed(value.as_str())),
}
