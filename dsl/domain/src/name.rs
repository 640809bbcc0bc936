//! A name as people write it in `.suho` files: a pipeline, a step, a model, an attribute.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An identifier: a letter or `_`, then letters, digits and `_`; at most [`Name::LENGTH_MAX`] bytes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A text that is no name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a name: a letter, then letters, digits and `_`, at most 64 characters")]
pub struct NotAName(String);

impl Name {
    /// Longest name, in bytes: fits every file system, database column and job name we use.
    pub const LENGTH_MAX: usize = 64;

    /// The name written `text`.
    ///
    /// # Errors
    /// When `text` is empty, too long or holds another character.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAName> {
        let text = text.into();
        let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
        let fits = text.len() <= Self::LENGTH_MAX
            && text.starts_with(starts)
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if fits { Ok(Self(text)) } else { Err(NotAName(text)) }
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = NotAName;
    fn try_from(text: String) -> Result<Self, NotAName> {
        Self::new(text)
    }
}

impl std::str::FromStr for Name {
    type Err = NotAName;
    fn from_str(text: &str) -> Result<Self, NotAName> {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// So that maps keyed by names can be asked with a `&str`.
impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}
