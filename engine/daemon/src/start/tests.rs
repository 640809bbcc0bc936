//! The plans of a schedule's runs.

use super::*;
use crate::desired::{World, desired};
use crate::tests::shop::{HOURLY, Prelude};

/// What a tick at `tick` runs: its digest, and the value of `WORDS`.
fn run(text: &str, tick: &str) -> (Digest, String, bool) {
    let checked = suho_check::check(&[("text.suho".to_owned(), text.to_owned())], &Prelude);
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    let desired = desired(&checked.program, "default", World::Wall).unwrap();
    let wanted = desired.schedules.values().next().unwrap();
    let kept = apply::plan(&wanted.plan);
    let (digest, text) = started(&wanted.plan.digest, &kept, tick.parse().unwrap());
    let plan = text.read().unwrap();
    let words = plan.params.values().next().map(ToString::to_string).unwrap_or_default();
    (digest, words, text == kept)
}

#[test]
fn days_before_the_start_are_counted_from_the_tick_by_the_pipelines_clocks() {
    let text = HOURLY
        .replace("words: Text = \"again\"", "days: Range<Date>")
        .replace("WORDS = words", "FROM = days.start")
        .replace("nightly()", "nightly(days: last(1mo))");
    let (first, days, _) = run(&text, "2026-03-01T12:00:00Z");
    assert_eq!(days, "2026-02-01 .. 2026-03-01");
    // Midnight in Berlin.
    let (second, days, _) = run(&text, "2026-03-01T23:00:00Z");
    assert_eq!(days, "2026-02-02 .. 2026-03-02");
    assert_ne!(first, second);
    assert_eq!(run(&text, "2026-03-02T12:00:00Z").0, second, "the same days are the same plan");
}

#[test]
fn a_plan_that_does_not_speak_of_its_start_is_carried_out_as_it_is_kept() {
    let (_, words, is_kept) = run(HOURLY, "2026-03-01T12:00:00Z");
    assert_eq!((words.as_str(), is_kept), ("again", true));
}
