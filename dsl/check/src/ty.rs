//! The types of the language, and the library of signatures that speaks of them.

mod display;
pub(crate) mod resolve;
pub(crate) mod shape;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use suho_domain::{Name, Stage};

/// A type.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Anything: of a broken expression, so that one mistake makes one error.
    Unknown,
    /// `Bool`.
    Bool,
    /// `Int`.
    Int,
    /// `Float`; an `Int` literal may stand for one.
    Float,
    /// `Text`.
    Text,
    /// `Ratio`.
    Ratio,
    /// `Points`.
    Points,
    /// `Duration`.
    Duration,
    /// `Period`.
    Period,
    /// `Date`.
    Date,
    /// `Instant`.
    Instant,
    /// `Money`, in any currency; which one is part of the value.
    Money,
    /// `Pips`.
    Pips,
    /// `Bytes`.
    Bytes,
    /// `Version`.
    Version,
    /// A text with a form of its own: `Symbol`, `Timeframe`, `Column`, `Zone`, `Url`, `Path`, `Cron`,
    /// `Image`, `Role`, `Glob`, `Kind`, `MarketTime`, `Script` (nothing interpolated). Also what only some places
    /// ask for: `Share` (`5` or `15%`), `Step` (a step as such), `Alert` (an alert of a monitor),
    /// `Parameter` (a parameter of the pipeline that is run), `Variable` (one thing that can stand
    /// in an environment variable, secrets included), `Json` (anything that is no secret).
    Form(String),
    /// `Range<T>`.
    Range(Box<Type>),
    /// `[T]`.
    List(Box<Type>),
    /// `Map<K, V>`: a record whose keys are texts of the form `K`.
    Map(Box<Type>, Box<Type>),
    /// `T?`.
    Optional(Box<Type>),
    /// `Secret<T>`.
    Secret(Box<Type>),
    /// A record of the library, by name.
    Record(String),
    /// A record written in place: its fields.
    Fields(BTreeMap<String, Type>),
    /// An enum of the library, by name.
    Enum(String),
    /// `Model<S>`; its fields are those of the library's record `Model`.
    Model(Stage),
    /// `Dataset<labelled>`.
    Dataset(String),
    /// `Artifact`.
    Artifact,
    /// The outputs of a step as a whole, by the step's kind.
    Outputs(Name),
    /// `Run`: a pipeline with some of its arguments; of which one, where that is known.
    Run(Option<Name>),
}

impl Type {
    /// It without its `?`.
    pub fn plain(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            ty => ty,
        }
    }
}

/// When a value is known, earliest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// From the text and the parameters.
    Plan,
    /// When the run starts: `last(2y)`, the production lookup, secrets.
    Start,
    /// When a step has ended: its outputs.
    Run,
    /// While a rollout looks: metrics inside its rules.
    Live,
}

/// All signatures, as the prelude and the user's own `step`s define them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    /// Steps and controllers, by kind.
    pub steps: BTreeMap<Name, Signature>,
    /// Resources: `model`, `features`, `costs`, ….
    pub resources: BTreeMap<Name, Signature>,
    /// What stands in a `monitor`, marked `@within(monitor)`: `alert`, `drift`.
    pub watches: BTreeMap<Name, Signature>,
    /// Other names of types: `type Shares: [Ratio]`.
    pub aliases: BTreeMap<String, Type>,
    /// Enums, by name.
    pub enums: BTreeMap<String, Vec<Choice>>,
    /// Records, by name.
    pub records: BTreeMap<String, Vec<Port>>,
    /// Metrics, by name.
    pub metrics: BTreeMap<String, Metric>,
    /// Kinds marked `@deprecated`, with what to use instead.
    pub deprecated: BTreeMap<String, String>,
}

/// What a step or resource takes and makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Its kind.
    pub kind: Name,
    /// Its documentation.
    pub doc: Option<String>,
    /// What it takes, in the order written.
    pub inputs: Vec<Port>,
    /// What it makes, in the order written. A sole output named `self` is what the step as a whole
    /// stands for. An output's phase says when it is known.
    pub outputs: Vec<Port>,
    /// Verbs its rules may have.
    pub rules: Vec<crate::program::Verb>,
    /// Metrics its rules may speak of.
    pub metrics: Vec<String>,
    /// What it does outside its own outputs: `artifacts.write`, `traffic`, ….
    pub effects: Vec<String>,
    /// What must hold of its inputs; a port stands there as [`crate::program::Expr::Bound`].
    pub checks: Vec<crate::program::Rule>,
    /// Whether the engine itself carries it out (`production`, `gate`, `shadow`, `canary`, `ramp`,
    /// `promote`), rather than a process.
    pub is_controller: bool,
    /// What carries it out, as its definition says: a choice of the library's enum `Exec`, where its
    /// inputs stand as [`crate::program::Expr::Bound`]. None for steps that suho brings along.
    pub exec: Option<crate::program::Expr>,
}

/// One port.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its default, known when planning.
    pub default: Option<crate::program::Expr>,
    /// Its documentation.
    pub doc: Option<String>,
    /// The latest phase a value for it may have.
    pub phase: Phase,
}

/// One choice of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// Its fields.
    pub fields: Vec<Port>,
    /// Its documentation.
    pub doc: Option<String>,
}

/// A metric: what it is measured in, which way is better, where it can lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its type.
    pub ty: Type,
    /// Which way is better.
    pub better: Better,
    /// Where it can lie, if that is known; both ends included.
    pub domain: Option<(suho_domain::Value, suho_domain::Value)>,
    /// Its documentation.
    pub doc: Option<String>,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither.
    Neither,
}
