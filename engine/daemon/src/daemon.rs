//! The daemon itself: starts by finding out what its predecessor left, then turns until told to go.

use crate::clock::Time;
use crate::conductor::Conductor;
use crate::desk::Desk;
use crate::error::DaemonError;
use crate::listen::listen;
use crate::lock::{DaemonLock, Seat};
use crate::place::{self, Place};
use crate::pool::{Carried, Hands, Next, Pool};
use crate::tls::Tls;
use crate::workplace::Workplace;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, RwLock};
use std::time::Duration as StdDuration;
use suho_domain::{AttemptKey, RunId, fault};
use suho_driver::ports::StoreError;
use suho_driver::{EngineError, standing};
use suho_store::{Access, SqliteStore};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// The longest sleep: a wall clock that was set, or a machine that slept, is noticed after it.
const SLEEP_MAX: StdDuration = StdDuration::from_secs(30);
/// The longest sleep beside others: what they put into the database is noticed after it.
const SHARED_SLEEP_MAX: StdDuration = StdDuration::from_secs(5);
/// The pause after a turn that the world refused.
const REFUSED_PAUSE: StdDuration = StdDuration::from_secs(5);
/// The same where the world is a server, which comes back by itself.
const SHARED_PAUSE: StdDuration = StdDuration::from_secs(1);
/// How often a daemon that stands by asks whether it may lead.
const STAND_BY_PAUSE: StdDuration = StdDuration::from_secs(1);

/// What a daemon is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The state folder: database, attempts, artifacts, lock.
    pub data_dir: PathBuf,
    /// The environment it carries out.
    pub environment: String,
    /// Where it answers; port 0 takes any that is free. With [`tls`](Self::tls) that is for others, and
    /// the commands of this machine have an address of the loopback to themselves.
    pub listen: SocketAddr,
    /// A file that says where it answers, written once recovery is complete.
    pub ready_file: Option<PathBuf>,
    /// Runs at work at the same time.
    pub runs_max: NonZeroU32,
    /// What requests must carry, if anything, and the file it is from.
    pub token: Option<(String, PathBuf)>,
    /// What it proves by that it is who others believe they ask.
    pub tls: Option<Tls>,
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
    /// Something around the daemon is wrong: a code and a sentence.
    Trouble(&'static str, String),
    /// The clock was set.
    Clock,
    /// Go.
    Leave,
}

/// Why a daemon works no longer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Over {
    /// It was told to leave.
    Left,
    /// Another one leads.
    Succeeded,
}

/// A daemon that has recovered and answers.
pub struct Daemon {
    conductor: Conductor,
    desk: Arc<Desk>,
    wakes: Receiver<Wake>,
    options: Options,
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

    /// Lets it tell of something that is wrong around it, as an alarm with the code `code`.
    pub fn trouble(&self, code: &'static str, words: String) {
        drop(self.0.send(Wake::Trouble(code, words)));
    }

    /// Lets it read the text again.
    pub fn reload(&self) {
        drop(self.0.send(Wake::Reload));
    }
}

/// A daemon that has its folder and does not lead yet.
pub struct Candidate {
    desk: Arc<Desk>,
    wakes: Receiver<Wake>,
    options: Options,
    acceptor: Option<TlsAcceptor>,
    _lock: DaemonLock,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Candidate").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Candidate {
    /// Takes the folder's lock and opens the store.
    ///
    /// # Errors
    /// When another daemon has the folder, others could reach the address without a token or TLS, a
    /// certificate cannot be used, or the store refuses.
    pub fn enter(
        options: &Options,
        workplace: Arc<dyn Workplace>,
        time: Arc<dyn Time>,
    ) -> Result<Self, DaemonError> {
        let is_guarded = options.token.is_some() && options.tls.is_some();
        if !options.listen.ip().is_loopback() && !is_guarded {
            return Err(DaemonError::Open(options.listen));
        }
        let acceptor = options.tls.as_ref().map(Tls::acceptor).transpose()?;
        let is_shared = suho_store::address::is_named(&options.data_dir);
        let seat = if is_shared { Seat::OneOfMany } else { Seat::Only };
        let lock = DaemonLock::take(&options.data_dir, seat)?;
        if !is_shared {
            // Whoever looks for a daemon finds none until this one is ready.
            drop(std::fs::remove_file(options.data_dir.join(place::FILE)));
        }
        let store = Arc::new(SqliteStore::open(&options.data_dir, Access::Engine)?);
        let (wake, wakes) = channel();
        let changed = wake.clone();
        time.on_change(Box::new(move || drop(changed.send(Wake::Clock))));
        let desk = Arc::new(Desk {
            store,
            workplace,
            time,
            environment: options.environment.clone(),
            folder: options.data_dir.clone(),
            wake,
            live: RwLock::new(None),
        });
        Ok(Self { desk, wakes, options: options.clone(), acceptor, _lock: lock })
    }

    /// A way to speak to it from elsewhere, before it leads and after.
    pub fn remote(&self) -> Remote {
        Remote(self.desk.wake.clone())
    }

    /// Becomes the daemon of its environment: recovers what a predecessor left, and begins to
    /// answer. Where another daemon leads, it stands by until that one is gone; `None` when it was
    /// told to leave meanwhile.
    ///
    /// # Errors
    /// When the store refuses, or there is no text to carry out.
    pub fn lead(self) -> Result<Option<Daemon>, DaemonError> {
        let Self { desk, wakes, options, acceptor, _lock: lock } = self;
        if !lead(&desk)? {
            desk.workplace.say("another daemon leads: this one stands by");
            while !lead(&desk)? {
                if is_told_to_leave(&wakes) {
                    return Ok(None);
                }
            }
        }
        let conductor = take_over(&desk, options.runs_max)?;
        let token = options.token.as_ref().map(|(token, _)| token.as_str());
        let listening = listen(options.listen, token, acceptor, &desk)?;
        let place = Place {
            version: 1,
            pid: std::process::id(),
            port: listening.address.port(),
            address: listening.address,
            open: listening.open,
            environment: options.environment.clone(),
            token_file: options.token.as_ref().map(|(_, file)| file.clone()),
        };
        place.write(&options.data_dir.join(place::FILE))?;
        if let Some(file) = &options.ready_file {
            place.write(file)?;
        }
        let runtime = Some(listening.runtime);
        Ok(Some(Daemon {
            conductor,
            desk,
            wakes,
            options,
            place,
            borne: None,
            runtime,
            _lock: lock,
        }))
    }
}

/// Waits for one pause of standing by; answers whether it was cut short by being told to leave.
fn is_told_to_leave(wakes: &Receiver<Wake>) -> bool {
    matches!(wakes.recv_timeout(STAND_BY_PAUSE), Ok(Wake::Leave))
}

impl Daemon {
    /// Where it is found.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Works until it is told to leave; then lets go of its runs at their next pause. One that finds
    /// that another daemon leads by now lets go of them as well, and stands by.
    ///
    /// # Errors
    /// When the disk failed a commit: only a new process may go on.
    pub fn run(mut self) -> Result<(), DaemonError> {
        loop {
            let worked = self.work();
            self.conductor.pool.leave();
            if worked? == Over::Left || !self.stand_by()? {
                return Ok(());
            }
        }
    }

    /// Waits until it may lead again, and takes over; answers `false` when it was told to leave
    /// instead.
    fn stand_by(&mut self) -> Result<bool, DaemonError> {
        self.say("another daemon leads by now: its runs are let go");
        loop {
            match lead(&self.desk) {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => self.bear(error)?,
            }
            if is_told_to_leave(&self.wakes) {
                return Ok(false);
            }
        }
        self.conductor = take_over(&self.desk, self.options.runs_max)?;
        self.place.write(&self.options.data_dir.join(place::FILE))?;
        self.say("leads again");
        Ok(true)
    }

    fn work(&mut self) -> Result<Over, DaemonError> {
        let is_shared = self.desk.store.is_shared();
        let sleep_max = if is_shared { SHARED_SLEEP_MAX } else { SLEEP_MAX };
        loop {
            if self.desk.store.is_succeeded() {
                return Ok(Over::Succeeded);
            }
            let sleep = match self.conductor.turn() {
                Ok(next) => {
                    if self.borne.take().is_some() && is_shared {
                        // The server is back: what it refused meanwhile need not wait any longer.
                        self.conductor.pool.free_all();
                    }
                    let until = next.and_then(|at| self.desk.time.until(at));
                    until.map_or(sleep_max, |until| until.min(sleep_max))
                }
                Err(error) => {
                    self.bear(error)?;
                    if is_shared { SHARED_PAUSE } else { REFUSED_PAUSE }
                }
            };
            let first = match self.wakes.recv_timeout(sleep) {
                Ok(wake) => Some(wake),
                Err(RecvTimeoutError::Timeout) => {
                    self.desk.workplace.has_moved().then_some(Wake::Reload)
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(Over::Left),
            };
            let more: Vec<_> = self.wakes.try_iter().collect();
            for wake in first.into_iter().chain(more) {
                if let Wake::Leave = wake {
                    return Ok(Over::Left);
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
                // A server says later what became of it, and the log is read again by then.
                Ok(Next::Stop(why)) if self.desk.store.is_shared() => {
                    self.say(&format!("run {} is read again: {why}", run.short()));
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
            Wake::Trouble(code, words) => {
                self.say(&words);
                let now = self.desk.time.now();
                // A disk that refuses everything refuses this, too; it was said.
                drop(self.desk.store.alarm("warning", code, &words, now));
            }
            Wake::Asked | Wake::Clock | Wake::Leave => {}
        }
        Ok(())
    }

    /// Goes on after an error if that can be: what the world refuses now it may grant later, and one
    /// schedule that cannot go on is no reason to let go of everything else. Told once in a row.
    fn bear(&mut self, error: DaemonError) -> Result<(), DaemonError> {
        let is_shared = self.desk.store.is_shared();
        if matches!(error, DaemonError::Store(StoreError::Unknown { .. })) && !is_shared {
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

/// Tries to become the daemon that leads.
fn lead(desk: &Desk) -> Result<bool, DaemonError> {
    let holder = format!("the daemon on {}, process {}", machine(), std::process::id());
    Ok(desk.store.lead(&desk.environment, &holder)?.is_some())
}

/// What this machine is called.
fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or_else(|_| "this machine".to_owned(), |name| name.trim().to_owned())
}

/// Finds out what the last one that led has left, and begins to decide.
fn take_over(desk: &Arc<Desk>, runs_max: NonZeroU32) -> Result<Conductor, DaemonError> {
    take_text(desk)?;
    sweep(desk)?;
    let hands = Hands {
        store: Arc::clone(&desk.store),
        workplace: Arc::clone(&desk.workplace),
        time: Arc::clone(&desk.time),
        is_leaving: Arc::default(),
        wake: desk.wake.clone(),
        rooms: Arc::default(),
    };
    let pool = Pool::new(hands, runs_max);
    let (store, time) = (Arc::clone(&desk.store), Arc::clone(&desk.time));
    let mut conductor = Conductor::new(store, desk.environment.clone(), time, pool);
    conductor.turn()?;
    Ok(conductor)
}

/// Ends the attempts that an earlier engine has left and no run asks for: their runs are gone or
/// over, or have another attempt at work.
fn sweep(desk: &Desk) -> Result<(), DaemonError> {
    let mut store = &*desk.store;
    let mut is_wanted = |key: &AttemptKey| match standing(&mut store, &key.run) {
        Ok(standing) => standing.state.at_work().any(|it| it == (&key.step, key.attempt)),
        // Whether a run that cannot be read asks for it, a person has to tell.
        Err(error) => !matches!(error, EngineError::Store(StoreError::Missing(_))),
    };
    for key in desk.workplace.sweep(&mut is_wanted) {
        let words = format!("attempt `{key}` was at work and no run asks for it: it was ended");
        desk.workplace.say(&words);
        desk.store.alarm("warning", "swept", &words, desk.time.now())?;
    }
    Ok(())
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
