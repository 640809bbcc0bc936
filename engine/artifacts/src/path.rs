//! Where an artifact is: a path that means the same in every file system and object store.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A relative path of lowercase names: `platform/eurusd/v1.0.0/model.safetensors`.
///
/// Invariant: one or more names between slashes, each of 1 to [`NAME_BYTES_MAX`](Self::NAME_BYTES_MAX)
/// bytes of `a-z`, `0-9`, `_`, `-` and `.`, not beginning or ending with a dot. So it never leaves its root, and
/// no two paths fall together where case does not count.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArtifactPath(String);

/// A text that is no path of an artifact.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a path of an artifact: names of `a-z`, `0-9`, `_`, `-` and `.` between `/`")]
pub struct NotAPath(String);

impl ArtifactPath {
    /// Longest name between two slashes, in bytes.
    pub const NAME_BYTES_MAX: usize = 128;
    /// Longest path, in bytes: object stores take 1,024.
    pub const BYTES_MAX: usize = 1_000;

    /// The path written `text`.
    ///
    /// # Errors
    /// When `text` breaks the invariant.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAPath> {
        let text = text.into();
        let fits = text.len() <= Self::BYTES_MAX && text.split('/').all(is_name);
        if fits { Ok(Self(text)) } else { Err(NotAPath(text)) }
    }

    /// The path of `below` under this one.
    ///
    /// # Errors
    /// When the two together are too long.
    pub fn join(&self, below: &Self) -> Result<Self, NotAPath> {
        Self::new(format!("{self}/{below}"))
    }

    /// The path's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(name: &str) -> bool {
    let fits = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.');
    (1..=ArtifactPath::NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(fits)
        && !name.starts_with('.')
        && !name.ends_with('.')
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ArtifactPath {
    type Error = NotAPath;
    fn try_from(text: String) -> Result<Self, NotAPath> {
        Self::new(text)
    }
}

impl std::str::FromStr for ArtifactPath {
    type Err = NotAPath;
    fn from_str(text: &str) -> Result<Self, NotAPath> {
        Self::new(text)
    }
}

impl From<ArtifactPath> for String {
    fn from(path: ArtifactPath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests;
