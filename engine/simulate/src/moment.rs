//! How a world stands at one moment, folded from its journal; what a test asks is asked of it.

use crate::journal::Happening;
use crate::scene::Play;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::units::Decimal;
use suho_domain::{
    BasisPoints, Instant, ModelId, ModelStatus, Name, Ratio, Record, RunStatus, Value, Variant,
};
use suho_driver::id_of;
use suho_driver::registry::RouteRow;
use suho_plan::{Access, BinaryOp, Expr, Facts, Missing, Plan, Role, evaluate, walk};
use suho_scheduler::{Event, SkipReason, Verdict};

/// The output that stands for how a step ended.
const STATUS: &str = "status";
/// The output that stands for what is measured while a rollout goes on.
const LIVE: &str = "live";
/// The live value that stands for how the run ended.
const RUN: &str = "run";
/// A step or run that has not ended.
const UNFINISHED: &str = "unfinished";

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Moment<'a> {
    plan: &'a Plan,
    ends: BTreeMap<Name, &'static str>,
    /// When each step began.
    pub(crate) begun: BTreeMap<Name, Instant>,
    outputs: BTreeMap<Name, Record>,
    /// What was measured last of each rollout.
    measured: BTreeMap<Name, Record>,
    lives: BTreeMap<ModelId, ModelStatus>,
    route: Option<RouteRow>,
    most: BTreeMap<ModelId, BasisPoints>,
    told: BTreeSet<String>,
    run: &'static str,
    baseline: Option<(ModelId, Value)>,
}

impl<'a> Moment<'a> {
    /// The moment before anything happened.
    pub(crate) fn first(plan: &'a Plan, play: &Play) -> Self {
        let baseline = play.baseline.clone();
        let serving = baseline.as_ref().map(|(id, _)| id.clone());
        let lives = serving.iter().map(|id| (id.clone(), ModelStatus::Production)).collect();
        let most = serving.into_iter().map(|id| (id, BasisPoints::ALL)).collect();
        Self {
            plan,
            ends: BTreeMap::new(),
            begun: BTreeMap::new(),
            outputs: BTreeMap::new(),
            measured: BTreeMap::new(),
            lives,
            route: None,
            most,
            told: BTreeSet::new(),
            run: UNFINISHED,
            baseline,
        }
    }

    /// Takes in what happened `at` that time.
    pub(crate) fn apply(&mut self, at: Instant, happening: &Happening) {
        match happening {
            Happening::Event(event) => self.take(at, event),
            Happening::Moved { model, to } => {
                self.lives.insert(model.clone(), *to);
            }
            Happening::Routed(route) => {
                self.route = Some(route.clone());
                let candidate = route.candidate.as_ref().map(|(model, _)| model.clone());
                for model in candidate.into_iter().chain(route.production.clone()) {
                    let share = self.share(&model);
                    let most = self.most.entry(model).or_default();
                    *most = share.max(*most);
                }
            }
            Happening::Measured { step, metrics } => {
                self.measured.insert(step.clone(), nested(metrics));
            }
            Happening::Told(message) => self.told.extend(message.channels.iter().cloned()),
            Happening::Acted { .. } | Happening::Down { .. } => {}
        }
    }

    fn take(&mut self, at: Instant, event: &Event) {
        if let Some(step) = event.step()
            && !matches!(event, Event::StepSkipped { .. })
        {
            self.begun.entry(step.clone()).or_insert(at);
        }
        match event {
            Event::StepCached { step, outputs, .. } => self.end(step, "cached", Some(outputs)),
            Event::AttemptSucceeded { step, outputs, .. }
            | Event::StepDecided { step, outputs, .. } => {
                self.end(step, "succeeded", Some(outputs));
            }
            Event::StepRejected { step, outputs, .. } => {
                self.end(step, "rejected", Some(outputs));
            }
            // Of attempts, too: one that is made again ends once more.
            Event::AttemptFailed { step, .. } | Event::StepFailed { step, .. } => {
                self.end(step, "failed", None);
            }
            Event::AttemptStarted { step, .. } => {
                self.ends.remove(step);
            }
            Event::RolloutEnded { step, verdict, outputs, .. } => {
                let word = match verdict {
                    Verdict::Promoted => "succeeded",
                    Verdict::RolledBack { .. } => "rolled_back",
                    Verdict::Inconclusive { .. } => "inconclusive",
                };
                self.end(step, word, Some(outputs));
            }
            Event::StepSkipped { step, reason, .. } => {
                let word = match reason {
                    SkipReason::Condition => "skipped",
                    SkipReason::Need(_) | SkipReason::Deadline => "not_run",
                    SkipReason::Cancelled => "cancelled",
                };
                self.end(step, word, None);
            }
            Event::RunEnded { status, .. } => self.run = ended(*status),
            Event::RunStarted { .. }
            | Event::AttemptLost { .. }
            | Event::KillSent { .. }
            | Event::RolloutStarted { .. }
            | Event::DeadlineMoved { .. }
            | Event::ApprovalAsked { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Frozen { .. }
            | Event::Thawed { .. }
            | Event::CancelRequested { .. }
            | Event::DeadlinePassed { .. }
            | Event::HandlerRan { .. }
            | Event::RetryRequested { .. } => {}
        }
    }

    fn end(&mut self, step: &Name, word: &'static str, outputs: Option<&Record>) {
        self.ends.insert(step.clone(), word);
        if let Some(outputs) = outputs {
            self.outputs.insert(step.clone(), outputs.clone());
        }
    }

    /// The share of the traffic that `model` has.
    fn share(&self, model: &ModelId) -> BasisPoints {
        let Some(route) = &self.route else {
            let serves = self.baseline.as_ref().is_some_and(|(id, _)| id == model);
            return if serves { BasisPoints::ALL } else { BasisPoints::NONE };
        };
        match &route.candidate {
            Some((candidate, share)) if candidate == model => *share,
            candidate if route.production.as_ref() == Some(model) => {
                let taken = candidate.as_ref().map_or(BasisPoints::NONE, |(_, share)| *share);
                taken.complement()
            }
            _ => BasisPoints::NONE,
        }
    }

    /// Whether `condition` speaks of what is not measured yet, or cannot be now.
    pub(crate) fn is_unmeasured(&self, condition: &Expr) -> bool {
        let facts = self.facts();
        let is_missing = |part: &Expr| live_step(part).is_some() && evaluate(part, &facts).is_err();
        walk::all(condition).any(is_missing)
    }

    /// Whether `condition` holds; if that cannot be told, why.
    pub(crate) fn holds(&self, condition: &Expr) -> Result<bool, String> {
        let facts = self.facts();
        match evaluate(&self.resolved(condition, &facts), &facts) {
            Ok(Value::Bool(truth)) => Ok(truth),
            Ok(other) => Err(format!("`{other}` is neither true nor false")),
            Err(missing) => Err(missing.to_string()),
        }
    }

    /// `condition` with what only tests ask answered.
    fn resolved(&self, condition: &Expr, facts: &Known) -> Expr {
        match condition {
            Expr::Call(question, args) => {
                let asked = args.first().and_then(|(_, arg)| evaluate(arg, facts).ok());
                match self.answer(question, asked.as_ref()) {
                    Some(answer) => Expr::Value(answer),
                    None => walk::rebuilt(condition, &|part| self.resolved(part, facts)),
                }
            }
            Expr::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), sides) => {
                match absent(sides, facts) {
                    Some(absent) => Expr::Value(Value::Bool(absent == (*op == BinaryOp::Equal))),
                    None => walk::rebuilt(condition, &|part| self.resolved(part, facts)),
                }
            }
            _ => walk::rebuilt(condition, &|part| self.resolved(part, facts)),
        }
    }

    /// What `question` about `asked` comes to; a model that is not there has no traffic.
    fn answer(&self, question: &str, asked: Option<&Value>) -> Option<Value> {
        let model = || id_of(asked);
        let ratio = |share: BasisPoints| {
            Value::Ratio(Ratio::new(Decimal::new(share.points().into(), 4).normalize()))
        };
        match question {
            "traffic" => Some(ratio(model().map_or(BasisPoints::NONE, |id| self.share(&id)))),
            "max_traffic" => {
                let most = model().and_then(|id| self.most.get(&id).copied());
                Some(ratio(most.unwrap_or_default()))
            }
            "notified" => {
                let channel = asked?.field("name")?.to_string();
                Some(Value::Bool(self.told.contains(&channel)))
            }
            _ => None,
        }
    }

    /// What expressions of a test may speak of.
    fn facts(&self) -> Known {
        let mut outputs = BTreeMap::new();
        for node in &self.plan.nodes {
            let value = match (node.role, &self.baseline) {
                (Role::Lookup, None) => Value::None,
                (Role::Lookup, Some((_, model))) => self.with_life(model),
                _ => self.of_step(&node.name),
            };
            outputs.insert(node.name.clone(), value);
        }
        Known { outputs, run: word(self.run) }
    }

    fn of_step(&self, step: &Name) -> Value {
        let mut fields = Record::new();
        for (name, value) in self.outputs.get(step).into_iter().flatten() {
            fields.insert(name.clone(), self.with_life(value));
        }
        if let Some(measured) = self.measured.get(step) {
            fields.insert(LIVE.to_owned(), Value::Record(measured.clone()));
        }
        let end = self.ends.get(step).copied().unwrap_or(UNFINISHED);
        fields.insert(STATUS.to_owned(), word(end));
        Value::Record(fields)
    }

    /// A model with its place in its life; anything else as it is.
    fn with_life(&self, value: &Value) -> Value {
        let life = id_of(Some(value)).and_then(|id| self.lives.get(&id).copied());
        match (value, life) {
            (Value::Record(fields), Some(life)) => {
                let mut fields = fields.clone();
                fields.insert(STATUS.to_owned(), word(life.word()));
                Value::Record(fields)
            }
            _ => value.clone(),
        }
    }

    /// What each thing that `condition` speaks of is, for people: ``"`tenth` is succeeded"``.
    pub(crate) fn seen(&self, condition: &Expr) -> Vec<String> {
        let facts = self.facts();
        let mut seen = Vec::new();
        let mut note = |name: String, part: &Expr| {
            let value = match evaluate(&self.resolved(part, &facts), &facts) {
                Ok(value) => suho_plan::rounded(&value),
                Err(Missing::Wrong(_)) if live_step(part).is_some() => {
                    "unknown: its rollout has not begun".to_owned()
                }
                // It has no such field because it has none at all.
                Err(Missing::Wrong(_)) => "unknown: its step came to nothing".to_owned(),
                Err(missing) => format!("unknown: {missing}"),
            };
            let line = format!("`{name}` is {value}");
            if !seen.contains(&line) {
                seen.push(line);
            }
        };
        let mut open = vec![condition];
        while let Some(part) = open.pop() {
            if let Some(name) = named(part) {
                note(name, part);
            } else {
                open.extend(walk::parts(part).into_iter().rev());
            }
        }
        seen
    }
}

/// For `x == none`: whether there is no `x`; none where that is not what is asked, or is not known.
fn absent(sides: &(Expr, Expr), facts: &Known) -> Option<bool> {
    let none = Expr::Value(Value::None);
    let asked = match sides {
        (asked, other) | (other, asked) if *other == none => asked,
        _ => return None,
    };
    match evaluate(asked, facts) {
        Ok(value) => Some(value == Value::None),
        Err(Missing::Nothing(_)) => Some(true),
        Err(_) => None,
    }
}

/// What a thing that a test speaks of is called; none for what is made of others.
fn named(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Live(name) => Some(name.clone()),
        Expr::Output { step, path } => {
            let path = match path.as_slice() {
                [Access { field, .. }] if field == STATUS => &[],
                path => path,
            };
            let fields = path.iter().map(|access| format!(".{}", access.field));
            Some(format!("{step}{}", fields.collect::<String>()))
        }
        Expr::Call(question, args) if ["traffic", "max_traffic"].contains(&question.as_str()) => {
            let (_, of) = args.first()?;
            Some(format!("{question}({})", named(of)?))
        }
        Expr::Call(question, args) if question == "notified" => {
            let (_, of) = args.first()?;
            let channel = match of {
                Expr::Value(value) => value.field("name")?.to_string(),
                Expr::Record(fields) => match fields.get("name")? {
                    Expr::Value(name) => name.to_string(),
                    _ => return None,
                },
                _ => return None,
            };
            Some(format!("notified({channel})"))
        }
        _ => None,
    }
}

/// The step of whose live measurements `expr` speaks, if it does: `tenth.live.error_rate`.
pub(crate) fn live_step(expr: &Expr) -> Option<&Name> {
    match expr {
        Expr::Output { step, path } if path.first().is_some_and(|it| it.field == LIVE) => {
            Some(step)
        }
        _ => None,
    }
}

/// Metrics with dots as records of their parts: `latency.p95`.
fn nested(metrics: &BTreeMap<String, Value>) -> Record {
    let mut nested = Record::new();
    for (name, value) in metrics {
        match name.split_once('.') {
            None => drop(nested.insert(name.clone(), value.clone())),
            Some((whole, part)) => {
                let whole = nested.entry(whole.to_owned());
                if let Value::Record(parts) = whole.or_insert(Value::Record(Record::new())) {
                    parts.insert(part.to_owned(), value.clone());
                }
            }
        }
    }
    nested
}

/// The step that `condition` is about first, those in questions apart.
pub(crate) fn subject(condition: &Expr) -> Option<&Name> {
    match condition {
        Expr::Call(..) => None,
        Expr::Output { step, .. } => Some(step),
        other => walk::parts(other).into_iter().find_map(subject),
    }
}

fn word(word: &str) -> Value {
    Value::Variant(Variant { name: word.to_owned(), fields: Record::new() })
}

fn ended(status: RunStatus) -> &'static str {
    if status.is_terminal() { status.word() } else { UNFINISHED }
}

/// What is known at one moment.
struct Known {
    outputs: BTreeMap<Name, Value>,
    run: Value,
}

impl Facts for Known {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.outputs.get(name)
    }

    fn live(&self, name: &str) -> Option<Value> {
        (name == RUN).then(|| self.run.clone())
    }
}
