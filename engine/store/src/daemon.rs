//! What a daemon asks of the store: texts in force, schedules, submissions, runs in its custody.

use crate::applications::{self, Application, NewApplication};
use crate::custody::{self, Alarm};
use crate::rows::RunFilter;
use crate::runs;
use crate::schedules::{
    self, DamagedSchedule, DecisionRow, ScheduleChange, ScheduleRow, Unsettled,
};
use crate::store::SqliteStore;
use crate::submissions::{self, Submission, SubmissionKey};
use std::collections::BTreeMap;
use suho_domain::{Digest, Instant, RunId, RunStatus};
use suho_driver::ports::{NewRun, PlanText, RunRow, StoreError};

/// Each is one snapshot or one transaction, and fails when the database refuses.
impl SqliteStore {
    /// Brings a text into force with all it does to schedules; answers its number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a schedule has moved on; nothing is written then.
    pub fn apply(&self, new: &NewApplication) -> Result<u64, StoreError> {
        self.write("bring the pipelines into force", async |conn| {
            applications::apply(conn, new).await
        })
    }

    /// The text in force in `environment`, if one ever was.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn application(&self, environment: &str) -> Result<Option<Application>, StoreError> {
        self.read(async |conn| applications::newest(conn, environment).await)
    }

    /// Every schedule of `environment`, those included that no text declares any more; by key.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn schedules(&self, environment: &str) -> Result<Vec<ScheduleRow>, StoreError> {
        let list = self.read(async |conn| schedules::list(conn, environment).await);
        list.map(|(whole, _)| whole)
    }

    /// The schedules of `environment` whose rows cannot be read: [`schedules`](Self::schedules) has
    /// all the others.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn damaged_schedules(&self, environment: &str) -> Result<Vec<DamagedSchedule>, StoreError> {
        let list = self.read(async |conn| schedules::list(conn, environment).await);
        list.map(|(_, damaged)| damaged)
    }

    /// Moves a schedule on; answers the runs that began, in the order of `change.starts`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the schedule has moved on, or a tick was decided before;
    /// nothing is written then.
    pub fn move_schedule(
        &self,
        change: &ScheduleChange,
        environment: &str,
        at: Instant,
    ) -> Result<Vec<RunRow>, StoreError> {
        let doing = format!("move on the schedule `{}`", change.schedule.key());
        self.write(&doing, async |conn| schedules::turn(conn, change, environment, at).await)
    }

    /// The plan that runs of a schedule carry out, and its digest.
    ///
    /// # Errors
    /// When there is no such schedule, or the database refuses.
    pub fn plan_of_schedule(&self, schedule: u64) -> Result<(Digest, PlanText), StoreError> {
        self.read(async |conn| schedules::plan(conn, schedule).await)
    }

    /// The newest decisions of a schedule, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn decisions(&self, schedule: u64, limit: u32) -> Result<Vec<DecisionRow>, StoreError> {
        self.read(async |conn| schedules::decisions(conn, schedule, limit).await)
    }

    /// Runs of schedules that have ended without their schedules knowing.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unsettled(&self, environment: &str) -> Result<Vec<Unsettled>, StoreError> {
        self.read(async |conn| schedules::unsettled(conn, environment).await)
    }

    /// Creates a run that somebody asked for, once a key; without a key each call creates one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn submit(
        &self,
        key: Option<&SubmissionKey>,
        new: &NewRun,
    ) -> Result<Submission, StoreError> {
        let doing = format!("begin a run of `{}`", new.pipeline);
        self.post(&doing, async |conn| submissions::submit(conn, key, new).await)
    }

    /// The runs that were asked for under keys that begin with `prefix`, by key.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn submitted(&self, prefix: &str) -> Result<Vec<(String, RunRow)>, StoreError> {
        self.read(async |conn| submissions::under(conn, prefix).await)
    }

    /// Runs of `environment` that are to be carried on, at most `limit`: first those that have
    /// begun, oldest first. Those in quarantine are left out.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn due_runs(&self, environment: &str, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.read(async |conn| custody::due(conn, environment, limit).await)
    }

    /// How many runs of `environment` that have not ended stand how.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_runs(&self, environment: &str) -> Result<BTreeMap<RunStatus, u64>, StoreError> {
        self.read(async |conn| custody::open(conn, environment).await)
    }

    /// Ended runs whose exit block was not carried out: their engine died in between.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unhandled_runs(&self, environment: &str) -> Result<Vec<RunId>, StoreError> {
        self.read(async |conn| custody::unhandled(conn, environment).await)
    }

    /// The runs that `filter` matches, newest first, from after the run `after` on.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn runs_after(
        &self,
        filter: &RunFilter,
        after: Option<&RunId>,
        limit: u32,
    ) -> Result<Vec<RunRow>, StoreError> {
        self.read(async |conn| runs::page(conn, filter, after, limit).await)
    }

    /// Leaves a run alone until it is released, and keeps an alarm that says why.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn quarantine(&self, run: &RunId, why: &str, at: Instant) -> Result<(), StoreError> {
        self.write("put a run into quarantine", async |conn| {
            custody::quarantine(conn, run, why, at).await
        })
    }

    /// Why a run is in quarantine, if it is.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn quarantined(&self, run: &RunId) -> Result<Option<String>, StoreError> {
        self.read(async |conn| custody::quarantined(conn, run).await)
    }

    /// Lets a run be carried on again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn release(&self, run: &RunId) -> Result<(), StoreError> {
        self.post("let a run out of quarantine", async |conn| custody::release(conn, run).await)
    }

    /// Keeps something that the daemon has to tell. `severity` is `info`, `warning` or `critical`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn alarm(
        &self,
        severity: &str,
        code: &str,
        message: &str,
        at: Instant,
    ) -> Result<(), StoreError> {
        let [severity, code, message] = [severity, code, message].map(str::to_owned);
        self.post("keep an alarm", async |conn| {
            custody::alarm(conn, &severity, &code, &message, at).await
        })
    }

    /// The newest alarms, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn alarms(&self, limit: u32) -> Result<Vec<Alarm>, StoreError> {
        self.read(async |conn| custody::alarms(conn, limit).await)
    }
}
