//! Shadows, one story a test.

use super::*;
use expect_test::expect;

fn story_of(change: impl Fn(i64, &mut Observation)) -> String {
    let mut spec = shadow();
    spec.rules = vec![rule(Verb::Require, "agreement >= 60%", None)];
    let mut rollout = Rollout::new(spec).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        evidence(seen).answers = vec![Answer::True];
        change(minute, seen);
    });
    story(&log)
}

#[test]
fn a_shadow_in_good_health_passes_and_never_has_traffic() {
    expect![[r#"
        24h: promote
    "#]]
    .assert_eq(&story_of(|_, _| {}));
}

#[test]
fn a_shadow_without_requests_waits_and_is_inconclusive() {
    expect![[r#"
        31m: pause (no traffic)
        3d: inconclusive (no traffic)
    "#]]
    .assert_eq(&story_of(|_, seen| {
        evidence(seen).window = Window::default();
        evidence(seen).total = Totals::default();
    }));
    expect![[r#"
        3d: inconclusive (too few requests: 199 of 200)
    "#]]
    .assert_eq(&story_of(|_, seen| evidence(seen).total.requests = 199));
}

#[test]
fn a_shadow_that_fails_its_checks_is_taken_back() {
    let fails = |change: fn(&mut Evidence)| story_of(|_, seen| change(evidence(seen)));
    expect![[r#"
        24h: roll back (require error_rate <= 1%)
    "#]]
    .assert_eq(&fails(|seen| seen.total.errors = seen.total.requests / 50));
    expect![[r#"
        24h: roll back (require dropped <= 1%)
    "#]]
    .assert_eq(&fails(|seen| seen.total.dropped = seen.total.requests / 50));
    expect![[r#"
        24h: roll back (require latency.p95 <= 250ms)
    "#]]
    .assert_eq(&fails(|seen| {
        seen.total.latency = Some(Latency { p95: Duration::from_millis(300), requests: 999 });
    }));
    expect![[r#"
        24h: roll back (require agreement >= 60%)
    "#]]
    .assert_eq(&fails(|seen| seen.answers = vec![Answer::False]));
    expect![[r#"
        0s: roll back (guardrail: non-finite output)
    "#]]
    .assert_eq(&fails(|seen| seen.non_finite = 1));
}

#[test]
fn a_shadow_without_an_answer_waits_for_it() {
    expect![[r#"
        30h: promote
    "#]]
    .assert_eq(&story_of(|minute, seen| {
        if minute < 60 * 30 {
            evidence(seen).answers = vec![Answer::NoData];
        }
    }));
    expect![[r#"
        24h: promote
    "#]]
    .assert_eq(&story_of(|_, seen| evidence(seen).answers = vec![Answer::NotApplicable]));
}
