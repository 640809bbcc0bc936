//! How long something took, and how long this thread waited for a processor meanwhile.
//!
//! The only place here that looks at a clock: the latency probe measures what a clock says. Nothing
//! that decides how a result comes about may use it.

use std::time::Instant;

/// The kernel's account of this thread: time on a processor, time waited for one (both in ns), and
/// how often it got one.
const SCHEDULER: &str = "/proc/thread-self/schedstat";

/// A clock that only goes forward.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to count.
    #[expect(clippy::disallowed_methods, reason = "measuring a latency is the probe's purpose")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since then.
    pub(crate) fn millis(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1_000.0
    }
}

/// How long this thread has been ready to run and had no processor, in milliseconds since it began;
/// nothing where the system does not say.
pub(crate) fn waited_ms() -> Option<f64> {
    waited(&std::fs::read_to_string(SCHEDULER).ok()?)
}

fn waited(account: &str) -> Option<f64> {
    let nanos: u64 = account.split_whitespace().nth(1)?.parse().ok()?;
    Some(nanos as f64 / 1e6)
}

#[cfg(test)]
mod tests;
