//! A checked program: names resolved, units read, defaults filled in, spans left behind.
//!
//! What is here cannot be wrong in the ways that [`crate::check`] reports. The plan is made from it
//! and from nothing else.

mod kept;
mod scenario;
mod schedule;
mod trigger;
mod watch;

pub use kept::{Resource, Secret};
pub use scenario::{Course, Expectation, Given, Scenario};
pub use schedule::Recurring;
pub use trigger::{Cause, Cell, Matrix, Run, Trigger};
pub use watch::{Monitor, Watch};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use suho_domain::{Name, Shape, Value};

/// Everything that can be run or asked about in the files that were checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The pipelines, by name.
    pub pipelines: BTreeMap<Name, Pipeline>,
    /// The `project` block's attributes, if there is one (`timezone`, …).
    pub project: BTreeMap<String, Expr>,
    /// The `env` blocks, by name: their attributes, dotted paths kept (`fx_lstm.canary_share`).
    pub environments: BTreeMap<Name, BTreeMap<String, Expr>>,
    /// The monitors, by name.
    pub monitors: BTreeMap<Name, Monitor>,
    /// What starts runs, by name.
    pub triggers: BTreeMap<Name, Trigger>,
    /// Runs of one pipeline side by side, by name.
    pub matrices: BTreeMap<Name, Matrix>,
    /// The `test` blocks, in the order of files and places.
    pub tests: Vec<Scenario>,
    /// The secrets, in the order of files and places.
    pub secrets: Vec<Secret>,
    /// Models, features, costs, channels, connections, in the order of files and places.
    pub resources: Vec<Resource>,
}

/// One pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Its name.
    pub name: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Its parameters, in the order written.
    pub params: Vec<Param>,
    /// Its attributes: `timezone`, `calendar`, `deadline`, `budget`, `concurrency`.
    pub attributes: BTreeMap<String, Expr>,
    /// Its steps, in the order written.
    pub steps: Vec<Step>,
    /// `on rollback`, `on failure`, `on cancel`.
    pub handlers: Vec<Handler>,
    /// Where it stands, for messages: file as given to the checker, line from 1.
    pub place: Place,
}

/// A place a person can go to.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as it was named to the checker.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: crate::Type,
    /// Its default; none means it must be given.
    pub default: Option<Expr>,
}

/// One step instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name; also the name of its outputs.
    pub name: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// The kind, `train`; a key of [`crate::Library::steps`].
    pub kind: Name,
    /// Every `in` port of the signature that is set or has a default.
    pub inputs: BTreeMap<String, Expr>,
    /// The attributes every step may have: `timeout`, `retry`, `when`, `after`, `cache`, `compute`.
    pub meta: BTreeMap<String, Expr>,
    /// Names of steps this one waits for, by data, by `after` or by `when`; sorted, no duplicates.
    pub needs: Vec<Name>,
    /// Its rules, in the order written.
    pub rules: Vec<Rule>,
    /// The conditions of its kind that parameters decide, with the inputs put in.
    pub checks: Vec<Check>,
    /// What carries it out, where its kind says so: a choice of `Exec` (`container`, `shell`, `http`),
    /// with the inputs put in. None for the steps that suho brings along, and for controllers.
    pub exec: Option<Expr>,
    /// What its kind says it gives back, where [`exec`](Self::exec) carries it out.
    pub outputs: BTreeMap<String, Shape>,
    /// What its kind says it does outside its outputs, where [`exec`](Self::exec) carries it out.
    pub effects: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// A condition of a kind, `check share <= 50%`, for one step of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What has to hold.
    pub condition: Expr,
    /// As its signature writes it.
    pub text: String,
}

/// `on rollback { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    /// `rollback`, `failure` or `cancel`.
    pub event: Name,
    /// Its attributes.
    pub attributes: BTreeMap<String, Expr>,
}

/// A rule as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What it does when it holds.
    pub verb: Verb,
    /// What it says. For `compare` the metric compared.
    pub condition: Expr,
    /// `for 5m`: how long it must hold without a gap.
    pub lasting: Option<Expr>,
    /// `else "text"`: what is said when it does not hold.
    pub otherwise: Option<Expr>,
    /// The block of a `compare`: `test`, `accept`.
    pub attributes: BTreeMap<String, Expr>,
    /// The rule as written, blanks normalised, without the verb's block.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Must hold to pass.
    Require,
    /// Takes the candidate back when it holds.
    Rollback,
    /// Stops the clock while it holds.
    Hold,
    /// Compares candidate and baseline by a sequential test.
    Compare,
    /// Fires an alert when it holds.
    Fire,
}

/// An expression whose names are resolved. Constant parts may already be folded to [`Expr::Value`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// Known.
    Value(Value),
    /// A pipeline's parameter.
    Param(Name),
    /// A step's output, or a field of one: `quality.baseline?.accuracy`.
    Output {
        /// The step.
        step: Name,
        /// The fields, outermost first; empty for the step as a whole (a `production` lookup).
        path: Vec<Access>,
    },
    /// A field of anything else: `spec.target.symbol`.
    Field(Box<Expr>, Access),
    /// A live metric in a rule of a rollout or monitor: `latency.p95`, dots kept.
    Live(String),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{ a = 1 }`.
    Record(BTreeMap<String, Expr>),
    /// `adam(learning_rate: 0.001)`: a choice of an enum, defaults filled in.
    Variant(String, BTreeMap<String, Expr>),
    /// A function of the language itself: `next`, `min`, `max`, `len`, `last`, `increasing`, `at`;
    /// `in_zone(days, "UTC")` makes instants of dates, `over(accuracy, 7d)` looks at a live metric in
    /// a window, and tests know `traffic`, `max_traffic` and `notified`.
    Call(String, Vec<(Option<String>, Expr)>),
    /// `x with { … }`.
    With(Box<Expr>, BTreeMap<String, Expr>),
    /// `"a ${x}"`.
    Text(Vec<Expr>),
    /// `if c then a else b`.
    If(Box<(Expr, Expr, Expr)>),
    /// `-x`, `not x`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`.
    Binary(BinaryOp, Box<(Expr, Expr)>),
    /// `[for x in xs if c: e]`: the name, the source, the condition, the item.
    Comprehension(Name, Box<(Expr, Option<Expr>, Expr)>),
    /// The name a comprehension binds.
    Bound(Name),
}

/// One step down into a value.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Access {
    /// The field.
    pub field: String,
    /// Whether `?.`: nothing when there is nothing to look into.
    pub optional: bool,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnaryOp {
    /// `-`.
    Negate,
    /// `not`.
    Not,
}

/// An operator between its operands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinaryOp {
    /// `or`.
    Or,
    /// `and`.
    And,
    /// `in`.
    In,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `??`.
    Coalesce,
    /// `..`.
    Range,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
}
