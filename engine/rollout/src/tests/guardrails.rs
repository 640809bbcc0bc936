//! What takes a candidate back at once.

use super::*;
use expect_test::expect;

/// When and how a canary ends in which each minute from 10 on is changed.
fn end(change: impl Fn(&mut Evidence)) -> String {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        if minute >= 10 {
            change(evidence(seen));
        }
    });
    story(&log).lines().last().unwrap().to_owned()
}

fn latency(millis: i64, requests: u64) -> Latency {
    Latency { p95: Duration::from_millis(millis), requests }
}

#[test]
fn one_output_that_is_not_finite_is_enough() {
    expect!["10m: traffic 0%, roll back (guardrail: non-finite output)"]
        .assert_eq(&end(|seen| seen.non_finite = 1));
}

#[test]
fn errors_count_on_three_evaluations_in_a_row_or_beyond_doubt() {
    let errors =
        |errors, requests| end(|seen| seen.window = Window { requests, errors, latency: None });
    // 6 % of 20 requests is nothing, of 60 it is something, and half of 20 is beyond doubt.
    expect!["52h30m: look 3, promote"].assert_eq(&errors(1, 20));
    expect!["52h30m: look 3, promote"].assert_eq(&errors(3, 60));
    expect!["12m: traffic 0%, roll back (guardrail: error rate)"].assert_eq(&errors(4, 60));
    expect!["10m: traffic 0%, roll back (guardrail: error rate)"].assert_eq(&errors(10, 20));
    expect!["52h30m: look 3, promote"].assert_eq(&errors(1, 1));
}

#[test]
fn strikes_have_to_be_in_a_row() {
    let mut rollout = Rollout::new(canary()).unwrap();
    live(&mut rollout, |minute, seen| {
        if minute % 3 > 0 {
            evidence(seen).window.errors = 4;
            evidence(seen).window.latency = Some(latency(900, 60));
        }
    });
    assert_eq!(rollout.verdict(), Some(&Verdict::Promote));
}

#[test]
fn slow_answers_count_when_there_are_enough_of_them() {
    expect!["12m: traffic 0%, roll back (guardrail: latency)"]
        .assert_eq(&end(|seen| seen.window.latency = Some(latency(251, 50))));
    expect!["52h30m: look 3, promote"]
        .assert_eq(&end(|seen| seen.window.latency = Some(latency(250, 50))));
    expect!["52h30m: look 3, promote"]
        .assert_eq(&end(|seen| seen.window.latency = Some(latency(900, 49))));
}

#[test]
fn six_probes_in_a_row_are_a_candidate_that_is_down() {
    expect!["10m: traffic 0%, roll back (guardrail: uptime)"]
        .assert_eq(&end(|seen| seen.probes.failed_in_a_row = 6));
    expect!["52h30m: look 3, promote"].assert_eq(&end(|seen| seen.probes.failed_in_a_row = 5));
}

#[test]
fn a_declared_rule_takes_the_place_of_a_built_in_one() {
    let guardrails = Guardrails { error_rate_max: None, latency_p95_max: None, uptime_min: None };
    let spec = Spec { guardrails, ..canary() };
    let mut rollout = Rollout::new(spec.clone()).unwrap();
    live(&mut rollout, |_, seen| {
        evidence(seen).window.errors = 60;
        evidence(seen).window.latency = Some(latency(9_000, 60));
        evidence(seen).probes = Probes { answered: 0, sent: 0, failed_in_a_row: 99 };
    });
    assert_eq!(rollout.verdict(), Some(&Verdict::Promote));
    let mut rollout = Rollout::new(spec).unwrap();
    live(&mut rollout, |_, seen| evidence(seen).non_finite = 1);
    assert_ne!(rollout.verdict(), Some(&Verdict::Promote), "but never of that on outputs");
}

#[test]
fn a_rule_fires_after_its_time_and_not_without_data() {
    let story_of = |answer: fn(i64) -> Answer| {
        let mut spec = canary();
        spec.rules = vec![rule(Verb::Rollback, "error_rate > 5%", Some(5))];
        let mut rollout = Rollout::new(spec).unwrap();
        let log = live(&mut rollout, |minute, seen| evidence(seen).answers = vec![answer(minute)]);
        story(&log).lines().last().unwrap().to_owned()
    };
    expect!["5m: traffic 0%, roll back (rollback when error_rate > 5%)"]
        .assert_eq(&story_of(|_| Answer::True));
    expect!["52h30m: look 3, promote"]
        .assert_eq(&story_of(|minute| if minute % 5 < 4 { Answer::True } else { Answer::False }));
    expect!["52h30m: look 3, promote"].assert_eq(&story_of(|_| Answer::NotApplicable));
    // It does not fire, but nobody is promoted either.
    expect!["14d4h30m: traffic 0%, inconclusive (no data for error_rate > 5%)"]
        .assert_eq(&story_of(|_| Answer::NoData));
}

#[test]
fn who_cannot_see_pauses_and_then_takes_back() {
    let story_of = |lasts: i64| {
        let mut rollout = Rollout::new(canary()).unwrap();
        let log = live(&mut rollout, |minute, seen| {
            if (100..100 + lasts).contains(&minute) {
                seen.evidence = None;
            }
        });
        let log: Log =
            log.into_iter().filter(|(_, action)| !matches!(action, Action::Look(_))).collect();
        story(&log)
    };
    expect![[r#"
        0s: traffic 10%
        52h33m: promote
    "#]]
    .assert_eq(&story_of(3));
    expect![[r#"
        0s: traffic 10%
        1h43m: pause (metrics unavailable)
        1h45m: resume
        52h35m: promote
    "#]]
    .assert_eq(&story_of(5));
    expect![[r#"
        0s: traffic 10%
        1h43m: pause (metrics unavailable)
        1h56m: traffic 0%, roll back (guardrail: blind)
    "#]]
    .assert_eq(&story_of(20));
}
