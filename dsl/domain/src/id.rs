//! Identities. Each kind has a type, so a run can never be taken for a model.
//!
//! Ids are derived by name, never drawn: the same instance, pipeline and run number give the same
//! id, which is what makes a rehearsal repeatable to the byte.

use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A text that is no id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not an id: 32 hexadecimal digits in groups of 8-4-4-4-12")]
pub struct NotAnId(String);

/// The UUID (version 8, by content) of `parts`.
fn derive(kind: &str, parts: &[&str]) -> String {
    let named = serde_json::json!([kind, parts]);
    let digest = Digest::of_json(&named);
    let mut hex: Vec<char> = digest.hex().chars().take(32).collect();
    if let Some(version) = hex.get_mut(12) {
        *version = '8';
    }
    if let Some(layout) = hex.get_mut(16) {
        *layout = 'a';
    }
    let mut text = String::with_capacity(36);
    for (at, digit) in hex.into_iter().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_digit() || ('a'..='f').contains(&c),
        })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id of what `parts` name, always the same for the same parts.
            pub fn derive(parts: &[&str]) -> Self {
                Self(derive($kind, parts))
            }

            /// The id's text, a UUID.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first eight digits, as lists show it.
            pub fn short(&self) -> &str {
                self.0.get(..8).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                if is_uuid(&text) { Ok(Self(text)) } else { Err(NotAnId(text)) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// One run of one pipeline.
    RunId, "run"
);
id!(
    /// One version of one model.
    ModelId, "model"
);
id!(
    /// One rollout of one model version: a shadow, a canary or a ramp.
    DeploymentId, "deployment"
);

/// One attempt at one step of one run: the idempotency key of everything the attempt does.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct AttemptKey {
    /// The run.
    pub run: RunId,
    /// The step's name in its pipeline.
    pub step: crate::Name,
    /// Counted from 1.
    pub attempt: u32,
}

impl fmt::Display for AttemptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.run, self.step, self.attempt)
    }
}
