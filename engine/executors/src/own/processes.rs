//! The processes of an attempt: found by their descent, counted, ended.
//!
//! The shim adopts every orphan below it (it is the sub-reaper), so that whatever a script starts,
//! and however it hides from its group, descends from the shim for as long as the shim lives.

use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, getpid, pidfd_open,
    pidfd_send_signal, waitid, waitpid,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Rounds of ending what is there: whatever is started in one is ended in the next.
const ROUNDS_MAX: u32 = 100;

/// A process, as `/proc` tells of it.
#[derive(Clone, Copy, Debug)]
struct Process {
    parent: i32,
    is_dead: bool,
    resident_pages: u64,
}

/// What the processes of an attempt are, all together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Tally {
    /// Living processes.
    pub(super) processes: u32,
    /// Memory that they hold, in bytes.
    pub(super) resident_bytes: u64,
}

/// What lives below this process. Of those that are dead, all but its child `own` are buried: an
/// orphan that nobody buries keeps its number.
pub(super) fn tally(own: u32) -> Tally {
    let all = all();
    let here = getpid().as_raw_pid();
    let orphans = all.iter().filter(|(_, process)| process.is_dead && process.parent == here);
    for pid in orphans.filter_map(|(pid, _)| Pid::from_raw(*pid)) {
        if u32::try_from(pid.as_raw_pid()) != Ok(own) {
            // Buried already is as good.
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let below = below(here, &all);
    let living = below.iter().filter_map(|pid| all.get(pid)).filter(|process| !process.is_dead);
    living.fold(Tally::default(), |tally, process| Tally {
        processes: tally.processes.saturating_add(1),
        resident_bytes: tally
            .resident_bytes
            .saturating_add(process.resident_pages.saturating_mul(page)),
    })
}

/// Ends all that lives below this process, at once.
pub(super) fn end_all() {
    if has_no_child() {
        return;
    }
    for _ in 0..ROUNDS_MAX {
        let all = all();
        let below = below(getpid().as_raw_pid(), &all);
        let is_living = |pid: &&i32| all.get(*pid).is_some_and(|process| !process.is_dead);
        let living: Vec<i32> = below.iter().filter(is_living).copied().collect();
        if living.is_empty() {
            return;
        }
        // Stopped first, so that none starts another while its turn comes.
        for signal in [Signal::STOP, Signal::KILL] {
            for pid in &living {
                send(*pid, signal, |_| true);
            }
        }
    }
}

/// Whether nothing lives below this process: orphans become its children, so that without a child
/// it has no descendant.
fn has_no_child() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::All, options).is_err_and(|error| error == Errno::CHILD)
}

/// Ends every process that holds `mark` in its environment: what an attempt has left behind whose
/// shim is dead.
pub(crate) fn end_marked(mark: &[u8]) {
    let marked = |pid: i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark)
    };
    let own = getpid().as_raw_pid();
    for _ in 0..ROUNDS_MAX {
        let found: Vec<i32> = all()
            .into_iter()
            .filter(|(pid, process)| *pid != own && !process.is_dead && marked(*pid))
            .map(|(pid, _)| pid)
            .collect();
        if found.is_empty() {
            return;
        }
        for pid in found {
            send(pid, Signal::KILL, marked);
        }
    }
}

/// What follows `mark` in the environments of the living processes that hold it.
pub(super) fn values_of(mark: &[u8]) -> BTreeSet<Vec<u8>> {
    let living = all().into_iter().filter(|(_, process)| !process.is_dead);
    let mut values = BTreeSet::new();
    for (pid, _) in living {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let variables = environment.split(|byte| *byte == 0);
        values.extend(variables.filter_map(|it| it.strip_prefix(mark).map(<[u8]>::to_vec)));
    }
    values
}

/// Sends `signal` to the process `pid`, if it is still the one that `is_it` says. One that is gone
/// has what it was to have.
fn send(pid: i32, signal: Signal, is_it: impl Fn(i32) -> bool) {
    let Some(number) = Pid::from_raw(pid) else { return };
    // Held open, its number cannot become another's between the look and the signal.
    let Ok(process) = pidfd_open(number, PidfdFlags::empty()) else { return };
    if is_it(pid) {
        // Gone meanwhile, or not ours to end: the next round sees.
        let _ = pidfd_send_signal(process, signal);
    }
}

/// Everything that descends from `root`.
fn below(root: i32, all: &BTreeMap<i32, Process>) -> Vec<i32> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for (pid, process) in all {
        children.entry(process.parent).or_default().push(*pid);
    }
    let (mut found, mut open) = (Vec::new(), vec![root]);
    while let Some(next) = open.pop() {
        let own = children.remove(&next).unwrap_or_default();
        found.extend_from_slice(&own);
        open.extend(own);
    }
    found
}

/// Every process of the machine that this one may see; none where there is no `/proc`.
fn all() -> BTreeMap<i32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(|pid: i32| Some((pid, read(pid)?))).collect()
}

/// The process `pid`; none when it is gone.
fn read(pid: i32) -> Option<Process> {
    let text = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    // The second field is the program's name in brackets, and may hold anything.
    let (_, fields) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        is_dead: matches!(*fields.first()?, "Z" | "X"),
        resident_pages: fields.get(21)?.parse().ok()?,
    })
}

/// How many threads the user of this process runs: what its limit of processes counts from.
pub(super) fn threads_of_user() -> u64 {
    let uid = rustix::process::getuid().as_raw().to_string();
    let threads = |pid: i32| -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let is_own = field("Uid:")?.split_whitespace().next() == Some(uid.as_str());
        is_own.then(|| field("Threads:")?.trim().parse().ok()).flatten()
    };
    all().into_keys().filter_map(threads).sum()
}
