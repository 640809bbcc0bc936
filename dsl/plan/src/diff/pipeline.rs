//! One pipeline on both sides: its parameters, settings, steps and handlers.

use super::{Change, Compared, Kind, Moved, Side, leaf, rollout, rule};
use crate::plan::{Node, Plan, Role, Settings};
use crate::show::show;
use std::collections::{BTreeMap, BTreeSet};
use suho_check::program::{Expr, Param};
use suho_domain::{Bump, Name};

/// The two plans, and what they come from.
pub(super) struct Both<'a> {
    pub(super) old: &'a Plan,
    pub(super) new: &'a Plan,
    pub(super) before: &'a Side<'a>,
    pub(super) after: &'a Side<'a>,
    pub(super) model: Option<&'a Moved>,
}

/// Everything that differs, in no order.
pub(super) fn compare(both: &Both<'_>) -> (Vec<Change>, Compared) {
    let (old, new) = (both.old, both.new);
    let mut changes = parameters(both);
    changes.extend(settings(both));
    changes.extend(model(both));
    changes.extend(steps(both));
    changes.extend(handlers(old, new));
    let places = (&old.place, &new.place);
    for change in changes.iter_mut().filter(|change| change.places == (None, None)) {
        change.places = (Some(places.0.clone()), Some(places.1.clone()));
    }
    if changes.is_empty() && old.digest != new.digest {
        // Nothing is known to get here; a difference that has no words is still one.
        let (was, is) = (old.digest.short(), new.digest.short());
        let change = Change::moved(Kind::Undecided, "plan", "digest", was, is);
        changes.push(change.at(Some(&old.place), Some(&new.place)));
    }
    let contents: BTreeMap<_, _> = old.nodes.iter().map(|it| (&it.name, &it.content)).collect();
    let is_anew = |node: &&Node| contents.get(&node.name) != Some(&&node.content);
    let compared = Compared {
        digests: (old.digest.to_string(), new.digest.to_string()),
        market_time: (rollout::market_time(old), rollout::market_time(new)),
        reruns: new.nodes.iter().filter(is_anew).map(|node| node.name.clone()).collect(),
    };
    (changes, compared)
}

fn parameters(both: &Both<'_>) -> Vec<Change> {
    let params = |side: &Side<'_>| -> BTreeMap<Name, Param> {
        let pipeline = side.program.pipelines.get(&both.new.pipeline);
        let params = pipeline.into_iter().flat_map(|it| &it.params);
        params.map(|param| (param.name.clone(), param.clone())).collect()
    };
    let (old, new) = (params(both.before), params(both.after));
    let names: BTreeSet<&Name> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let subject = format!("parameter {name}");
        match (old.get(name), new.get(name)) {
            (Some(_), None) => changes.push(Change::new(Kind::Removed, subject, "is gone")),
            (None, Some(param)) => {
                let needed = if param.default.is_none() { " and must be given" } else { "" };
                changes.push(Change::new(Kind::Added, subject, format!("is new{needed}")));
            }
            (Some(old), Some(new)) => {
                let (was, is) = (old.ty.to_string(), new.ty.to_string());
                if was != is {
                    changes.push(Change::moved(Kind::Changed, &subject, "type", &was, &is));
                }
                let of = |param: &Param| -> BTreeMap<String, Expr> {
                    let default = param.default.iter().cloned();
                    default.map(|default| ("default".to_owned(), default)).collect()
                };
                changes.extend(leaf::changes(&subject, &of(old), &of(new), &|_| true));
            }
            (None, None) => {}
        }
    }
    changes
}

/// The pipeline's own attributes: as settled for those of the plan, as written for the rest.
fn settings(both: &Both<'_>) -> Vec<Change> {
    let subject = "settings";
    let told = |settings: &Settings| {
        let deadline = settings.deadline.map(|it| it.to_string());
        [
            ("timezone", Some(settings.timezone.clone())),
            ("calendar", settings.calendar.clone()),
            ("scope", Some(settings.scope.to_string())),
            ("deadline", deadline),
        ]
    };
    let pairs = told(&both.old.settings).into_iter().zip(told(&both.new.settings));
    let mut changes: Vec<Change> = pairs
        .filter(|(old, new)| old != new)
        .map(|((what, old), (_, new))| {
            let text = |side: Option<String>| side.unwrap_or_else(|| "none".to_owned());
            Change::moved(Kind::Changed, subject, what, &text(old), &text(new))
        })
        .collect();
    let nothing = BTreeMap::new();
    let attributes = |side: &Side<'_>| {
        let pipeline = side.program.pipelines.get(&both.new.pipeline);
        pipeline.map_or_else(|| nothing.clone(), |it| it.attributes.clone())
    };
    let known: Vec<&str> = told(&both.new.settings).map(|(what, _)| what).to_vec();
    let rest = |name: &str| !known.contains(&name);
    changes.extend(leaf::changes(
        subject,
        &attributes(both.before),
        &attributes(both.after),
        &rest,
    ));
    changes
}

/// How far the model moves. Each reason is a line of its own.
fn model(both: &Both<'_>) -> Vec<Change> {
    let Some(moved) = both.model else { return Vec::new() };
    let kind = match moved.bump {
        Bump::Major => Kind::Major,
        Bump::Minor | Bump::Patch => Kind::Minor,
        Bump::None => return Vec::new(),
    };
    let train = both.new.of_kind("train").next();
    let subject = train.map_or("model", |node| node.name.as_str());
    let reasons = moved.reasons.iter().map(|(word, text)| format!("{text} ({word})"));
    let what = format!("{}: {}", moved.bump, reasons.collect::<Vec<_>>().join("; "));
    let place = |plan: &Plan| plan.of_kind("train").next().map(|node| node.place.clone());
    let change = Change::new(kind, subject, what);
    vec![Change { places: (place(both.old), place(both.new)), ..change }]
}

fn steps(both: &Both<'_>) -> Vec<Change> {
    let by_name = |plan: &'_ Plan| -> BTreeMap<Name, Node> {
        plan.nodes.iter().map(|node| (node.name.clone(), node.clone())).collect()
    };
    let (old, new) = (by_name(both.old), by_name(both.new));
    let is_same = |node: &Node, there: &BTreeMap<Name, Node>| {
        there.get(&node.name).is_some_and(|it| it.kind == node.kind)
    };
    let mut come: Vec<&Node> = both.new.nodes.iter().filter(|it| !is_same(it, &old)).collect();
    let mut changes = Vec::new();
    for gone in both.old.nodes.iter().filter(|it| !is_same(it, &new)) {
        let twin = come.iter().position(|it| it.content == gone.content && it.kind == gone.kind);
        if let Some(twin) = twin.map(|at| come.remove(at)) {
            let (was, is) = (gone.name.as_str(), twin.name.as_str());
            let change = Change::moved(Kind::Changed, is, "renamed", was, is);
            changes.push(change.at(Some(&gone.place), Some(&twin.place)));
        } else {
            // What judges is not just gone: nothing that it refused is refused any more.
            let judges = matches!(gone.role, Role::Decision | Role::Rollout);
            let kind = if judges { Kind::Loosened } else { Kind::Removed };
            let what = format!("the {} is gone", gone.kind);
            let change = Change::new(kind, gone.name.as_str(), what);
            changes.push(change.at(Some(&gone.place), None));
        }
    }
    for node in come {
        let judges = matches!(node.role, Role::Decision | Role::Rollout);
        let kind = if judges { Kind::Tightened } else { Kind::Added };
        let change = Change::new(kind, node.name.as_str(), format!("a new {}", node.kind));
        changes.push(change.at(None, Some(&node.place)));
    }
    for node in &both.new.nodes {
        if let Some(before) = old.get(&node.name).filter(|it| it.kind == node.kind) {
            changes.extend(step(before, node, both));
        }
    }
    changes
}

/// What became of one step.
fn step(before: &Node, after: &Node, both: &Both<'_>) -> Vec<Change> {
    let subject = after.name.as_str();
    let mut changes = rule::changes(before, after, both.after.library);
    changes.extend(rollout::changes(before, after));
    let counts = |input: &str| {
        let kind = after.kind.as_str();
        let is_told = both.model.is_some() && is_told_by_the_model(kind, input);
        !is_told && !rollout::is_judged(kind, input)
    };
    changes.extend(leaf::changes(subject, &before.inputs, &after.inputs, &counts));
    let mut told = |what: &str, old: String, new: String| {
        if old != new {
            changes.push(Change::moved(Kind::Changed, subject, what, &old, &new));
        }
    };
    let or_none = |it: Option<String>| it.unwrap_or_else(|| "none".to_owned());
    let when = |node: &Node| or_none(node.when.as_ref().map(show));
    told("when", when(before), when(after));
    let (was, is) = (&before.limits, &after.limits);
    told(
        "timeout",
        or_none(was.timeout.map(|it| it.to_string())),
        or_none(is.timeout.map(|it| it.to_string())),
    );
    told("attempts", was.attempts.to_string(), is.attempts.to_string());
    told("retry on", was.retry_on.join(", "), is.retry_on.join(", "));
    told("backoff", was.backoff.to_string(), is.backoff.to_string());
    let order = |node: &Node| {
        let edges = crate::graph::edges(node).into_iter();
        let told = edges.filter(|(_, why)| *why == crate::graph::Edge::Order);
        or_none(
            Some(told.map(|(need, _)| need.to_string()).collect::<Vec<_>>().join(", "))
                .filter(|it| !it.is_empty()),
        )
    };
    told("after", order(before), order(after));
    for change in changes.iter_mut().filter(|change| change.places == (None, None)) {
        change.places = (Some(before.place.clone()), Some(after.place.clone()));
    }
    changes
}

/// Whether the model's bump already says how this input changed: it follows from the whole
/// configuration, and every part of that is a reason.
fn is_told_by_the_model(kind: &str, input: &str) -> bool {
    match kind {
        "train" => {
            matches!(input, "model" | "batch_size" | "epochs" | "early_stopping" | "seed")
        }
        "dataset" => matches!(
            input,
            "source" | "window" | "split" | "quality" | "horizon" | "label" | "sequence"
        ),
        _ => false,
    }
}

fn handlers(old: &Plan, new: &Plan) -> Vec<Change> {
    let of = |plan: &Plan| -> BTreeMap<Name, BTreeMap<String, Expr>> {
        let each = plan.handlers.iter();
        each.map(|handler| (handler.event.clone(), handler.attributes.clone())).collect()
    };
    let (old, new) = (of(old), of(new));
    let names: BTreeSet<&Name> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let subject = format!("on {name}");
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => {
                changes.extend(leaf::changes(&subject, old, new, &|_| true));
            }
            (Some(_), None) => changes.push(Change::new(Kind::Removed, subject, "is gone")),
            _ => changes.push(Change::new(Kind::Added, subject, "is new")),
        }
    }
    changes
}
