//! A step that is a script: started in its sandbox, watched, ended in time.

use super::confine::{self, DEVICES, NOT_BEGUN, SANDBOX, SYSTEM, Sandbox};
use super::processes::{self, Tally};
use super::secret::Secrets;
use super::{outputs, pump};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, kill_process_group, set_child_subreaper};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use suho_domain::FailureClass;
use suho_step::attempt::{self, STDERR, STDOUT};
use suho_step::exec::Variable;
use suho_step::{Context, Exec, Order, Outputs, StepError};

/// How often the script is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Every so many looks its processes are counted.
const LOOKS_PER_COUNT: u32 = 5;
/// What passes of the shim's environment: what it takes to find and run programs.
const PASSES: [&str; 6] = ["PATH", "TZ", "LANG", "LC_ALL", "NO_COLOR", "RAYON_NUM_THREADS"];
/// More that scripts may read on this machine, as a `PATH`: interpreters in somebody's home.
const MORE_PATHS: &str = "SUHO_SANDBOX_PATHS";
/// The exit code by which a script says that another attempt may go well (`EX_TEMPFAIL`).
const TRY_AGAIN: i32 = 75;
/// Longest piece of a script's last words in a message, in characters.
const LAST_WORDS_MAX: usize = 200;

/// The folders of one attempt at a script.
struct Place<'a> {
    folder: &'a Path,
    script: PathBuf,
    /// Where it works: everything of the project stands in it as a link.
    work: PathBuf,
    /// What it gives back.
    out: PathBuf,
    /// What it needs for a while.
    scratch: PathBuf,
}

/// Why a script is ended before it ends by itself.
#[derive(Clone, Copy, Debug)]
enum Why {
    Cancelled,
    TimedOut,
    Processes(Tally),
    Memory(Tally),
}

pub(super) fn run(
    order: &Order,
    exec: &Exec,
    script: &str,
    env: &BTreeMap<String, Variable>,
    secrets: &Secrets,
    context: &Context<'_>,
) -> Result<Outputs, StepError> {
    let place = Place::prepare(order, exec, script, context.folder()).map_err(refused)?;
    // Whatever the script starts and leaves behind becomes a child of this process.
    set_child_subreaper(Some(rustix::process::getpid())).map_err(|error| refused(error.into()))?;
    let mut child = start(order, &place, env, secrets).map_err(refused)?;
    let out = carry(child.stdout.take(), &place.folder.join(STDOUT), exec, secrets);
    let err = carry(child.stderr.take(), &place.folder.join(STDERR), exec, secrets);
    let watched = watch(&mut child, order, exec, context);
    // What it has left running is not wanted any more, however it ended.
    processes::end_all();
    for log in [out, err] {
        let carried = log.map_err(refused)?.join();
        carried
            .map_err(|_| StepError::bug("log", "the log's carrier panicked"))?
            .map_err(refused)?;
    }
    let (status, why) = watched.map_err(refused)?;
    judge(status, why, order, exec, place.folder)?;
    outputs::read(&place.out, exec, Path::new(&order.artifacts), secrets)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn refused(error: io::Error) -> StepError {
    StepError::infrastructure("script", "the script cannot be run").because(&error)
}

impl<'a> Place<'a> {
    fn prepare(order: &Order, exec: &Exec, script: &str, folder: &'a Path) -> io::Result<Self> {
        let place = Self {
            folder,
            script: folder.join("script.sh"),
            work: folder.join("work"),
            out: folder.join("out"),
            scratch: folder.join("tmp"),
        };
        for folder in [&place.work, &place.out, &place.scratch] {
            fs::create_dir_all(folder)?;
        }
        fs::write(&place.script, script)?;
        let visible = visible(&order.project, folder)?;
        for (name, path) in &visible {
            std::os::unix::fs::symlink(path, place.work.join(name))?;
        }
        let paths = |name: &str| -> Vec<PathBuf> {
            std::env::var_os(name)
                .map_or_else(Vec::new, |all| std::env::split_paths(&all).collect())
        };
        // A program outside the system's folders needs its libraries, which stand beside it.
        let beside = |path: PathBuf| {
            let around = path.parent().filter(|around| *around != Path::new("/"));
            let libraries = around
                .into_iter()
                .flat_map(|around| ["lib", "lib64", "libexec"].map(|name| around.join(name)));
            libraries.chain([path.clone()]).collect::<Vec<_>>()
        };
        let ours = [place.script.clone(), PathBuf::from(&order.artifacts)];
        let sandbox = Sandbox {
            script: place.script.clone(),
            read: SYSTEM
                .iter()
                .map(PathBuf::from)
                .chain(ours)
                .chain(paths("PATH").into_iter().flat_map(beside))
                .chain(paths(MORE_PATHS))
                .chain(visible.into_iter().map(|(_, path)| path))
                .filter(|path| path.is_absolute())
                .collect(),
            write: [&place.work, &place.out, &place.scratch]
                .into_iter()
                .cloned()
                .chain(DEVICES.iter().map(PathBuf::from))
                .collect(),
            file_bytes: exec.bounds.file_bytes,
            processes: exec.bounds.processes,
            // All of them together are watched; this is for the one that grows between two looks.
            memory_bytes: exec.bounds.memory.map(|most| most.count().saturating_mul(2)),
        };
        attempt::write_whole(&folder.join(SANDBOX), &sandbox).map_err(io::Error::other)?;
        Ok(place)
    }
}

/// What a script sees of the project: all that stands in its root, but for where the engine keeps
/// what it knows.
fn visible(project: &Path, attempt: &Path) -> io::Result<Vec<(OsString, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(project)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if name != ".suho" && !attempt.starts_with(&path) {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

fn start(
    order: &Order,
    place: &Place<'_>,
    env: &BTreeMap<String, Variable>,
    secrets: &Secrets,
) -> io::Result<Child> {
    let passes = PASSES.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    // This very program, whatever stands at its path by now.
    #[expect(clippy::disallowed_methods, reason = "this is where processes are started")]
    let mut command = Command::new("/proc/self/exe");
    command
        .args(["exec", "--confined"])
        .arg(place.folder)
        .current_dir(&place.work)
        .env_clear()
        .envs(passes)
        .env("HOME", &place.work)
        .env("PWD", &place.work)
        .env("TMPDIR", &place.scratch)
        // One's own names never hide these.
        .envs(secrets.given().iter().filter(|(name, _)| env.contains_key(*name)))
        .env("SUHO_OUT", &place.out)
        .env("SUHO_PROJECT", &order.project)
        .env("SUHO_ARTIFACTS", &order.artifacts)
        .env("SUHO_ATTEMPT_KEY", order.key.to_string())
        .env("SUHO_EPOCH", order.epoch.to_string())
        .env(super::MARK, place.folder)
        .env("SUHO_LOGICAL_TIME", order.logical_time.to_string())
        .env("SUHO_SEED", order.seed.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn()
}

/// Carries what the script says into the log at `path`, beside everything else.
fn carry(
    from: Option<impl Read + Send + 'static>,
    path: &Path,
    exec: &Exec,
    secrets: &Secrets,
) -> io::Result<JoinHandle<io::Result<u64>>> {
    let from = from.ok_or_else(|| io::Error::other("the script has no such stream"))?;
    let to = OpenOptions::new().create(true).append(true).open(path)?;
    let (redactor, bytes_max) = (secrets.redactor(), exec.bounds.log_bytes);
    Ok(thread::spawn(move || pump::pump(from, to, redactor, bytes_max)))
}

/// Looks after the script until it is dead. Answers how it ended, and why it was ended, if it was.
fn watch(
    child: &mut Child,
    order: &Order,
    exec: &Exec,
    context: &Context<'_>,
) -> io::Result<(ExitStatus, Option<Why>)> {
    let began = now_ms();
    let limit_ms = order.timeout.map(|limit| limit.to_std().as_millis());
    let grace_ms = exec.bounds.grace.to_std().as_millis();
    let (mut why, mut asked_ms, mut looks) = (None, None, 0_u32);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, why));
        }
        let passed = now_ms().saturating_sub(began);
        let is_over = limit_ms.is_some_and(|limit| u128::from(passed) >= limit);
        if why.is_none() && (context.is_cancelled() || is_over) {
            why = Some(if context.is_cancelled() { Why::Cancelled } else { Why::TimedOut });
            asked_ms = Some(passed);
            ask(child)?;
        }
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS_PER_COUNT) {
            let tally = processes::tally(child.id());
            let takes_too_much = excess(tally, exec);
            why = why.or(takes_too_much);
            if takes_too_much.is_some() {
                processes::end_all();
            }
        }
        if asked_ms.is_some_and(|asked| u128::from(passed.saturating_sub(asked)) >= grace_ms) {
            processes::end_all();
        }
        thread::sleep(LOOK);
    }
}

/// What the script takes that it may not.
fn excess(tally: Tally, exec: &Exec) -> Option<Why> {
    let memory = exec.bounds.memory.map(suho_domain::Bytes::count);
    if tally.processes > exec.bounds.processes {
        Some(Why::Processes(tally))
    } else if memory.is_some_and(|most| tally.resident_bytes > most) {
        Some(Why::Memory(tally))
    } else {
        None
    }
}

/// Asks the script and its group to end.
fn ask(child: &Child) -> io::Result<()> {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return Ok(()) };
    match kill_process_group(pid, Signal::TERM) {
        // It has no group of its own yet.
        Err(Errno::SRCH) => Ok(kill_process(pid, Signal::TERM)?),
        other => Ok(other?),
    }
}

/// What the script's end means.
fn judge(
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

/// Milliseconds of a clock that nobody sets.
fn now_ms() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let whole = u64::try_from(now.tv_sec).unwrap_or(0).saturating_mul(1_000);
    whole.saturating_add(u64::try_from(now.tv_nsec / 1_000_000).unwrap_or(0))
}
