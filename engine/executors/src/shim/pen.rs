//! Writes the outcome: once, whoever comes first, the step or its time limit.

use rustix::process::{Signal, kill_current_process_group};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::SystemTime;
use suho_domain::{AttemptKey, Digest, Duration, FailureClass, Instant};
use suho_step::attempt::{self, FileError, OUTCOME};
use suho_step::{Ending, Order, Outcome, StepError, Usage};

/// What it takes to write the outcome of one attempt.
#[derive(Clone)]
pub(super) struct Pen {
    path: PathBuf,
    key: AttemptKey,
    epoch: u64,
    content: Option<Digest>,
    started_at: Instant,
}

impl Pen {
    pub(super) fn new(folder: &Path, order: &Order) -> Self {
        let (key, epoch) = (order.key.clone(), order.epoch);
        let (path, content) = (folder.join(OUTCOME), order.content.clone());
        Self { path, key, epoch, content, started_at: wall_clock() }
    }

    /// Writes that the attempt ended so, unless an outcome is there already. Answers whether this
    /// call wrote it.
    pub(super) fn write(&self, result: Ending) -> Result<bool, FileError> {
        let outcome = Outcome {
            key: self.key.clone(),
            epoch: self.epoch,
            content: self.content.clone(),
            started_at: self.started_at,
            ended_at: wall_clock(),
            result,
            usage: usage(),
        };
        attempt::create_new_whole(&self.path, &outcome)
    }

    /// Ends this process and its group once `limit` has passed, and `grace` after it, unless what it
    /// answers is dropped before.
    pub(super) fn watch(&self, limit: Option<Duration>, grace: Duration) -> Option<Sender<()>> {
        let limit = limit?;
        let (ended, wait) = mpsc::channel();
        let pen = self.clone();
        thread::spawn(move || {
            if wait.recv_timeout(limit.plus(grace).to_std()) == Err(RecvTimeoutError::Timeout) {
                pen.time_out(limit);
            }
        });
        Some(ended)
    }

    fn time_out(&self, limit: Duration) {
        let message = format!("the step ran longer than its limit of {limit}");
        let error = StepError::new(FailureClass::Timeout, "timed-out", message);
        // When the step's own outcome is already there, it has ended in time. When neither can be
        // written the limit holds all the same: the engine will find the attempt gone.
        if !matches!(self.write(Ending::Failed(error)), Ok(false)) {
            // Nothing of this process is left to hear of a refusal.
            let _ = kill_current_process_group(Signal::KILL);
        }
    }
}

/// Now. The only clock in a step's process; no step sees it.
fn wall_clock() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "the rim: when an attempt began and ended")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

/// What this process has used so far; `None` where the system keeps no `/proc`.
fn usage() -> Option<Usage> {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let cpu_ms = cpu.tv_sec.checked_mul(1_000)?.checked_add(cpu.tv_nsec / 1_000_000)?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let rss_max_kib = peak.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(Usage { cpu_ms: u64::try_from(cpu_ms).ok()?, rss_max_kib })
}
