//! The model a plan would make: its slot, and the configuration that its version follows from.

use crate::version::Wanted;
use serde_json::{Value as Json, json};
use suho_domain::{Digest, Duration, Fault, Name, Slot, Symbol, Timeframe, Value};
use suho_plan::{Expr, Node, Plan};

/// What a plan's `train` step would make, known before anything runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The train step.
    pub step: Name,
    /// The data set it is trained on, if its `train` input is one of the plan's.
    pub dataset: Option<Name>,
    /// The place in production it competes for.
    pub slot: Slot,
    /// How far ahead it looks.
    pub horizon: Duration,
    /// Bars in one input.
    pub sequence: i64,
    /// The label rule, as declared.
    pub label: Value,
    /// The specification, as declared.
    pub spec: Value,
    /// Everything that makes the model, without names, versions, seed and limits (domain §2.1).
    pub config: Json,
    /// The seed.
    pub seed: i64,
    /// Which version it asks for.
    pub wanted: Wanted,
}

/// Why a plan's candidate cannot be told.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CandidateError {
    /// An input of `train` is only known in the run.
    #[error("`{input}` of `{step}` must be known when planning")]
    Late {
        /// The train step.
        step: Name,
        /// The input.
        input: &'static str,
    },
    /// A field of the specification is missing or no value it can have.
    #[error("the model of `{step}` has no valid `{field}`: {found}")]
    Field {
        /// The train step.
        step: Name,
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
    },
}

impl CandidateError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

impl Candidate {
    /// The candidate of `plan`'s first `train` step; `None` when it trains nothing.
    ///
    /// # Errors
    /// When the specification is not known when planning, or is not whole.
    pub fn of(plan: &Plan, feature_version: &str) -> Result<Option<Self>, CandidateError> {
        let Some(train) = plan.of_kind("train").next() else { return Ok(None) };
        let step = &train.name;
        let spec = constant(train, "model")?;
        let field = |field: &'static str| Field { step, spec: &spec, name: field };
        let target = field("target").value()?;
        let of_target = |name: &'static str| Field { step, spec: target, name };
        let symbol: Symbol = of_target("symbol").parsed()?;
        let timeframe: Timeframe = of_target("timeframe").parsed()?;
        let horizon = match of_target("horizon").value()? {
            Value::Duration(horizon) => *horizon,
            other => return Err(of_target("horizon").refused(other)),
        };
        let sequence = match field("sequence").value()? {
            Value::Int(sequence) if *sequence > 0 => *sequence,
            other => return Err(field("sequence").refused(other)),
        };
        let slot = Slot {
            scope: plan.settings.scope.clone(),
            model: field("name").parsed()?,
            symbol,
            timeframe,
        };
        let dataset = dataset_of(plan, train);
        let mut config = config(&spec, train, dataset, feature_version);
        if let (Some(fields), Some(searched)) = (config.as_object_mut(), searched(plan, train)) {
            fields.insert("tuned".to_owned(), searched);
        }
        let seed = match train.inputs.get("seed") {
            Some(Expr::Value(Value::Int(seed))) => *seed,
            _ => 0,
        };
        Ok(Some(Self {
            step: step.clone(),
            dataset: dataset.map(|node| node.name.clone()),
            slot,
            horizon,
            sequence,
            label: field("label").value()?.clone(),
            config,
            seed,
            wanted: Wanted::of(train.inputs.get("version")),
            spec,
        }))
    }

    /// The digest of what makes the model.
    pub fn config_digest(&self) -> Digest {
        Digest::of_json(&self.config)
    }

    /// The features' names, as declared.
    pub fn features(&self) -> Vec<String> {
        match self.spec.field("features") {
            Some(Value::List(names)) => names.iter().map(Value::to_string).collect(),
            _ => Vec::new(),
        }
    }
}

/// One field of a specification, read with its reason to fail.
struct Field<'a> {
    step: &'a Name,
    spec: &'a Value,
    name: &'static str,
}

impl<'a> Field<'a> {
    fn value(&self) -> Result<&'a Value, CandidateError> {
        self.spec.field(self.name).ok_or_else(|| self.refused(&Value::text("nothing")))
    }

    fn refused(&self, found: &Value) -> CandidateError {
        let (step, found) = (self.step.clone(), format!("found {found}"));
        CandidateError::Field { step, field: self.name, found }
    }

    fn parsed<T: std::str::FromStr>(&self) -> Result<T, CandidateError> {
        let value = self.value()?;
        value.to_string().parse().map_err(|_| self.refused(value))
    }
}

fn constant(node: &Node, input: &'static str) -> Result<Value, CandidateError> {
    match node.inputs.get(input) {
        Some(Expr::Value(value)) => Ok(value.clone()),
        _ => Err(CandidateError::Late { step: node.name.clone(), input }),
    }
}

/// The data set whose output a train step learns from.
fn dataset_of<'a>(plan: &'a Plan, train: &Node) -> Option<&'a Node> {
    match train.inputs.get("train") {
        Some(Expr::Output { step, .. }) => {
            plan.node(step.as_str()).filter(|n| n.kind.as_str() == "dataset")
        }
        _ => None,
    }
}

/// The inputs of a sweep that decide what it finds.
const DECIDING: [&str; 8] =
    ["model", "over", "search", "by", "batch_size", "epochs", "early_stopping", "seed"];

/// Where a train step is given what a sweep finds: all that decides what is found.
fn searched(plan: &Plan, train: &Node) -> Option<Json> {
    let sweep = match train.inputs.get("tuned")? {
        Expr::Output { step, .. } => plan.node(step.as_str())?,
        Expr::Value(Value::None) => return None,
        other => return serde_json::to_value(other).ok(),
    };
    let field = |name: &&str| {
        let value = match sweep.inputs.get(*name)? {
            Expr::Value(value) => value.to_plain(),
            other => serde_json::to_value(other).ok()?,
        };
        Some(((*name).to_owned(), value))
    };
    Some(Json::Object(DECIDING.iter().filter_map(field).collect()))
}

/// The canonical configuration: what the version follows from.
fn config(spec: &Value, train: &Node, dataset: Option<&Node>, feature_version: &str) -> Json {
    let plain = |name: &str| spec.field(name).map_or(Json::Null, Value::to_plain);
    let of = |node: Option<&Node>, name: &str| {
        let input = node.and_then(|node| node.inputs.get(name));
        match input {
            Some(Expr::Value(value)) => value.to_plain(),
            Some(expr) => serde_json::to_value(expr).unwrap_or_default(),
            None => Json::Null,
        }
    };
    let mut features: Vec<String> = match spec.field("features") {
        Some(Value::List(names)) => names.iter().map(Value::to_string).collect(),
        _ => Vec::new(),
    };
    features.sort();
    let mut config = json!({
        "model_type": plain("family"),
        "target": plain("target"),
        "label": plain("label"),
        "classes": plain("classes"),
        "architecture": plain("layers"),
        "features": features,
        "feature_version": feature_version,
        "preprocess": { "scaler": "standard" },
        "hyperparameters": {
            "batch_size": of(Some(train), "batch_size"),
            "class_weights": of(Some(train), "class_weights"),
            "early_stopping": of(Some(train), "early_stopping"),
            "epochs": of(Some(train), "epochs"),
            "label_smoothing": of(Some(train), "label_smoothing"),
            "optimizer": plain("optimizer"),
            "loss": plain("loss"),
            "sequence_length": plain("sequence"),
        },
        "data": {
            "source": of(dataset, "source"),
            "window": of(dataset, "window"),
            "split": of(dataset, "split"),
            "quality": of(dataset, "quality"),
        },
    });
    // Weights from elsewhere make another model than training does, and several networks another than one.
    let weights = of(Some(train), "weights");
    let ensemble = of(Some(train), "ensemble");
    if let Some(fields) = config.as_object_mut() {
        if !weights.is_null() {
            fields.insert("weights".to_owned(), weights);
        }
        if ensemble.as_i64().is_some_and(|networks| networks > 1) {
            fields.insert("ensemble".to_owned(), ensemble);
        }
    }
    config
}
