//! `suho status`: how a run stands, step by step.

use super::figures::result;
use super::place::{States, refused};
use super::seen;
use super::seen::Seen;
use super::words::{NONE, begun_by, local, local_or_none, now, took_between};
use crate::args;
use crate::failure::Failure;
use crate::table::table;
use crate::terminal;
use serde::Deserialize as _;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_domain::{Instant, StepStatus, Value};
use suho_driver::ports::{DeploymentRow, ModelRow};
use suho_plan::Node;
use suho_rollout::Rollout;
use suho_scheduler::StepView;
use suho_store::{DeploymentsOf, ModelFilter, Notice, SqliteStore};

/// Newest notices shown.
const NOTICES_MAX: u32 = 5;

/// What a status is drawn from.
pub(super) struct Standing {
    pub(super) seen: Seen,
    /// The rollout that is not over.
    pub(super) live: Option<DeploymentRow>,
    /// The model the run made.
    pub(super) model: Option<ModelRow>,
    /// Newest last.
    pub(super) notices: Vec<Notice>,
}

/// `suho status [RUN]`. A step after a slash is the run's.
pub(crate) fn status(args: &args::OfRun) -> Result<u8, Failure> {
    let (run, _) = seen::target(&args.run);
    let (mut state, row) = States::of(&args.place)?.run(run)?;
    let note = state.interruption(&row).unwrap_or_default() + &state.stopped_lines()?;
    let standing = Standing::of(&mut state.store, &row.id)?;
    let text = match args.output.notation() {
        Some(notation) => notation.page(&standing.json()),
        None => standing.text(now()) + &note,
    };
    terminal::out(&text);
    Ok(0)
}

impl Standing {
    pub(super) fn of(store: &mut SqliteStore, run: &suho_domain::RunId) -> Result<Self, Failure> {
        let seen = Seen::load(store, run)?;
        let rollouts = store.deployments(&DeploymentsOf::Run(run.clone()));
        let live =
            rollouts.map_err(|e| refused(&e))?.into_iter().rfind(|row| row.finished_at.is_none());
        let filter = ModelFilter { run: Some(run.clone()), ..ModelFilter::ANY };
        let model = store.models(&filter).map_err(|error| refused(&error))?.pop();
        let mut notices = store.notices(Some(run), NOTICES_MAX).map_err(|error| refused(&error))?;
        notices.reverse();
        Ok(Self { seen, live, model, notices })
    }

    pub(super) fn text(&self, now: Instant) -> String {
        let mut text = self.header(now);
        let rows: Vec<_> = self.seen.steps().map(|(node, view)| row(node, &view, now)).collect();
        let head = ["STEP", "KIND", "STATUS", "ATTEMPTS", "TOOK", "WHAT CAME OF IT"];
        text.push('\n');
        text.push_str(&table("", &head, &rows));
        if let Some(live) = &self.live {
            text.push('\n');
            text.push_str(&rollout(live));
        }
        if !self.notices.is_empty() {
            let each = |notice: &Notice| {
                vec![
                    local(notice.at, self.seen.zone()),
                    notice.severity.clone(),
                    notice.message.clone(),
                ]
            };
            text.push('\n');
            text.push_str(&table("", &[], &self.notices.iter().map(each).collect::<Vec<_>>()));
        }
        text
    }

    fn header(&self, now: Instant) -> String {
        let (row, run, zone) = (&self.seen.row, &self.seen.run, self.seen.zone());
        let mut text = format!("{} #{}  {}\n", row.pipeline, row.number, self.seen.status());
        let model = self.model.as_ref().map(|model| {
            vec!["model".to_owned(), format!("{} {}, {}", model.slot, model.version, model.status)]
        });
        let of = |word: &str, said: String| vec![word.to_owned(), said];
        let rows: Vec<_> = [
            of("run", row.id.to_string()),
            of("environment", row.environment.clone()),
            of("plan", row.plan_digest.short().to_owned()),
            of("as of", local(row.as_of, zone)),
            of("started", local_or_none(run.started(), zone)),
            of("took", took_between(run.started(), run.ended(), now)),
        ]
        .into_iter()
        .chain(begun_by(row).map(|by| of("begun by", by)))
        .chain(run.pause().map(|hold| of("paused", format!("by {}: {}", hold.by, hold.why))))
        .chain(model)
        .collect();
        let _infallible = write!(text, "{}", table("  ", &[], &rows));
        text
    }

    pub(super) fn json(&self) -> Json {
        let row = &self.seen.row;
        let steps: Vec<_> = self.seen.steps().map(|(node, view)| step(node, &view)).collect();
        json!({
            "version": 1,
            "run": {
                "id": row.id,
                "number": row.number,
                "pipeline": row.pipeline,
                "environment": row.environment,
                "status": self.seen.status(),
                "plan_digest": row.plan_digest,
                "as_of": row.as_of,
                "created_at": row.created_at,
                "started_at": self.seen.run.started(),
                "ended_at": self.seen.run.ended(),
                "model": self.model.as_ref().map(|model| json!({
                    "id": model.id,
                    "name": model.slot.model,
                    "version": model.version.to_string(),
                    "status": model.status,
                })),
                "rollout": self.live.as_ref().map(live),
                "steps": steps,
            },
        })
    }
}

fn row(node: &Node, view: &StepView<'_>, now: Instant) -> Vec<String> {
    let attempts = if view.attempt == 0 { NONE.to_owned() } else { view.attempt.to_string() };
    vec![
        node.name.to_string(),
        node.kind.to_string(),
        view.status.to_string(),
        attempts,
        took_between(view.started, view.ended, now),
        match (view.lacks, awaited(view)) {
            (Some(lack), _) => format!("waits for {lack}"),
            (None, Some(awaited)) => awaited,
            (None, None) => result(node.kind.as_str(), view),
        },
    ]
}

/// What people are to do about a step, if it waits for them.
pub(super) fn awaited(view: &StepView<'_>) -> Option<String> {
    if let Some(asked) = view.asked {
        return Some(format!("waits for {}", asked.awaited()));
    }
    let hold = view.held?;
    Some(format!("held by {}: {}", hold.by, hold.why))
}

fn step(node: &Node, view: &StepView<'_>) -> Json {
    // The history of a rollout is `suho why`'s, and long.
    let outputs = view.outputs.iter().filter(|(name, _)| *name != "history");
    let outputs: serde_json::Map<_, _> =
        outputs.map(|(name, value)| (name.clone(), Value::to_plain(value))).collect();
    json!({
        "id": node.name,
        "kind": node.kind,
        "status": view.status,
        "attempts": view.attempt,
        "cached": view.status == StepStatus::Cached,
        "started_at": view.started,
        "ended_at": view.ended,
        "message": view.message,
        "waits_for": view.lacks.map(|lack| lack.to_string()),
        "asked": view.asked.map(|asked| json!({ "of": asked.of, "until": asked.until })),
        "held": view.held.map(|hold| json!({ "by": hold.by, "why": hold.why })),
        "outputs": outputs,
    })
}

/// The controller of a rollout, as its row keeps it.
pub(super) fn controller(row: &DeploymentRow) -> Option<Rollout> {
    Rollout::deserialize(row.state.get("controller")?).ok()
}

/// `canary: 10% of the traffic, 12h of 48h of market time`.
pub(crate) fn rollout(row: &DeploymentRow) -> String {
    let controller = controller(row);
    let of = controller.as_ref().map(|c| format!(" of {}", c.duration())).unwrap_or_default();
    let paused = match controller.as_ref().and_then(Rollout::paused) {
        Some(reason) => format!("; it stands still: {reason}"),
        None => String::new(),
    };
    let share = row.traffic;
    format!("{}: {share} of the traffic, {}{of} of market time{paused}\n", row.kind, row.accrued)
}

fn live(row: &DeploymentRow) -> Json {
    let controller = controller(row);
    json!({
        "id": row.id,
        "kind": row.kind,
        "status": row.status,
        "traffic_percentage": super::models::percentage(row.traffic),
        "accrued": row.accrued,
        "duration": controller.as_ref().map(Rollout::duration),
        "paused": controller.as_ref().and_then(Rollout::paused).map(ToString::to_string),
    })
}
