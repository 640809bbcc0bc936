//! The store itself: a synchronous face over one writer and a few readers.

use crate::connection::{Connection, Purpose};
use crate::error::{Doing as _, refused};
use crate::lock::EngineLock;
use crate::open::{self, Access, FILE};
use crate::transaction::lost_the_disk;
use crate::{cache, log, models, predictions, requests, rollouts, runs, slots};
use sqlx::sqlite::SqlitePool;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use suho_domain::{DeploymentId, Digest, ModelId, RunId, Slot};
use suho_driver::ports::{
    CacheEntry, Commit, DeploymentRow, LoggedEvent, ModelRow, NewRun, Prediction, Request, RunRow,
    SlotFacts, Store, StoreError,
};
use tokio::runtime::{Builder, Runtime};

/// The state folder's database. Dropping it closes the database and frees the folder's lock.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    readers: SqlitePool,
    /// One transaction at a time, whichever thread asks for it.
    writer: Mutex<Writer>,
    /// Runs the connections' tasks. `None` only while dropping.
    runtime: Option<Runtime>,
    // Last, so that nobody else begins before the connections are closed.
    _lock: Option<EngineLock>,
}

/// The connection that writes. It travels into the task that uses it and comes back with the
/// answer, so it is owned by one task at a time.
#[derive(Debug)]
enum Writer {
    /// The store was opened to read.
    None,
    /// Ready for the next transaction.
    Ready(Connection),
    /// The last one was left in doubt; the next write opens another.
    Due,
    /// The disk failed a commit: only a new process may trust it again.
    Stopped,
}

/// A write in progress.
type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

impl SqliteStore {
    /// Opens the database `suho.db` in `state_dir`.
    ///
    /// An engine creates the folder and the database where there are none, takes the folder's
    /// lock and brings an older schema up to date, keeping a copy.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is nothing to read, [`StoreError::Locked`] when another
    /// engine has the folder, [`StoreError::Newer`] when a newer suho wrote the database,
    /// [`StoreError::Refused`] when the folder, the disk or the database does not let us.
    pub fn open(state_dir: &Path, access: Access) -> Result<Self, StoreError> {
        let path = state_dir.join(FILE);
        let lock = match access {
            Access::Engine => Some(claim(state_dir)?),
            Access::Read if path.is_file() => None,
            Access::Read => {
                return Err(StoreError::Missing(format!("state in `{}`", state_dir.display())));
            }
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("suho-store")
            .enable_time()
            .build()
            .map_err(|error| refused("start the store's thread", error))?;
        let file = path.clone();
        let opened = wait(&runtime, async move {
            if access == Access::Engine {
                let writer = Writer::Ready(open::create(&file).await?);
                return Ok((writer, open::readers(&file)));
            }
            let readers = open::readers(&file);
            open::check(&file, &readers).await?;
            Ok((Writer::None, readers))
        });
        let (writer, readers) = opened?;
        let writer = Mutex::new(writer);
        Ok(Self { path, readers, writer, runtime: Some(runtime), _lock: lock })
    }

    /// Puts a request before a run; answers its number. Needs no engine's lock: another process
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
        self.aside(|conn| Box::pin(async move { requests::ask(conn, &asked).await }))
    }

    /// Writes on a connection of its own, beside whoever is the engine.
    pub(crate) fn aside<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Send + 'static,
    {
        let path = self.path.clone();
        self.wait(async move {
            let mut conn = open::writer(&path).await?;
            let written = work(&mut conn).await;
            // What was written stands or fell already; a connection that does not close well is only
            // one file handle, gone with the process.
            drop(conn.close().await);
            written
        })
    }

    /// Reads in one snapshot, on one of the readers.
    pub(crate) fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Send + 'static,
    {
        let readers = self.readers.clone();
        self.wait(async move {
            const DOING: &str = "begin to read";
            let mut conn = readers.acquire().await.map(Connection::from).doing(DOING)?;
            conn.begin(Purpose::Read).await.doing(DOING)?;
            let answer = query(&mut conn).await;
            // There is nothing to lose; one that cannot even forget is of no use to the next.
            if conn.rollback().await.is_err() {
                drop(conn.close().await);
            }
            answer
        })
    }

    /// Writes on the one writer.
    pub(crate) fn write<T, F>(&self, doing: &str, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Send + 'static,
    {
        let mut writer = self.writer();
        let ready = match std::mem::replace(&mut *writer, Writer::Due) {
            Writer::Ready(conn) => Some(conn),
            Writer::Due => None,
            Writer::None => {
                *writer = Writer::None;
                return Err(refused(doing, "the store was opened to read"));
            }
            Writer::Stopped => {
                *writer = Writer::Stopped;
                return Err(refused(doing, "the disk failed an earlier commit: start again"));
            }
        };
        let path = self.path.clone();
        let (left, result) = self.wait(async move {
            let mut conn = match ready {
                Some(conn) => conn,
                None => open::writer(&path).await?,
            };
            let result = work(&mut conn).await;
            let in_doubt = matches!(result, Err(StoreError::Unknown { .. }));
            let left = if lost_the_disk(&result) {
                Writer::Stopped
            } else if in_doubt || conn.is_in_transaction() {
                Writer::Due
            } else {
                Writer::Ready(conn)
            };
            Ok((left, result))
        })?;
        *writer = left;
        result
    }

    /// The writer. A thread that died with it left it [`Writer::Due`], which is true.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.runtime {
            Some(runtime) => wait(runtime, task),
            None => Err(refused("use the store", "it is closed")),
        }
    }
}

/// Creates the folder and takes its lock.
fn claim(state_dir: &Path) -> Result<EngineLock, StoreError> {
    std::fs::create_dir_all(state_dir).map_err(|error| {
        refused(format_args!("create the state folder `{}`", state_dir.display()), error)
    })?;
    open::refuse_network(state_dir)?;
    EngineLock::take(state_dir)
}

/// Runs `task` on the store's own thread and waits for its answer. A caller that dies meanwhile
/// cancels nothing: a commit runs to its end.
fn wait<T: Send + 'static>(
    runtime: &Runtime,
    task: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let (answer, answered) = mpsc::sync_channel(1);
    drop(runtime.spawn(async move {
        let result = task.await;
        // Nobody waits any more when the caller's thread is gone.
        drop(answer.send(result));
    }));
    answered.recv().unwrap_or_else(|error| {
        let doing = "use the database".to_owned();
        Err(StoreError::Unknown { doing, source: Box::new(error) })
    })
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        let writer = std::mem::replace(&mut *self.writer(), Writer::Due);
        let readers = self.readers.clone();
        let closed = self.wait(async move {
            readers.close().await;
            if let Writer::Ready(conn) = writer {
                conn.close().await.map_err(|error| refused("close the database", error))?;
            }
            Ok(())
        });
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
        let run = run.clone();
        self.write(&doing, |conn| Box::pin(async move { runs::create(conn, &run).await }))
    }

    fn load(&mut self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError> {
        let run = run.clone();
        self.read(|conn| {
            Box::pin(async move {
                let row = runs::find(conn, &run).await?;
                let row = row.ok_or_else(|| StoreError::Missing(format!("run `{run}`")))?;
                let events = log::read(conn, &run).await?;
                Ok((row, events))
            })
        })
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let doing = format!("append to the log of run `{}`", commit.run);
        let commit = commit.clone();
        self.write(&doing, |conn| Box::pin(async move { log::commit(conn, &commit).await }))
    }

    fn cached(&mut self, key: &Digest) -> Result<Option<CacheEntry>, StoreError> {
        let key = key.clone();
        self.read(|conn| Box::pin(async move { cache::find(conn, &key).await }))
    }

    fn slot(&mut self, slot: &Slot) -> Result<SlotFacts, StoreError> {
        let slot = slot.clone();
        self.read(|conn| Box::pin(async move { slots::read(conn, &slot).await }))
    }

    fn model(&mut self, model: &ModelId) -> Result<Option<ModelRow>, StoreError> {
        let model = model.clone();
        self.read(|conn| Box::pin(async move { models::find(conn, &model).await }))
    }

    fn rollout(
        &mut self,
        deployment: &DeploymentId,
    ) -> Result<Option<(DeploymentRow, Vec<Prediction>)>, StoreError> {
        let id = deployment.clone();
        self.read(|conn| {
            Box::pin(async move {
                match rollouts::find(conn, &id).await? {
                    Some(row) => Ok(Some((row, predictions::of_deployment(conn, &id).await?))),
                    None => Ok(None),
                }
            })
        })
    }

    fn requests(&mut self, run: &RunId) -> Result<Vec<Request>, StoreError> {
        let run = run.clone();
        self.read(|conn| Box::pin(async move { requests::open(conn, &run).await }))
    }
}
