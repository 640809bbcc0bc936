//! What stands beside the pipeline, and when it is due next.

use crate::text::{local, table};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_domain::{Instant, Name};
use suho_plan::operations::{Alert, Operations, Recurring, Starts, Watches};
use suho_time::parse_zone;

/// How many of the next times are told.
const DUE_MAX: usize = 3;

/// Something with the next times at which it is due, in order; none where time does not decide.
pub type Due<T> = (T, Vec<Instant>);

/// What stands beside a pipeline, as of one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// What starts its runs, and when next.
    pub triggers: Vec<Due<Starts>>,
    /// Who watches its models: each monitor, and when its looks are due next.
    pub monitors: Vec<(Watches, Vec<Due<Alert>>)>,
    /// What its steps do outside of their outputs: `traffic`, `net(host)`, ….
    pub effects: Vec<String>,
    /// The secrets that it reads.
    pub secrets: Vec<Name>,
}

impl Beside {
    /// `operations` as of `at`, by the clocks of `zone` where they name no other.
    pub fn of(operations: &Operations, at: Instant, zone: &str) -> Self {
        let due = |times: Option<&Recurring>| times.map(|it| due(it, at, zone)).unwrap_or_default();
        let triggers = operations.triggers.iter();
        let monitor = |monitor: &Watches| {
            let alerts = monitor.alerts.iter();
            let alerts = alerts.map(|alert| (alert.clone(), due(alert.times.as_ref())));
            (monitor.clone(), alerts.collect())
        };
        Self {
            triggers: triggers.map(|it| (it.clone(), due(it.times.as_ref()))).collect(),
            monitors: operations.monitors.iter().map(monitor).collect(),
            effects: operations.effects.clone(),
            secrets: operations.secrets.clone(),
        }
    }
}

/// The next times after `at` at which something is done.
fn due(times: &Recurring, at: Instant, zone: &str) -> Vec<Instant> {
    let Some(recurrence) = parse_zone(zone).ok().and_then(|zone| times.recurrence(zone)) else {
        return Vec::new();
    };
    let ticks = recurrence.ticks(at.to_chrono()).filter(|tick| recurrence.keeps(*tick));
    ticks.take(DUE_MAX).map(Instant::from_chrono).collect()
}

/// The lines of a page; none where nothing stands beside.
pub(crate) fn lines(beside: &Beside, zone: &str) -> String {
    let next = |due: &[Instant]| {
        let due: Vec<String> = due.iter().map(|at| local(*at, zone)).collect();
        if due.is_empty() { String::new() } else { format!("next {}", due.join(", ")) }
    };
    let mut text = String::new();
    if !beside.triggers.is_empty() {
        text.push_str("\nstarted by\n");
        let row = |(trigger, due): &Due<Starts>| {
            let cooldown = trigger.cooldown.map(|it| format!("cooldown {it}"));
            let when = if due.is_empty() { cooldown.unwrap_or_default() } else { next(due) };
            vec![trigger.name.to_string(), trigger.on.clone(), when]
        };
        text.push_str(&table("  ", &beside.triggers.iter().map(row).collect::<Vec<_>>()));
    }
    for (monitor, alerts) in &beside.monitors {
        let every = monitor.every.map(|it| format!(", every {it}")).unwrap_or_default();
        let _infallible = writeln!(text, "\nwatched by {}{every}", monitor.name);
        let row = |(alert, due): &Due<Alert>| {
            let name = format!("{} {}", alert.kind, alert.name);
            vec![name, alert.fires.clone(), next(due)]
        };
        text.push_str(&table("  ", &alerts.iter().map(row).collect::<Vec<_>>()));
    }
    text
}

/// Both lists, as `suho plan -o json` has them.
pub(crate) fn to_json(beside: &Beside) -> (Json, Json) {
    let trigger = |(trigger, due): &Due<Starts>| {
        json!({
            "name": trigger.name,
            "on": trigger.on,
            "next": due,
            "arguments": trigger.arguments,
            "cooldown": trigger.cooldown,
        })
    };
    let alert = |(alert, due): &Due<Alert>| json!({ "name": alert.name, "kind": alert.kind, "fires": alert.fires, "next": due });
    let monitor = |(monitor, alerts): &(Watches, Vec<Due<Alert>>)| {
        json!({
            "name": monitor.name,
            "model": monitor.model,
            "every": monitor.every,
            "alerts": alerts.iter().map(alert).collect::<Vec<_>>(),
        })
    };
    (beside.triggers.iter().map(trigger).collect(), beside.monitors.iter().map(monitor).collect())
}
