//! A PostgreSQL server that keeps the state for several engines: what it must be, and connections.

use crate::connection::Connection;
use crate::dialect::{self, PREAMBLE};
use crate::error::{Doing as _, refused};
use crate::query::query;
use crate::schema::{STEPS, check};
use crate::transaction::{begin, finish};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use std::fmt::Display;
use std::str::FromStr as _;
use std::time::Duration;
use suho_driver::ports::StoreError;

/// Connections of one engine at most: these, and the one that its lease is renewed on.
pub(crate) const CONNECTIONS_MAX: u32 = 7;
/// The oldest server that has all we use.
const VERSION_MIN: i64 = 15;
/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// Who migrates has this lock, so that engines that start together do so one after another.
const MIGRATION: i64 = 0x7375_686f;
/// The first step that has tables of ours to read.
const UNMADE: &str = "there is no state in it yet: any run makes it";

/// How each session is set. A client that stops in the middle of a transaction loses it, and what
/// it had locked, after some seconds; one whose machine is gone is given up.
const SETTINGS: [(&str, &str); 8] = [
    ("timezone", "UTC"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("lock_timeout", "20s"),
    ("statement_timeout", "60s"),
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    // What is committed is on the disk when we hear of it, whatever the server's own setting.
    ("synchronous_commit", "on"),
];

/// The server's address, and nothing of its password in what is printed.
#[derive(Clone)]
pub(crate) struct Server {
    options: PgConnectOptions,
    /// `postgres://user@host:port/database`.
    name: String,
}

impl Server {
    /// The server at `url`.
    pub(crate) fn at(url: &str) -> Result<Self, StoreError> {
        // What the driver says of a URL could repeat its password.
        let unreadable = |_| refused("read the database's URL", "it is no `postgres://` URL");
        let options = PgConnectOptions::from_str(url).map_err(unreadable)?;
        let options =
            options.application_name("suho").options(SETTINGS).disable_statement_logging();
        let host = options.get_socket().map_or_else(
            || format!("{}:{}", options.get_host(), options.get_port()),
            |socket| socket.display().to_string(),
        );
        let database = options.get_database().unwrap_or_default();
        let name = format!("postgres://{}@{host}/{database}", options.get_username());
        Ok(Self { options, name })
    }

    /// What it is called where people read it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Connections for reading and writing, opened as they are needed.
    pub(crate) fn pool(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(self.options.clone())
    }

    /// Looks at the server once, by itself; a pool would only say that it waited.
    pub(crate) async fn look(&self) -> Result<(), StoreError> {
        let connected = tokio::time::timeout(PATIENCE, self.options.connect()).await;
        let late =
            |_| refused(self.opening(), format!("no answer within {} s", PATIENCE.as_secs()));
        let conn = connected.map_err(late)?.doing(self.opening())?;
        conn.close().await.doing(self.opening())
    }

    fn opening(&self) -> impl Display {
        format!("open `{}`", self.name)
    }

    /// Refuses a server that would lose what it said it kept, or that only follows another.
    pub(crate) async fn examine(&self, conn: &mut Connection) -> Result<(), StoreError> {
        let row = query(
            "SELECT current_setting('server_version_num')::bigint AS version, \
             current_setting('fsync') AS fsync, \
             current_setting('full_page_writes') AS full_page_writes, \
             current_setting('synchronous_commit') AS synchronous_commit, \
             pg_is_in_recovery()::int::bigint AS follows",
        );
        let row = row.fetch_one(conn).await.doing(self.opening())?;
        let fields = crate::fields::Fields::of(&row, "the server");
        let version = fields.get::<i64>("version")? / 10_000;
        if version < VERSION_MIN {
            let said = format!("it is PostgreSQL {version}; suho needs {VERSION_MIN} or newer");
            return Err(refused(self.opening(), said));
        }
        if fields.flag("follows")? {
            return Err(refused(self.opening(), "it is a standby: name the primary"));
        }
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            if fields.get::<&str>(setting)? == "off" {
                let said = format!("`{setting}` is off: a crash would lose what was committed");
                return Err(refused(self.opening(), said));
            }
        }
        Ok(())
    }

    /// Makes the server ready for an engine.
    pub(crate) async fn prepare(&self, conn: &mut Connection) -> Result<(), StoreError> {
        self.examine(conn).await?;
        self.migrate(conn).await
    }

    /// How many steps the schema has behind it; `None` where there is nothing of ours.
    pub(crate) async fn version(&self, conn: &mut Connection) -> Result<Option<i64>, StoreError> {
        let is_ours = query("SELECT (to_regclass('suho_schema') IS NOT NULL)::int::bigint");
        if is_ours.value::<i64>(conn).await.doing(self.opening())? == 0 {
            return Ok(None);
        }
        let version = query("SELECT version FROM suho_schema").value(conn).await;
        version.map(Some).doing(self.opening())
    }

    /// Makes the schema where there is none, and brings an older one to the newest step. All of it
    /// is one transaction.
    pub(crate) async fn migrate(&self, conn: &mut Connection) -> Result<(), StoreError> {
        let doing = format!("migrate `{}`", self.name);
        let mut tx = begin(conn, &doing).await?;
        let work = self.bring_up_to_date(&mut tx, &doing).await;
        finish(tx, work, &doing).await
    }

    async fn bring_up_to_date(&self, conn: &mut Connection, doing: &str) -> Result<(), StoreError> {
        let lock = query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION);
        lock.execute(conn).await.doing(doing)?;
        let found = self.version(conn).await?;
        let done = check(found.unwrap_or_default(), STEPS)?;
        if found.is_none() {
            self.refuse_foreign(conn).await?;
            conn.script(PREAMBLE.to_owned()).await.doing(doing)?;
        }
        for step in STEPS.get(done..).unwrap_or_default() {
            conn.script(dialect::postgres(step)).await.doing(doing)?;
        }
        let newest = crate::error::stored(STEPS.len() as u64);
        let set = query("UPDATE suho_schema SET version = $1 WHERE version < $1").bind(newest);
        set.execute(conn).await.map(drop).doing(doing)
    }

    /// Tables without our version are somebody else's.
    async fn refuse_foreign(&self, conn: &mut Connection) -> Result<(), StoreError> {
        let tables = query("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()");
        if tables.value::<i64>(conn).await.doing(self.opening())? == 0 {
            return Ok(());
        }
        let said = "it has another program's tables; give suho a schema of its own: \
                    `?options=-csearch_path%3Dsuho` at the URL's end";
        Err(refused(self.opening(), said))
    }

    /// Refuses a schema that is not ours.
    pub(crate) async fn expect_schema(&self, conn: &mut Connection) -> Result<(), StoreError> {
        let Some(found) = self.version(conn).await? else {
            return Err(refused(self.opening(), UNMADE));
        };
        if check(found, STEPS)? == STEPS.len() {
            return Ok(());
        }
        let said = format!("its schema is {found}, older than ours: any run brings it up to date");
        Err(refused(self.opening(), said))
    }
}

/// Never with the password.
impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Server").field(&self.name).finish()
    }
}
