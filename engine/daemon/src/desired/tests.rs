//! What texts want of a daemon, in this world and that.

use super::*;
use crate::tests::shop::Prelude;
use expect_test::expect;
use suho_check::{Severity, check};

const SCRIPTS: &str = r#"edition 2026
use std.ops

pipeline nightly(words: Text = "default") {
  timezone = "Europe/Berlin"
  shell only {
    script = "true"
    env    = { WORDS = words }
  }
}

env live { nightly.words = "environment" }
env past { clock = replay(units: 10) }
"#;

const ROLLOUT: &str = r#"edition 2026
use std.ml
use std.ops
use std.rollout

features few { columns = ["close"] }

model direction {
  target   = { symbol = "EUR/USD", timeframe = 1h, horizon = 1h }
  features = few
  sequence = 4
  layers   = [output(units: 3)]
}

pipeline small {
  production baseline { model = direction.name }
  dataset data {
    source    = parquet("bars.parquet")
    symbol    = direction.target.symbol
    timeframe = direction.target.timeframe
    features  = direction.features
  }
  train candidate {
    model      = direction
    train      = data.train
    validation = data.validation
    version    = next(baseline)
  }
  evaluate quality {
    model   = candidate.model
    data    = data.test
    against = baseline
  }
  gate acceptance {
    model = candidate.model
    require quality.accuracy >= 30%
  }
  shadow staging {
    model    = acceptance.model
    against  = baseline
    duration = 2h
  }
}

trigger monthly {
  on  = cron("0 3 1 * *")
  run = small()
}
"#;

fn program(text: &str) -> Program {
    let checked = check(&[("text.suho".to_owned(), text.to_owned())], &Prelude);
    let wrong = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let wrong: Vec<_> = wrong.map(|found| &found.message).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    checked.program
}

fn with(trigger: &str) -> Program {
    program(&format!("{SCRIPTS}\ntrigger t {{\n{trigger}\n}}\n"))
}

fn words(desired: &Desired) -> String {
    let wanted = desired.schedules.values().next().unwrap();
    wanted.plan.params.values().next().unwrap().to_string()
}

#[test]
fn a_rollout_is_refused_where_nobody_asks_and_taken_where_the_past_is_replayed() {
    let program = program(ROLLOUT);
    let refusal = desired(&program, "default", World::Wall).unwrap_err();
    expect![[r#"
        trigger `monthly`: `small` has the shadow `staging`, and in the environment `default`, whose clock is the wall's, nobody answers live requests yet
        carry it out on recorded bars: `clock = replay()` in the `env` block, or the built-in environment `rehearsal`
    "#]]
    .assert_eq(&format!("{refusal}\n{}\n", refusal.help.as_deref().unwrap_or_default()));
    assert_eq!(refusal.fault, Fault::User);
    let taken = desired(&program, "rehearsal", World::Replay).unwrap();
    assert_eq!(taken.schedules.len(), 1);
}

#[test]
fn an_environment_has_the_clock_that_it_declares() {
    let program = program(SCRIPTS);
    let worlds = ["live", "past", "rehearsal", "default"].map(|name| world_of(&program, name));
    assert_eq!(worlds, [Some(World::Wall), Some(World::Replay), Some(World::Replay), None]);
}

#[test]
fn a_triggers_argument_is_stronger_than_the_environments_and_that_than_the_default() {
    let plain = with("on = cron(\"0 3 * * *\")\nrun = nightly()");
    let given = with("on = cron(\"0 3 * * *\")\nrun = nightly(words: \"trigger\")");
    let of = |program: &Program, environment: &str| {
        words(&desired(program, environment, World::Wall).unwrap())
    };
    assert_eq!(of(&plain, "past"), "default");
    assert_eq!(of(&plain, "live"), "environment");
    assert_eq!(of(&given, "live"), "trigger");
}

#[test]
fn a_schedule_goes_by_the_triggers_zone_else_the_pipelines() {
    let zone = |on: &str| {
        let program = with(&format!("on = {on}\nrun = nightly()\ncatch_up = all"));
        let desired = desired(&program, "live", World::Wall).unwrap();
        let (key, wanted) = desired.schedules.iter().next().unwrap();
        assert_eq!(key.to_string(), "platform/nightly/t");
        assert_eq!(wanted.spec.catch_up, CatchUp::All);
        wanted.spec.recurrence.zone().name()
    };
    assert_eq!(zone("cron(\"0 3 * * *\")"), "Europe/Berlin");
    assert_eq!(zone("cron(\"0 3 * * *\", timezone: \"Asia/Tokyo\")"), "Asia/Tokyo");
}

#[test]
fn a_push_is_for_who_waits_for_one_of_its_files() {
    let program =
        with("on = push(branch: \"main\", paths: [\"models/**\", \"*.py\"])\nrun = nightly()");
    let desired = desired(&program, "live", World::Wall).unwrap();
    let pushed = desired.pushes.values().next().unwrap();
    let is_for = |files: &[&str]| {
        pushed.is_for(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>())
    };
    assert!(
        is_for(&["models/a.suho"]) && is_for(&["x", "models/deep/er/b"]) && is_for(&["run.py"])
    );
    assert!(!is_for(&["scripts/run.py"]) && !is_for(&["models2/a"]) && !is_for(&[]));
    let any = Pushed { paths: Vec::new(), ..pushed.clone() };
    assert!(any.is_for(&["README.md".to_owned()]) && !any.is_for(&[]));
}

#[test]
fn a_schedule_catches_up_spreads_and_pauses_as_its_trigger_says() {
    let on = "on = cron(\"0 3 * * *\")\nrun = nightly()\n";
    let spec = |more: &str| {
        let desired = desired(&with(&format!("{on}{more}")), "live", World::Wall).unwrap();
        desired.schedules.into_values().next().unwrap().spec
    };
    let usual = spec("");
    assert_eq!((usual.window, usual.cap), (ScheduleSpec::WINDOW, ScheduleSpec::CAP));
    assert_eq!((usual.jitter, usual.pause_after), (Duration::ZERO, None));
    let said = spec("catch_up_within = 2h\ncatch_up_most = 3\njitter = 5m\npause_after = 4");
    assert_eq!((said.window, said.cap.get()), (Duration::from_hours(2), 3));
    assert_eq!((said.jitter, said.pause_after), (Duration::from_minutes(5), NonZeroU32::new(4)));
}

#[test]
fn a_plan_for_arguments_that_do_not_fit_is_refused() {
    let program = program(SCRIPTS);
    let plan = |name: &str, argument: &str| {
        let arguments = [(argument.to_owned(), "x".to_owned())];
        let binding = Binding { environment: Some("live"), ..Binding::of(&arguments) };
        plan_in(&program, name, &binding, World::Wall).map(|plan| plan.params)
    };
    assert_eq!(plan("nightly", "words").unwrap().values().next().unwrap().to_string(), "x");
    assert_eq!(
        plan("nightly", "word").unwrap_err().to_string(),
        "`nightly` has no parameter `word`; it takes `words`"
    );
    assert!(plan("nobody", "words").unwrap_err().to_string().contains("no pipeline `nobody`"));
}

#[test]
fn days_that_no_calendar_has_are_refused_when_the_text_is_applied() {
    let text = SCRIPTS.replace("words: Text = \"default\"", "days: Range<Date>");
    let text = text.replace("WORDS = words", "FROM = days.start");
    let text = text.replace("env live { nightly.words = \"environment\" }", "env live {}");
    let trigger = "on = cron(\"0 3 * * *\")\nrun = nightly(days: last(300000y))";
    let program = program(&format!("{text}\ntrigger t {{\n{trigger}\n}}\n"));
    assert_eq!(
        desired(&program, "live", World::Wall).unwrap_err().to_string(),
        "trigger `t`: `days` cannot be `last(300000y)`: no calendar goes back so far"
    );
}
