//! Random clocks, edits, pauses and crashes against a list of what is due.

use proptest::prelude::*;

use super::*;

/// What happens next to a schedule.
#[derive(Clone, Debug)]
enum Act {
    /// The clock moves by so many minutes, and is looked at if that is due.
    Wait(i64),
    /// The same, but nobody is there to look.
    Down(i64),
    Apply(usize),
    Remove,
    Pause,
    Resume,
    /// Whatever may begin, begins.
    Start,
    /// The first running run ends.
    End(RunStatus),
    /// The engine dies and reads the row.
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let ends = [RunStatus::Succeeded, RunStatus::Failed, RunStatus::Cancelled];
    let act = prop_oneof![
        6 => (0_i64..300).prop_map(Act::Wait),
        1 => (-3_000_i64..0).prop_map(Act::Wait),
        1 => (0_i64..8_000).prop_map(Act::Down),
        2 => (0_usize..specs().len()).prop_map(Act::Apply),
        1 => Just(Act::Remove),
        1 => Just(Act::Pause),
        2 => Just(Act::Resume),
        4 => Just(Act::Start),
        4 => prop::sample::select(ends.to_vec()).prop_map(Act::End),
        1 => Just(Act::Crash),
    ];
    prop::collection::vec(act, 1..60)
}

fn specs() -> Vec<ScheduleSpec> {
    let hourly = spec("0 * * * *", "UTC");
    let nightly = spec("30 2 * * *", "America/New_York");
    let often = spec("*/7 * * * *", "Europe/Berlin");
    let monthly = spec("last business day at 17:00", "America/New_York");
    vec![
        ScheduleSpec { pause_after: Some(number(2)), ..hourly.clone() },
        ScheduleSpec { catch_up: CatchUp::All, overlap: Overlap::Queue, ..nightly.clone() },
        ScheduleSpec { catch_up: CatchUp::None, overlap: Overlap::Allow, ..often.clone() },
        ScheduleSpec { catch_up: CatchUp::All, overlap: Overlap::Allow, cap: number(3), ..often },
        ScheduleSpec { jitter: Duration::HOUR, window: Duration::DAY, ..on_business_days(&hourly) },
        ScheduleSpec { overlap: Overlap::Queue, ..on_business_days(&nightly) },
        ScheduleSpec { catch_up: CatchUp::All, overlap: Overlap::Cancel, ..hourly.clone() },
        monthly,
    ]
}

/// A schedule, and beside it a plain list of what must become of it.
struct World {
    now: Instant,
    schedule: Schedule,
    log: Vec<ScheduleEvent>,
    /// The ticks that were due, in order, by a walk over the text in force.
    due: Vec<Instant>,
    /// The ticks that were decided, in order, and those among them that became runs.
    decided: Vec<Instant>,
    runs: Vec<Instant>,
    begun: Vec<Instant>,
    /// Up to where the walk has come; before the first text, nowhere.
    walked: Option<Instant>,
}

impl World {
    fn new() -> Self {
        let schedule = Schedule::new(key());
        let (due, decided, runs, begun) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let now = at("2026-03-01T00:00:00Z");
        Self { now, schedule, log: Vec::new(), due, decided, runs, begun, walked: None }
    }

    fn apply(&mut self, event: ScheduleEvent) -> Result<(), TestCaseError> {
        let before = self.schedule.clone();
        let judges = !matches!(
            event,
            ScheduleEvent::Paused { .. }
                | ScheduleEvent::Started { .. }
                | ScheduleEvent::CancelAsked { .. }
                | ScheduleEvent::Ended { .. }
        );
        let Ok(decisions) = self.schedule.apply(&event) else {
            prop_assert_eq!(&self.schedule, &before);
            return Ok(());
        };
        if let (true, Some(spec), Some(walked)) = (judges, before.spec(), self.walked) {
            let ticks = spec.recurrence.ticks(walked.to_chrono()).map(Instant::from_chrono);
            let ticks: Vec<_> = ticks.take_while(|tick| *tick <= event.at()).collect();
            self.walked = ticks.last().copied().or(self.walked);
            self.due.extend(ticks);
            for decision in decisions {
                let before = decision.first.plus(Duration::from_micros(-1)).to_chrono();
                let ticks = spec.recurrence.ticks(before).map(Instant::from_chrono);
                let ticks: Vec<_> = ticks.take_while(|tick| *tick <= decision.last).collect();
                prop_assert_eq!(ticks.first(), Some(&decision.first));
                prop_assert_eq!(ticks.last(), Some(&decision.last));
                prop_assert_eq!(u32::try_from(ticks.len()).unwrap().min(TICKS_MAX), decision.ticks);
                if let Choice::Run { not_before } = decision.choice {
                    prop_assert!(before_pause(&self.log), "a paused schedule runs nothing");
                    prop_assert!(spec.keeps(decision.first) && not_before >= decision.first);
                    self.runs.push(decision.first);
                }
                self.decided.extend(ticks);
            }
        } else {
            prop_assert_eq!(decisions, [], "decided out of turn");
        }
        if matches!(event, ScheduleEvent::Applied { .. }) {
            self.walked = self.walked.max(Some(event.at()));
        }
        self.log.push(event);
        prop_assert_eq!(&self.due, &self.decided);
        Ok(())
    }

    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        let (at, by, why) = (self.now, "ann".to_owned(), "a holiday".to_owned());
        match act {
            Act::Wait(minutes) => {
                self.now = self.now.plus(Duration::from_minutes(*minutes));
                if self.schedule.due(self.now).contains(&ScheduleCommand::Look) {
                    self.apply(ScheduleEvent::Looked { at: self.now })?;
                }
                prop_assert!(!self.schedule.due(self.now).contains(&ScheduleCommand::Look));
            }
            Act::Down(minutes) => self.now = self.now.plus(Duration::from_minutes(*minutes)),
            Act::Apply(place) => {
                self.apply(ScheduleEvent::Applied {
                    spec: Box::new(specs().swap_remove(*place)),
                    at,
                })?;
            }
            Act::Remove => self.apply(ScheduleEvent::Removed { at })?,
            Act::Pause => self.apply(ScheduleEvent::Paused { by, why, at })?,
            Act::Resume => self.apply(ScheduleEvent::Resumed { by, why, at })?,
            Act::Start => self.start()?,
            Act::End(status) => {
                let running = self.schedule.running().next();
                if let Some(tick) = running {
                    self.apply(ScheduleEvent::Ended { tick, status: *status, at })?;
                }
            }
            Act::Crash => {
                let row = serde_json::to_string(&self.schedule).unwrap();
                let read: Schedule = serde_json::from_str(&row).unwrap();
                prop_assert_eq!(&read, &self.schedule);
                self.schedule = read;
            }
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), TestCaseError> {
        for command in self.schedule.due(self.now) {
            if let ScheduleCommand::Cancel { tick } = command {
                prop_assert!(self.schedule.running().any(|running| running == tick));
                self.apply(ScheduleEvent::CancelAsked { tick, at: self.now })?;
                prop_assert!(!self.schedule.due(self.now).contains(&command));
            }
            let ScheduleCommand::Start { tick } = command else { continue };
            let alone = self.schedule.spec().unwrap().overlap != Overlap::Allow;
            prop_assert!(!alone || self.schedule.running().next().is_none(), "one at a time");
            prop_assert!(self.schedule.pause().is_none(), "a paused schedule begins nothing");
            prop_assert!(self.runs.contains(&tick) && !self.begun.contains(&tick));
            self.apply(ScheduleEvent::Started { tick, at: self.now })?;
            prop_assert!(!self.schedule.due(self.now).contains(&command));
            self.begun.push(tick);
        }
        Ok(())
    }
}

/// Whether the log's last word on a pause by hand is that there is none.
fn before_pause(log: &[ScheduleEvent]) -> bool {
    let word = log.iter().rev().find_map(|event| match event {
        ScheduleEvent::Paused { .. } => Some(false),
        ScheduleEvent::Resumed { .. } | ScheduleEvent::Removed { .. } => Some(true),
        _ => None,
    });
    word.unwrap_or(true)
}

proptest! {
    /// Whatever happens, each due tick has exactly one decision, in order, none before the first
    /// text; what was decided begins at most once; and the log gives the same state again.
    #[test]
    fn each_tick_has_exactly_one_decision(acts in acts()) {
        let mut world = World::new();
        for act in &acts {
            world.act(act)?;
        }
        prop_assert!(world.decided.is_sorted_by(|a, b| a < b), "strictly in order");
        let mut replayed = Schedule::new(key());
        for event in &world.log {
            prop_assert!(replayed.apply(event).is_ok());
        }
        prop_assert_eq!(&replayed, &world.schedule);
        // Once nobody interferes, everything that was decided begins and ends.
        world.act(&Act::Resume)?;
        for _ in 0..2 * ACTIVE_MAX {
            world.now = world.now.plus(Duration::HOUR);
            world.start()?;
            while world.schedule.running().next().is_some() {
                world.act(&Act::End(RunStatus::Succeeded))?;
            }
        }
        if world.schedule.spec().is_some() {
            prop_assert_eq!(world.schedule.waiting().count(), 0);
        }
    }
}
