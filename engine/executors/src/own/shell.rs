//! A step that is a script: started in its sandbox, watched, ended in time.

use super::ending::{Why, judge};
use super::place::Place;
use super::processes::{self, Tally};
use super::secret::Secrets;
use super::{outputs, pump};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, set_child_subreaper,
};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use suho_step::attempt::{STDERR, STDOUT};
use suho_step::exec::Variable;
use suho_step::{Context, Exec, Order, Outputs, StepError};

/// How often the script is looked at while it lives.
const LOOK: Duration = Duration::from_millis(20);
/// Every so many looks its processes are counted.
const LOOKS_PER_COUNT: u32 = 5;
/// What passes of the shim's environment: what it takes to find and run programs.
const PASSES: [&str; 6] = ["PATH", "TZ", "LANG", "LC_ALL", "NO_COLOR", "RAYON_NUM_THREADS"];

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
    // We have not waited for it, so that its number is its own.
    let process = pid(child).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
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
        sleep(process.as_ref());
    }
}

/// Sleeps until it is time for the next look, the script is dead, or a signal comes.
fn sleep(process: Option<&OwnedFd>) {
    let Some(process) = process else { return thread::sleep(LOOK) };
    let look = Timespec::try_from(LOOK).ok();
    // However it ends, a look follows.
    let _ = poll(&mut [PollFd::new(process, PollFlags::IN)], look.as_ref());
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
    let Some(pid) = pid(child) else { return Ok(()) };
    match kill_process_group(pid, Signal::TERM) {
        // It has no group of its own yet.
        Err(Errno::SRCH) => Ok(kill_process(pid, Signal::TERM)?),
        other => Ok(other?),
    }
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Milliseconds of a clock that nobody sets.
fn now_ms() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let whole = u64::try_from(now.tv_sec).unwrap_or(0).saturating_mul(1_000);
    whole.saturating_add(u64::try_from(now.tv_nsec / 1_000_000).unwrap_or(0))
}
