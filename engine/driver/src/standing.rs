//! How a run stands, read without carrying it on, and whether somebody may answer what it asks.

use crate::beginner::Beginner;
use crate::engine::EngineError;
use crate::ports::{RunRow, Store};
use crate::spec;
use suho_domain::{Fault, Instant, Name, RunId};
use suho_plan::Plan;
use suho_scheduler::{Denial, Run};

/// A run as its log tells it.
#[derive(Debug)]
pub struct Standing {
    /// Its row.
    pub row: RunRow,
    /// What it carries out.
    pub plan: Plan,
    /// Its replayed state.
    pub state: Run,
}

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The run could not be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// This person may not, or not any more.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// Nothing is asked.
    #[error("run `{}` asks nothing{}", run.short(), of(step.as_ref()))]
    Nothing {
        /// The run.
        run: RunId,
        /// The step that was named.
        step: Option<Name>,
    },
    /// Several steps ask, and none was named.
    #[error("run `{}` asks more than one thing: {}", run.short(), list(steps))]
    Several {
        /// The run.
        run: RunId,
        /// Which steps ask.
        steps: Vec<Name>,
    },
}

impl AnswerError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Engine(error) => error.fault(),
            Self::Denied(_) | Self::Nothing { .. } | Self::Several { .. } => Fault::User,
        }
    }

    /// Kebab-case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Engine(_) => "engine",
            Self::Denied(Denial::Own { .. }) => "self-approval",
            Self::Denied(Denial::NotAsked { .. }) => "not-asked",
            Self::Denied(Denial::Late { .. }) => "too-late",
            Self::Nothing { .. } => "nothing-asked",
            Self::Several { .. } => "ambiguous",
        }
    }
}

fn of(step: Option<&Name>) -> String {
    step.map(|step| format!(" in `{step}`")).unwrap_or_default()
}

fn list(steps: &[Name]) -> String {
    steps.iter().map(|step| format!("`{step}`")).collect::<Vec<_>>().join(", ")
}

/// How `run` stands.
///
/// # Errors
/// When it cannot be read.
pub fn standing(store: &mut dyn Store, run: &RunId) -> Result<Standing, EngineError> {
    let (row, log) = store.load(run)?;
    let plan = row.plan.read().map_err(|source| EngineError::Plan { run: run.clone(), source })?;
    let spec = spec::of_plan(&plan, run).map_err(|error| EngineError::Bug(error.to_string()))?;
    let state = Run::replay(spec, log.iter().map(|logged| &logged.event))?;
    Ok(Standing { row, plan, state })
}

impl Standing {
    /// The step that `by` answers at `at`: `step`, or the only one that asks something.
    ///
    /// # Errors
    /// When nothing is asked, or `by` may not answer it.
    pub fn answered(
        &self,
        step: Option<&Name>,
        by: &str,
        at: Instant,
    ) -> Result<Name, AnswerError> {
        let run = || self.row.id.clone();
        let asking = self.state.steps().filter_map(|view| Some((&view.spec.name, view.asked?)));
        let asking = asking.filter(|(name, _)| step.is_none_or(|step| step == *name));
        let asking: Vec<_> = asking.collect();
        match asking.as_slice() {
            [] => Err(AnswerError::Nothing { run: run(), step: step.cloned() }),
            [(name, asked)] => {
                let created_by = &self.row.created_by;
                let beginner = Beginner::of(created_by).person().unwrap_or(created_by);
                asked.admits(by, beginner, at)?;
                Ok((*name).clone())
            }
            more => {
                let steps = more.iter().map(|(name, _)| (*name).clone()).collect();
                Err(AnswerError::Several { run: run(), steps })
            }
        }
    }
}
