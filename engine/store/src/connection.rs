//! One connection, whichever database is behind it.

use crate::lease::Lead;
use crate::query::query;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Postgres, Sqlite};
use std::borrow::Cow;
use std::time::Duration;

/// How often a server is asked what became of a transaction, and how long to wait in between: a
/// server that was killed is back within some seconds.
const FATE_ASKED_MAX: u32 = 60;
const FATE_PAUSE: Duration = Duration::from_millis(500);

/// A connection. Everything but opening one and a handful of words is the same for all of them:
/// see [`query`](crate::query).
#[derive(Debug)]
pub(crate) struct Connection {
    link: Link,
    /// Whether a transaction is under way, or was when its end failed.
    is_in_transaction: bool,
    /// Whose right to write its transactions are made with.
    lead: Option<Lead>,
}

/// What it is made of.
#[derive(Debug)]
enum Link {
    /// The one that writes to a file.
    Sqlite(SqliteConnection),
    /// One that cannot write to it.
    Reader(PoolConnection<Sqlite>),
    /// One to a server, the others, and which transaction the last one was that wrote.
    Postgres { conn: PoolConnection<Postgres>, pool: PgPool, transaction: Option<String> },
}

/// The driver's own connection.
pub(crate) enum Driver<'c> {
    /// Of a file.
    Sqlite(&'c mut SqliteConnection),
    /// To a server.
    Postgres(&'c mut PgConnection),
}

/// Whose words a statement is in, where they differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// One snapshot.
    Read,
    /// Everything or nothing.
    Write,
}

/// What became of a transaction whose COMMIT failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It was committed; only the answer was lost.
    Committed,
    /// Nothing was written, and nothing will be.
    Aborted,
    /// It cannot be told.
    Unknown,
}

impl From<SqliteConnection> for Connection {
    fn from(conn: SqliteConnection) -> Self {
        Self { link: Link::Sqlite(conn), is_in_transaction: false, lead: None }
    }
}

impl From<PoolConnection<Sqlite>> for Connection {
    fn from(conn: PoolConnection<Sqlite>) -> Self {
        Self { link: Link::Reader(conn), is_in_transaction: false, lead: None }
    }
}

impl Connection {
    /// One of `pool`.
    pub(crate) async fn of(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let link =
            Link::Postgres { conn: pool.acquire().await?, pool: pool.clone(), transaction: None };
        Ok(Self { link, is_in_transaction: false, lead: None })
    }

    /// The driver's own connection.
    pub(crate) fn driver(&mut self) -> Driver<'_> {
        match &mut self.link {
            Link::Sqlite(conn) => Driver::Sqlite(conn),
            Link::Reader(conn) => Driver::Sqlite(conn),
            Link::Postgres { conn, .. } => Driver::Postgres(conn),
        }
    }

    /// Whose words it is spoken to in.
    pub(crate) const fn dialect(&self) -> Dialect {
        match self.link {
            Link::Sqlite(_) | Link::Reader(_) => Dialect::Sqlite,
            Link::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// From now on its transactions that write are made as `lead`, or as nobody in particular.
    pub(crate) fn led(&mut self, lead: Option<Lead>) {
        self.lead = lead;
    }

    /// Whose right to write its transactions are made with.
    pub(crate) const fn lead(&self) -> Option<&Lead> {
        self.lead.as_ref()
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&mut self, purpose: Purpose) -> Result<(), sqlx::Error> {
        self.script(match (self.dialect(), purpose) {
            // One that starts as a reader cannot always become a writer and would then fail at its
            // first write (engine §3.2).
            (Dialect::Sqlite, Purpose::Write) => "BEGIN IMMEDIATE",
            (Dialect::Postgres, Purpose::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            // What writers see is compared with what they saw, row by row, and the rest is unique
            // keys: PostgreSQL's own READ COMMITTED is enough (engine §3.3).
            (Dialect::Sqlite, Purpose::Read) | (Dialect::Postgres, Purpose::Write) => "BEGIN",
        })
        .await?;
        self.is_in_transaction = true;
        if let (Dialect::Postgres, Purpose::Write) = (self.dialect(), purpose) {
            let name = query("SELECT pg_current_xact_id()::text").value(self).await?;
            if let Link::Postgres { transaction, .. } = &mut self.link {
                *transaction = Some(name);
            }
        }
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

    /// What became of the last transaction that wrote, asked on other connections. A file cannot be
    /// asked: who reads it sees what the next one to recover it may not.
    pub(crate) async fn fate(&self) -> Fate {
        let Link::Postgres { pool, transaction: Some(name), .. } = &self.link else {
            return Fate::Unknown;
        };
        for _ in 0..FATE_ASKED_MAX {
            match fate(pool, name).await {
                Ok(Some(fate)) => return fate,
                // It is still under way: its session has not noticed that we are gone.
                Ok(None) | Err(_) => tokio::time::sleep(FATE_PAUSE).await,
            }
        }
        Fate::Unknown
    }

    /// Lets only one transaction at a time do `what`, until it ends. Where there is only one writer
    /// that is so without a word.
    pub(crate) async fn alone(&mut self, what: &'static str) -> Result<(), sqlx::Error> {
        match self.dialect() {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => {
                let lock = query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
                lock.bind(what).execute(self).await.map(drop)
            }
        }
    }

    /// Carries out the statements of `sql`, one after another. No value of anybody's is in it.
    pub(crate) async fn script(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
    ) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.into());
        match self.driver() {
            Driver::Sqlite(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
            Driver::Postgres(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
        }
    }

    /// Gives it back to where it is from, or says goodbye when it is in doubt.
    pub(crate) async fn release(self) {
        if self.is_in_transaction {
            // What it knew is lost either way.
            drop(self.close().await);
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self.link {
            Link::Sqlite(conn) => conn.close().await,
            Link::Reader(conn) => conn.close().await,
            Link::Postgres { conn, .. } => conn.close().await,
        }
    }
}

/// What became of the transaction called `name`; nothing while it is under way.
async fn fate(pool: &PgPool, name: &str) -> Result<Option<Fate>, sqlx::Error> {
    let mut conn = Connection::of(pool).await?;
    let status = query("SELECT pg_xact_status(CAST($1 AS xid8))").bind(name);
    let status: Option<String> = status.value(&mut conn).await?;
    Ok(match status.as_deref() {
        Some("committed") => Some(Fate::Committed),
        Some("aborted") => Some(Fate::Aborted),
        Some(_) => None,
        None => Some(Fate::Unknown),
    })
}
