//! The daemon itself: starts by finding out what its predecessor left, then turns until told to go.

use crate::api;
use crate::clock::Time;
use crate::conductor::Conductor;
use crate::desk::Desk;
use crate::error::DaemonError;
use crate::lock::DaemonLock;
use crate::place::{self, Place};
use crate::pool::{Carried, Hands, Next, Pool};
use crate::workplace::Workplace;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, RwLock};
use std::time::Duration as StdDuration;
use suho_domain::{RunId, fault};
use suho_driver::ports::StoreError;
use suho_store::{Access, SqliteStore};
use tokio::runtime::{Builder, Runtime};

/// The longest sleep: a wall clock that was set, or a machine that slept, is noticed after it.
const SLEEP_MAX: StdDuration = StdDuration::from_secs(30);
/// The pause after a turn that the world refused.
const REFUSED_PAUSE: StdDuration = StdDuration::from_secs(5);

/// What a daemon is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The state folder: database, attempts, artifacts, lock.
    pub data_dir: PathBuf,
    /// The environment it carries out.
    pub environment: String,
    /// Where it answers; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// A file that says where it answers, written once recovery is complete.
    pub ready_file: Option<PathBuf>,
    /// Runs at work at the same time.
    pub runs_max: NonZeroU32,
    /// What requests must carry, if anything, and the file it is from.
    pub token: Option<(String, PathBuf)>,
}

/// What wakes the conductor.
#[derive(Debug)]
pub(crate) enum Wake {
    /// A run's thread came back.
    Back { run: RunId, carried: Carried },
    /// There is a run or a request that was not there before.
    Asked,
    /// Somebody asked something of a run.
    Told(RunId),
    /// A schedule was changed.
    Scheduled,
    /// A run is to be taken up at once.
    Retried(RunId),
    /// The text is to be read again.
    Reload,
    /// The clock was set.
    Clock,
    /// Go.
    Leave,
}

/// A daemon that has recovered and answers.
pub struct Daemon {
    conductor: Conductor,
    desk: Arc<Desk>,
    wakes: Receiver<Wake>,
    wake: Sender<Wake>,
    place: Place,
    /// The latest error that the daemon went on after.
    borne: Option<String>,
    /// Runs the listener. `None` only while dropping.
    runtime: Option<Runtime>,
    // Last, so that nobody else begins before the store is closed.
    _lock: DaemonLock,
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daemon").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A way to speak to a daemon that runs.
#[derive(Clone, Debug)]
pub struct Remote(Sender<Wake>);

impl Remote {
    /// Lets it go: nothing begins any more, runs are left to the next daemon, attempts live on.
    pub fn leave(&self) {
        drop(self.0.send(Wake::Leave));
    }

    /// Lets it read the text again.
    pub fn reload(&self) {
        drop(self.0.send(Wake::Reload));
    }
}

impl Daemon {
    /// Takes the folder's lock, recovers what a predecessor left, and begins to answer.
    ///
    /// # Errors
    /// When another daemon has the folder, the address is no loopback, the store refuses, or there
    /// is no text to carry out.
    pub fn start(
        options: &Options,
        workplace: Arc<dyn Workplace>,
        time: Arc<dyn Time>,
    ) -> Result<Self, DaemonError> {
        if !options.listen.ip().is_loopback() {
            return Err(DaemonError::Open(options.listen));
        }
        let lock = DaemonLock::take(&options.data_dir)?;
        let known = options.data_dir.join(place::FILE);
        // Whoever looks for a daemon finds none until this one is ready.
        drop(std::fs::remove_file(&known));
        let store = Arc::new(SqliteStore::open(&options.data_dir, Access::Engine)?);
        let (wake, wakes) = channel();
        let changed = wake.clone();
        time.on_change(Box::new(move || drop(changed.send(Wake::Clock))));
        let desk = Arc::new(Desk {
            store: Arc::clone(&store),
            workplace: Arc::clone(&workplace),
            time: Arc::clone(&time),
            environment: options.environment.clone(),
            attempts: options.data_dir.join("runs"),
            wake: wake.clone(),
            live: RwLock::new(None),
        });
        take_text(&desk)?;
        let hands = Hands {
            store: Arc::clone(&store),
            workplace,
            time: Arc::clone(&time),
            is_leaving: Arc::default(),
            wake: wake.clone(),
        };
        let pool = Pool::new(hands, options.runs_max);
        let mut conductor = Conductor::new(store, options.environment.clone(), time, pool);
        conductor.turn()?;
        let (runtime, address) = listen(options, &desk)?;
        let place = Place {
            version: 1,
            pid: std::process::id(),
            port: address.port(),
            address,
            environment: options.environment.clone(),
            token_file: options.token.as_ref().map(|(_, file)| file.clone()),
        };
        place.write(&known)?;
        if let Some(file) = &options.ready_file {
            place.write(file)?;
        }
        let runtime = Some(runtime);
        let borne = None;
        Ok(Self { conductor, desk, wakes, wake, place, borne, runtime, _lock: lock })
    }

    /// Where it is found.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// A way to speak to it from elsewhere.
    pub fn remote(&self) -> Remote {
        Remote(self.wake.clone())
    }

    /// Works until it is told to leave; then lets go of its runs at their next pause.
    ///
    /// # Errors
    /// When the disk failed a commit: only a new process may go on.
    pub fn run(mut self) -> Result<(), DaemonError> {
        let worked = self.work();
        self.conductor.pool.leave();
        worked
    }

    fn work(&mut self) -> Result<(), DaemonError> {
        loop {
            let sleep = match self.conductor.turn() {
                Ok(next) => {
                    self.borne = None;
                    let until = next.and_then(|at| self.desk.time.until(at));
                    until.map_or(SLEEP_MAX, |until| until.min(SLEEP_MAX))
                }
                Err(error) => {
                    self.bear(error)?;
                    REFUSED_PAUSE
                }
            };
            let first = match self.wakes.recv_timeout(sleep) {
                Ok(wake) => Some(wake),
                Err(RecvTimeoutError::Timeout) => {
                    self.desk.workplace.has_moved().then_some(Wake::Reload)
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let more: Vec<_> = self.wakes.try_iter().collect();
            for wake in first.into_iter().chain(more) {
                if let Wake::Leave = wake {
                    return Ok(());
                }
                self.heed(wake)?;
            }
        }
    }

    fn heed(&mut self, wake: Wake) -> Result<(), DaemonError> {
        match wake {
            Wake::Back { run, carried } => match self.conductor.back(&run, carried) {
                Ok(Next::Nothing) => {}
                Ok(Next::Again(why)) => {
                    self.say(&format!("run {} waits: {why}", run.short()));
                }
                Ok(Next::Quarantine(why)) => {
                    self.say(&format!("run {} is in quarantine: {why}", run.short()));
                }
                Ok(Next::Stop(why)) => {
                    let doing = "go on: the disk failed a commit".to_owned();
                    return Err(StoreError::Unknown { doing, source: why.into() }.into());
                }
                Err(error) => self.bear(error)?,
            },
            Wake::Told(run) => self.conductor.pool.tell(&run),
            Wake::Retried(run) => self.conductor.pool.free(&run),
            Wake::Scheduled => self.conductor.read_schedules_again(),
            Wake::Reload => match self.desk.reload("reload") {
                Ok(summary) => {
                    self.conductor.read_schedules_again();
                    summary.lines().iter().for_each(|line| self.say(line));
                }
                Err(DaemonError::Text(refusal)) => {
                    self.say(&format!("the pipelines in force stay: {refusal}"));
                }
                Err(error) => self.bear(error)?,
            },
            Wake::Asked | Wake::Clock | Wake::Leave => {}
        }
        Ok(())
    }

    /// Goes on after an error if that can be: what the world refuses now it may grant later, and one
    /// schedule that cannot go on is no reason to let go of everything else. Told once in a row.
    fn bear(&mut self, error: DaemonError) -> Result<(), DaemonError> {
        if matches!(error, DaemonError::Store(StoreError::Unknown { .. })) {
            return Err(error);
        }
        let said = fault::chain(&error);
        if self.borne.as_ref() != Some(&said) {
            self.say(&said);
            let now = self.desk.time.now();
            // A disk that refuses everything refuses this, too; it was said.
            drop(self.desk.store.alarm("critical", error.code(), &said, now));
            self.borne = Some(said);
        }
        Ok(())
    }

    fn say(&self, words: &str) {
        self.desk.workplace.say(words);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Readers who follow a log would keep it for ever.
            runtime.shutdown_timeout(StdDuration::from_secs(1));
        }
    }
}

/// Takes in the text as it stands; a broken one leaves the last good one in force.
fn take_text(desk: &Desk) -> Result<(), DaemonError> {
    let has_last = match desk.resume() {
        // A newer suho may see a mistake where an older one saw none.
        Err(DaemonError::Text(refusal)) => {
            desk.workplace.say(&format!("the last pipelines do not hold any more: {refusal}"));
            false
        }
        resumed => resumed?,
    };
    match desk.reload("start") {
        Ok(summary) => summary.lines().iter().for_each(|line| desk.workplace.say(line)),
        Err(DaemonError::Text(refusal)) if has_last => {
            desk.workplace.say(&format!("the last good pipelines stay in force: {refusal}"));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn listen(options: &Options, desk: &Arc<Desk>) -> Result<(Runtime, SocketAddr), DaemonError> {
    let address = options.listen;
    let refused = |source| DaemonError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("suho-api")
        .enable_io()
        .enable_time()
        .build()
        .map_err(DaemonError::Thread)?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener).map_err(refused)?
    };
    let router =
        api::router(Arc::clone(desk), options.token.as_ref().map(|(token, _)| token.as_str()));
    // A listener that fails takes nobody with it: runs go on, and `/healthz` falls silent.
    drop(runtime.spawn(async move { drop(axum::serve(listener, router).await) }));
    Ok((runtime, address))
}
