//! The page at the end of a run: what decided, what took traffic when, what came of it, what next.

use crate::args::Output;
use crate::failure::Failure;
use crate::figures;
use crate::project::Project;
use crate::refusal;
use crate::table::table;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use suho_domain::{Fault, Name, Record, RunId, RunStatus, Value};
use suho_driver::ports::{LoggedEvent, ModelRow, RunRow, Store as _};
use suho_plan::{Node, Plan, Role};
use suho_scheduler::{Event, FailureClass, Run, StepView};
use suho_store::{Access, SqliteStore};

/// A run that is over, or not: everything the page needs.
pub(crate) struct Report {
    project: PathBuf,
    artifacts: String,
    run: RunRow,
    plan: Plan,
    log: Vec<LoggedEvent>,
    state: Run,
    model: Option<ModelRow>,
}

/// Reads the run's page from its log.
pub(crate) fn report(project: &Project, state: &Path, run: &RunId) -> Result<Report, Failure> {
    let mut store =
        SqliteStore::open(state, Access::Read).map_err(|error| refusal::failure(&error))?;
    let (row, log) = store.load(run).map_err(|error| refusal::failure(&error))?;
    let bug = |error: &dyn std::error::Error| Failure::from_error(Fault::Bug, "log", error);
    let plan = row.plan.read().map_err(|error| bug(&error))?;
    let spec = suho_driver::run_spec(&plan, run).map_err(|error| bug(&error))?;
    let replayed = Run::replay(spec, log.iter().map(|logged| &logged.event));
    let replayed = replayed.map_err(|error| bug(&error))?;
    let id = plan.of_kind("train").find_map(|node| {
        let view = replayed.step(&node.name)?;
        suho_driver::id_of(view.outputs.get("model"))
    });
    let model = match id {
        Some(id) => store.model(&id).map_err(|error| refusal::failure(&error))?,
        None => None,
    };
    Ok(Report {
        project: project.root().to_path_buf(),
        artifacts: crate::keeping::artifacts(state),
        run: row,
        plan,
        log,
        state: replayed,
        model,
    })
}

impl Report {
    /// The exit code: as `code` says, but a failure's own class decides whose fault it is.
    pub(crate) fn exit(&self, code: u8) -> u8 {
        if self.run.status != RunStatus::Failed {
            return code;
        }
        let class = |logged: &LoggedEvent| match &logged.event {
            Event::AttemptFailed { class, .. } | Event::StepFailed { class, .. } => Some(*class),
            _ => None,
        };
        let class = self.log.iter().rev().find_map(class).unwrap_or(FailureClass::Infrastructure);
        class.fault().exit_code()
    }

    /// The page, as it is asked for.
    pub(crate) fn written(&self, output: Output) -> String {
        match output.notation() {
            Some(notation) => notation.page(&self.json()),
            None => self.text(),
        }
    }

    /// The shape that `run`, `rehearse` and `status` answer with.
    pub(crate) fn json(&self) -> Json {
        let steps: Vec<_> = self
            .state
            .steps()
            .map(|view| {
                json!({
                    "id": view.spec.name,
                    "status": view.status,
                    "attempts": view.attempt,
                    "cached": view.status == suho_domain::StepStatus::Cached,
                    "message": view.message,
                    "outputs": Value::Record(view.outputs.clone()).to_plain(),
                })
            })
            .collect();
        let model = self.model.as_ref().map(|row| {
            json!({
                "id": row.id,
                "name": row.slot.model,
                "version": row.version,
                "status": row.status,
                "artifact": row.artifact,
            })
        });
        let run = json!({
            "id": self.run.id,
            "number": self.run.number,
            "pipeline": self.run.pipeline,
            "environment": self.run.environment,
            "status": self.run.status,
            "steps": steps,
            "model": model,
        });
        json!({ "version": 1, "run": run })
    }

    /// The page for people.
    fn text(&self) -> String {
        let took = match (self.state.started(), self.state.ended()) {
            (Some(started), Some(ended)) => {
                format!(" after {:.1} s", ended.since(started).millis_f64() / 1000.0)
            }
            _ => String::new(),
        };
        let Report { run, .. } = self;
        let mut page = format!("\n{} #{} {}{took}\n", run.pipeline, run.number, run.status);
        for node in self.plan.of_kind("gate") {
            page.push_str(&self.gate(node));
        }
        page.push_str(&self.rollouts());
        page.push_str(&self.failures());
        page.push_str(&self.outcome());
        page.push_str(&self.next());
        page
    }

    fn view(&self, node: &Node) -> Option<StepView<'_>> {
        self.state.step(&node.name).filter(|view| !view.outputs.is_empty())
    }

    fn gate(&self, node: &Node) -> String {
        let Some(view) = self.view(node) else { return String::new() };
        format!("\ngate {}\n{}", node.name, criteria(view.outputs))
    }

    /// Each rollout with its times, its share and what judged it.
    fn rollouts(&self) -> String {
        let nodes = self.plan.nodes.iter().filter(|node| node.role == Role::Rollout);
        let seen: Vec<_> = nodes.filter_map(|node| Some((node, self.view(node)?))).collect();
        if seen.is_empty() {
            return String::new();
        }
        let mut text = String::from("\nrollout, replayed on recorded bars\n");
        let row = |(node, view): &(&Node, StepView<'_>)| {
            vec![
                node.kind.to_string(),
                node.name.to_string(),
                time(view.outputs, "started"),
                time(view.outputs, "ended"),
                shares(node),
                self.verdict(&node.name),
                figures::of(Some(&node.kind), view.outputs),
            ]
        };
        text.push_str(&table("  ", &[], &seen.iter().map(row).collect::<Vec<_>>()));
        for (node, view) in &seen {
            let lines = criteria(view.outputs);
            if !lines.is_empty() {
                let _infallible = write!(text, "\n{} {}\n{lines}", node.kind, node.name);
            }
        }
        text
    }

    fn verdict(&self, step: &Name) -> String {
        let ended = |logged: &LoggedEvent| match &logged.event {
            Event::RolloutEnded { step: of, verdict, .. } if of == step => {
                Some(figures::verdict(verdict))
            }
            _ => None,
        };
        self.log.iter().rev().find_map(ended).unwrap_or_default()
    }

    /// Why steps did not end well, gates and rollouts apart: those have said so.
    fn failures(&self) -> String {
        let failed = self.state.steps().filter(|view| {
            view.status == suho_domain::StepStatus::Failed && view.outputs.is_empty()
        });
        let line = |view: StepView<'_>| {
            format!("\n`{}` failed: {}\n", view.spec.name, view.message.unwrap_or_default())
        };
        failed.map(line).collect()
    }

    fn outcome(&self) -> String {
        let Some(row) = &self.model else { return String::new() };
        let reason =
            row.status_reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        let mut text =
            format!("\nmodel {} {} is {}{reason}\n", row.slot.model, row.version, row.status);
        if let Some(folder) = &row.artifact {
            let _infallible = writeln!(text, "  artifact {}/{folder}", self.artifacts);
        }
        text
    }

    fn next(&self) -> String {
        let project = self.project.display();
        let (run, at) = (self.run.id.short(), format!("--project {project}"));
        let mut lines = vec![format!("suho why {run} {at}")];
        match self.run.status {
            RunStatus::Succeeded | RunStatus::Rejected => {
                if let Some(row) = &self.model {
                    lines.push(format!("suho model show {}@{} {at}", row.slot.model, row.version));
                }
            }
            RunStatus::Failed | RunStatus::Cancelled => {
                lines.insert(0, format!("suho retry {run} {at}"));
                lines.push(format!("suho logs {run} {at}"));
            }
            _ => {}
        }
        format!("\nnext\n  {}\n", lines.join("\n  "))
    }
}

/// The criteria in a step's outputs as a table.
fn criteria(outputs: &Record) -> String {
    let Some(Value::List(criteria)) = outputs.get("criteria") else { return String::new() };
    let field = |criterion: &Value, name: &str| {
        criterion.field(name).map(Value::to_string).unwrap_or_default()
    };
    let row = |criterion: &Value| {
        let mark = match field(criterion, "verdict").as_str() {
            "pass" => "pass",
            "fail" => "FAIL",
            "not_applicable" => "n/a",
            _ => "ERROR",
        };
        vec![
            mark.to_owned(),
            field(criterion, "rule"),
            field(criterion, "value"),
            field(criterion, "limit"),
            field(criterion, "note"),
        ]
    };
    let rows: Vec<_> = criteria.iter().map(row).collect();
    table("  ", &["", "criterion", "value", "limit"], &rows)
}

/// The shares a rollout gives its candidate.
fn shares(node: &Node) -> String {
    let value = |name: &str| match node.inputs.get(name) {
        Some(suho_plan::Expr::Value(value)) => Some(value.clone()),
        _ => None,
    };
    match (value("share"), value("steps")) {
        (Some(share), _) => share.to_string(),
        (_, Some(Value::List(steps))) => {
            steps.iter().map(Value::to_string).collect::<Vec<_>>().join(" → ")
        }
        _ => "0%".to_owned(),
    }
}

fn time(outputs: &Record, name: &str) -> String {
    match outputs.get(name) {
        Some(Value::Instant(at)) => at.to_chrono().format("%a %Y-%m-%d %H:%M").to_string(),
        _ => "–".to_owned(),
    }
}
