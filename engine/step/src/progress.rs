//! How far an attempt has come.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One report of how far a step has come: one line of `progress.jsonl`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Units of work done so far, in the step's own unit: epochs, rows, bars.
    pub done: u64,
    /// Units of work in all; `None` while nobody knows.
    #[serde(default)]
    pub total: Option<u64>,
    /// What is being done, a lower-case fragment: `epoch 7 of 50`.
    #[serde(default)]
    pub text: String,
    /// Figures worth watching, by name, such as `validation_loss`. Always finite.
    #[serde(default)]
    pub figures: BTreeMap<String, f64>,
}

impl Progress {
    /// `done` units of `total`.
    pub fn of(done: u64, total: u64) -> Self {
        Self { done, total: Some(total), ..Self::default() }
    }

    /// The same report, saying `text`.
    #[must_use]
    pub fn saying(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// The same report with one figure more. A figure that is not finite is left out: JSON cannot
    /// hold it, and a chart could not draw it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, figure: f64) -> Self {
        if figure.is_finite() {
            self.figures.insert(name.into(), figure);
        }
        self
    }
}
