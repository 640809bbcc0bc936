//! The store itself: a synchronous face over the connections of one database.

use crate::connection::{Connection, Purpose};
use crate::error::{Doing as _, refused};
use crate::file::{self, File, Writer};
use crate::lease::{Lead, Tenure};
use crate::lock::EngineLock;
use crate::open::{self, Access, FILE};
use crate::server::Server;
use crate::{address, cache, log, models, predictions, requests, rollouts, runs, slots};
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use suho_domain::{DeploymentId, Digest, ModelId, RunId, Slot};
use suho_driver::ports::{
    CacheEntry, Commit, DeploymentRow, LoggedEvent, ModelRow, NewRun, Prediction, Request, RunRow,
    SlotFacts, Store, StoreError,
};
use tokio::runtime::{Builder, Runtime};

/// The state's database. Dropping it closes the database and frees the folder's lock.
#[derive(Debug)]
pub struct SqliteStore {
    base: Base,
    access: Access,
    /// Whether this engine leads, and until when it may believe so.
    pub(crate) tenure: Arc<Tenure>,
    /// Runs the connections' tasks. `None` only while dropping.
    runtime: Option<Runtime>,
    // Last, so that nobody else begins before the connections are closed.
    _lock: Option<EngineLock>,
}

/// Where the state is.
#[derive(Debug)]
enum Base {
    /// In a file, which one engine has to itself.
    File(File),
    /// On a server, which several engines share.
    Server { pool: PgPool, name: String },
}

/// Connections to read on.
#[derive(Clone)]
enum Readers {
    File(SqlitePool),
    Server(PgPool),
}

impl SqliteStore {
    /// Opens the database of the state folder `state_dir`: the file `suho.db` in it, or the server
    /// that the folder [names](crate::address).
    ///
    /// An engine creates the folder and the database where there are none and brings an older
    /// schema up to date. A file it has to itself: it takes the folder's lock, and keeps a copy of
    /// an older one.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is nothing to read, [`StoreError::Locked`] when another
    /// engine has the folder, [`StoreError::Newer`] when a newer suho wrote the database,
    /// [`StoreError::Refused`] when the folder, the disk or the database does not let us.
    pub fn open(state_dir: &Path, access: Access) -> Result<Self, StoreError> {
        match address::of(state_dir)? {
            Some(url) => Self::connect(&url, access),
            None => Self::open_file(state_dir, access),
        }
    }

    /// Opens the database on the PostgreSQL server at `url`.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when the server is one that could lose what it was given.
    pub fn connect(url: &str, access: Access) -> Result<Self, StoreError> {
        let server = Server::at(url)?;
        let runtime = runtime()?;
        let name = server.name().to_owned();
        let opened = wait(&runtime, async move {
            server.look().await?;
            let pool = server.pool();
            let mut conn = Connection::of(&pool).await.doing("open the database")?;
            let ours = match access {
                Access::Engine => server.prepare(&mut conn).await,
                Access::Read => server.expect_schema(&mut conn).await,
            };
            conn.release().await;
            ours.map(|()| pool)
        });
        let base = Base::Server { pool: opened?, name };
        let tenure = Arc::new(Tenure::default());
        Ok(Self { base, access, tenure, runtime: Some(runtime), _lock: None })
    }

    fn open_file(state_dir: &Path, access: Access) -> Result<Self, StoreError> {
        let path = state_dir.join(FILE);
        let lock = match access {
            Access::Engine => Some(claim(state_dir)?),
            Access::Read if path.is_file() => None,
            Access::Read => {
                return Err(StoreError::Missing(format!("state in `{}`", state_dir.display())));
            }
        };
        let runtime = runtime()?;
        let place = path.clone();
        let opened = wait(&runtime, async move {
            if access == Access::Engine {
                let writer = Writer::Ready(open::create(&place).await?);
                return Ok((writer, open::readers(&place)));
            }
            let readers = open::readers(&place);
            open::check(&place, &readers).await?;
            Ok((Writer::None, readers))
        });
        let (writer, readers) = opened?;
        let base = Base::File(File::new(path, readers, writer));
        let tenure = Arc::new(Tenure::default());
        Ok(Self { base, access, tenure, runtime: Some(runtime), _lock: lock })
    }

    /// Puts a request before a run; answers its number. Needs no engine's right: another process
    /// may drive the run meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such run, else when the database refuses.
    pub fn request(
        &self,
        run: &RunId,
        kind: &str,
        by: &str,
        why: &str,
        at: suho_domain::Instant,
    ) -> Result<u64, StoreError> {
        let asked = requests::Asked {
            run: run.clone(),
            kind: kind.to_owned(),
            by: by.to_owned(),
            why: why.to_owned(),
            at,
        };
        self.aside("ask a run", async |conn| requests::ask(conn, &asked).await)
    }

    /// Writes what anybody may beside whoever is the engine: on a file through a connection of its
    /// own.
    pub(crate) fn aside<T, F>(&self, doing: &str, work: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
    {
        match &self.base {
            Base::File(file) => {
                let path = file.path.clone();
                self.wait(async move {
                    let mut conn = open::writer(&path).await?;
                    let written = work(&mut conn).await;
                    // What was written stands or fell already; a connection that does not close well
                    // is only one file handle, gone with the process.
                    drop(conn.close().await);
                    written
                })
            }
            Base::Server { .. } => self.post(doing, work),
        }
    }

    /// Whether other engines may work on the same database.
    pub const fn is_shared(&self) -> bool {
        matches!(self.base, Base::Server { .. })
    }

    /// Where the database is, as people read it.
    pub fn called(&self) -> String {
        match &self.base {
            Base::File(file) => file.path.display().to_string(),
            Base::Server { name, .. } => name.clone(),
        }
    }

    /// Reads in one snapshot, on one of the readers.
    pub(crate) fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
    {
        const DOING: &str = "begin to read";
        let readers = match &self.base {
            Base::File(file) => Readers::File(file.readers.clone()),
            Base::Server { pool, .. } => Readers::Server(pool.clone()),
        };
        self.wait(async move {
            let mut conn = match &readers {
                Readers::File(pool) => pool.acquire().await.map(Connection::from).doing(DOING)?,
                Readers::Server(pool) => Connection::of(pool).await.doing(DOING)?,
            };
            conn.begin(Purpose::Read).await.doing(DOING)?;
            let answer = query(&mut conn).await;
            // There is nothing to lose; one that cannot even forget is of no use to the next.
            drop(conn.rollback().await);
            conn.release().await;
            answer
        })
    }

    /// Writes as the engine that leads: nothing, when another one does by now.
    pub(crate) fn write<T, F>(&self, doing: &str, work: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
    {
        if self.access == Access::Read {
            return Err(refused(doing, "the store was opened to read"));
        }
        let lead = self.tenure.lead()?;
        let written = self.write_as(doing, lead, work);
        if let Err(StoreError::Fenced { epoch, .. }) = &written {
            self.tenure.is_over(*epoch);
        }
        written
    }

    /// Writes what anybody may, whoever leads.
    pub(crate) fn post<T, F>(&self, doing: &str, work: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
    {
        self.write_as(doing, None, work)
    }

    fn write_as<T, F>(&self, doing: &str, lead: Option<Lead>, work: F) -> Result<T, StoreError>
    where
        F: AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
    {
        match &self.base {
            Base::File(file) => {
                let (turn, ready) = file.turn(doing)?;
                let path = file.path.clone();
                let (left, result) = self.wait(async move {
                    let mut conn = file::ready(ready, &path).await?;
                    conn.led(lead);
                    let result = work(&mut conn).await;
                    Ok((Writer::after(conn, &result), result))
                })?;
                turn.over(left);
                result
            }
            Base::Server { pool, .. } => {
                let (pool, doing) = (pool.clone(), doing.to_owned());
                self.wait(async move {
                    let mut conn = Connection::of(&pool).await.doing(doing)?;
                    conn.led(lead);
                    let result = work(&mut conn).await;
                    conn.release().await;
                    result
                })
            }
        }
    }

    /// Begins a task beside everything else, with the server's connections.
    pub(crate) fn spawn<F: Future<Output = ()> + Send + 'static>(
        &self,
        task: impl FnOnce(PgPool) -> F,
    ) {
        if let (Some(runtime), Base::Server { pool, .. }) = (&self.runtime, &self.base) {
            drop(runtime.spawn(task(pool.clone())));
        }
    }

    fn wait<T>(&self, task: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        match &self.runtime {
            Some(runtime) => wait(runtime, task),
            None => Err(refused("use the store", "it is closed")),
        }
    }
}

/// A thread for what the connections do beside their callers.
fn runtime() -> Result<Runtime, StoreError> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("suho-store")
        .enable_all()
        .build()
        .map_err(|error| refused("start the store's thread", error))
}

/// Creates the folder and takes its lock.
fn claim(state_dir: &Path) -> Result<EngineLock, StoreError> {
    std::fs::create_dir_all(state_dir).map_err(|error| {
        refused(format_args!("create the state folder `{}`", state_dir.display()), error)
    })?;
    open::refuse_network(state_dir)?;
    EngineLock::take(state_dir)
}

/// Carries out `task` on the caller's thread, which may be one of another runtime: each hand-over to
/// a thread of our own would cost more than most statements.
fn wait<T>(
    runtime: &Runtime,
    task: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    // What the connections begin beside it, and the clock.
    let _within = runtime.enter();
    futures_executor::block_on(task)
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Whoever stands by need not wait until the lease runs out.
        self.abdicate();
        let closed = match &self.base {
            Base::File(file) => {
                let (writer, readers) = (file.take(), file.readers.clone());
                self.wait(async move {
                    readers.close().await;
                    if let Writer::Ready(conn) = writer {
                        conn.close().await.doing("close the database")?;
                    }
                    Ok(())
                })
            }
            Base::Server { pool, .. } => {
                let pool = pool.clone();
                self.wait(async move {
                    pool.close().await;
                    Ok(())
                })
            }
        };
        // Everything committed is on the disk; a close that fails leaves a longer log, no more.
        drop(closed);
        // Unlike dropping it, this is allowed inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs on threads of their own share one store: reads go side by side, writes one after another.
impl Store for &SqliteStore {
    fn create_run(&mut self, run: &NewRun) -> Result<RunRow, StoreError> {
        let doing = format!("begin a run of `{}`", run.pipeline);
        self.write(&doing, async |conn| runs::create(conn, run).await)
    }

    fn load(&mut self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError> {
        self.read(async |conn| {
            let row = runs::find(conn, run).await?;
            let row = row.ok_or_else(|| StoreError::Missing(format!("run `{run}`")))?;
            let events = log::read(conn, run).await?;
            Ok((row, events))
        })
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let doing = format!("append to the log of run `{}`", commit.run);
        self.write(&doing, async |conn| log::commit(conn, commit).await)
    }

    fn cached(&mut self, keys: &[Digest]) -> Result<Vec<CacheEntry>, StoreError> {
        self.read(async |conn| cache::find(conn, keys).await)
    }

    fn slot(&mut self, slot: &Slot) -> Result<SlotFacts, StoreError> {
        self.read(async |conn| slots::read(conn, slot).await)
    }

    fn model(&mut self, model: &ModelId) -> Result<Option<ModelRow>, StoreError> {
        self.read(async |conn| models::find(conn, model).await)
    }

    fn rollout(
        &mut self,
        deployment: &DeploymentId,
    ) -> Result<Option<(DeploymentRow, Vec<Prediction>)>, StoreError> {
        let id = deployment.clone();
        self.read(async |conn| match rollouts::find(conn, &id).await? {
            Some(row) => Ok(Some((row, predictions::of_deployment(conn, &id).await?))),
            None => Ok(None),
        })
    }

    fn requests(&mut self, run: &RunId) -> Result<Vec<Request>, StoreError> {
        self.read(async |conn| requests::open(conn, run).await)
    }
}
