//! Where a model, a run and a step stand, and which moves there are.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares an enum whose variants are written in snake case, everywhere alike.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$vdoc])* $variant),+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it, as files, columns and JSON hold it.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The one that `word` names.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|each| each.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// A model version's place in its life (domain §1.1).
    ModelStatus {
        /// The version is reserved; there may be no artifact yet.
        Draft = "draft",
        /// One live training job owns it.
        Training = "training",
        /// The artifact is sealed; it is being evaluated and serves nothing.
        Testing = "testing",
        /// It sees live requests in shadow, and answers none.
        Staging = "staging",
        /// It answers a share of live requests and is not yet the champion.
        Canary = "canary",
        /// It is its slot's champion.
        Production = "production",
        /// It will never serve again, unless restored after being superseded.
        Archived = "archived",
    }
}

words! {
    /// How far a model has come, as the language's types tell it: `Model<tested>`.
    Stage {
        /// By `train`.
        Trained = "trained",
        /// By a `gate` that passed.
        Tested = "tested",
        /// By a `shadow` that passed.
        Staged = "staged",
        /// By a `canary` that promoted.
        Canaried = "canaried",
        /// By a `ramp` that finished.
        Ramped = "ramped",
        /// By `promote`, or looked up by `production`.
        Production = "production",
        /// It was replaced or withdrawn.
        Archived = "archived",
    }
}

words! {
    /// How a run stands.
    RunStatus {
        /// Accepted, not yet begun.
        Queued = "queued",
        /// At work.
        Running = "running",
        /// Waiting for something outside: an approval, a slot, the market.
        Waiting = "waiting",
        /// Held by a person or a rule.
        Paused = "paused",
        /// Every step ended well.
        Succeeded = "succeeded",
        /// A gate said no.
        Rejected = "rejected",
        /// A rollout took the candidate back.
        RolledBack = "rolled_back",
        /// The evidence did not suffice for an answer.
        Inconclusive = "inconclusive",
        /// A step failed for good.
        Failed = "failed",
        /// A person ended it.
        Cancelled = "cancelled",
        /// What happened cannot be known; an operator decides.
        Unknown = "unknown",
    }
}

words! {
    /// How a step of a run stands.
    StepStatus {
        /// It needs steps that are not done.
        Waiting = "waiting",
        /// It may begin and waits for room.
        Queued = "queued",
        /// An attempt is at work.
        Running = "running",
        /// The next attempt waits for its time.
        Backoff = "backoff",
        /// A rollout is gathering evidence.
        Baking = "baking",
        /// It ended well.
        Succeeded = "succeeded",
        /// It failed for good, or said no.
        Failed = "failed",
        /// Its condition did not hold, or what it needs did not come to be.
        Skipped = "skipped",
        /// An earlier run's result was taken.
        Cached = "cached",
        /// A person ended it.
        Cancelled = "cancelled",
        /// What happened cannot be known; an operator decides.
        Unknown = "unknown",
        /// Set aside so that it harms no other.
        Quarantined = "quarantined",
    }
}

impl RunStatus {
    /// Whether nothing more will happen by itself.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Succeeded
            | Self::Rejected
            | Self::RolledBack
            | Self::Inconclusive
            | Self::Failed
            | Self::Cancelled => true,
            Self::Queued | Self::Running | Self::Waiting | Self::Paused | Self::Unknown => false,
        }
    }
}

impl StepStatus {
    /// Whether nothing more will happen by itself.
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Succeeded
            | Self::Failed
            | Self::Skipped
            | Self::Cached
            | Self::Cancelled
            | Self::Quarantined => true,
            Self::Waiting
            | Self::Queued
            | Self::Running
            | Self::Backoff
            | Self::Baking
            | Self::Unknown => false,
        }
    }

    /// Whether what the step makes is there to be used.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Succeeded | Self::Cached)
    }
}

words! {
    /// What can happen to a model (domain §1.2; the numbers are that table's).
    Move {
        /// T1: a training job takes the draft.
        Train = "train",
        /// T2: the artifact is sealed.
        Seal = "seal",
        /// T3: training failed for good.
        FailTraining = "fail_training",
        /// T4: an artifact made elsewhere, or rolled back, is tested again.
        Retest = "retest",
        /// T5: the gate passed.
        Stage = "stage",
        /// T6: the gate failed.
        Reject = "reject",
        /// T7: the shadow passed.
        StartCanary = "start_canary",
        /// T8: the shadow failed.
        Unstage = "unstage",
        /// T9: the ramp is baked.
        Promote = "promote",
        /// T10: another model took its place.
        Supersede = "supersede",
        /// T11: the rollout took it back.
        RollBack = "roll_back",
        /// T12: the predecessor serves again.
        Restore = "restore",
        /// T13: taken back after it was promoted.
        Demote = "demote",
        /// T14: withdrawn before it was trained.
        Withdraw = "withdraw",
        /// T15: retired with nothing in its place.
        Retire = "retire",
    }
}

/// A move that the lifecycle does not have.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a model that is `{from}` cannot `{attempted}`")]
pub struct IllegalMove {
    /// Where the model stands.
    pub from: ModelStatus,
    /// What was asked of it.
    pub attempted: Move,
}

impl ModelStatus {
    /// Where `attempted` leads from here.
    ///
    /// # Errors
    /// When the lifecycle has no such move.
    pub const fn after(self, attempted: Move) -> Result<Self, IllegalMove> {
        match (self, attempted) {
            (Self::Draft, Move::Train) => Ok(Self::Training),
            (Self::Training, Move::Seal) | (Self::Draft, Move::Retest) => Ok(Self::Testing),
            (Self::Testing, Move::Stage) => Ok(Self::Staging),
            (Self::Staging, Move::StartCanary) => Ok(Self::Canary),
            (Self::Canary, Move::Promote) | (Self::Archived, Move::Restore) => Ok(Self::Production),
            (Self::Staging, Move::Unstage)
            | (Self::Canary, Move::RollBack)
            | (Self::Production, Move::Demote) => Ok(Self::Draft),
            (Self::Training, Move::FailTraining)
            | (Self::Testing, Move::Reject)
            | (Self::Draft, Move::Withdraw)
            | (Self::Production, Move::Supersede | Move::Retire) => Ok(Self::Archived),
            (from, attempted) => Err(IllegalMove { from, attempted }),
        }
    }
}

#[cfg(test)]
mod tests;
