//! The plan: every step, what it needs, what it is given, what decides.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use suho_check::program::{Expr, Place, Rule};
use suho_domain::{Digest, Duration, Money, Name, Scope, Shape, Value};

/// A compiled pipeline with its parameters bound.
///
/// Its JSON is a contract: stored with each run and read by other programs. `plan.schema.json` in
/// this crate's folder describes it, and a test holds the two together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The schema of this JSON. Raised when a field changes meaning.
    pub schema: u32,
    /// The pipeline's name.
    pub pipeline: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Digest of everything that decides what a run does: not of names, comments or layout.
    pub digest: Digest,
    /// The parameters as bound.
    pub params: BTreeMap<Name, Value>,
    /// The parameters that the run's start decides, as `last(2y)`. A plan with such a parameter is a
    /// schedule's, not a run's: [`started`](Self::started) makes one of it. In the JSON only where
    /// there is one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub starting: BTreeMap<Name, Expr>,
    /// The pipeline's own attributes.
    pub settings: Settings,
    /// The steps, each after all that it needs; among equals as written.
    pub nodes: Vec<Node>,
    /// What happens when the run ends badly.
    pub handlers: Vec<Handler>,
    /// Where the pipeline stands.
    pub place: Place,
}

impl Plan {
    /// The schema this crate writes.
    pub const SCHEMA: u32 = 1;

    /// Canonical JSON: the same text for the same plan, as `dsl/plan/plan.schema.json` describes it.
    pub fn to_json(&self) -> String {
        // A plan holds no number that is not finite and no key that is no text: it always has JSON.
        suho_domain::canonical::json(&serde_json::to_value(self).unwrap_or_default())
    }

    /// The step called `name`.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name.as_str() == name)
    }

    /// The steps of kind `kind`, in order.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |node| node.kind.as_str() == kind)
    }
}

/// A pipeline's own attributes, with the project's where it has none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// IANA zone in which people read its times.
    pub timezone: String,
    /// `fx`, `xnys` or `always`; `None` means by the symbol.
    pub calendar: Option<String>,
    /// Whose models it makes.
    pub scope: Scope,
    /// Wall time after which the run is ended.
    pub deadline: Option<Duration>,
    /// What carries out steps in the environment, a choice of `Executor`. In the JSON only where the
    /// environment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executor: Option<Value>,
    /// What a run may cost. Not in the JSON of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Money>,
    /// What an hour of each machine costs in the environment. Not in the JSON of others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: BTreeMap<String, Money>,
    /// What may not run at the same time: a record of `key` and `on_conflict`. Not in the JSON of
    /// others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Expr>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its name.
    pub name: Name,
    /// Its kind, `train`.
    pub kind: Name,
    /// Who carries it out.
    pub role: Role,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Steps it waits for.
    pub needs: Vec<Name>,
    /// What it is given; outputs of other steps stand as references.
    pub inputs: BTreeMap<String, Expr>,
    /// The condition under which it runs at all.
    pub when: Option<Expr>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// What carries it out, where it is one of the user's own: a container, a shell, a request. Not
    /// in the JSON of the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Expr>,
    /// What a step of the user's own has to give back. Not in the JSON of the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Shape>,
    /// What a step of the user's own does outside its outputs: `net(host)`, `once`, …. Not in the
    /// JSON of the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<String>,
    /// How often and how long it may try.
    pub limits: Limits,
    /// Whether an earlier result may be taken where nothing changed.
    #[serde(default, skip_serializing_if = "Caching::is_usual")]
    pub cache: Caching,
    /// Where it runs, a choice of `Compute`; none for the machine that the engine runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<Value>,
    /// Digest of what it does: kind, inputs, rules, `exec`, and the same of all it needs.
    pub content: Digest,
    /// Where it stands.
    pub place: Place,
}

/// Who carries a step out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A process of its own.
    Work,
    /// The engine, at once, from what the registry knows: `production`.
    Lookup,
    /// The engine, at once, from what other steps made: `gate`, `promote`; or people, who are asked:
    /// `approve`.
    Decision,
    /// The engine, over days: `shadow`, `canary`, `ramp`.
    Rollout,
}

impl Role {
    /// Who carries out steps of `kind`.
    pub fn of(kind: &str) -> Self {
        match kind {
            "production" => Self::Lookup,
            "gate" | "approve" | "promote" => Self::Decision,
            "shadow" | "canary" | "ramp" => Self::Rollout,
            _ => Self::Work,
        }
    }
}

/// Whether an earlier result may be taken where nothing changed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caching {
    /// It may.
    #[default]
    Use,
    /// The step is done anew in every run: `cache = false`.
    Never,
}

impl Caching {
    /// Whether it is what holds where nothing is said; such a step's JSON is silent about it.
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::Use)
    }
}

/// How often and how long a step may try. Not part of its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// An attempt that takes longer is killed.
    pub timeout: Option<Duration>,
    /// Attempts that may fail before the step has failed. At least 1.
    pub attempts: u32,
    /// Failures worth another attempt.
    pub retry_on: Vec<FailureMode>,
    /// Wait before the second attempt; doubles from there.
    pub backoff: Duration,
    /// Longest wait between two attempts; that before the second where every wait is the same. In
    /// the JSON only where it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_max: Option<Duration>,
}

impl Limits {
    /// Longest an attempt may take when nothing is declared: the source's twelve hours.
    pub const TIMEOUT_DEFAULT: Duration = Duration::from_hours(12);
    /// Longest a request of the user's own may take when nothing is declared.
    pub const REQUEST_TIMEOUT_DEFAULT: Duration = Duration::from_minutes(1);
    /// Wait before the second attempt when nothing is declared.
    pub const BACKOFF_DEFAULT: Duration = Duration::from_seconds(5);
    /// Longest wait between two attempts when nothing is declared.
    pub const BACKOFF_MAX_DEFAULT: Duration = Duration::from_minutes(10);
}

/// A word of the language for a class of failures: `infrastructure`, `preempted`, ….
pub type FailureMode = String;

/// `on rollback`, `on failure`, `on cancel`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handler {
    /// `rollback`, `failure` or `cancel`.
    pub event: Name,
    /// What it sets.
    pub attributes: BTreeMap<String, Expr>,
}

#[cfg(test)]
mod tests;
