//! The version that a pipeline asks for by itself, held against what its changes ask for.

use super::Change;
use suho_domain::{Bump, Fault, Name, Symbol, Value, Version};
use suho_plan::Expr;

/// Which version a `train` step's `version` asks for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wanted {
    /// The one that its changes ask for: `next(baseline)`.
    #[default]
    ByChanges,
    /// A step of this size or larger: `next(baseline, bump: minor)`.
    By(Bump),
    /// This very one: `v2.0.1`.
    Exactly(Version),
}

/// Why a model cannot have the version it asks for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VersionError {
    /// The changes ask for more.
    #[error("`{model}` asks for {asked}, and its changes since {since} are {bump}: {reason}")]
    TooLow {
        /// The model.
        model: Name,
        /// What is written.
        asked: Version,
        /// What it is compared with.
        since: Version,
        /// What the changes ask for.
        bump: Bump,
        /// The gravest change.
        reason: String,
        /// The first version that would do.
        least: Version,
    },
    /// The number was used before.
    #[error(
        "`{model}` asks for {asked}, which is taken: a number is used once, whatever became of it"
    )]
    Taken {
        /// The model.
        model: Name,
        /// What is written.
        asked: Version,
        /// The first version that would do.
        least: Version,
    },
    /// The name stands for a model of another symbol.
    #[error(
        "`{model}` predicts {was}, and is asked to predict {is}: that is another model, not a version"
    )]
    Slot {
        /// The model.
        model: Name,
        /// What it predicts so far.
        was: Symbol,
        /// What it is asked to predict.
        is: Symbol,
    },
}

impl VersionError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }

    /// Which error, in words.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLow { .. } => "version-too-low",
            Self::Taken { .. } => "version-taken",
            Self::Slot { .. } => "slot-change",
        }
    }

    /// What to write instead.
    pub fn help(&self) -> String {
        match self {
            Self::TooLow { least, .. } | Self::Taken { least, .. } => {
                format!("write `version = next(baseline)`, or `version = {least}` or above")
            }
            Self::Slot { is, .. } => format!("give the model for {is} a `name` of its own"),
        }
    }
}

impl Wanted {
    /// What the input `version` of a `train` step asks for.
    pub(crate) fn of(version: Option<&Expr>) -> Self {
        match version {
            Some(Expr::Value(Value::Version(version))) => Self::Exactly(*version),
            Some(Expr::Call(_, arguments)) => {
                let bump = arguments.iter().find(|(name, _)| name.as_deref() == Some("bump"));
                match bump {
                    Some((_, Expr::Value(Value::Variant(bump)))) => match bump.name.as_str() {
                        "patch" => Self::By(Bump::Patch),
                        "minor" => Self::By(Bump::Minor),
                        "major" => Self::By(Bump::Major),
                        _ => Self::ByChanges,
                    },
                    _ => Self::ByChanges,
                }
            }
            _ => Self::ByChanges,
        }
    }

    /// The version of `model` that is asked for, where `changes` since `since` ask for `bump`, so that
    /// the least is `least`; and how far it is from `since`. More than the changes ask for is a reason
    /// of its own.
    ///
    /// A size of step is at least what the changes ask for: a pipeline that retrains by itself goes on.
    /// A version that is written and too low is refused.
    pub(crate) fn settle(
        self,
        model: &Name,
        since: Option<Version>,
        (least, bump): (Version, Bump),
        changes: &mut Vec<Change>,
        existing: &[Version],
    ) -> Result<(Version, Bump), VersionError> {
        let (asked, by) = match (self, since) {
            (Self::ByChanges, _) | (Self::By(_), None) => return Ok((least, bump)),
            (Self::By(by), Some(_)) if by <= bump => return Ok((least, bump)),
            (Self::By(by), Some(since)) => (since.next(by, existing), by),
            (Self::Exactly(asked), _) if existing.contains(&asked) => {
                return Err(VersionError::Taken { model: model.clone(), asked, least });
            }
            (Self::Exactly(asked), None) => return Ok((asked, bump)),
            (Self::Exactly(asked), Some(since)) => {
                let by = level(since, asked);
                if by < bump {
                    let gravest = changes.first().map(|change| change.text.clone());
                    let (model, reason) = (model.clone(), gravest.unwrap_or_default());
                    return Err(VersionError::TooLow { model, asked, since, bump, reason, least });
                }
                (asked, by)
            }
        };
        if by > bump {
            let text = format!("{asked} is asked for; the changes alone are {bump}");
            changes.insert(0, Change { bump: by, code: "written".to_owned(), text });
        }
        Ok((asked, by))
    }
}

/// How far `to` is from `from`; nothing where it is not above it.
fn level(from: Version, to: Version) -> Bump {
    if to <= from {
        Bump::None
    } else if to.major > from.major {
        Bump::Major
    } else if to.minor > from.minor {
        Bump::Minor
    } else {
        Bump::Patch
    }
}
