//! What stands beside pipelines: environments, triggers and their schedules, monitors, matrices,
//! secrets.

use super::{Change, Kind, leaf, rule};
use crate::operations;
use crate::show::show;
use std::collections::{BTreeMap, BTreeSet};
use suho_check::program::{Expr, Matrix, Monitor, Place, Run, Trigger, Watch};
use suho_check::{Library, Program};
use suho_domain::{Name, Value};

/// Everything that differs outside of pipelines.
pub(super) fn changes(before: &Program, after: &Program, library: &Library) -> Vec<Change> {
    let mut changes = environments(before, after);
    changes.extend(paired(
        &before.triggers,
        &after.triggers,
        "trigger",
        |it| Some(&it.place),
        trigger,
    ));
    changes.extend(paired(
        &before.matrices,
        &after.matrices,
        "matrix",
        |it| Some(&it.place),
        matrix,
    ));
    let monitor = |subject: &str, old: &Monitor, new: &Monitor| {
        let mut changes = leaf::changes(subject, &old.attributes, &new.attributes, &|_| true);
        let by_name = |it: &Monitor| -> BTreeMap<Name, Watch> {
            it.watches.iter().map(|watch| (watch.name.clone(), watch.clone())).collect()
        };
        let watch = |subject: &str, old: &Watch, new: &Watch| watch(subject, old, new, library);
        let (old, new) = (by_name(old), by_name(new));
        let found = paired(&old, &new, subject, |it| Some(&it.place), watch);
        // Nobody hears of what nobody looks at.
        changes.extend(found.into_iter().map(|change| match change.kind {
            Kind::Removed => Change { kind: Kind::Loosened, ..change },
            Kind::Added => Change { kind: Kind::Tightened, ..change },
            _ => change,
        }));
        changes
    };
    changes.extend(paired(
        &before.monitors,
        &after.monitors,
        "monitor",
        |it| Some(&it.place),
        monitor,
    ));
    changes.extend(secrets(before, after));
    changes
}

/// What is new, what is gone, and what `compare` finds of the rest.
fn paired<T>(
    before: &BTreeMap<Name, T>,
    after: &BTreeMap<Name, T>,
    kind: &str,
    place: impl Fn(&T) -> Option<&Place>,
    compare: impl Fn(&str, &T, &T) -> Vec<Change>,
) -> Vec<Change> {
    let names: BTreeSet<&Name> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let subject = format!("{kind} {name}");
        match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) => {
                let found = compare(&subject, old, new);
                let at = |change: Change| match change.places {
                    (None, None) => change.at(place(old), place(new)),
                    _ => change,
                };
                changes.extend(found.into_iter().map(at));
            }
            (Some(old), None) => {
                changes.push(Change::new(Kind::Removed, subject, "is gone").at(place(old), None));
            }
            (None, Some(new)) => {
                changes.push(Change::new(Kind::Added, subject, "is new").at(None, place(new)));
            }
            (None, None) => {}
        }
    }
    changes
}

/// What environments set, parameters of pipelines too.
fn environments(before: &Program, after: &Program) -> Vec<Change> {
    // They stand in the project's file, and the program does not say where.
    let (old, new) = (&before.environments, &after.environments);
    paired(
        old,
        new,
        "env",
        |_| None,
        |subject, old, new| leaf::changes(subject, old, new, &|_| true),
    )
}

fn trigger(subject: &str, old: &Trigger, new: &Trigger) -> Vec<Change> {
    let mut changes = Vec::new();
    let (was, is) = (operations::cause(&old.on), operations::cause(&new.on));
    if was != is {
        changes.push(Change::moved(Kind::Changed, subject, "on", &was, &is));
    }
    changes.extend(run(subject, &old.run, &new.run));
    changes.extend(leaf::changes(subject, &old.attributes, &new.attributes, &|_| true));
    changes
}

fn run(subject: &str, old: &Run, new: &Run) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.pipeline != new.pipeline {
        let (was, is) = (old.pipeline.as_str(), new.pipeline.as_str());
        changes.push(Change::moved(Kind::Changed, subject, "runs", was, is));
    }
    let named = |run: &Run| -> BTreeMap<String, Expr> {
        run.arguments.iter().map(|(name, expr)| (name.to_string(), expr.clone())).collect()
    };
    changes.extend(leaf::changes(subject, &named(old), &named(new), &|_| true));
    changes
}

fn matrix(subject: &str, old: &Matrix, new: &Matrix) -> Vec<Change> {
    let mut changes = run(subject, &old.run, &new.run);
    let keys = |it: &Matrix| -> BTreeSet<String> {
        it.cells.iter().map(|cell| cell.key.clone()).collect()
    };
    let (was, is) = (keys(old), keys(new));
    let gone = was.difference(&is).map(|key| (Kind::Removed, format!("the cell {key} is gone")));
    let come = is.difference(&was).map(|key| (Kind::Added, format!("a new cell {key}")));
    changes.extend(gone.chain(come).map(|(kind, what)| Change::new(kind, subject, what)));
    if old.parallel != new.parallel {
        let shown = |it: Option<u32>| it.map_or_else(|| "all".to_owned(), |it| it.to_string());
        let (was, is) = (shown(old.parallel), shown(new.parallel));
        changes.push(Change::moved(Kind::Changed, subject, "parallel", &was, &is));
    }
    changes
}

/// An alert or a look for drift.
fn watch(subject: &str, old: &Watch, new: &Watch, library: &Library) -> Vec<Change> {
    let mut changes = rule::watched(subject, &old.fire, &new.fire, library);
    let resolve = |it: &Watch| {
        it.resolve.as_ref().map_or_else(|| "none".to_owned(), |rule| show(&rule.condition))
    };
    let (was, is) = (resolve(old), resolve(new));
    if was != is {
        changes.push(Change::moved(Kind::Changed, subject, "resolve when", &was, &is));
    }
    changes.extend(leaf::changes(subject, &old.attributes, &new.attributes, &|_| true));
    changes
}

/// Where secrets are kept.
fn secrets(before: &Program, after: &Program) -> Vec<Change> {
    let kept = |program: &Program| -> BTreeMap<Name, (Place, String)> {
        let shown = |source: &suho_domain::Variant| crate::written(&Value::Variant(source.clone()));
        let secrets = program.secrets.iter();
        secrets.map(|it| (it.name.clone(), (it.place.clone(), shown(&it.source)))).collect()
    };
    paired(
        &kept(before),
        &kept(after),
        "secret",
        |it| Some(&it.0),
        |subject, old, new| {
            if old.1 == new.1 {
                return Vec::new();
            }
            vec![Change::moved(Kind::Changed, subject, "kept in", &old.1, &new.1)]
        },
    )
}
