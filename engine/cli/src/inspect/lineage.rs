//! `suho model lineage`: what a model came from: its data, its run, the models before it; and what came
//! from it.

use super::models::status;
use super::place::{State, States, refused};
use super::seen::Seen;
use super::words::{NONE, local, many};
use crate::args;
use crate::failure::Failure;
use crate::table::table;
use crate::terminal;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_domain::{Digest, Record, Value};
use suho_driver::ports::ModelRow;
use suho_store::{ModelFilter, SqliteStore};

/// Ancestors followed at most: more than any line of models has.
const ANCESTORS_MAX: usize = 1_000;

/// Where a model came from and what came of it.
pub(super) struct Lineage {
    model: ModelRow,
    /// The run that made it, if it is in the registry.
    seen: Option<Seen>,
    /// Its parent, that one's parent, and so on.
    ancestors: Vec<ModelRow>,
    /// Those it is the parent of, oldest first.
    successors: Vec<ModelRow>,
}

/// `suho model lineage MODEL`.
pub(super) fn lineage(args: &args::ModelShow) -> Result<u8, Failure> {
    let (State { mut store, .. }, model) = States::of(&args.place)?.model(&args.model)?;
    let lineage = Lineage::of(&mut store, model)?;
    terminal::out(&match args.output.notation() {
        Some(notation) => notation.page(&lineage.json()),
        None => lineage.text(),
    });
    Ok(0)
}

impl Lineage {
    pub(super) fn of(store: &mut SqliteStore, model: ModelRow) -> Result<Self, Failure> {
        let seen = model.run.as_ref().map(|run| Seen::load(store, run)).transpose()?;
        let mut ancestors: Vec<ModelRow> = Vec::new();
        while let Some(parent) = ancestors.last().unwrap_or(&model).parent.clone()
            && ancestors.len() < ANCESTORS_MAX
        {
            ancestors.push(store.find_model(parent.as_str()).map_err(|error| refused(&error))?);
        }
        let filter = ModelFilter { name: Some(model.slot.model.clone()), ..ModelFilter::ANY };
        let mut successors = store.models(&filter).map_err(|error| refused(&error))?;
        successors.retain(|other| other.parent.as_ref() == Some(&model.id));
        successors.sort_by_key(|other| other.version);
        Ok(Self { model, seen, ancestors, successors })
    }

    /// What the data set's step made, in the run that trained the model.
    fn data(&self) -> Option<Record> {
        let seen = self.seen.as_ref()?;
        let is_its = |outputs: &Record| {
            let digest = outputs.get("digest").and_then(Value::as_text);
            digest.is_some() && digest == self.model.dataset_digest.as_ref().map(Digest::as_str)
        };
        let of_data = seen.steps().filter(|(node, _)| node.kind.as_str() == "dataset");
        of_data.map(|(_, view)| view.outputs.clone()).find(is_its)
    }

    pub(super) fn text(&self) -> String {
        let model = &self.model;
        let zone = self.seen.as_ref().map_or("UTC", Seen::zone);
        let none = || NONE.to_owned();
        let run = self.seen.as_ref().map_or_else(none, |seen| {
            let row = &seen.row;
            format!("{} ({} #{} in {})", row.id.short(), row.pipeline, row.number, row.environment)
        });
        let plan = self.seen.as_ref().map_or_else(none, |it| it.row.plan_digest.to_string());
        let mut facts = vec![
            ("made by run", run),
            ("its plan", plan),
            ("reserved", local(model.created_at, zone)),
            ("configuration", model.config_digest.to_string()),
            ("data set", model.dataset_digest.as_ref().map_or_else(none, ToString::to_string)),
        ];
        if let Some(data) = self.data() {
            let said = |port: &str| data.get(port).map_or_else(none, ToString::to_string);
            facts.push(("bars from", said("source")));
            facts.push(("bars", format!("{} in {}", said("bars"), said("window"))));
        }
        facts.extend([
            ("seed", model.seed.to_string()),
            ("code", model.code_digest.to_string()),
            ("artifact", model.artifact_digest.as_ref().map_or_else(none, ToString::to_string)),
        ]);
        let facts: Vec<_> =
            facts.into_iter().map(|(word, said)| vec![word.to_owned(), said]).collect();
        let mut text = format!("{} {}\n{}", model.slot, model.version, table("  ", &[], &facts));
        family(&mut text, "came from", &self.ancestors);
        family(&mut text, "came of it", &self.successors);
        if self.ancestors.is_empty() && self.successors.is_empty() {
            text.push_str("\nno model came before it, and none has come of it\n");
        }
        text
    }

    pub(super) fn json(&self) -> Json {
        let short = |model: &ModelRow| json!({ "id": model.id, "version": model.version, "status": model.status });
        let model = &self.model;
        let data = self.data().map(|data| {
            let plain = |port: &str| data.get(port).map(Value::to_plain);
            json!({ "source": plain("source"), "window": plain("window"), "bars": plain("bars") })
        });
        json!({
            "version": 1,
            "model": short(model),
            "run": model.run,
            "plan_digest": self.seen.as_ref().map(|seen| &seen.row.plan_digest),
            "config_digest": model.config_digest,
            "dataset_digest": model.dataset_digest,
            "dataset": data,
            "seed": model.seed,
            "code_digest": model.code_digest,
            "artifact_digest": model.artifact_digest,
            "ancestors": self.ancestors.iter().map(short).collect::<Vec<_>>(),
            "successors": self.successors.iter().map(short).collect::<Vec<_>>(),
        })
    }
}

fn family(text: &mut String, what: &str, models: &[ModelRow]) {
    if models.is_empty() {
        return;
    }
    let row = |model: &ModelRow| {
        vec![model.version.to_string(), status(model), model.id.short().to_owned()]
    };
    let rows: Vec<_> = models.iter().map(row).collect();
    let count = many(u64::try_from(models.len()).unwrap_or(u64::MAX), "model");
    let _infallible = write!(text, "\n{what}: {count}\n{}", table("  ", &[], &rows));
}
