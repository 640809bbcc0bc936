//! Why an attempt failed, as far as what to do next depends on it.

use crate::Fault;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The class of a failed attempt: it decides whether another attempt can help, and who is told.
///
/// Written in snake case in files, columns and JSON.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// What the step was told to do cannot be done: wrong settings, wrong data. Never retried.
    User,
    /// The disk, the network or the machine refused. Another attempt may go well.
    Infrastructure,
    /// The machine was taken away. Another attempt may go well and is not the step's own failure.
    Preempted,
    /// The kernel or a scheduler ended it for its memory. The same again would end the same.
    OutOfMemory,
    /// It ran longer than its limit.
    Timeout,
    /// Somebody ended it.
    Cancelled,
    /// suho or the step is wrong: a panic, a broken contract. Never retried.
    Bug,
}

impl FailureClass {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[
        Self::User,
        Self::Infrastructure,
        Self::Preempted,
        Self::OutOfMemory,
        Self::Timeout,
        Self::Cancelled,
        Self::Bug,
    ];

    /// The word for it, as files, columns and JSON hold it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Infrastructure => "infrastructure",
            Self::Preempted => "preempted",
            Self::OutOfMemory => "out_of_memory",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Bug => "bug",
        }
    }

    /// The one that `word` names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|each| each.word() == word)
    }

    /// Who has to act on it. A cancelled attempt was ended by a user.
    pub const fn fault(self) -> Fault {
        match self {
            Self::User | Self::Cancelled => Fault::User,
            Self::Infrastructure | Self::Preempted | Self::OutOfMemory | Self::Timeout => {
                Fault::World
            }
            Self::Bug => Fault::Bug,
        }
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
