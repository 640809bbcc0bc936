//! `suho model history`: the ledger of traffic: which model served whom, from when, by whose decision.

use super::models::percentage;
use super::place::{State, States, refused};
use super::ps::zone;
use super::words::{NONE, local};
use crate::args;
use crate::failure::Failure;
use crate::forecasting;
use crate::table::table;
use crate::terminal;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use suho_domain::{BasisPoints, Instant, ModelId, Slot};
use suho_driver::ports::{DeploymentRow, ModelRow};
use suho_store::{DeploymentsOf, ModelFilter, Route, SqliteStore};

/// One stretch of time in which a slot's traffic went the same way.
#[derive(Debug)]
pub(super) struct Stretch {
    route: Route,
    until: Option<Instant>,
    /// Who answers, with their shares; the champion first.
    serving: Vec<(ModelRow, BasisPoints)>,
    /// The rollout that asked for it.
    rollout: Option<DeploymentRow>,
    zone: String,
    environment: String,
}

/// `suho model history [MODEL] [--at INSTANT]`.
pub(super) fn history(args: &args::ModelHistory) -> Result<u8, Failure> {
    let at = args.at.as_deref().map(forecasting::instant).transpose()?;
    let mut stretches = Vec::new();
    let states = States::of(&args.place)?;
    if let Some(name) = &args.model {
        let (State { store, .. }, model) = states.model(name)?;
        stretches.extend(of_slot(&store, &model.slot)?);
    } else {
        for State { store, .. } in &states.each {
            let models = store.models(&ModelFilter::ANY).map_err(|error| refused(&error))?;
            let slots: BTreeSet<Slot> = models.into_iter().map(|model| model.slot).collect();
            for slot in slots {
                stretches.extend(of_slot(store, &slot)?);
            }
        }
    }
    stretches.retain(|stretch| at.is_none_or(|at| stretch.holds(at)));
    let json = || {
        let each: Vec<_> = stretches.iter().map(Stretch::json).collect();
        json!({ "version": 1, "at": at, "history": each })
    };
    terminal::out(&match args.output.notation() {
        Some(notation) => notation.page(&json()),
        None => text(&stretches, at),
    });
    Ok(0)
}

/// The whole ledger of one slot, the first stretch first.
pub(super) fn of_slot(store: &SqliteStore, slot: &Slot) -> Result<Vec<Stretch>, Failure> {
    let routes = store.routes(slot).map_err(|error| refused(&error))?;
    let filter = ModelFilter { name: Some(slot.model.clone()), ..ModelFilter::ANY };
    let models = store.models(&filter).map_err(|error| refused(&error))?;
    let models: BTreeMap<ModelId, ModelRow> =
        models.into_iter().map(|model| (model.id.clone(), model)).collect();
    let ends = routes.iter().skip(1).map(|route| Some(route.at)).chain([None]);
    let ends: Vec<Option<Instant>> = ends.collect();
    let mut stretches = Vec::with_capacity(routes.len());
    for (route, until) in routes.into_iter().zip(ends) {
        let run = store.find_run(route.run.as_str()).map_err(|error| refused(&error))?;
        let rollouts = store.deployments(&DeploymentsOf::Run(route.run.clone()));
        let rollouts = rollouts.map_err(|error| refused(&error))?;
        let is_its = |row: &DeploymentRow| Some(&row.id) == route.row.deployment.as_ref();
        let candidate = route.row.candidate.as_ref();
        let rest = candidate.map_or(BasisPoints::ALL, |(_, share)| share.complement());
        let champion = route.row.production.as_ref().map(|id| (id, rest));
        let candidate = candidate.map(|(id, share)| (id, *share));
        let serving = champion.into_iter().chain(candidate);
        let serving = serving.filter_map(|(id, share)| Some((models.get(id)?.clone(), share)));
        stretches.push(Stretch {
            until,
            serving: serving.collect(),
            rollout: rollouts.into_iter().find(is_its),
            zone: zone(&run),
            environment: run.environment,
            route,
        });
    }
    Ok(stretches)
}

pub(super) fn text(stretches: &[Stretch], at: Option<Instant>) -> String {
    if stretches.is_empty() {
        return match at {
            Some(at) => format!("no model had traffic at {at}\n"),
            None => "no model has had traffic yet\n".to_owned(),
        };
    }
    let mut slots: BTreeMap<(&str, &Slot), Vec<Vec<String>>> = BTreeMap::new();
    for stretch in stretches {
        let key = (stretch.environment.as_str(), &stretch.route.row.slot);
        slots.entry(key).or_default().push(stretch.row());
    }
    let mut text = String::new();
    for ((environment, slot), rows) in slots {
        let gap = if text.is_empty() { "" } else { "\n" };
        let head = ["FROM", "TO", "SERVES", "BY", "WHAT WAS DECIDED"];
        let _infallible =
            write!(text, "{gap}{slot} in {environment}\n{}", table("  ", &head, &rows));
    }
    text
}

/// `rollback: accuracy_harm`, `promote`.
fn said((what, why): &(String, String)) -> String {
    if why.is_empty() { what.clone() } else { format!("{what}: {why}") }
}

impl Stretch {
    fn holds(&self, at: Instant) -> bool {
        self.route.at <= at && self.until.is_none_or(|until| at < until)
    }

    fn row(&self) -> Vec<String> {
        let serving: Vec<String> = self
            .serving
            .iter()
            .map(|(model, share)| format!("{} {share}", model.version))
            .collect();
        let serving = if serving.is_empty() { "nobody".to_owned() } else { serving.join(", ") };
        let run = self.route.run.short();
        let by = match &self.rollout {
            Some(rollout) => format!("{} of run {run}", rollout.kind),
            None => format!("run {run}"),
        };
        let decision = self.rollout.as_ref().and_then(|rollout| rollout.decision.as_ref());
        vec![
            local(self.route.at, &self.zone),
            self.until.map_or_else(|| "now".to_owned(), |until| local(until, &self.zone)),
            serving,
            by,
            decision.map_or_else(|| NONE.to_owned(), said),
        ]
    }

    fn json(&self) -> Json {
        let slot = &self.route.row.slot;
        let serving = self.serving.iter().map(|(model, share)| {
            json!({
                "id": model.id,
                "version": model.version,
                "traffic_percentage": percentage(*share),
            })
        });
        json!({
            "scope": slot.scope.key(),
            "name": slot.model,
            "symbol": slot.symbol,
            "timeframe": slot.timeframe,
            "environment": self.environment,
            "generation": self.route.row.generation,
            "from": self.route.at,
            "to": self.until,
            "serving": serving.collect::<Vec<_>>(),
            "run": self.route.run,
            "deployment": self.route.row.deployment,
            "kind": self.rollout.as_ref().map(|rollout| &rollout.kind),
            "decision": self.rollout.as_ref().and_then(|rollout| rollout.decision.clone()),
        })
    }
}
