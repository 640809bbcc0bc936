//! Schedules on a virtual clock.

mod random;
mod scenes;
mod table;

use std::fmt::Write as _;
use std::num::NonZeroU32;

use suho_time::{Calendar, Days, Recurrence, parse_zone};

use super::*;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn key() -> ScheduleKey {
    let name = |text| Name::new(text).unwrap();
    ScheduleKey {
        scope: Scope::tenant("desk").unwrap(),
        pipeline: name("fx_lstm"),
        schedule: name("monthly"),
    }
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// `rule` in `zone`: the newest missed tick is made up for, ticks during a run are skipped.
fn spec(rule: &str, zone: &str) -> ScheduleSpec {
    let zone = parse_zone(zone).unwrap();
    ScheduleSpec {
        recurrence: Recurrence::new(rule.parse().unwrap(), zone, Calendar::Xnys, Days::Every)
            .unwrap(),
        catch_up: CatchUp::Latest,
        window: ScheduleSpec::WINDOW,
        cap: ScheduleSpec::CAP,
        overlap: Overlap::Skip,
        jitter: Duration::ZERO,
        pause_after: None,
    }
}

fn on_business_days(spec: &ScheduleSpec) -> ScheduleSpec {
    let old = &spec.recurrence;
    let recurrence =
        Recurrence::new(old.rule().clone(), old.zone(), old.calendar(), Days::Business).unwrap();
    ScheduleSpec { recurrence, ..spec.clone() }
}

/// The schedule of `spec`, applied at `when`.
fn applied(spec: &ScheduleSpec, when: &str) -> Schedule {
    let mut schedule = Schedule::new(key());
    let event = ScheduleEvent::Applied { spec: Box::new(spec.clone()), at: at(when) };
    assert_eq!(schedule.apply(&event), Ok(Vec::new()));
    schedule
}

fn look(schedule: &mut Schedule, when: &str) -> Vec<Decision> {
    schedule.apply(&ScheduleEvent::Looked { at: at(when) }).unwrap()
}

/// Begins and ends every run that may begin at `now`.
fn run_all(schedule: &mut Schedule, now: Instant, status: RunStatus) -> Vec<Instant> {
    let mut begun = Vec::new();
    while let Some(ScheduleCommand::Start { tick }) = schedule.due(now).last().copied() {
        schedule.apply(&ScheduleEvent::Started { tick, at: now }).unwrap();
        schedule.apply(&ScheduleEvent::Ended { tick, status, at: now }).unwrap();
        begun.push(tick);
    }
    begun
}

fn described(decisions: &[Decision]) -> String {
    let mut table = String::new();
    for decision in decisions {
        let Decision { first, last, ticks, choice } = decision;
        match choice {
            Choice::Run { not_before } if not_before == first => writeln!(table, "{first}: run"),
            Choice::Run { not_before } => writeln!(table, "{first}: run from {not_before}"),
            Choice::Skip(skip) if first == last => writeln!(table, "{first}: skipped, {skip}"),
            Choice::Skip(skip) => {
                writeln!(table, "{first} to {last}: {ticks} skipped, {skip}")
            }
        }
        .unwrap();
    }
    table
}
