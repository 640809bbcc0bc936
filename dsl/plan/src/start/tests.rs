//! A run's start, known when planning and known later.

use super::*;
use crate::tests::{TINY, checked};
use crate::{Binding, build_in};
use suho_check::program::Program;

const NIGHTLY: &str = r#"edition 2026

use std.ops

pipeline nightly(
  window: Range<Date> = last(2y),
  begin: Date = window.start,
  days: Int = 3,
) {
  timezone    = "America/New_York"
  concurrency = { key = "nightly ${begin}", on_conflict = queue }

  shell only {
    script = "true"
    env    = { FROM = begin, TO = window.end, DAYS = days }
  }

  shell second {
    script = "true"
    after  = [only]
    env    = { FROM = window.start }
  }
}
"#;

fn program() -> Program {
    checked(&[("pipeline.suho", NIGHTLY)]).program
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn plan(arguments: &[(&str, &str)], start: Option<&str>) -> Result<Plan, PlanError> {
    let arguments: Vec<_> =
        arguments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let binding = Binding { start: start.map(at), ..Binding::of(&arguments) };
    build_in(&program(), "nightly", &binding)
}

fn params(plan: &Plan) -> String {
    let params = plan.params.iter().map(|(name, value)| format!("{name}={value}"));
    params.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_window_before_the_start_ends_on_the_day_that_it_is_in_the_pipelines_zone() {
    let known = |start: &str| params(&plan(&[], Some(start)).unwrap());
    let morning = "begin=2024-11-23 days=3 window=2024-11-23 .. 2026-11-23";
    assert_eq!(known("2026-11-23T12:00:00Z"), morning);
    // Three in the morning in London is the evening before in New York.
    assert_eq!(known("2026-11-24T03:00:00Z"), morning);
    assert_eq!(
        known("2028-02-29T12:00:00Z"),
        "begin=2026-02-28 days=3 window=2026-02-28 .. 2028-02-29"
    );
}

#[test]
fn a_plan_that_is_started_is_the_plan_for_that_start_to_the_byte() {
    let open = plan(&[], None).unwrap();
    assert_eq!(params(&open), "days=3");
    assert_eq!(open.starting.keys().map(Name::as_str).collect::<Vec<_>>(), ["begin", "window"]);
    let mut digests = std::collections::BTreeSet::from([open.digest.clone()]);
    for start in ["2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z", "2024-02-29T12:00:00Z"] {
        let run = open.started(at(start)).unwrap();
        assert_eq!(run.to_json(), plan(&[], Some(start)).unwrap().to_json());
        assert!(run.starting.is_empty() && !run.to_json().contains("last"), "{}", run.to_json());
        assert_eq!(run.started(at("2030-01-01T00:00:00Z")).unwrap(), run, "it starts once");
        digests.insert(run.digest);
    }
    assert_eq!(digests.len(), 4, "other days are another run");
    let stored: Plan = serde_json::from_str(&open.to_json()).unwrap();
    assert_eq!(stored, open);
}

#[test]
fn what_a_person_gives_may_speak_of_the_start_too() {
    let given = |text: &str| plan(&[("window", text)], Some("2026-11-23T12:00:00Z"));
    assert_eq!(
        params(&given("last(3mo)").unwrap()),
        "begin=2026-08-23 days=3 window=2026-08-23 .. 2026-11-23"
    );
    assert_eq!(
        params(&given("last( 36h )").unwrap()),
        "begin=2026-11-21 days=3 window=2026-11-21 .. 2026-11-23"
    );
    assert_eq!(
        given("last(2)").unwrap_err().to_string(),
        "the parameter `window` cannot be `last(2)`: it takes a span of time in `last(…)`, like \
         `last(2y)`"
    );
    assert_eq!(
        plan(&[("days", "last(2y)")], None).unwrap_err().to_string(),
        "the parameter `days` cannot be `last(2y)`: it takes a whole number"
    );
}

#[test]
fn days_that_no_calendar_has_are_refused() {
    let refused = plan(&[("window", "last(300000y)")], Some("2026-11-23T12:00:00Z")).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`window` cannot be `last(300000y)`: no calendar goes back so far"
    );
}

#[test]
fn a_plan_that_does_not_speak_of_its_start_is_the_same_whenever_it_starts() {
    let program = checked(&[("pipeline.suho", TINY)]).program;
    let name = program.pipelines.keys().next().unwrap().as_str();
    let plan = build_in(&program, name, &Binding::of(&[])).unwrap();
    assert_eq!(plan.started(at("2026-11-23T12:00:00Z")).unwrap(), plan);
}
