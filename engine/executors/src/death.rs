//! What the death of a process without an outcome means.

use suho_domain::FailureClass;

/// How a process ended, as the system tells it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// Nobody saw it end.
    Unseen,
}

/// What is known about a death beside its exit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// Nothing.
    Unreported,
    /// We were asked to end it.
    Cancelled,
    /// The kernel or the scheduler ended it for its memory.
    OutOfMemory,
    /// The scheduler took the machine away.
    Preempted,
    /// The scheduler's own time limit ended it.
    TimeLimit,
}

/// The death of an attempt's process that left no outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Death {
    /// How the process ended.
    pub exit: Exit,
    /// What is known beside that.
    pub reason: Reason,
}

/// Numbers of signals, as Linux and every scheduler's reports have them.
mod signal {
    pub(super) const INT: i32 = 2;
    pub(super) const ILL: i32 = 4;
    pub(super) const ABRT: i32 = 6;
    pub(super) const BUS: i32 = 7;
    pub(super) const FPE: i32 = 8;
    pub(super) const SEGV: i32 = 11;
    pub(super) const TERM: i32 = 15;
    pub(super) const XCPU: i32 = 24;
    pub(super) const SYS: i32 = 31;
}

/// Shells, containers and Slurm report signal `n` as the exit code 128 + `n`.
const SIGNAL_BASE: i32 = 128;
/// What Rust's runtime exits with after a panic.
const PANIC: i32 = 101;

/// The class of a failure of which only the process's death is known.
///
/// What was reported beside the exit goes before it. A kill that nobody explains is the machine's
/// doing; a SIGTERM that we did not send means that the machine is being taken away.
pub fn classify(death: Death) -> FailureClass {
    match death.reason {
        Reason::Cancelled => FailureClass::Cancelled,
        Reason::OutOfMemory => FailureClass::OutOfMemory,
        Reason::Preempted => FailureClass::Preempted,
        Reason::TimeLimit => FailureClass::Timeout,
        Reason::Unreported => match death.exit {
            Exit::Code(code) if code > SIGNAL_BASE => by_signal(code - SIGNAL_BASE),
            Exit::Code(code) => by_code(code),
            Exit::Signal(number) => by_signal(number),
            Exit::Unseen => FailureClass::Infrastructure,
        },
    }
}

/// Exit codes are the command line's contract ([`suho_domain::Fault::exit_code`]).
const fn by_code(code: i32) -> FailureClass {
    match code {
        2 => FailureClass::User,
        70 | PANIC => FailureClass::Bug,
        _ => FailureClass::Infrastructure,
    }
}

const fn by_signal(number: i32) -> FailureClass {
    match number {
        signal::ILL | signal::ABRT | signal::BUS | signal::FPE | signal::SEGV | signal::SYS => {
            FailureClass::Bug
        }
        signal::INT | signal::TERM => FailureClass::Preempted,
        signal::XCPU => FailureClass::Timeout,
        _ => FailureClass::Infrastructure,
    }
}

#[cfg(test)]
mod tests;
