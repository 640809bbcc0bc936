//! What people hold and decide: runs paused, the line stopped, approvals given.

use crate::daemon::Wake;
use crate::desk::{Desk, DeskError};
use suho_domain::Name;
use suho_driver::ports::RunRow;
use suho_driver::standing;
use suho_scheduler::Hold;
use suho_store::{RunFilter, Wish};

/// The most questions that are listed.
const ASKED_MAX: u32 = 200;

/// A question that waits for people.
pub(crate) struct Question {
    pub(crate) run: RunRow,
    pub(crate) step: Name,
    pub(crate) asked: suho_scheduler::Asked,
}

impl Desk {
    /// Asks `run` to `kind`; answers whether there was anything to ask for.
    pub(crate) fn hold(
        &self,
        run: &RunRow,
        kind: &str,
        by: &str,
        why: &str,
    ) -> Result<bool, DeskError> {
        if run.status.is_terminal() {
            return Ok(false);
        }
        self.put(run, kind, None, by, why)?;
        Ok(true)
    }

    /// Answers what `run` asks, yes with `approve`, no with `reject`.
    pub(crate) fn answer(
        &self,
        run: &RunRow,
        kind: &str,
        step: Option<&Name>,
        by: &str,
        why: &str,
    ) -> Result<Name, DeskError> {
        let standing = standing(&mut &*self.store, &run.id)?;
        let step = standing.answered(step, by, self.time.now())?;
        self.put(run, kind, Some(step.clone()), by, why)?;
        Ok(step)
    }

    fn put(
        &self,
        run: &RunRow,
        kind: &str,
        subject: Option<Name>,
        by: &str,
        why: &str,
    ) -> Result<(), DeskError> {
        let [kind, by, why] = [kind, by, why].map(str::to_owned);
        let at = self.time.now();
        self.store.wish(&Wish { run: run.id.clone(), kind, subject, by, why, at })?;
        self.wake(Wake::Asked);
        Ok(())
    }

    /// What unfinished runs ask of people, newest first.
    pub(crate) fn questions(&self) -> Result<Vec<Question>, DeskError> {
        let status = Some(suho_domain::RunStatus::Waiting);
        let environment = Some(self.environment.clone());
        let waiting = RunFilter { environment, status, ..RunFilter::ANY };
        let mut questions = Vec::new();
        for run in self.store.runs(&waiting, ASKED_MAX)? {
            let standing = standing(&mut &*self.store, &run.id)?;
            for view in standing.state.steps() {
                let Some(asked) = view.asked.cloned() else { continue };
                let (run, step) = (standing.row.clone(), view.spec.name.clone());
                questions.push(Question { run, step, asked });
            }
        }
        Ok(questions)
    }

    /// Stops the line; answers who had stopped it before, if somebody had.
    pub(crate) fn freeze(&self, by: &str, why: &str) -> Result<Option<Hold>, DeskError> {
        let (by, why, since) = (by.to_owned(), why.to_owned(), self.time.now());
        let stopped = self.store.freeze(&self.environment, &Hold { by, why, since })?;
        self.wake(Wake::Asked);
        Ok(if stopped { None } else { self.store.frozen(&self.environment)? })
    }

    /// Lets the line go on; answers who had stopped it, if somebody had.
    pub(crate) fn thaw(&self, by: &str, why: &str) -> Result<Option<Hold>, DeskError> {
        let thawed = self.store.thaw(&self.environment, by, why, self.time.now())?;
        self.wake(Wake::Asked);
        Ok(thawed)
    }
}
