//! One connection, whichever database is behind it.

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Sqlite};

/// A connection. Everything but opening one and a handful of words is the same for all of them:
/// see [`query`](crate::query).
#[derive(Debug)]
pub(crate) struct Connection {
    link: Link,
    /// Whether a transaction is under way, or was when its end failed.
    is_in_transaction: bool,
}

/// What it is made of.
#[derive(Debug)]
enum Link {
    /// The one that writes to a file.
    Sqlite(SqliteConnection),
    /// One that cannot write to it.
    Reader(PoolConnection<Sqlite>),
}

/// The driver's own connection.
pub(crate) enum Driver<'c> {
    /// Of a file.
    Sqlite(&'c mut SqliteConnection),
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// One snapshot.
    Read,
    /// Everything or nothing.
    Write,
}

impl From<SqliteConnection> for Connection {
    fn from(conn: SqliteConnection) -> Self {
        Self { link: Link::Sqlite(conn), is_in_transaction: false }
    }
}

impl From<PoolConnection<Sqlite>> for Connection {
    fn from(conn: PoolConnection<Sqlite>) -> Self {
        Self { link: Link::Reader(conn), is_in_transaction: false }
    }
}

impl Connection {
    /// The driver's own connection.
    pub(crate) fn driver(&mut self) -> Driver<'_> {
        match &mut self.link {
            Link::Sqlite(conn) => Driver::Sqlite(conn),
            Link::Reader(conn) => Driver::Sqlite(conn),
        }
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&mut self, purpose: Purpose) -> Result<(), sqlx::Error> {
        let statement = match (self.driver(), purpose) {
            (Driver::Sqlite(_), Purpose::Read) => "BEGIN",
            // One that starts as a reader cannot always become a writer and would then fail at its
            // first write (engine §3.2).
            (Driver::Sqlite(_), Purpose::Write) => "BEGIN IMMEDIATE",
        };
        self.script(statement).await?;
        self.is_in_transaction = true;
        Ok(())
    }

    /// Makes what was written last.
    pub(crate) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.script("COMMIT").await?;
        self.is_in_transaction = false;
        Ok(())
    }

    /// Forgets what was written.
    pub(crate) async fn rollback(&mut self) -> Result<(), sqlx::Error> {
        self.script("ROLLBACK").await?;
        self.is_in_transaction = false;
        Ok(())
    }

    /// Whether a transaction is under way; after its end, that the end failed.
    pub(crate) const fn is_in_transaction(&self) -> bool {
        self.is_in_transaction
    }

    /// Carries out the statements of `sql`, one after another.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self.driver() {
            Driver::Sqlite(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self.link {
            Link::Sqlite(conn) => conn.close().await,
            Link::Reader(conn) => conn.close().await,
        }
    }
}
