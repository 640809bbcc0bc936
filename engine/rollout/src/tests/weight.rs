//! Shares that people set.

use super::*;
use expect_test::expect;

fn points(points: u16) -> BasisPoints {
    BasisPoints::new(points).unwrap()
}

/// A ramp at 50 %, an hour into it.
fn half_way() -> Rollout {
    let mut rollout = Rollout::new(ramp()).unwrap();
    let mut acknowledged = BasisPoints::NONE;
    for minute in 0..13 * 60 {
        for action in rollout.observe(&well(minute, acknowledged)) {
            if let Action::SetTraffic { share } = action {
                acknowledged = share;
            }
        }
    }
    assert_eq!((rollout.share(), rollout.step()), (points(5_000), 2));
    rollout
}

#[test]
fn a_ramp_that_is_given_less_holds_it_and_goes_on_with_the_next_greater_step() {
    let mut rollout = half_way();
    rollout.weigh(points(1_500)).unwrap();
    let log = live_with(&mut rollout, 13 * 60, points(1_500), |_, _| {});
    let traffic: Vec<_> = log
        .iter()
        .filter(|(_, action)| matches!(action, Action::SetTraffic { .. } | Action::Decide(_)))
        .cloned()
        .collect();
    expect![[r#"
        18h59m: traffic 25%
        24h59m: traffic 50%
        30h59m: traffic 100%
        36h59m: promote
    "#]]
    .assert_eq(&story(&traffic));
}

#[test]
fn a_ramp_may_be_given_its_next_step_before_its_time_and_no_more() {
    let mut rollout = half_way();
    let too_much = points(10_000);
    assert_eq!(rollout.admits(too_much), Ok(()));
    rollout.weigh(points(6_000)).unwrap();
    let actions = rollout.observe(&well(13 * 60, points(5_000)));
    assert_eq!(actions.first(), Some(&Action::SetTraffic { share: points(6_000) }));
    let mut early = Rollout::new(ramp()).unwrap();
    early.observe(&well(0, BasisPoints::NONE));
    let refused = early.weigh(points(5_000));
    assert_eq!(refused, Err(crate::NotAWeight::TooMuch { max: points(2_500) }));
    assert_eq!(early.share(), points(1_000), "nothing changed");
}

#[test]
fn more_waits_while_the_line_is_stopped() {
    let mut rollout = half_way();
    rollout.weigh(points(10_000)).unwrap();
    let mut seen = well(13 * 60, points(5_000));
    seen.frozen = true;
    let routed = |actions: &[Action]| {
        actions.iter().any(|action| matches!(action, Action::SetTraffic { .. }))
    };
    assert!(!routed(&rollout.observe(&seen)));
    assert!(routed(&rollout.observe(&well(13 * 60 + 1, points(5_000)))));
}

#[test]
fn a_canary_may_have_less_than_it_declares_and_a_shadow_has_nothing() {
    let mut small = Rollout::new(canary()).unwrap();
    small.observe(&well(0, BasisPoints::NONE));
    assert_eq!(small.weigh(points(500)), Ok(()));
    assert_eq!(small.weigh(points(1_000)), Ok(()), "and what it declares again");
    let more = crate::NotAWeight::TooMuch { max: points(1_000) };
    assert_eq!(small.weigh(points(1_001)), Err(more));
    assert_eq!(small.weigh(BasisPoints::NONE), Err(crate::NotAWeight::None));
    let shadow = Rollout::new(shadow()).unwrap();
    assert_eq!(shadow.admits(points(1)), Err(crate::NotAWeight::Shadow));
}
