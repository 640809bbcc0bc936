//! Answers for programs: JSON, or the same as YAML.

use crate::yaml;
use serde_json::Value as Json;

/// What an answer for a program is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notation {
    Json,
    Yaml,
}

impl Notation {
    /// `answer`, indented, with a line's end.
    pub(crate) fn page(self, answer: &Json) -> String {
        match self {
            Self::Json => format!("{answer:#}\n"),
            Self::Yaml => yaml::document(answer),
        }
    }
}
