//! What the end of a script means: its class, and a sentence.

use super::confine::{self, NOT_BEGUN};
use super::processes::Tally;
use rustix::process::Signal;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use suho_domain::FailureClass;
use suho_step::attempt::STDERR;
use suho_step::{Exec, Order, StepError};

/// The exit code by which a script says that another attempt may go well (`EX_TEMPFAIL`).
const TRY_AGAIN: i32 = 75;
/// Longest piece of a script's last words in a message, in characters.
const LAST_WORDS_MAX: usize = 200;

/// Why a script is ended before it ends by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    Cancelled,
    TimedOut,
    Processes(Tally),
    Memory(Tally),
}

/// What the script's end means.
pub(super) fn judge(
    status: ExitStatus,
    why: Option<Why>,
    order: &Order,
    exec: &Exec,
    folder: &Path,
) -> Result<(), StepError> {
    let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
    match why {
        Some(Why::Cancelled) => return Err(StepError::cancelled()),
        Some(Why::TimedOut) => {
            let limit = order.timeout.unwrap_or(suho_domain::Duration::ZERO);
            let message = format!("the step ran longer than its limit of {limit}");
            return Err(StepError::new(FailureClass::Timeout, "timed-out", message));
        }
        Some(Why::Processes(tally)) => {
            let most = exec.bounds.processes;
            let message =
                format!("the script had {} processes at once; it may have {most}", tally.processes);
            return Err(StepError::user("too-many-processes", message));
        }
        Some(Why::Memory(tally)) => {
            let most = exec.bounds.memory.map_or(0, suho_domain::Bytes::count);
            let (held, most) = (mebibytes(tally.resident_bytes), mebibytes(most));
            let message = format!("the script held {held} of memory; it may hold {most}");
            return Err(StepError::new(FailureClass::OutOfMemory, "out-of-memory", message)
                .help("ask for more: `compute = cpu(memory: 4GiB)`"));
        }
        None if status.success() => return Ok(()),
        None => {}
    }
    let said = last_words(&folder.join(STDERR));
    let after = if said.is_empty() { String::new() } else { format!("; its last words: `{said}`") };
    Err(match (status.code(), status.signal()) {
        (Some(code), _) if code == i32::from(NOT_BEGUN) && said.starts_with(confine::REFUSED) => {
            StepError::infrastructure("sandbox", said)
        }
        (Some(TRY_AGAIN), _) => StepError::infrastructure(
            "script-failed",
            format!("the script asked for another attempt (exit code {TRY_AGAIN}){after}"),
        ),
        (Some(code), _) => StepError::user(
            "script-failed",
            format!("the script ended with exit code {code}{after}"),
        ),
        (None, signal) => by_signal(signal.unwrap_or_default(), exec, &after),
    })
}

/// What a signal means that we did not send.
fn by_signal(number: i32, exec: &Exec, after: &str) -> StepError {
    let message = |said: String| format!("{said}{after}");
    if number == Signal::XFSZ.as_raw() {
        let most = exec.bounds.file_bytes >> 20;
        let said = format!("the script wrote a file of more than {most} MiB");
        StepError::user("file-too-large", message(said))
    } else if number == Signal::KILL.as_raw() || number == Signal::TERM.as_raw() {
        let said = "the script was ended from outside, perhaps for want of memory".to_owned();
        StepError::infrastructure("script-killed", message(said))
    } else {
        StepError::user("script-crashed", message(format!("signal {number} ended the script")))
    }
}

/// The last line that the script said, shortened.
fn last_words(log: &Path) -> String {
    const TAIL: u64 = 4 * 1024;
    let tail = || -> io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    // The message only says less without it.
    let tail = tail().unwrap_or_default();
    let last = tail.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.trim().chars().take(LAST_WORDS_MAX).collect()
}
