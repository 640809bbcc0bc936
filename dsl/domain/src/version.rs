//! Semantic versions of models, and how much a change moves them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// `vMAJOR.MINOR.PATCH`, ordered by number, never by text.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// Another architecture, target or set of features.
    pub major: u32,
    /// Other hyperparameters, more features, more data.
    pub minor: u32,
    /// The same on newer data, or repaired code.
    pub patch: u32,
}

/// A text that is no version.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a version like `v1.2.0`")]
pub struct NotAVersion(String);

/// How much a change moves the version (workflow §3.1, domain §2).
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bump {
    /// Nothing that makes a model changed.
    #[default]
    None,
    /// The same model on newer data, or by repaired code.
    Patch,
    /// Compatible: other hyperparameters, more features.
    Minor,
    /// Not compatible: another architecture, target, or features removed.
    Major,
}

impl Version {
    /// The first version of every model.
    pub const FIRST: Self = Self { major: 1, minor: 0, patch: 0 };

    /// The version after `self` at level `bump`, above every one of `existing` on its line.
    ///
    /// `existing` are all versions of the model's name, archived ones included: numbers are never
    /// used twice (domain §2.3). [`Bump::None`] answers `self`.
    #[must_use]
    pub fn next(self, bump: Bump, existing: &[Self]) -> Self {
        let above = |numbers: &mut dyn Iterator<Item = u32>, own: u32| {
            numbers.fold(own, u32::max).saturating_add(1)
        };
        let Self { major, minor, patch } = self;
        match bump {
            Bump::None => self,
            Bump::Major => {
                let major = above(&mut existing.iter().map(|v| v.major), major);
                Self { major, minor: 0, patch: 0 }
            }
            Bump::Minor => {
                let line = existing.iter().filter(|v| v.major == major);
                Self { major, minor: above(&mut line.map(|v| v.minor), minor), patch: 0 }
            }
            Bump::Patch => {
                let line = existing.iter().filter(|v| (v.major, v.minor) == (major, minor));
                Self { major, minor, patch: above(&mut line.map(|v| v.patch), patch) }
            }
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Patch => "PATCH",
            Self::Minor => "MINOR",
            Self::Major => "MAJOR",
        })
    }
}

impl std::str::FromStr for Version {
    type Err = NotAVersion;
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let refused = || NotAVersion(text.to_owned());
        let number = |part: Option<&str>| {
            let digits = part.filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|p| p.parse().ok()).ok_or_else(refused)
        };
        let mut parts = text.strip_prefix('v').ok_or_else(refused)?.split('.');
        let (major, minor) = (number(parts.next())?, number(parts.next())?);
        let patch = number(parts.next())?;
        if parts.next().is_some() { Err(refused()) } else { Ok(Self { major, minor, patch }) }
    }
}

impl TryFrom<String> for Version {
    type Error = NotAVersion;
    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests;
