//! What time it is: the machine's, or a tester's.

use std::io::{self, BufRead as _, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};
use suho_domain::Instant;

/// Called when a clock was set.
pub type OnChange = Box<dyn Fn() + Send + Sync>;

/// What time it is. Asked from many threads.
pub trait Time: Send + Sync {
    /// The wall clock, to the microsecond.
    fn now(&self) -> Instant;

    /// How long to sleep until it is `at`; `None` when only a change of the clock can bring it.
    fn until(&self, at: Instant) -> Option<StdDuration>;

    /// Whether jumps are the machine's doing, and worth an alarm.
    fn is_real(&self) -> bool;

    /// What is to be called when somebody sets the clock.
    fn on_change(&self, changed: OnChange);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct WallTime;

impl Time for WallTime {
    fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that others are given")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn until(&self, at: Instant) -> Option<StdDuration> {
        Some(at.since(self.now()).to_std())
    }

    fn is_real(&self) -> bool {
        true
    }

    fn on_change(&self, _: OnChange) {}
}

/// A clock that a tester sets: lines of `now=MILLISECONDS` and `rate=NUMBER` from a Unix socket.
/// It stands still until a rate is given.
pub struct TestClock {
    state: Arc<Mutex<State>>,
}

struct State {
    /// What it showed when it was set.
    base: Instant,
    /// When that was.
    set: std::time::Instant,
    /// Its seconds in one of ours.
    rate: f64,
    changed: Vec<OnChange>,
}

impl std::fmt::Debug for TestClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestClock").field("now", &self.now()).finish_non_exhaustive()
    }
}

/// Why the tester's clock could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TestClockError {
    /// The text does not name a socket.
    #[error("`{0}` is no test clock: expected `unix:PATH`")]
    Form(String),
    /// Nobody answers on the socket, or it went away before it said the time.
    #[error("cannot read the test clock at `{}`", .path.display())]
    Gone {
        /// The socket.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl TestClock {
    /// Connects to the tester at `text`, `unix:PATH`, and waits for its first `now=…`.
    ///
    /// # Errors
    /// When nobody is there, or the first word is no time.
    pub fn connect(text: &str) -> Result<Self, TestClockError> {
        let path = text.strip_prefix("unix:").map(Path::new);
        let path = path.ok_or_else(|| TestClockError::Form(text.to_owned()))?;
        let gone = |source| TestClockError::Gone { path: path.to_owned(), source };
        let mut lines = BufReader::new(UnixStream::connect(path).map_err(gone)?);
        let mut first = String::new();
        lines.read_line(&mut first).map_err(gone)?;
        let silent = || gone(io::Error::new(io::ErrorKind::UnexpectedEof, "it says no time"));
        let clock = Self::at(word(&first).and_then(Word::now).ok_or_else(silent)?);
        let state = Arc::clone(&clock.state);
        let follow = move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some(word) = word(&line) {
                    set(&state, word);
                }
            }
        };
        let spawned = std::thread::Builder::new().name("test-clock".to_owned()).spawn(follow);
        spawned.map(|_| clock).map_err(gone)
    }

    /// A clock that shows `now` until it is [set](Self::set).
    pub fn at(now: Instant) -> Self {
        let state = State { base: now, set: monotonic(), rate: 0.0, changed: Vec::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Sets the clock to `now`.
    pub fn set(&self, now: Instant) {
        set(&self.state, Word::Now(now));
    }
}

impl Time for TestClock {
    fn now(&self) -> Instant {
        lock(&self.state).now()
    }

    fn until(&self, at: Instant) -> Option<StdDuration> {
        let state = lock(&self.state);
        let wait = at.since(state.now()).to_std();
        (state.rate > 0.0).then(|| wait.div_f64(state.rate))
    }

    fn is_real(&self) -> bool {
        false
    }

    fn on_change(&self, changed: OnChange) {
        lock(&self.state).changed.push(changed);
    }
}

impl State {
    fn now(&self) -> Instant {
        let gone = self.set.elapsed().mul_f64(self.rate.max(0.0));
        let micros = i64::try_from(gone.as_micros()).unwrap_or(i64::MAX);
        Instant::from_micros(self.base.micros().saturating_add(micros))
    }
}

/// What a tester says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Now(Instant),
    Rate(f64),
}

impl Word {
    const fn now(self) -> Option<Instant> {
        if let Self::Now(now) = self { Some(now) } else { None }
    }
}

fn word(line: &str) -> Option<Word> {
    let (name, value) = line.trim().split_once('=')?;
    match name {
        "now" => {
            let millis: i64 = value.parse().ok()?;
            Some(Word::Now(Instant::from_micros(millis.saturating_mul(1_000))))
        }
        "rate" => value.parse().ok().filter(|rate: &f64| rate.is_finite()).map(Word::Rate),
        _ => None,
    }
}

fn set(state: &Mutex<State>, word: Word) {
    let mut state = lock(state);
    let now = state.now();
    state.set = monotonic();
    match word {
        Word::Now(now) => state.base = now,
        Word::Rate(rate) => (state.base, state.rate) = (now, rate),
    }
    state.changed.iter().for_each(|changed| changed());
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The clock that is never set.
pub(crate) fn monotonic() -> std::time::Instant {
    #[expect(clippy::disallowed_methods, reason = "how far the other clock jumped is told by it")]
    std::time::Instant::now()
}

#[cfg(test)]
mod tests;
