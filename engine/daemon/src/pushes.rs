//! Pushes to the followed branch, and the runs that they begin: each push once, whatever dies.

use crate::apply;
use crate::daemon::Wake;
use crate::desired::{Desired, Pushed};
use crate::desk::Desk;
use crate::error::DaemonError;
use crate::start::started;
use crate::workplace::Text;
use std::collections::BTreeMap;
use suho_domain::Name;
use suho_driver::Beginner;
use suho_driver::ports::{NewRun, StoreError};
use suho_store::Push;

impl Desk {
    /// Says of triggers that wait for pushes nobody here hears of, and forgets them.
    pub(crate) fn leave_strange_branches_alone(&self, wanted: &mut Desired) {
        let followed = self.workplace.branch();
        let notes = &mut wanted.notes;
        wanted.pushes.retain(|trigger, pushed| {
            let branch = &pushed.branch;
            let why = match &followed {
                Some(followed) if followed == branch => return true,
                Some(followed) => format!("this daemon follows `{followed}`"),
                None => format!("this daemon follows a folder; `--branch {branch}` follows that"),
            };
            notes.push(format!(
                "trigger `{trigger}` is not in force: it waits for pushes to `{branch}`, and {why}"
            ));
            false
        });
    }

    /// Says of schedules whose rows cannot be read, and leaves them as they are.
    pub(crate) fn leave_damaged_alone(&self, wanted: &mut Desired) -> Result<(), StoreError> {
        for damaged in self.store.damaged_schedules(&self.environment)? {
            let is_it = |key: &suho_scheduler::ScheduleKey| {
                key.scope.key() == damaged.scope_key
                    && key.pipeline.as_str() == damaged.pipeline
                    && key.schedule.as_str() == damaged.name
            };
            wanted.schedules.retain(|key, _| !is_it(key));
            wanted.notes.push(format!(
                "schedule `{}/{}` is in quarantine: {}",
                damaged.pipeline, damaged.name, damaged.why
            ));
        }
        Ok(())
    }

    /// Begins the runs that wait for a push of what `text` is. The first commit that is ever seen is
    /// no push.
    pub(crate) fn answer_push(
        &self,
        text: &Text,
        pushes: &BTreeMap<Name, Pushed>,
    ) -> Result<(), DaemonError> {
        let (Some(branch), Some(to)) = (self.workplace.branch(), &text.revision) else {
            return Ok(());
        };
        let from = self.store.head(&self.environment, &branch)?;
        if from.as_ref() == Some(to) {
            return Ok(());
        }
        let at = self.time.now();
        let files = match from.as_ref().map(|from| self.workplace.changed(from, to)) {
            None => Some(Vec::new()),
            Some(Ok(files)) => Some(files),
            // A history that was written anew: what changed may be anything.
            Some(Err(refusal)) => {
                self.workplace.say(&format!("{refusal}; so every file counts as changed"));
                None
            }
        };
        let is_due = |pushed: &Pushed| files.as_ref().is_none_or(|files| pushed.is_for(files));
        let due = pushes.iter().filter(|(_, pushed)| is_due(pushed));
        let run = |(trigger, pushed): (&Name, &Pushed)| {
            let (plan_digest, plan) = started(&pushed.plan.digest, &apply::plan(&pushed.plan), at);
            NewRun {
                pipeline: pushed.plan.pipeline.clone(),
                environment: self.environment.clone(),
                plan_digest,
                plan,
                as_of: at,
                created_at: at,
                created_by: Beginner::Push(trigger.as_str()).written(),
            }
        };
        let runs: Vec<_> = due.map(run).collect();
        let (environment, to) = (self.environment.clone(), to.clone());
        let push = Push { environment, branch, from, to, at, runs };
        match self.store.answer_push(&push) {
            // Somebody else has answered it meanwhile.
            Err(StoreError::Conflict { .. }) => Ok(()),
            answered => {
                for run in answered? {
                    let (pipeline, short) = (&run.pipeline, run.id.short());
                    let words = format!("{pipeline} #{} (run {short}) begins: a push", run.number);
                    self.workplace.say(&words);
                }
                self.wake(Wake::Asked);
                Ok(())
            }
        }
    }
}
