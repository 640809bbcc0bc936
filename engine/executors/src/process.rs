//! The engine's side: starts attempts as processes, looks after them, ends them.
//!
//! Nothing here waits or sleeps: the driver owns time. Nothing that matters is kept in memory: a
//! new executor at the same root finds every attempt of the old one by its folder.

mod error;

pub use error::ExecutorError;

use crate::environment::Environment;
use crate::vigil::{Ring, Vigil};
use crate::{Chunk, Death, Exit, Reason, Stream, alive, classify, logs, oom, own};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use suho_domain::{AttemptKey, FailureClass};
use suho_step::attempt::{self, CANCELLED, ORDER, OUTCOME};
use suho_step::{Ending, Exec, Order, Outcome};

/// Runs each attempt as a process of its own on this machine.
#[derive(Debug)]
pub struct ProcessExecutor {
    root: PathBuf,
    environment: Environment,
    /// The attempts that this very executor started and has not seen dead, and how those it has
    /// seen dead without an outcome came to it.
    own: BTreeMap<AttemptKey, Own>,
    /// Waits for ends, where somebody wants to be told of them.
    vigil: Option<Vigil>,
}

#[derive(Debug)]
enum Own {
    Started { child: Child, oom_kills: Option<u64> },
    Dead(FailureClass),
}

/// An attempt that was submitted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Handle {
    /// Which attempt.
    pub key: AttemptKey,
    /// Its folder.
    pub folder: PathBuf,
}

/// How an attempt stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// Its process lives.
    Running,
    /// It left an outcome. This is final.
    Ended(Box<Outcome>),
    /// Its process is dead or never began, and there is no outcome. This is final once the attempt
    /// was submitted: a dead attempt is never begun again.
    Gone(FailureClass),
}

impl ProcessExecutor {
    /// An executor with its attempts below the absolute path `root`. Of `environment`, attempts
    /// see what it takes to run: `PATH`, `HOME`, `TMPDIR`, `TZ`, `LANG`, `NO_COLOR`,
    /// `RAYON_NUM_THREADS` and all that begins with `SUHO_`; a step of the engine's own what opens
    /// its object store, and one of the user's the secrets that it names.
    pub fn at(root: &Path, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let environment = Environment::of(environment);
        Self { root: root.to_owned(), environment, own: BTreeMap::new(), vigil: None }
    }

    /// As it is, and `ring` is called whenever an attempt that was submitted or seen at work here
    /// has ended: [`ended`](Self::ended) then names it.
    #[must_use]
    pub fn ringing(self, ring: Ring) -> Self {
        Self { vigil: Some(Vigil::new(ring)), ..self }
    }

    /// The attempts that have ended since the last call, or may have; `None` without a
    /// [ring](Self::ringing).
    pub fn ended(&mut self) -> Option<Vec<AttemptKey>> {
        self.vigil.as_mut().map(Vigil::ended)
    }

    fn watch(&mut self, key: &AttemptKey, folder: &Path) {
        if let Some(vigil) = &mut self.vigil {
            vigil.watch(key, folder);
        }
    }

    /// The folder of the attempt `key`: `ROOT/RUN/STEP/ATTEMPT`.
    pub fn folder(&self, key: &AttemptKey) -> PathBuf {
        let attempt = key.attempt.to_string();
        self.root.join(key.run.as_str()).join(key.step.as_str()).join(attempt)
    }

    /// Starts `program exec FOLDER` for `order`, unless the attempt has begun before: submitting
    /// again is no error and starts nothing. `program` is an absolute path.
    ///
    /// # Errors
    /// When the key was submitted with another order or in a later epoch, or the machine refuses.
    pub fn submit(&mut self, order: &Order, program: &Path) -> Result<Handle, ExecutorError> {
        // Whoever is told of ends looks at them; whoever looks on its own may forget one.
        if self.vigil.is_none() {
            self.bury_ended();
        }
        let folder = self.folder(&order.key);
        fs::create_dir_all(&folder)
            .map_err(|source| ExecutorError::Folder { path: folder.clone(), source })?;
        let handle = Handle { key: order.key.clone(), folder: folder.clone() };
        let kept: Option<Order> = attempt::read_json(&folder.join(ORDER))?;
        if let Some(kept) = &kept {
            same_order(kept, order)?;
        }
        let Some(mut lock) = alive::take(&folder).map_err(refused(&folder))? else {
            self.watch(&order.key, &folder);
            return Ok(handle);
        };
        let started = self.start_once(order, program, &folder, kept.as_ref(), &mut lock);
        if !matches!(started, Ok(Some(_))) {
            alive::release(&lock).map_err(refused(&folder))?;
        }
        if let Some(started) = started? {
            self.own.insert(order.key.clone(), started);
        }
        drop(lock);
        self.watch(&order.key, &folder);
        Ok(handle)
    }

    /// Starts the attempt whose lock this is, unless it has begun before.
    fn start_once(
        &self,
        order: &Order,
        program: &Path,
        folder: &Path,
        kept: Option<&Order>,
        lock: &mut File,
    ) -> Result<Option<Own>, ExecutorError> {
        if alive::begun(lock).map_err(refused(folder))?.is_some() {
            return Ok(None);
        }
        // Nobody else writes here while we hold the lock, and nothing has begun yet.
        if kept != Some(order) {
            attempt::write_whole(&folder.join(ORDER), order)?;
        }
        let oom_kills = oom::kills();
        let lock = lock.try_clone().map_err(refused(folder))?;
        let child = self.start(order, program, folder, lock)?;
        Ok(Some(Own::Started { child, oom_kills }))
    }

    fn start(
        &self,
        order: &Order,
        program: &Path,
        folder: &Path,
        lock: File,
    ) -> Result<Child, ExecutorError> {
        let log = |stream: Stream| {
            let path = folder.join(stream.file());
            let file = OpenOptions::new().create(true).append(true).open(&path);
            file.map_err(|source| ExecutorError::Folder { path, source })
        };
        #[expect(clippy::disallowed_methods, reason = "this is where processes are started")]
        let mut command = Command::new(program);
        command
            .arg("exec")
            .arg(folder)
            .current_dir(folder)
            .env_clear()
            .envs(self.environment.allowed())
            .envs(self.environment.of_store().filter(|_| order.exec.is_none()))
            .envs(self.environment.named(order.exec.iter().flat_map(Exec::secret_variables)))
            .env("SUHO_ATTEMPT_KEY", order.key.to_string())
            .env("SUHO_EPOCH", order.epoch.to_string())
            .env(own::MARK, folder)
            .stdin(Stdio::from(lock))
            .stdout(log(Stream::Stdout)?)
            .stderr(log(Stream::Stderr)?)
            // Its own group: what ends it ends its children, and ctrl-C is for us alone.
            .process_group(0);
        command.spawn().map_err(|source| ExecutorError::Start {
            key: order.key.clone(),
            program: program.to_owned(),
            source,
        })
    }

    /// How the attempt `key` stands. A key that was never submitted is [`Observed::Gone`].
    ///
    /// # Errors
    /// When its folder cannot be read, or the outcome there is another attempt's.
    pub fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        let folder = self.folder(key);
        // The lock before the outcome: a process lets go of it only after it wrote its outcome,
        // so one that has let go and left none will never leave one.
        let is_alive = alive::is_held(&folder).map_err(refused(&folder))?;
        let outcome: Option<Outcome> = attempt::read_json(&folder.join(OUTCOME))?;
        match outcome {
            Some(outcome) if outcome.key != *key => {
                Err(ExecutorError::Foreign { path: folder.join(OUTCOME), key: outcome.key })
            }
            Some(outcome) => {
                if !is_alive {
                    self.bury(key, &folder, Left::after(&outcome))?;
                    self.own.remove(key);
                }
                Ok(Observed::Ended(Box::new(outcome)))
            }
            None if is_alive => {
                self.watch(key, &folder);
                Ok(Observed::Running)
            }
            None => self.bury(key, &folder, Left::Unknown).map(Observed::Gone),
        }
    }

    /// The handle of the attempt `key`, if it lives or has left an outcome: what a new engine asks
    /// before it starts anything.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn adopt(&self, key: &AttemptKey) -> Result<Option<Handle>, ExecutorError> {
        let folder = self.folder(key);
        let is_alive = alive::is_held(&folder).map_err(refused(&folder))?;
        let is_there = is_alive || folder.join(OUTCOME).exists();
        Ok(is_there.then(|| Handle { key: key.clone(), folder }))
    }

    /// Asks the attempt `key` and its children to end (SIGTERM). One that was not submitted yet
    /// will end as soon as it begins; one that has ended stays as it is.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn terminate(&self, key: &AttemptKey) -> Result<(), ExecutorError> {
        self.end(key, Signal::TERM)
    }

    /// Ends the attempt `key` and its children at once (SIGKILL); otherwise as
    /// [`terminate`](Self::terminate), which goes first: by how much is the driver's to decide.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn kill(&self, key: &AttemptKey) -> Result<(), ExecutorError> {
        self.end(key, Signal::KILL)
    }

    fn end(&self, key: &AttemptKey, signal: Signal) -> Result<(), ExecutorError> {
        let folder = self.folder(key);
        let marked =
            fs::create_dir_all(&folder).and_then(|()| File::create(folder.join(CANCELLED)));
        drop(marked.map_err(|source| ExecutorError::Folder { path: folder.clone(), source })?);
        if !alive::is_held(&folder).map_err(refused(&folder))? {
            return Ok(());
        }
        // Our own child has its number from its birth; another's tells it once it has begun, and
        // until then the mark above reaches it.
        let leader = match self.own.get(key) {
            Some(Own::Started { child, .. }) => leader(child),
            _ => alive::begun_in(&folder).map_err(refused(&folder))?,
        };
        leader.map_or(Ok(()), |leader| signal_group(leader, signal)).map_err(refused(&folder))
    }

    /// What `stream` of the attempt `key` holds from byte `offset` on.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn logs(
        &self,
        key: &AttemptKey,
        stream: Stream,
        offset: u64,
    ) -> Result<Chunk, ExecutorError> {
        let folder = self.folder(key);
        logs::read(&folder, stream, offset)
            .map_err(|source| ExecutorError::Attempt { path: folder.join(stream.file()), source })
    }

    /// The class of the death of the attempt `key`, whose lock is free; ends what it left running.
    fn bury(
        &mut self,
        key: &AttemptKey,
        folder: &Path,
        left: Left,
    ) -> Result<FailureClass, ExecutorError> {
        let is_cancelled = folder.join(CANCELLED).exists();
        let otherwise = if is_cancelled { Reason::Cancelled } else { Reason::Unreported };
        let (child, oom_kills) = match self.own.get_mut(key) {
            Some(Own::Started { child, oom_kills }) => (child, *oom_kills),
            Some(Own::Dead(class)) => return Ok(*class),
            // Begun by an engine that is dead: what it left is known by its mark alone.
            None => {
                left.end(folder);
                return Ok(classify(Death { exit: Exit::Unseen, reason: otherwise }));
            }
        };
        // Until we have waited for it, its number cannot be another's. Its exit is settled, the
        // lock being free; this is for its children.
        if let Some(leader) = leader(child) {
            signal_group(leader, Signal::KILL).map_err(refused(folder))?;
        }
        let status = child.wait().map_err(refused(folder))?;
        left.end(folder);
        let exit = match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Unseen,
        };
        let is_killed = exit == Exit::Signal(Signal::KILL.as_raw());
        let is_for_memory = is_killed && !is_cancelled && oom::kills() > oom_kills;
        let reason = if is_for_memory { Reason::OutOfMemory } else { otherwise };
        let class = classify(Death { exit, reason });
        self.own.insert(key.clone(), Own::Dead(class));
        Ok(class)
    }

    /// Looks once at every attempt of ours, so that of those that ended no zombie stays behind.
    fn bury_ended(&mut self) {
        let is_started = |own: &Own| matches!(own, Own::Started { .. });
        let own = self.own.iter().filter(|(_, own)| is_started(own));
        for key in own.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            // What is wrong with another attempt hinders no new one; who asks about it will hear.
            drop(self.observe(&key));
        }
    }
}

/// What an attempt's process has left running outside its group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Left {
    /// Nothing: it has done its work, and looked after its own before it said so.
    Nothing,
    /// Nobody has said.
    Unknown,
}

impl Left {
    fn after(outcome: &Outcome) -> Self {
        match outcome.result {
            Ending::Succeeded { .. } => Self::Nothing,
            Ending::Failed(_) => Self::Unknown,
        }
    }

    /// Ends it. To find it, every process of the machine is looked at.
    fn end(self, folder: &Path) {
        if self == Self::Unknown {
            own::end_left_behind(folder);
        }
    }
}

/// Whether `order` asks for what `kept` does. The epoch may have moved on, never back.
fn same_order(kept: &Order, order: &Order) -> Result<(), ExecutorError> {
    if kept.epoch > order.epoch {
        return Err(ExecutorError::Stale {
            key: order.key.clone(),
            epoch: order.epoch,
            kept: kept.epoch,
        });
    }
    if (Order { epoch: order.epoch, ..kept.clone() }) == *order {
        Ok(())
    } else {
        Err(ExecutorError::OtherOrder { key: order.key.clone() })
    }
}

/// The number of `child`, which is that of its group.
fn leader(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Sends `signal` to the group that `leader` leads; a group that is gone has what it was to have.
fn signal_group(leader: Pid, signal: Signal) -> io::Result<()> {
    match kill_process_group(leader, signal) {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn refused(folder: &Path) -> impl Fn(io::Error) -> ExecutorError {
    let path = folder.to_owned();
    move |source| ExecutorError::Attempt { path: path.clone(), source }
}

#[cfg(test)]
mod tests;
