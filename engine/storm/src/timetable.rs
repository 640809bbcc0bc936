//! Schedules as a daemon of the storm has them: the text on the branch, the ticks that are due. The
//! decisions are the real daemon's; here is how they become durable.

use crate::bug::Bug;
use crate::planted::plant_in_edit;
use crate::plot::ENVIRONMENT;
use crate::reach::Reach;
use crate::storm::Storm;
use suho_daemon::{advance, changes};
use suho_domain::{Fault, Instant};
use suho_driver::ports::{NewRun, PlanText, StoreError};
use suho_scheduler::IllegalScheduleEvent;
use suho_store::{ScheduleChange, ScheduleRow, Unsettled};

fn illegal(error: IllegalScheduleEvent) -> StoreError {
    debug_assert_eq!(error.fault(), Fault::Bug, "it is ours");
    StoreError::Refused { doing: "move a schedule on".to_owned(), source: Box::new(error) }
}

impl Storm<'_> {
    /// Brings the text on the branch into force, if it is not.
    pub(crate) fn take_text(&self, desk: Reach<'_, '_>) -> Result<(), StoreError> {
        let (who, text) = (desk.who, self.text.get());
        if self.with_daemon(who.daemon, |it| it.text) == Some(text) {
            return Ok(());
        }
        let Some(desired) = self.plot.texts.get(text) else { return Ok(()) };
        let rows = desk.ask(|base| Ok(base.ledger.rows()))?;
        let at = self.now();
        let (mut wanted, summary) = changes(&rows, desired, at).map_err(illegal)?;
        if self.has(Bug::EditFires) {
            for change in &mut wanted {
                plant_in_edit(change, at);
            }
        }
        desk.write(|base| {
            base.apply_text(&wanted)?;
            for change in &wanted {
                self.audit_schedule(base, change);
            }
            Ok(())
        })?;
        self.count(|tally| {
            tally.edits += u64::try_from(summary.changed.len()).unwrap_or(0);
        });
        self.with_daemon(who.daemon, |it| it.text = Some(text));
        Ok(())
    }

    /// Moves every schedule on that can be; answers when there is more to do.
    pub(crate) fn move_schedules(
        &self,
        desk: Reach<'_, '_>,
    ) -> Result<Option<Instant>, StoreError> {
        let (ended, mut rows) = desk.ask(|base| Ok((base.unsettled(), base.ledger.rows())))?;
        self.plant_in_rows(&mut rows);
        let mut refused = Ok(());
        for row in &rows {
            let moved = self.move_schedule(desk, row, &ended);
            refused = refused.and(moved);
            if !self.lives(desk.who) {
                break;
            }
        }
        refused?;
        let base = self.base.borrow();
        Ok(base.ledger.books.iter().filter_map(|book| book.row.schedule.next_timer()).min())
    }

    fn move_schedule(
        &self,
        desk: Reach<'_, '_>,
        row: &ScheduleRow,
        ended: &[Unsettled],
    ) -> Result<(), StoreError> {
        let now = self.now();
        let ended: Vec<_> = ended.iter().filter(|end| end.schedule == row.id).collect();
        if ended.is_empty() && row.schedule.due(now).is_empty() {
            return Ok(());
        }
        let key = row.schedule.key();
        let run = |tick| NewRun {
            pipeline: key.pipeline.clone(),
            environment: ENVIRONMENT.to_owned(),
            plan_digest: row.plan_digest.clone(),
            plan: PlanText::default(),
            as_of: tick,
            created_at: now,
            created_by: format!("schedule:{}", key.schedule),
        };
        let Some(change) = advance(row, &ended, now, &run).map_err(illegal)? else {
            return Ok(());
        };
        match self.write_schedule(desk, &change, now) {
            // Somebody else moved it on meanwhile.
            Err(StoreError::Conflict { .. }) => Ok(()),
            moved => moved,
        }
    }

    pub(crate) fn write_schedule(
        &self,
        desk: Reach<'_, '_>,
        change: &ScheduleChange,
        at: Instant,
    ) -> Result<(), StoreError> {
        if self.has(Bug::CursorApart) && !change.starts.is_empty() {
            desk.write(|base| {
                base.begin_runs(change)?;
                let key = change.schedule.key();
                let book = base.ledger.books.iter().find(|book| book.row.schedule.key() == key);
                // The cursor stays where it is.
                let schedule = book.map_or(&change.schedule, |book| &book.row.schedule).clone();
                let starts = change.starts.clone();
                let begun = ScheduleChange { starts, ..ScheduleChange::new(schedule) };
                self.audit_schedule(base, &begun);
                Ok(())
            })?;
            let rest = ScheduleChange { starts: Vec::new(), ..change.clone() };
            return desk.write(|base| {
                base.move_schedule(&rest, at)?;
                self.audit_schedule(base, &rest);
                Ok(())
            });
        }
        desk.write(|base| {
            base.move_schedule(change, at)?;
            self.audit_schedule(base, change);
            Ok(())
        })
    }
}
