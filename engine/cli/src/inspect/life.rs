//! `suho model show`: one model: its life, its proofs, its artifact, where it comes from.

use super::models::{self, Line, status};
use super::place::{State, States, refused};
use super::words::{NONE, local, local_or_none, plain};
use crate::args;
use crate::failure::Failure;
use crate::table::table;
use crate::terminal;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_driver::ports::ModelRow;
use suho_store::{Evaluation, SqliteStore, Transition};

/// Everything the registry knows of one model.
#[derive(Debug)]
pub(super) struct Life {
    line: Line,
    parent: Option<ModelRow>,
    transitions: Vec<Transition>,
    evaluations: Vec<Evaluation>,
}

/// `suho model show MODEL`.
pub(super) fn show(args: &args::ModelShow) -> Result<u8, Failure> {
    let (State { store, .. }, model) = States::of(&args.place)?.model(&args.model)?;
    let life = Life::of(&store, model)?;
    terminal::out(&match args.output.notation() {
        Some(notation) => notation.page(&life.json()),
        None => life.text(),
    });
    Ok(0)
}

impl Life {
    pub(super) fn of(store: &SqliteStore, model: ModelRow) -> Result<Self, Failure> {
        let refused = |error| refused(&error);
        let transitions = store.transitions(&model.id).map_err(refused)?;
        let evaluations = store.evaluations(&model.id).map_err(refused)?;
        let parent = match &model.parent {
            Some(id) => Some(store.find_model(id.as_str()).map_err(refused)?),
            None => None,
        };
        let gone = || Failure::new(suho_domain::Fault::Bug, "no-line", "a model without a line");
        let line = models::of(store, vec![model])?.pop().ok_or_else(gone)?;
        Ok(Self { line, parent, transitions, evaluations })
    }

    pub(super) fn text(&self) -> String {
        let (model, zone) = (&self.line.model, self.line.zone.as_str());
        let mut text = format!("{} {}  {}\n", model.slot, model.version, status(model));
        text.push_str(&table("  ", &[], &self.facts()));
        section(&mut text, "configuration", &leaves(&model.config));
        section(&mut text, "training", &measured(&model.metrics));
        for found in &self.evaluations {
            let name = format!("{}, {}", found.row.kind, local(found.at, zone));
            section(&mut text, &name, &measured(&found.row.metrics));
        }
        let moves: Vec<_> = self.transitions.iter().map(|each| moved(each, zone)).collect();
        section(&mut text, "life", &moves);
        text
    }

    fn facts(&self) -> Vec<Vec<String>> {
        let (model, zone) = (&self.line.model, self.line.zone.as_str());
        let none = || NONE.to_owned();
        let digest = |digest: &Option<suho_domain::Digest>| {
            digest.as_ref().map_or_else(none, |digest| digest.short().to_owned())
        };
        let parent = self
            .parent
            .as_ref()
            .map_or_else(none, |parent| format!("{} ({})", parent.version, parent.id.short()));
        let trained_on = model.trained_on.map_or_else(none, |(from, to)| {
            format!("{} to {}", local(from, zone), local(to, zone))
        });
        let facts = [
            ("id", model.id.to_string()),
            ("traffic", self.line.traffic.to_string()),
            ("environment", self.line.environment.clone().unwrap_or_else(none)),
            ("reserved", local(model.created_at, zone)),
            ("trained", local_or_none(model.trained_at, zone)),
            ("production since", local_or_none(model.deployed_at, zone)),
            ("artifact", model.artifact.clone().unwrap_or_else(none)),
            ("its digest", digest(&model.artifact_digest)),
            ("data set", digest(&model.dataset_digest)),
            ("trained on", trained_on),
            ("seed", model.seed.to_string()),
            ("code", model.code_digest.short().to_owned()),
            ("successor of", parent),
            ("run", model.run.as_ref().map_or_else(none, |run| run.short().to_owned())),
        ];
        facts.into_iter().map(|(word, said)| vec![word.to_owned(), said]).collect()
    }

    pub(super) fn json(&self) -> Json {
        let model = &self.line.model;
        let mut json = self.line.json();
        let more = json!({
            "config": model.config,
            "config_digest": model.config_digest,
            "metrics": model.metrics,
            "artifact": model.artifact,
            "trained_on": model.trained_on,
            "seed": model.seed,
            "code_digest": model.code_digest,
            "evaluations": self.evaluations.iter().map(evaluation).collect::<Vec<_>>(),
            "transitions": self.transitions.iter().map(transition).collect::<Vec<_>>(),
        });
        if let (Json::Object(json), Json::Object(more)) = (&mut json, more) {
            json.extend(more);
        }
        json!({ "version": 1, "model": json })
    }
}

fn section(text: &mut String, name: &str, rows: &[Vec<String>]) {
    if !rows.is_empty() {
        let _infallible = write!(text, "\n{name}\n{}", table("  ", &[], rows));
    }
}

/// The leaves of a configuration or of metrics: dotted path and value. Lists are leaves.
pub(super) fn leaves(json: &Json) -> Vec<Vec<String>> {
    fn walk(path: &str, json: &Json, rows: &mut Vec<Vec<String>>) {
        match json {
            Json::Object(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, value, rows);
                }
            }
            Json::Null => {}
            leaf => rows.push(vec![path.to_owned(), plain(leaf)]),
        }
    }
    let mut rows = Vec::new();
    walk("", json, &mut rows);
    rows
}

fn moved(step: &Transition, zone: &str) -> Vec<String> {
    let from = step.from.map_or(NONE, suho_domain::ModelStatus::word);
    vec![
        local(step.at, zone),
        format!("{from} → {}", step.to),
        step.reason.clone(),
        format!("by {}", step.actor),
        step.detail.clone().unwrap_or_default(),
    ]
}

fn evaluation(found: &Evaluation) -> Json {
    let row = &found.row;
    json!({
        "kind": row.kind,
        "at": found.at,
        "run": found.run,
        "dataset": row.dataset,
        "window": row.window,
        "baseline": row.baseline,
        "metrics": row.metrics,
        "baseline_metrics": row.baseline_metrics,
        "spec_digest": row.spec_digest,
        "verdict": row.verdict,
    })
}

fn transition(step: &Transition) -> Json {
    json!({
        "from": step.from,
        "to": step.to,
        "at": step.at,
        "reason": step.reason,
        "detail": step.detail,
        "actor": step.actor,
        "run": step.run,
        "deployment": step.deployment,
    })
}

/// Leaves that were measured, with no more digits than mean something; `-o json` has them all.
fn measured(figures: &Json) -> Vec<Vec<String>> {
    let mut lines = leaves(figures);
    for figure in lines.iter_mut().filter_map(|line| line.get_mut(1)) {
        *figure = short(figure);
    }
    lines
}

/// `40.06622516556291%` as `40.066%`; what is no number with so many digits stays as it is.
pub(super) fn short(figure: &str) -> String {
    const BEHIND_THE_FIRST: i32 = 4;
    let number = figure.trim_end_matches(|c: char| c == '%' || c.is_ascii_alphabetic());
    let unit = figure.get(number.len()..).unwrap_or_default();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    match number.parse::<f64>() {
        Ok(value) if number.contains('.') && digits > 7 && value.is_normal() => {
            let scientific = format!("{value:e}");
            let exponent = scientific.split_once('e').and_then(|(_, power)| power.parse().ok());
            let behind = BEHIND_THE_FIRST.saturating_sub(exponent.unwrap_or(0));
            format!("{value:.*}{unit}", usize::try_from(behind).unwrap_or(0))
        }
        _ => figure.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn figures_keep_five_digits() {
        let shown = [
            ("40.06622516556291%", "40.066%"),
            ("1.0719815334789171", "1.0720"),
            ("-0.000123456789", "-0.00012346"),
            ("123456.7890123ms", "123457ms"),
            ("8707", "8707"),
            ("0.35", "0.35"),
            ("v1.0.0-20250101.1", "v1.0.0-20250101.1"),
        ];
        for (figure, said) in shown {
            assert_eq!(short(figure), said);
        }
    }
}
