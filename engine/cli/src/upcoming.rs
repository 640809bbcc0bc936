//! `suho next`: when schedules fire next, by the clocks their people read.

use crate::args::Next;
use crate::compile::say;
use crate::failure::Failure;
use crate::forecasting::instant;
use crate::inspect::stopped_line;
use crate::project::Project;
use crate::running::{ENVIRONMENT, unplanned};
use crate::table::table;
use crate::terminal::{Terminal, out};
use crate::world::wall;
use chrono::{DateTime, Datelike as _, Offset as _, Utc};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use suho_daemon::{Wanted, World, desired};
use suho_domain::Instant;
use suho_scheduler::{Schedule, ScheduleEvent, ScheduleKey, ScheduleSpec};
use suho_store::{Access, SqliteStore};

/// One firing, in words.
struct Firing {
    key: ScheduleKey,
    tick: Instant,
    local: String,
    notes: Vec<String>,
}

/// `suho next [PIPELINE] [-n N]`.
pub(crate) fn next(args: &Next, terminal: Terminal) -> Result<u8, Failure> {
    let at = args.at.as_deref().map(instant).transpose()?.unwrap_or_else(wall);
    let (path, only) = target(args);
    let project = Project::of(&path)?;
    let root = if path.exists() && args.pipeline.is_some() { path } else { project.root().into() };
    let mut files = project.files(std::slice::from_ref(&root))?;
    let marker = project.root().join("project.suho");
    if marker.exists() {
        files.extend(project.files(&[marker])?);
        files.sort();
        files.dedup();
    }
    let checked = suho_check::check(&files, &project);
    say(&checked, terminal)?;
    // When is asked, not whether: a rollout that cannot be carried out is the daemon's to refuse.
    let wanted = desired(&checked.program, ENVIRONMENT, World::Replay).map_err(unplanned)?;
    if let Some(only) = &only
        && !checked.program.pipelines.contains_key(only.as_str())
    {
        return Err(Failure::user("unknown-pipeline", format!("there is no pipeline `{only}`")));
    }
    let kept = kept(&project);
    let mut firings = Vec::new();
    for (key, wanted) in &wanted.schedules {
        if only.as_ref().is_none_or(|only| key.pipeline.as_str() == only) {
            firings.extend(firings_of(key, wanted, &kept, usize::from(args.count), at));
        }
    }
    firings.sort_by(|a, b| (a.tick, &a.key).cmp(&(b.tick, &b.key)));
    let stopped = frozen(&project);
    out(&match args.output.notation() {
        Some(notation) => notation.page(&as_json(&firings)),
        None => as_text(&firings) + &stopped,
    });
    Ok(0)
}

/// The path to look at, and the one pipeline that is meant, if one is.
fn target(args: &Next) -> (PathBuf, Option<String>) {
    let here = args.place.project.clone().unwrap_or_else(|| PathBuf::from("."));
    match &args.pipeline {
        Some(path) if Path::new(path).exists() => (PathBuf::from(path), None),
        Some(name) => (here, Some(name.clone())),
        None => (here, None),
    }
}

/// The schedules that a daemon has in force here, if one ever had any.
fn kept(project: &Project) -> Vec<Schedule> {
    let store = SqliteStore::open(&project.state(ENVIRONMENT), Access::Read).ok();
    let rows = store.and_then(|store| store.schedules(ENVIRONMENT).ok()).unwrap_or_default();
    rows.into_iter().map(|row| row.schedule).collect()
}

/// Who stops the line that their runs are on, if somebody does.
fn frozen(project: &Project) -> String {
    let store = SqliteStore::open(&project.state(ENVIRONMENT), Access::Read).ok();
    let hold = store.and_then(|store| store.frozen(ENVIRONMENT).ok().flatten());
    hold.map(|hold| format!("\n{}", stopped_line(ENVIRONMENT, &hold))).unwrap_or_default()
}

fn firings_of(
    key: &ScheduleKey,
    wanted: &Wanted,
    kept: &[Schedule],
    count: usize,
    at: Instant,
) -> Vec<Firing> {
    let in_force =
        kept.iter().find(|schedule| schedule.key() == key && schedule.spec() == Some(&wanted.spec));
    let schedule = in_force.cloned().unwrap_or_else(|| {
        let mut schedule = Schedule::new(key.clone());
        let spec = Box::new(wanted.spec.clone());
        // Nothing precedes it, so it follows.
        drop(schedule.apply(&ScheduleEvent::Applied { spec, at }));
        schedule
    });
    let zone = wanted.spec.recurrence.zone();
    let mut before = at.to_chrono();
    let mut firings = Vec::new();
    for upcoming in schedule.next(count, at) {
        let tick = upcoming.tick.to_chrono();
        let mut notes = marks(&wanted.spec, before, tick);
        notes.extend(upcoming.skip.map(|skip| format!("no run: {skip}")));
        let local = tick.with_timezone(&zone).format("%a %Y-%m-%d %H:%M %Z").to_string();
        firings.push(Firing { key: key.clone(), tick: upcoming.tick, local, notes });
        before = tick;
    }
    firings
}

/// What is unusual about `tick`, after one at `before`: clocks that were set, a market's holiday.
fn marks(spec: &ScheduleSpec, before: DateTime<Utc>, tick: DateTime<Utc>) -> Vec<String> {
    let (zone, calendar) = (spec.recurrence.zone(), spec.recurrence.calendar());
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).offset().fix().local_minus_utc();
    let mut marks = Vec::new();
    match offset(tick) - offset(before) {
        0 => {}
        by if by > 0 => marks.push(format!("clocks go forward by {} before it", minutes(by))),
        by => marks.push(format!("clocks go back by {} before it", minutes(-by))),
    }
    let day = tick.with_timezone(&zone).date_naive();
    let holidays = calendar.holidays(day.year());
    let holiday = holidays.iter().find(|holiday| holiday.date == day);
    marks.extend(holiday.map(|holiday| holiday.name.to_owned()));
    marks
}

fn minutes(seconds: i32) -> String {
    suho_domain::Duration::from_seconds(i64::from(seconds)).to_string()
}

fn as_text(firings: &[Firing]) -> String {
    if firings.is_empty() {
        return "no schedule fires: none is declared, or none comes due\n".to_owned();
    }
    let each = |firing: &Firing| {
        vec![
            firing.local.clone(),
            firing.key.pipeline.to_string(),
            firing.key.schedule.to_string(),
            firing.notes.join("; "),
        ]
    };
    let rows: Vec<_> = firings.iter().map(each).collect();
    table("", &["WHEN", "PIPELINE", "SCHEDULE", ""], &rows)
}

fn as_json(firings: &[Firing]) -> Json {
    let each = |firing: &Firing| {
        json!({
            "scope": firing.key.scope.key(),
            "pipeline": firing.key.pipeline,
            "schedule": firing.key.schedule,
            "tick": firing.tick,
            "local": firing.local,
            "notes": firing.notes,
        })
    };
    let firings: Vec<_> = firings.iter().map(each).collect();
    json!({ "version": 1, "firings": firings })
}
