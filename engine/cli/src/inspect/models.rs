//! `suho model ls`: every version of every model, and who has the traffic.

use super::place::{State, States, refused};
use super::ps::zone;
use super::words::{NONE, figure, local_or_none};
use crate::args;
use crate::failure::Failure;
use crate::table::table;
use crate::terminal;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use suho_domain::{BasisPoints, ModelId, Ratio, RunId, Slot, Value};
use suho_driver::ports::ModelRow;
use suho_store::{Evaluation, ModelFilter, Route, SqliteStore};

/// A model as lists show it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) model: ModelRow,
    /// Its share of its slot's traffic now.
    pub(super) traffic: BasisPoints,
    /// On its test rows.
    pub(super) accuracy: Option<Ratio>,
    /// The environment it was made in.
    pub(super) environment: Option<String>,
    /// The zone its times are read in.
    pub(super) zone: String,
}

/// `suho model ls`.
pub(super) fn ls(args: &args::ModelLs) -> Result<u8, Failure> {
    let states = States::of(&args.place)?;
    let mut lines = Vec::new();
    for State { store, .. } in &states.each {
        let models = store.models(&ModelFilter::ANY).map_err(|error| refused(&error))?;
        lines.extend(of(store, models)?);
    }
    let json =
        || json!({ "version": 1, "models": lines.iter().map(Line::json).collect::<Vec<_>>() });
    terminal::out(&match args.output.notation() {
        Some(notation) => notation.page(&json()),
        None => text(&lines),
    });
    Ok(0)
}

/// `models` of one store as lists show them: by slot, the newest version first.
pub(super) fn of(store: &SqliteStore, models: Vec<ModelRow>) -> Result<Vec<Line>, Failure> {
    let mut routes: BTreeMap<Slot, Option<Route>> = BTreeMap::new();
    let mut runs: BTreeMap<RunId, (String, String)> = BTreeMap::new();
    let mut lines = Vec::with_capacity(models.len());
    for model in models {
        if !routes.contains_key(&model.slot) {
            let newest = store.routes(&model.slot).map_err(|error| refused(&error))?.pop();
            routes.insert(model.slot.clone(), newest);
        }
        let route = routes.get(&model.slot).and_then(Option::as_ref);
        if let Some(id) = &model.run
            && !runs.contains_key(id)
        {
            let run = store.find_run(id.as_str()).map_err(|error| refused(&error))?;
            runs.insert(id.clone(), (run.environment.clone(), zone(&run)));
        }
        let run = model.run.as_ref().and_then(|id| runs.get(id));
        let found = store.evaluations(&model.id).map_err(|error| refused(&error))?;
        lines.push(Line {
            traffic: route.map_or(BasisPoints::NONE, |route| share(route, &model.id)),
            accuracy: accuracy(&found),
            environment: run.map(|(environment, _)| environment.clone()),
            zone: run.map_or_else(|| "UTC".to_owned(), |(_, zone)| zone.clone()),
            model,
        });
    }
    lines.sort_by(|a, b| {
        let newest_first = || b.model.version.cmp(&a.model.version);
        a.model.slot.cmp(&b.model.slot).then_with(newest_first)
    });
    Ok(lines)
}

/// What `route` gives `model`: the candidate its share, production the rest.
pub(super) fn share(route: &Route, model: &ModelId) -> BasisPoints {
    match &route.row.candidate {
        Some((candidate, share)) if candidate == model => *share,
        candidate if route.row.production.as_ref() == Some(model) => {
            candidate.as_ref().map_or(BasisPoints::ALL, |(_, share)| share.complement())
        }
        _ => BasisPoints::NONE,
    }
}

/// The accuracy of the newest test.
fn accuracy(found: &[Evaluation]) -> Option<Ratio> {
    let newest = found.iter().rfind(|evaluation| evaluation.row.kind == "test")?;
    newest.row.metrics.get("accuracy")?.as_str()?.parse().ok()
}

/// A share in percent, as a number: 10, 12.5.
pub(super) fn percentage(share: BasisPoints) -> Json {
    match (share.points() / 100, share.points() % 100) {
        (whole, 0) => json!(whole),
        _ => json!(f64::from(share.points()) / 100.0),
    }
}

pub(super) fn text(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "no models yet; `suho rehearse PIPELINE` makes one\n".to_owned();
    }
    let head = [
        "MODEL",
        "VERSION",
        "SERVES",
        "STATUS",
        "TRAFFIC",
        "TRAINED",
        "ACCURACY",
        "ENVIRONMENT",
        "ID",
    ];
    let row = |line: &Line| {
        let (model, slot) = (&line.model, &line.model.slot);
        vec![
            format!("{}/{}", slot.scope.folder(), slot.model),
            model.version.to_string(),
            format!("{} {}", slot.symbol, slot.timeframe),
            status(model),
            line.traffic.to_string(),
            local_or_none(model.trained_at, &line.zone),
            line.accuracy.map_or_else(|| NONE.to_owned(), |share| figure(&Value::Ratio(share))),
            line.environment.clone().unwrap_or_else(|| NONE.to_owned()),
            model.id.short().to_owned(),
        ]
    };
    table("", &head, &lines.iter().map(row).collect::<Vec<_>>())
}

/// `archived (acceptance_failed)`, `draft (rolled_back, quarantined)`.
pub(super) fn status(model: &ModelRow) -> String {
    let held = model.quarantined.then_some("quarantined");
    let reasons: Vec<_> = model.status_reason.as_deref().into_iter().chain(held).collect();
    match reasons.as_slice() {
        [] => model.status.to_string(),
        _ => format!("{} ({})", model.status, reasons.join(", ")),
    }
}

impl Line {
    /// The fields every answer about a model has.
    pub(super) fn json(&self) -> Json {
        let (model, slot) = (&self.model, &self.model.slot);
        json!({
            "id": model.id,
            "scope": slot.scope.key(),
            "name": slot.model,
            "version": model.version,
            "status": model.status,
            "status_reason": model.status_reason,
            "quarantined": model.quarantined,
            "traffic_percentage": percentage(self.traffic),
            "symbol": slot.symbol,
            "timeframe": slot.timeframe,
            "accuracy": self.accuracy.map(Ratio::to_f64),
            "environment": self.environment,
            "created_at": model.created_at,
            "trained_at": model.trained_at,
            "deployed_at": model.deployed_at,
            "artifact_digest": model.artifact_digest,
            "dataset_digest": model.dataset_digest,
            "parent": model.parent,
            "run": model.run,
        })
    }
}
