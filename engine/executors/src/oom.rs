//! How often the kernel has killed for memory.

use std::fs;

/// Kills for memory since the machine started, over all processes; `None` where the kernel does
/// not count them (before Linux 4.13, and elsewhere).
///
/// A SIGKILL that we did not send, in a time in which this number grew, was most likely one of
/// them. "Most likely" suffices: the same attempt again would meet the same limit, and the class
/// only decides whether that is tried.
pub(crate) fn kills() -> Option<u64> {
    let counters = fs::read_to_string("/proc/vmstat").ok()?;
    counters.lines().find_map(|line| line.strip_prefix("oom_kill ")?.parse().ok())
}
