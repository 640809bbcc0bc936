//! What a sweep tried, and why it picks what it picks.

use crate::figures::short;
use crate::table::table;
use serde::Serialize;
use serde_json::Value as Json;
use std::fmt::Write as _;
use suho_domain::{Record, Value};

/// Most trials that are listed, the best first.
const TRIALS_MAX: usize = 12;

/// What a sweep tried, and why it picks what it picks.
#[derive(Debug, Serialize)]
pub(super) struct Search {
    reason: String,
    best: Json,
    /// Its trials, in the order in which they were tried.
    tried: Json,
    #[serde(skip)]
    rows: Vec<Vec<String>>,
}

impl Search {
    /// What `outputs` of a sweep say; nothing before it is done.
    pub(super) fn of(outputs: &Record) -> Option<Self> {
        let Value::List(tried) = outputs.get("tried")? else { return None };
        let loss = |trial: &&Value| match trial.field("validation_loss") {
            Some(Value::Float(loss)) => *loss,
            _ => f64::INFINITY,
        };
        let mut best_first: Vec<&Value> = tried.iter().collect();
        best_first.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
        let cell = |trial: &Value, name: &str| trial.field(name).map(short).unwrap_or_default();
        let row = |trial: &&Value| {
            ["number", "validation_loss", "validation_accuracy", "best_epoch", "epochs", "settings"]
                .map(|name| cell(trial, name))
                .to_vec()
        };
        Some(Self {
            reason: outputs.get("reason")?.to_string(),
            best: outputs.get("best")?.to_plain(),
            tried: tried.iter().map(Value::to_plain).collect(),
            rows: best_first.iter().map(row).collect(),
        })
    }

    /// For people: the reason, and the best trials.
    pub(super) fn text(&self) -> String {
        let mut text = format!("  {}\n", self.reason);
        let head = ["TRIAL", "LOSS", "ACCURACY", "BEST EPOCH", "EPOCHS", "SETTINGS"];
        let shown: Vec<_> = self.rows.iter().take(TRIALS_MAX).cloned().collect();
        text.push_str(&table("    ", &head, &shown));
        let more = self.rows.len().saturating_sub(TRIALS_MAX);
        if more > 0 {
            let _infallible = writeln!(text, "    and {more} more");
        }
        text
    }
}
