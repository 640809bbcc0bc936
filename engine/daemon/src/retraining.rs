//! Retraining by hand: the pipeline that made a model is run again, as its trigger runs it.

use crate::apply;
use crate::desired::{Refusal, World, plan_in};
use suho_check::Program;
use suho_check::program::{Cause, Trigger};
use suho_domain::{Digest, Fault, Instant};
use suho_driver::Beginner;
use suho_driver::ports::{ModelRow, NewRun, RunRow, Store as _, StoreError};
use suho_plan::Binding;
use suho_store::{SqliteStore, SubmissionKey};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The model, as [`SqliteStore::find_model`] takes it.
    pub model: &'a str,
    /// The trigger whose run it is to be; found if none.
    pub trigger: Option<&'a str>,
    /// Parameters that the trigger leaves open: name and text.
    pub params: &'a [(String, String)],
    /// Who asks.
    pub by: &'a str,
    /// When.
    pub at: Instant,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Retraining {
    /// It is under way: this run.
    UnderWay(Box<RunRow>),
    /// A run begins, as the trigger runs it, if there is one.
    Begins {
        /// Makes it the only one.
        key: SubmissionKey,
        /// The run.
        run: Box<NewRun>,
        /// The trigger.
        trigger: Option<String>,
    },
}

/// Why a model is not trained anew.
#[derive(Debug, thiserror::Error)]
pub enum RetrainingError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds out what `asked` comes to; nothing changes.
///
/// # Errors
/// When no run made the model, its slot has a rollout that is not over, its pipeline cannot be
/// planned, or the store refuses.
pub fn prepare(
    store: &SqliteStore,
    program: &Program,
    (environment, world): (&str, World),
    asked: &Asked<'_>,
) -> Result<Retraining, RetrainingError> {
    let model = store.find_model(asked.model)?;
    let maker = maker(store, &model, environment)?;
    let prefix = format!("retrain/{environment}/{}/", model.slot);
    let before = store.submitted(&prefix)?;
    if let Some((_, run)) = before.iter().find(|(_, run)| !run.status.is_terminal()) {
        return Ok(Retraining::UnderWay(Box::new(run.clone())));
    }
    if let Some(live) = (&*store).slot(&model.slot)?.live {
        let message = format!("a {} of {} is not over", live.kind, model.slot.model);
        let refusal = Refusal { fault: Fault::World, ..Refusal::user("rollout-live", message) };
        return Err(refusal
            .help("`suho rollout status` shows it; ask again when it is over")
            .into());
    }
    let trigger = trigger(program, &maker, asked.trigger)?;
    let binding = Binding {
        environment: Some(environment),
        start: Some(asked.at),
        call: trigger.map(|trigger| &trigger.run.arguments),
        ..Binding::of(asked.params)
    };
    let plan = plan_in(program, maker.pipeline.as_str(), &binding, world)?;
    let key = format!("{prefix}{}", before.len());
    let body = Digest::of(key.as_bytes());
    let name = model.slot.model.as_str();
    let run = NewRun {
        pipeline: plan.pipeline.clone(),
        environment: environment.to_owned(),
        plan_digest: plan.digest.clone(),
        plan: apply::plan(&plan),
        as_of: asked.at,
        created_at: asked.at,
        created_by: Beginner::Retrain { model: name, person: asked.by }.written(),
    };
    let trigger = trigger.map(|trigger| trigger.name.to_string());
    Ok(Retraining::Begins { key: SubmissionKey { key, body }, run: Box::new(run), trigger })
}

/// The run that made `model`.
fn maker(
    store: &SqliteStore,
    model: &ModelRow,
    environment: &str,
) -> Result<RunRow, RetrainingError> {
    let (name, version) = (&model.slot.model, model.version);
    let Some(run) = &model.run else {
        let message = format!("no run has made {name} {version}");
        return Err(Refusal::user("no-run", message).into());
    };
    let run = store.find_run(run.as_str())?;
    if run.environment == environment {
        return Ok(run);
    }
    let message =
        format!("{name} {version} was made in `{}`, not in `{environment}`", run.environment);
    Err(Refusal::user("other-environment", message).into())
}

/// The trigger that says how the pipeline of `maker` is run: the one that is named, else the one for
/// people, else the only other one. Without one the pipeline's own defaults hold.
fn trigger<'p>(
    program: &'p Program,
    maker: &RunRow,
    named: Option<&str>,
) -> Result<Option<&'p Trigger>, Refusal> {
    let of_pipeline: Vec<_> =
        program.triggers.values().filter(|it| it.run.pipeline == maker.pipeline).collect();
    let names = |triggers: &[&Trigger]| {
        triggers.iter().map(|it| format!("`{}`", it.name)).collect::<Vec<_>>().join(", ")
    };
    if let Some(name) = named {
        let found = of_pipeline.iter().find(|it| it.name.as_str() == name);
        return found.copied().map(Some).ok_or_else(|| {
            let message = format!("no trigger `{name}` runs `{}`", maker.pipeline);
            Refusal::user("unknown-trigger", message)
                .help(format!("there is {}", names(&of_pipeline)))
        });
    }
    let is_manual = |it: &&&Trigger| matches!(it.on, Cause::Manual { .. });
    let manual: Vec<_> = of_pipeline.iter().filter(is_manual).copied().collect();
    let meant = if manual.is_empty() { of_pipeline } else { manual };
    let Some(first) = meant.first() else { return Ok(None) };
    if meant.iter().all(|it| it.run.arguments == first.run.arguments) {
        return Ok(Some(first));
    }
    let message = format!("several triggers run `{}`: {}", maker.pipeline, names(&meant));
    Err(Refusal::user("which-trigger", message).help("name one: `--trigger NAME`"))
}
