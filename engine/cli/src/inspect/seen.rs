//! A run as its log tells it.

use super::place::refused;
use crate::failure::Failure;
use suho_domain::{Fault, Name, RunId, RunStatus};
use suho_driver::ports::{LoggedEvent, RunRow, Store as _};
use suho_plan::{Node, Plan};
use suho_scheduler::{Event, Run, StepView};
use suho_store::SqliteStore;

/// A run, replayed.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Its row.
    pub(super) row: RunRow,
    /// Its plan.
    pub(super) plan: Plan,
    /// Where its log leaves it.
    pub(super) run: Run,
    /// Its log.
    pub(super) events: Vec<LoggedEvent>,
}

impl Seen {
    /// The run `id`.
    pub(super) fn load(store: &mut SqliteStore, id: &RunId) -> Result<Self, Failure> {
        let (row, events) = store.load(id).map_err(|error| refused(&error))?;
        let broken = |error: &dyn std::error::Error| {
            let failure = Failure::from_error(Fault::Bug, "unreadable-run", error);
            failure.at(format!("run {} ({} #{})", row.id, row.pipeline, row.number))
        };
        let plan = row.plan.read().map_err(|e| broken(&e))?;
        let spec = suho_driver::run_spec(&plan, &row.id).map_err(|e| broken(&e))?;
        let happened = events.iter().map(|logged| &logged.event);
        let run = Run::replay(spec, happened).map_err(|e| broken(&e))?;
        Ok(Self { row, plan, run, events })
    }

    /// How it stands, by its log.
    pub(super) fn status(&self) -> RunStatus {
        self.run.status()
    }

    /// The zone its times are read in.
    pub(super) fn zone(&self) -> &str {
        &self.plan.settings.timezone
    }

    /// Its steps with their plan, in plan order.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&Node, StepView<'_>)> {
        self.run.steps().filter_map(|view| Some((self.plan.node(view.spec.name.as_str())?, view)))
    }

    /// The step that `name` means.
    pub(super) fn step(&self, name: &str) -> Result<(&Node, StepView<'_>), Failure> {
        let found = self.steps().find(|(node, _)| node.name.as_str() == name);
        found.ok_or_else(|| {
            let names: Vec<_> = self.plan.nodes.iter().map(|node| node.name.as_str()).collect();
            let message = format!("run `{}` has no step `{name}`", self.row.id.short());
            Failure::user("no-such-step", message)
                .help(format!("its steps are {}", names.join(", ")))
        })
    }

    /// What happened to `step`, in order.
    pub(super) fn events_of(&self, step: &Name) -> impl Iterator<Item = &Event> {
        let step = step.clone();
        let all = self.events.iter().map(|logged| &logged.event);
        all.filter(move |event| event.step() == Some(&step))
    }

    /// The earlier result that `step` took, `RUN/STEP`.
    pub(super) fn source(&self, step: &Name) -> Option<&str> {
        let mut source = None;
        for event in self.events_of(step) {
            if let Event::StepCached { source: taken, .. } = event {
                source = Some(taken.as_str());
            }
        }
        source
    }
}

/// `RUN` or `RUN/STEP`, taken apart.
pub(crate) fn target(of: &str) -> (&str, Option<&str>) {
    of.split_once('/').map_or((of, None), |(run, step)| (run, Some(step)))
}
