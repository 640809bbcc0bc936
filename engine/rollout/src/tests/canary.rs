//! Canaries, one story a test.

use super::*;
use expect_test::expect;

#[test]
fn a_canary_in_good_health_is_promoted_after_its_grace() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |_, _| {});
    expect![[r#"
        0s: traffic 10%
        16h: look 0
        28h: look 1
        40h: look 2
        52h30m: look 3, promote
    "#]]
    .assert_eq(&story(&log));
    assert_eq!(rollout.share(), share(1_000), "it goes on with the share it has");
}

#[test]
fn a_candidate_that_is_far_worse_is_taken_back() {
    let taken_back = (0..10_u64).filter(|seed| {
        let spec = Spec { stage: Stage::Canary(canary_stage(hours(240))), ..canary() };
        let blocks = Dice(*seed).blocks(20, 40, 65);
        let mut rollout = Rollout::new(spec).unwrap();
        let log = live(&mut rollout, |_, seen| reveal(seen, &blocks));
        let reason = Reason::AccuracyHarm;
        rollout.verdict() == Some(&Verdict::RollBack { reason })
            && log.iter().any(|(minute, _)| *minute < 60 * 240)
    });
    assert!(taken_back.count() >= 9, "20 blocks show -25 pp in 9 of 10 cases");
}

#[test]
fn equal_models_are_rarely_told_apart() {
    let taken_back = (0..200_u64).filter(|seed| {
        let blocks = Dice(*seed).blocks(4, 62, 62);
        let mut rollout = Rollout::new(canary()).unwrap();
        live(&mut rollout, |_, seen| reveal(seen, &blocks));
        rollout.verdict() != Some(&Verdict::Promote)
    });
    let taken_back = taken_back.count();
    assert!(taken_back <= 14, "{taken_back} of 200, where 7 % are 14");
}

#[test]
fn a_first_model_is_compared_with_nothing() {
    for accept in [Accept::NoHarm, Accept::NonInferior { margin: points("2pp") }] {
        let compared = Spec {
            comparison: Some(Comparison { accept, ..comparison() }),
            market_max: hours(48),
            ..canary()
        };
        let first = Spec { comparison: None, ..compared };
        let log = live(&mut Rollout::new(first).unwrap(), |_, _| {});
        assert_eq!(story(&log), "0s: traffic 10%\n52h30m: promote\n");
    }
}

#[test]
fn non_inferiority_takes_the_time_it_needs() {
    let accept = Accept::NonInferior { margin: points("10pp") };
    let comparison = Some(Comparison { accept, ..comparison() });
    let spec = Spec { comparison, market_max: hours(120), ..canary() };
    // Now one more right, now one less: no difference, and a small spread.
    let blocks: Vec<Block> =
        (0..40).map(|index| block(index, if index % 2 == 0 { 1 } else { -1 })).collect();
    let log = live(&mut Rollout::new(spec.clone()).unwrap(), |_, seen| reveal(seen, &blocks));
    expect![[r#"
        0s: traffic 10%
        16h: look 0
        28h: look 1
        40h: look 2
        52h: look 3
        52h30m: extend by 24h to 3d (not shown)
        64h: look 4
        3d4h: look 5
        3d4h30m: extend by 24h to 4d (not shown)
        3d16h: look 6
        4d4h: look 7
        4d4h30m: promote
    "#]]
    .assert_eq(&story(&log));

    let accept = Accept::Superior;
    let comparison = spec.comparison.map(|comparison| Comparison { accept, ..comparison });
    let spec = Spec { comparison, ..spec };
    let log = live(&mut Rollout::new(spec).unwrap(), |_, seen| reveal(seen, &blocks));
    expect![[r#"
        0s: traffic 10%
        16h: look 0
        28h: look 1
        40h: look 2
        52h: look 3
        52h30m: extend by 24h to 3d (not shown)
        64h: look 4
        3d4h: look 5
        3d4h30m: extend by 24h to 4d (not shown)
        3d16h: look 6
        4d4h: look 7
        4d4h30m: extend by 24h to 5d (not shown)
        4d16h: look 8
        5d4h30m: look 9, traffic 0%, inconclusive (not shown)
    "#]]
    .assert_eq(&story(&log));
}

#[test]
fn the_last_look_waits_until_it_is_known_that_nothing_is_missing() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        if minute < 60 * 60 {
            evidence(seen).events.matured = 20;
            evidence(seen).events.due = 20;
        }
    });
    // The fourth look is no longer the last one when the canary was extended, and so it leaves
    // something to be spent by the sixth.
    expect![[r#"
        0s: traffic 10%
        16h: look 0
        28h: look 1
        40h: look 2
        52h30m: extend by 24h to 3d (too few events: 20 of 30)
        52h31m: look 3
        64h: look 4
        3d4h30m: look 5, promote
    "#]]
    .assert_eq(&story(&log));
    let looks: Vec<f64> = log
        .iter()
        .filter_map(
            |(_, action)| if let Action::Look(look) = action { look.information } else { None },
        )
        .collect();
    assert_eq!(looks.len(), 6);
    assert!((looks[3] - 4.0 / 6.0).abs() < 1e-12 && (looks[5] - 1.0).abs() < 1e-12);
}

#[test]
fn a_revised_label_is_judged_as_if_it_had_always_been_so() {
    let first = [block(0, -1), block(1, -2), block(2, 0), block(3, -1)];
    let mut revised = first;
    revised[1] = block(1, 3);
    let last_look = |early: [Block; 4]| {
        let mut rollout = Rollout::new(canary()).unwrap();
        let log = live(&mut rollout, |minute, seen| {
            reveal(seen, if minute < 60 * 45 { &early } else { &revised });
        });
        let mut looks = log.into_iter().rev();
        looks
            .find_map(|(_, action)| if let Action::Look(look) = action { Some(look) } else { None })
    };
    assert_eq!(last_look(first), last_look(revised));
}

#[test]
fn a_weekend_does_not_count() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let closed = 60 * 24 + 1..60 * 72 + 1;
    let log = live(&mut rollout, |minute, seen| {
        let passed = (minute - 60 * 24).clamp(0, 60 * 48);
        let world = seen.at;
        *seen = well(minute - passed, seen.share);
        seen.at = world;
        seen.open = !closed.contains(&minute);
        if !seen.open {
            evidence(seen).window = Window::default();
        }
    });
    let undisturbed = live(&mut Rollout::new(canary()).unwrap(), |_, _| {});
    let (end, usual) = (log.last().unwrap(), undisturbed.last().unwrap());
    assert_eq!((end.0, &end.1), (usual.0 + 60 * 48, &usual.1));
    assert!(!log.iter().any(|(minute, _)| closed.contains(minute)), "{}", story(&log));
}

#[test]
fn without_traffic_the_clock_stands_and_the_end_is_open() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |_, seen| {
        evidence(seen).window = Window::default();
        evidence(seen).total = Totals::default();
    });
    let log: Log =
        log.into_iter().filter(|(_, action)| !matches!(action, Action::Look(_))).collect();
    expect![[r#"
        0s: traffic 10%
        31m: pause (no traffic)
        14d4h30m: traffic 0%, inconclusive (no traffic)
    "#]]
    .assert_eq(&story(&log));
    assert_eq!(rollout.accrued(), Duration::ZERO);
}

#[test]
fn a_lull_of_half_an_hour_is_no_lack_of_traffic() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        if (minute + 30) % 60 < 29 {
            evidence(seen).window = Window::default();
        }
    });
    assert_eq!(log.last().unwrap().0, 52 * 60 + 30);
}

#[test]
fn minutes_nobody_observed_do_not_count() {
    let mut rollout = Rollout::new(canary()).unwrap();
    for minute in [0, 1, 2] {
        rollout.observe(&well(minute, share(1_000)));
    }
    rollout.observe(&well(602, share(1_000)));
    assert_eq!(rollout.accrued(), minutes(4), "of ten hours away, two samples");
}

#[test]
fn an_observation_is_taken_in_once() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let mut seen = well(5, share(1_000));
    evidence(&mut seen).window.errors = 4;
    for _ in 0..9 {
        rollout.observe(&seen);
    }
    assert_eq!(rollout.verdict(), None, "one strike, however often it is told");
}

#[test]
fn a_hold_stops_the_clock_while_it_lasts() {
    let mut spec = canary();
    spec.rules = vec![rule(Verb::Hold, "events < min_events", Some(30))];
    let mut rollout = Rollout::new(spec).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        let holds = (600..700).contains(&minute);
        evidence(seen).answers = vec![if holds { Answer::True } else { Answer::False }];
    });
    expect![[r#"
        0s: traffic 10%
        10h30m: pause (hold when events < min_events)
        11h40m: resume
        16h: look 0
        28h: look 1
        40h: look 2
        53h40m: look 3, promote
    "#]]
    .assert_eq(&story(&log));
}

#[test]
fn blocks_that_a_hold_adds_are_planned_for() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |minute, seen| seen.paused = (60..60 * 25).contains(&minute));
    let looks: Vec<f64> = log
        .iter()
        .filter_map(
            |(_, action)| {
                if let Action::Look(look) = action { look.information } else { None }
            },
        )
        .collect();
    // At 16 h the end was known to be 15 h later, at 28 h and after all of 24 h: six blocks.
    let expected = [1.0 / 5.0, 2.0 / 6.0, 3.0 / 6.0, 4.0 / 6.0, 5.0 / 6.0, 1.0];
    assert_eq!(looks, expected, "{}", story(&log));
}

#[test]
fn a_floor_does_not_decide_on_fewer_than_thirty_events() {
    let end = |events| {
        let stage = Stage::Canary(Canary { events_min: 0, ..canary_stage(hours(48)) });
        let mut rollout = Rollout::new(Spec { stage, ..canary() }).unwrap();
        live(&mut rollout, |_, seen| evidence(seen).correct = Correct { right: 5, events });
        rollout.verdict().cloned()
    };
    assert_eq!(end(29), Some(Verdict::Promote));
    let text = "accuracy >= 60%".to_owned();
    assert_eq!(end(30), Some(Verdict::RollBack { reason: Reason::Criteria { text } }));
}

#[test]
fn a_pause_stops_the_clock_and_not_the_guardrails() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        seen.paused = minute >= 100;
        if minute == 200 {
            evidence(seen).non_finite = 1;
        }
    });
    expect![[r#"
        0s: traffic 10%
        1h40m: pause (paused)
        3h20m: traffic 0%, roll back (guardrail: non-finite output)
    "#]]
    .assert_eq(&story(&log));
    assert_eq!(rollout.accrued(), minutes(99));
}

#[test]
fn a_freeze_postpones_the_promotion_and_never_a_rollback() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |minute, seen| seen.frozen = (60 * 50..60 * 60).contains(&minute));
    assert_eq!(log.last().unwrap(), &(60 * 60, Action::Decide(Verdict::Promote)));

    let mut rollout = Rollout::new(canary()).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        seen.frozen = minute > 0;
        evidence(seen).non_finite = u64::from(minute == 7);
    });
    assert_eq!(log.last().unwrap().0, 7);
}

#[test]
fn a_frozen_canary_does_not_begin() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let mut seen = well(0, BasisPoints::NONE);
    seen.frozen = true;
    assert_eq!(rollout.observe(&seen), []);
    assert_eq!(rollout.observe(&well(1, BasisPoints::NONE)).len(), 1);
}

#[test]
fn traffic_that_is_not_acknowledged_is_asked_for_again_and_does_not_count() {
    let mut rollout = Rollout::new(canary()).unwrap();
    let ask = [Action::SetTraffic { share: share(1_000) }];
    for minute in 0..10 {
        assert_eq!(rollout.observe(&well(minute, BasisPoints::NONE)), ask);
    }
    assert_eq!(rollout.accrued(), Duration::ZERO);
    assert_eq!(rollout.observe(&well(10, share(1_000))), []);
}

#[test]
fn an_aborted_canary_takes_its_traffic_back_until_that_is_acknowledged() {
    let mut rollout = Rollout::new(canary()).unwrap();
    rollout.observe(&well(0, BasisPoints::NONE));
    let verdict = Verdict::RollBack { reason: Reason::Aborted { why: "ann said so".to_owned() } };
    let back = Action::SetTraffic { share: BasisPoints::NONE };
    // The first share is not acknowledged yet, and may be on its way.
    assert_eq!(rollout.conclude(verdict.clone()), [back.clone(), Action::Decide(verdict.clone())]);
    assert_eq!(rollout.conclude(Verdict::Promote), []);
    assert_eq!(rollout.observe(&well(1, share(1_000))), [back]);
    assert_eq!(rollout.observe(&well(2, BasisPoints::NONE)), []);
    assert_eq!(rollout.verdict(), Some(&verdict));
}
