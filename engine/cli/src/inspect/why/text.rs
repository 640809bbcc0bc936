//! An explanation in sentences.

use super::because::{Because, Change};
use super::judgement::Judgement;
use super::version::Made;
use super::{Attempt, Explanation};
use crate::inspect::words::{NONE, local, plain, took};
use crate::table::{flat, table};
use std::fmt::Write as _;
use suho_domain::Bump;
use suho_driver::gate::Criterion;
use suho_rollout::Look;

/// Most changes that are listed one by one.
const CHANGES_MAX: usize = 20;

/// Why a step stands where it stands; times in `zone`.
pub(super) fn of(step: &Explanation, zone: &str) -> String {
    let mut text = format!("{}  {}  {}\n", step.id, step.kind, step.status);
    text.push_str(&because(step));
    for attempt in &step.attempts {
        let _infallible = writeln!(text, "  {}", tried(attempt, zone));
    }
    if let Some(rollout) = &step.rollout {
        text.push_str(&judged(rollout));
    }
    if !step.criteria.is_empty() {
        text.push_str(&criteria(&step.criteria));
    }
    if let Some(search) = &step.search {
        text.push_str(&search.text());
    }
    if let Some(model) = &step.model {
        text.push_str(&made(model));
    }
    text
}

fn because(step: &Explanation) -> String {
    let said = step.message.as_deref().map(flat);
    let because = |what: &str| match &said {
        Some(said) => format!("  {what}: {said}\n"),
        None => format!("  {what}\n"),
    };
    match &step.because {
        Because::Cached { source } => {
            format!("  its inputs are those of {source}, whose result was taken\n")
        }
        Because::Waits { needs } if needs.is_empty() => "  it waits for room\n".to_owned(),
        Because::Waits { needs } => {
            let names: Vec<_> = needs.iter().map(|name| format!("`{name}`")).collect();
            format!("  it has not begun: it waits for {}\n", names.join(", "))
        }
        Because::People { awaited } => format!("  it {awaited}\n"),
        Because::LeftOut => because("it did not run"),
        // What the engine does has no attempts that would say how it ended.
        Because::Engine if step.rollout.is_none() => match &said {
            Some(_) => because(match step.outcome {
                Some("rejected") => "it said no",
                _ => "it could not",
            }),
            None => "  the engine does it anew in every run\n".to_owned(),
        },
        Because::Engine => String::new(),
        Because::First => "  it ran: no earlier result of this step is kept\n".to_owned(),
        Because::Same { since } => format!(
            "  it ran, though its inputs are those of run {since}: its code changed, or results \
             were not to be taken, or that result could not be used again\n"
        ),
        Because::Forgotten => "  it ran; what it was given is not kept\n".to_owned(),
        Because::Changed { since, changes } => changed(since, changes),
    }
}

fn changed(since: &str, changes: &[Change]) -> String {
    let mut text = format!("  it ran: its inputs are not those of run {since}\n");
    let row = |change: &Change| {
        let (before, after) = (plain(&change.before), plain(&change.after));
        vec![change.path.clone(), format!("{before} → {after}")]
    };
    let rows: Vec<_> = changes.iter().take(CHANGES_MAX).map(row).collect();
    text.push_str(&table("    ", &[], &rows));
    let more = changes.len().saturating_sub(CHANGES_MAX);
    if more > 0 {
        let _infallible = writeln!(text, "    and {more} more");
    }
    text
}

fn tried(attempt: &Attempt, zone: &str) -> String {
    let number = attempt.number;
    let Some(end) = attempt.ended_at else {
        return format!("attempt {number} runs since {}", local(attempt.started_at, zone));
    };
    let after = took(end.since(attempt.started_at));
    match (attempt.class, &attempt.message) {
        (Some(class), Some(message)) => {
            format!("attempt {number} failed after {after}, {class}: {}", flat(message))
        }
        _ => format!(
            "attempt {number} {} after {after}",
            match attempt.result {
                "lost" => "was lost",
                other => other,
            }
        ),
    }
}

fn judged(rollout: &Judgement) -> String {
    let counted = match (rollout.accrued, rollout.duration) {
        (Some(accrued), Some(duration)) if accrued > duration => {
            format!(
                " after {duration} of market time and {} of labels' grace",
                accrued.minus(duration)
            )
        }
        (Some(accrued), Some(duration)) => format!(" after {accrued} of {duration} of market time"),
        (Some(accrued), None) => format!(" after {accrued} of market time"),
        _ => String::new(),
    };
    let verdict = match rollout.verdict {
        None => format!("it goes on{counted}"),
        Some("promoted") => format!("it promoted the candidate{counted}"),
        Some("rolled_back") => format!("it took the candidate back{counted}"),
        Some(other) => format!("it was {other}{counted}"),
    };
    let mut text = match &rollout.reason {
        Some(reason) => format!("  {verdict}: {reason}\n"),
        None => format!("  {verdict}\n"),
    };
    for line in &rollout.history {
        let _infallible = writeln!(text, "  it {line}");
    }
    if !rollout.looks.is_empty() {
        text.push_str("  looks of the harm test\n");
        let head = ["BLOCK", "BLOCKS", "INFORMATION", "STATISTIC", "BOUNDARY", "INTERVAL", "HARM"];
        text.push_str(&table("    ", &head, &rollout.looks.iter().map(look).collect::<Vec<_>>()));
    }
    text
}

fn look(look: &Look) -> Vec<String> {
    let number =
        |number: Option<f64>| number.map_or_else(|| NONE.to_owned(), |n| format!("{n:.3}"));
    let share = |share: f64| format!("{:+.1}pp", share * 100.0);
    vec![
        look.block.to_string(),
        look.blocks.to_string(),
        look.information.map_or_else(|| NONE.to_owned(), |share| format!("{:.0}%", share * 100.0)),
        number(look.statistic),
        number(look.boundary),
        look.interval.map_or_else(
            || NONE.to_owned(),
            |(low, high)| format!("{} .. {}", share(low), share(high)),
        ),
        if look.harm { "yes" } else { "no" }.to_owned(),
    ]
}

fn criteria(criteria: &[Criterion]) -> String {
    let word = |text: &str| if text.is_empty() { NONE.to_owned() } else { text.to_owned() };
    let row = |each: &Criterion| {
        let verdict = each.verdict.word().replace('_', " ");
        vec![each.rule.clone(), word(&each.value), word(&each.limit), verdict, each.note.clone()]
    };
    let head = ["RULE", "VALUE", "LIMIT", "VERDICT", "NOTE"];
    table("  ", &head, &criteria.iter().map(row).collect::<Vec<_>>())
}

fn made(made: &Made) -> String {
    let version = made.version;
    let mut text = match (made.bump, made.since) {
        (Bump::None, _) => format!("  version {version}\n"),
        (_, None) => format!("  version {version}, compared with none\n"),
        (bump, Some(since)) => format!("  version {version}, {bump} after {since}\n"),
    };
    let row = |change: &suho_driver::version::Change| {
        vec![change.text.clone(), change.bump.to_string(), change.code.clone()]
    };
    text.push_str(&table("    ", &[], &made.reasons.iter().map(row).collect::<Vec<_>>()));
    text
}
