use super::*;
use crate::tests::checked;
use expect_test::{Expect, expect};

/// A pipeline with everything a comparison looks at.
const FULL: &str = include_str!("../../../../examples/quickstart/pipeline.suho");
const MODEL: &str = include_str!("../../../../examples/quickstart/model.suho");

/// The page of the differences between two texts.
fn page(before: &str, after: &str) -> String {
    let sides =
        [before, after].map(|text| checked(&[("pipeline.suho", text), ("model.suho", MODEL)]));
    let [old, new] = sides.each_ref().map(|it| Side::of(&it.program, &it.library, None).unwrap());
    to_text(&diff(&old, &new, &BTreeMap::new()), "a", "b")
}

/// What changes of the full pipeline when `from` becomes `to`.
fn changed(from: &str, to: &str, expected: &Expect) {
    let after = FULL.replace(from, to);
    assert_ne!(after, FULL, "`{from}` is not there");
    expected.assert_eq(&page(FULL, &after));
}

#[test]
fn what_means_the_same_is_no_difference() {
    let commented = FULL.replace("  calendar = fx", "  // Currencies.\n  calendar   =   fx");
    assert_eq!(
        page(FULL, &commented),
        "a → b\n  NO-OP  both do the same: at most comments, layout and names differ\n"
    );
}

#[test]
fn a_looser_gate_comes_with_a_case_that_shows_it() {
    changed(
        "bt.max_drawdown < 20%",
        "bt.max_drawdown < 25%",
        &expect![[r#"
            a → b

              LOOSENED  quickstart/acceptance  require bt.max_drawdown < 20% → bt.max_drawdown < 25%  pipeline.suho:69
                          passes now, failed before: bt.max_drawdown = 22.5%, quality.accuracy = 56%, quality.baseline.accuracy = 60%, leaks.findings = 0, probe.latency.p95 = 180ms

            quickstart does anew: acceptance, staging, tenth, rollout, live

            runs that have begun go on as they were planned
        "#]],
    );
}

#[test]
fn a_tighter_gate_too() {
    changed(
        "baseline?.accuracy - 5pp",
        "baseline?.accuracy - 2pp",
        &expect![[r#"
            a → b

              TIGHTENED  quickstart/acceptance  require quality.accuracy >= quality.baseline?.accuracy - 5pp → quality.accuracy >= quality.baseline?.accuracy - 2pp  pipeline.suho:68
                           fails now, passed before: quality.accuracy = 56.5%, quality.baseline.accuracy = 60%, bt.max_drawdown = 19%, leaks.findings = 0, probe.latency.p95 = 180ms

            quickstart does anew: acceptance, staging, tenth, rollout, live

            runs that have begun go on as they were planned
        "#]],
    );
}

#[test]
fn a_rule_can_be_gone() {
    let rule = "    require leaks.findings == 0 else \"data leakage: ${leaks.summary}\"\n";
    changed(
        rule,
        "",
        &expect![[r#"
            a → b

              LOOSENED  quickstart/acceptance  require leaks.findings == 0 is gone  pipeline.suho:70
                          passes now, failed before: leaks.findings = 1, quality.accuracy = 56%, quality.baseline.accuracy = 60%, bt.max_drawdown = 19%, probe.latency.p95 = 180ms

            quickstart does anew: acceptance, staging, tenth, rollout, live

            runs that have begun go on as they were planned
        "#]],
    );
}

#[test]
fn a_rule_rewritten_decides_the_same() {
    let rewritten = "require not (bt.max_drawdown >= 20%)";
    changed(
        "require bt.max_drawdown < 20%",
        rewritten,
        &expect![[r#"
        a → b

          CHANGED  quickstart/acceptance  require bt.max_drawdown < 20% → not bt.max_drawdown >= 20%, which decides the same  pipeline.suho:69

        quickstart does anew: acceptance, staging, tenth, rollout, live

        runs that have begun go on as they were planned
    "#]],
    );
}

#[test]
fn a_rollback_that_takes_longer_is_looser() {
    let rule = "rollback when latency.p95 > 500ms for";
    changed(
        &format!("{rule} 10m"),
        &format!("{rule} 20m"),
        &expect![[r#"
            a → b

              LOOSENED  quickstart/tenth  rollback when latency.p95 > 500ms for 10m → latency.p95 > 500ms for 20m  pipeline.suho:95
                          goes on now, was rolled back before: latency.p95 = 550ms, error_rate = 4%

            quickstart does anew: tenth, rollout, live

            runs that have begun go on as they were planned
        "#]],
    );
}

#[test]
fn a_rollback_that_is_gone_leaves_the_built_in_limit() {
    let rules = "rollback when error_rate > 5% for 5m\n    rollback when latency";
    changed(
        rules,
        "rollback when latency",
        &expect![[r#"
            a → b

              TIGHTENED  quickstart/tenth  rollback when error_rate > 5% for 5m → error_rate > 5% for 3m (built in)  pipeline.suho:94
                           is rolled back now, went on before: error_rate = 6%

            quickstart does anew: tenth, rollout, live

            runs that have begun go on as they were planned
        "#]],
    );
}

#[test]
fn more_traffic_is_riskier() {
    changed(
        "share: Ratio = 10%",
        "share: Ratio = 20%",
        &expect![[r#"
        a → b

          RISKIER  quickstart/tenth            share 10% → 20%  pipeline.suho:82
          CHANGED  quickstart/parameter share  default 10% → 20%  pipeline.suho:8

        quickstart does anew: tenth, rollout, live

        runs that have begun go on as they were planned
    "#]],
    );
}

#[test]
fn a_ramp_with_a_bolder_step_is_riskier() {
    changed(
        "steps = [10%, 25%, 50%, 100%]",
        "steps = [25%, 50%, 100%]",
        &expect![[r#"
        a → b

          RISKIER  quickstart/rollout  steps [10%, 25%, 50%, 100%] every 6h → [25%, 50%, 100%] every 6h  pipeline.suho:99

        quickstart does anew: rollout, live
        quickstart rolls out in 4d → 3d18h of market time (-6h)

        runs that have begun go on as they were planned
    "#]],
    );
}

#[test]
fn more_time_is_slower() {
    let after =
        FULL.replace("duration   = 48h", "duration   = 72h").replace("every = 6h", "every = 12h");
    expect![[r#"
        a → b

          SLOWER  quickstart/tenth    duration 48h → 3d  pipeline.suho:82
          SLOWER  quickstart/rollout  steps [10%, 25%, 50%, 100%] every 6h → [10%, 25%, 50%, 100%] every 12h  pipeline.suho:99

        quickstart does anew: tenth, rollout, live
        quickstart rolls out in 4d → 6d of market time (+48h)

        runs that have begun go on as they were planned
    "#]].assert_eq(&page(FULL, &after));
}

#[test]
fn less_evidence_is_riskier() {
    let after = FULL
        .replace("duration   = 48h", "duration   = 24h")
        .replace("min_events = 30", "min_events = 10")
        .replace("for 36h", "for 12h")
        .replace("keep     = 5", "keep     = 1")
        .replace("majority(margin: 2pp)", "none");
    expect![[r#"
        a → b

          LOOSENED   quickstart/acceptance  floor majority(margin: 2pp) → none  pipeline.suho:65
          LOOSENED   quickstart/tenth       hold when events < 30 for 36h → events < 10 for 12h  pipeline.suho:96
                       goes on now, was held before: events = 20
          RISKIER    quickstart/tenth       duration 48h → 24h  pipeline.suho:82
          RISKIER    quickstart/tenth       min_events 30 → 10  pipeline.suho:82
          RISKIER    quickstart/live        keep 5 → 1  pipeline.suho:107
          TIGHTENED  quickstart/tenth       hold when events < 30 for 36h → events < 10 for 12h  pipeline.suho:96
                       is held now, went on before: events = 9

        quickstart does anew: acceptance, staging, tenth, rollout, live
        quickstart rolls out in 4d → 3d of market time (-24h)

        runs that have begun go on as they were planned
    "#]].assert_eq(&page(FULL, &after));
}

#[test]
fn a_comparison_that_asks_less_is_looser() {
    let after = FULL.replace("alpha: 5%", "alpha: 1%");
    let strict = FULL.replace("accept = no_harm", "accept = superior");
    expect![[r#"
        a → b

          LOOSENED  quickstart/tenth  compare accuracy: alpha 5% → 1%  pipeline.suho:82

        quickstart does anew: tenth, rollout, live

        runs that have begun go on as they were planned
        a → b

          TIGHTENED  quickstart/tenth  compare accuracy: accept no_harm → superior  pipeline.suho:82

        quickstart does anew: tenth, rollout, live

        runs that have begun go on as they were planned
    "#]]
    .assert_eq(&(page(FULL, &after) + &page(FULL, &strict)));
}

#[test]
fn steps_come_and_go_and_change_their_names() {
    let probe = "  latency_probe probe {\n    model    = candidate.model\n    requests = 1_000\n    warmup   = 100\n  }\n";
    let after = FULL
        .replace(probe, "")
        .replace("    require probe.latency.p95 < 200ms\n", "")
        .replace("backtest bt", "backtest history")
        .replace("bt.max", "history.max");
    let after = after.replace("  leakage_scan leaks", "  evaluate again {\n    model = candidate.model\n    data  = data.test\n  }\n\n  leakage_scan leaks");
    expect![[r#"
        a → b

          LOOSENED   quickstart/acceptance  require bt.max_drawdown < 20% is gone  pipeline.suho:69
                       passes now, failed before: bt.max_drawdown = 21%, quality.accuracy = 56%, quality.baseline.accuracy = 60%, history.max_drawdown = 19%, leaks.findings = 0
          LOOSENED   quickstart/acceptance  require probe.latency.p95 < 200ms is gone  pipeline.suho:71
                       passes now, failed before: probe.latency.p95 = 220ms, quality.accuracy = 56%, quality.baseline.accuracy = 60%, history.max_drawdown = 19%, leaks.findings = 0
          REMOVED    quickstart/probe       the latency_probe is gone  pipeline.suho:59
          CHANGED    quickstart/history     renamed bt → history  pipeline.suho:57
          ADDED      quickstart/again       a new evaluate  pipeline.suho:40
          TIGHTENED  quickstart/acceptance  require history.max_drawdown < 20% is new  pipeline.suho:69
                       fails now, passed before: history.max_drawdown = 21%, quality.accuracy = 56%, quality.baseline.accuracy = 60%, bt.max_drawdown = 19%, leaks.findings = 0, probe.latency.p95 = 180ms

        quickstart does anew: again, history, acceptance, staging, tenth, rollout, live

        runs that have begun go on as they were planned
    "#]].assert_eq(&page(FULL, &after));
}

#[test]
fn a_gate_that_is_gone_lets_everything_pass() {
    let with_two = FULL.replace("  shadow staging", "  gate second {\n    model = candidate.model\n    require bt.sharpe > 1.0\n  }\n\n  shadow staging");
    expect![[r#"
        a → b

          LOOSENED  quickstart/second  the gate is gone  pipeline.suho:74

        runs that have begun go on as they were planned
        a → b

          TIGHTENED  quickstart/second  a new gate  pipeline.suho:74

        quickstart does anew: second

        runs that have begun go on as they were planned
    "#]]
    .assert_eq(&(page(&with_two, FULL) + &page(FULL, &with_two)));
}

#[test]
fn inputs_limits_parameters_and_handlers() {
    let after = FULL
        .replace("epochs         = 20", "epochs         = 30")
        .replace("timeout        = 10m", "timeout        = 20m")
        .replace("  share: Ratio = 10%,\n", "  share: Ratio = 10%,\n  extra: Int = 1,\n")
        .replace("    status  = draft\n", "")
        .replace("  on failure {\n    status = archived\n  }\n", "")
        .replace("calendar = fx", "calendar = always");
    expect![[r#"
        a → b

          REMOVED  quickstart/on failure       is gone  pipeline.suho:8
          CHANGED  quickstart/settings         calendar fx → always  pipeline.suho:8
          CHANGED  quickstart/candidate        epochs 20 → 30  pipeline.suho:28
          CHANGED  quickstart/candidate        timeout 10m → 20m  pipeline.suho:28
          CHANGED  quickstart/on rollback      status draft → none  pipeline.suho:8
          ADDED    quickstart/parameter extra  is new  pipeline.suho:8

        quickstart does anew: candidate, leaks, quality, bt, probe, acceptance, staging, tenth, rollout, live

        runs that have begun go on as they were planned
    "#]].assert_eq(&page(FULL, &after));
}

#[test]
fn what_stands_beside_pipelines() {
    let beside = "edition 2026

use std.ops
use \"./pipeline.suho\" { quickstart }

secret hook: Url = env(\"HOOK\")

monitor prod {
  model = production(\"eurusd_direction\")
  every = 1m

  alert slow {
    fire when latency.p95 over 5m > 500ms for 10m
  }

  alert wrong {
    fire when accuracy over 7d < reference.accuracy * 90% for 6h
  }
}

trigger monthly {
  on  = cron(\"0 3 1 * *\")
  run = quickstart(share: 10%)
}

trigger pushed {
  on  = push(branch: \"main\")
  run = quickstart()
}

env rehearsal {
  quickstart.share = 15%
}
";
    let after = beside
        .replace("env(\"HOOK\")", "env(\"HOOK_URL\")")
        .replace("> 500ms for 10m", "> 400ms for 10m")
        .replace("* 90%", "* 80%")
        .replace("0 3 1 * *", "0 4 1 * *")
        .replace("quickstart(share: 10%)", "quickstart(share: 20%)")
        .replace("trigger pushed", "trigger merged")
        .replace("quickstart.share = 15%", "quickstart.share = 20%");
    let sides = [beside, &after].map(|text| {
        checked(&[("beside.suho", text), ("pipeline.suho", FULL), ("model.suho", MODEL)])
    });
    let [old, new] =
        sides.each_ref().map(|it| Side::of(&it.program, &it.library, Some("rehearsal")).unwrap());
    let found = diff(&old, &new, &BTreeMap::new());
    expect![[r#"
        a → b

          LOOSENED   monitor prod wrong  fire when accuracy over 7d < reference.accuracy * 90% for 6h → accuracy over 7d < reference.accuracy * 80% for 6h  beside.suho:17
                       is silent now, fired before: accuracy over 7d = 51%, reference.accuracy = 60%
          RISKIER    quickstart/tenth    share 15% → 20%  pipeline.suho:82
          REMOVED    trigger pushed      is gone  beside.suho:26
          CHANGED    env rehearsal       quickstart.share 15% → 20%
          CHANGED    trigger monthly     on cron("0 3 1 * *") → cron("0 4 1 * *")  beside.suho:21
          CHANGED    trigger monthly     share 10% → 20%  beside.suho:21
          CHANGED    monitor prod slow   resolve when latency.p95 over 5m < 400ms → latency.p95 over 5m < 320ms  beside.suho:12
          CHANGED    secret hook         kept in env(name: "HOOK") → env(name: "HOOK_URL")  beside.suho:6
          ADDED      trigger merged      is new  beside.suho:26
          TIGHTENED  monitor prod slow   fire when latency.p95 over 5m > 500ms for 10m → latency.p95 over 5m > 400ms for 10m  beside.suho:13
                       fires now, was silent before: latency.p95 over 5m = 450ms

        quickstart does anew: tenth, rollout, live

        runs that have begun go on as they were planned
    "#]].assert_eq(&to_text(&found, "a", "b"));
    let json = to_json(&found, "a", "b");
    assert_eq!(json["pending"], true);
    assert_eq!(json["changes"].as_array().unwrap().len(), found.changes.len());
    // The other way round nothing is lost.
    assert_eq!(diff(&new, &old, &BTreeMap::new()).changes.len(), found.changes.len());
}

#[test]
fn how_far_the_model_moves_is_the_callers_to_say() {
    let more = MODEL.replace("    \"stoch_k\",\n", "");
    let sides =
        [MODEL, &more].map(|model| checked(&[("pipeline.suho", FULL), ("model.suho", model)]));
    let [old, new] = sides.each_ref().map(|it| Side::of(&it.program, &it.library, None).unwrap());
    let moved = Moved {
        bump: Bump::Major,
        reasons: vec![("feature_removed".to_owned(), "features  − stoch_k".to_owned())],
    };
    let models = BTreeMap::from([(Name::new("quickstart").unwrap(), moved)]);
    expect![[r#"
        a → b

          BUMP     quickstart/candidate       MAJOR: features  − stoch_k (feature_removed)  pipeline.suho:27
          CHANGED  quickstart/parameter spec  default.features − "stoch_k"  pipeline.suho:8
          CHANGED  quickstart/data            features − "stoch_k"  pipeline.suho:18

        quickstart does anew: data, candidate, leaks, quality, bt, probe, acceptance, staging, tenth, rollout, live

        runs that have begun go on as they were planned
    "#]].assert_eq(&to_text(&diff(&old, &new, &models), "a", "b"));
}
