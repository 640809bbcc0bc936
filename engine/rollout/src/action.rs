//! What a rollout wants done, and why it ended.

use crate::{Guardrail, Look};
use serde::{Deserialize, Serialize};
use std::fmt;
use suho_domain::{BasisPoints, Duration};

/// What to do. Recorded together with the rollout's state, in the order given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Give the candidate this share. Asked for again until it is acknowledged: the same share
    /// again is the same generation again.
    SetTraffic {
        /// The candidate's share.
        share: BasisPoints,
    },
    /// A step of a ramp is held long enough; this one, from zero, begins.
    Advance {
        /// The step, from zero.
        step: usize,
    },
    /// The harm test looked at another block.
    Look(Look),
    /// The clock stands still from here on.
    Pause {
        /// Why.
        reason: Reason,
    },
    /// The clock may run again.
    Resume,
    /// The evidence did not suffice; the canary goes on.
    Extend {
        /// By how much.
        by: Duration,
        /// Counted market time, without the labels' grace, after which it decides again.
        until: Duration,
        /// What was missing.
        reason: Reason,
    },
    /// The rollout is over.
    Decide(Verdict),
}

/// How a rollout ends.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The candidate goes on, with the share it has.
    Promote,
    /// The candidate is taken back.
    RollBack {
        /// Why.
        reason: Reason,
    },
    /// Nobody can say; the candidate is taken back, because the status quo wins.
    Inconclusive {
        /// What was missing.
        reason: Reason,
    },
}

/// Why a rollout paused, was extended, or ended.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "counts are named as what they count")]
pub enum Reason {
    /// A person, or the run's end, wants it back.
    Aborted { why: String },
    /// A guardrail was breached.
    Guardrail(Guardrail),
    /// A declared `rollback when` held for as long as it says.
    Rule { text: String },
    /// A declared `hold when` holds.
    Hold { text: String },
    /// A person holds the rollout.
    Paused,
    /// The harm test's boundary was reached.
    AccuracyHarm,
    /// Arms do not hold the units their shares say: the data cannot be trusted either way.
    SampleRatio,
    /// The source of measurements does not answer.
    MetricsUnavailable,
    /// Nobody asked.
    NoTraffic,
    /// Too few requests were answered.
    TooFewRequests { requests: u64, needed: u64 },
    /// Too few labels have matured.
    TooFewEvents { events: u64, needed: u64 },
    /// Too many labels that are due are not there.
    LabelsMissing { missing: u64, due: u64 },
    /// Too few blocks are complete to say anything of their spread.
    TooFewBlocks { blocks: u64, needed: u64 },
    /// A rule could not be answered when it had to be.
    NoData { text: String },
    /// A requirement does not hold.
    Criteria { text: String },
    /// Neither harm nor what the comparison was to show has been shown.
    NotShown,
    /// The rollout stood still for so long that it reached its longest market time.
    Expired,
    /// A replay ran out of held-back bars.
    OutOfBars,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aborted { why } => write!(f, "aborted: {why}"),
            Self::Guardrail(guardrail) => write!(f, "guardrail: {guardrail}"),
            Self::Rule { text } => write!(f, "rollback when {text}"),
            Self::Hold { text } => write!(f, "hold when {text}"),
            Self::Paused => f.write_str("paused"),
            Self::AccuracyHarm => f.write_str("accuracy harm"),
            Self::SampleRatio => f.write_str("sample ratio mismatch"),
            Self::MetricsUnavailable => f.write_str("metrics unavailable"),
            Self::NoTraffic => f.write_str("no traffic"),
            Self::TooFewRequests { requests, needed } => {
                write!(f, "too few requests: {requests} of {needed}")
            }
            Self::TooFewEvents { events, needed } => {
                write!(f, "too few events: {events} of {needed}")
            }
            Self::LabelsMissing { missing, due } => {
                write!(f, "labels missing: {missing} of {due} due")
            }
            Self::TooFewBlocks { blocks, needed } => {
                write!(f, "too few blocks: {blocks} of {needed}")
            }
            Self::NoData { text } => write!(f, "no data for {text}"),
            Self::Criteria { text } => write!(f, "require {text}"),
            Self::NotShown => f.write_str("not shown"),
            Self::Expired => f.write_str("expired"),
            Self::OutOfBars => f.write_str("out of bars"),
        }
    }
}
