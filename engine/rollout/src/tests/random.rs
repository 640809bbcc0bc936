//! Whatever is observed, traffic goes only where it was declared to go.

use super::*;
use proptest::prelude::*;

/// An observation drawn from a number: mostly well, sometimes not.
fn drawn(dice: &mut Dice, minute: i64, share: BasisPoints, rules: usize) -> Observation {
    let mut seen = well(minute, share);
    let mut now = |one_in: u64| dice.below(one_in) == 0;
    seen.open = !now(10);
    seen.frozen = now(10);
    seen.paused = now(20);
    let shown = evidence(&mut seen);
    if now(40) {
        shown.window.errors = 30;
    }
    if now(10) {
        shown.window = Window::default();
    }
    if now(2_000) {
        shown.non_finite = 1;
    }
    if now(10) {
        shown.events.matured = shown.events.matured.saturating_sub(5);
    }
    if now(100) {
        shown.units = Some(Units { candidate: 120, baseline: 880, share });
    }
    shown.answers = (0..rules)
        .map(|_| match (now(10), now(10), now(10)) {
            (true, _, _) => Answer::NoData,
            (_, true, _) => Answer::NotApplicable,
            (_, _, true) => Answer::True,
            _ => Answer::False,
        })
        .collect();
    for block in &mut shown.blocks {
        block.difference = i64::try_from(dice.below(5)).unwrap() - 2;
    }
    if dice.below(15) == 0 {
        seen.evidence = None;
    }
    seen
}

fn declared(spec: &Spec) -> Vec<BasisPoints> {
    match &spec.stage {
        Stage::Shadow(_) => vec![],
        Stage::Canary(canary) => vec![canary.share],
        Stage::Ramp(ramp) => ramp.steps.clone(),
    }
}

fn any_spec(kind: u8) -> Spec {
    let mut spec = match kind {
        0 => shadow(),
        1 => {
            Spec { stage: Stage::Canary(canary_stage(hours(4))), market_max: hours(12), ..canary() }
        }
        _ => {
            let Stage::Ramp(stage) = ramp().stage else { panic!("a ramp is a ramp") };
            Spec {
                stage: Stage::Ramp(Ramp { every: hours(1), ..stage }),
                market_max: hours(12),
                ..ramp()
            }
        }
    };
    spec.rules = vec![
        rule(Verb::Rollback, "error_rate > 5%", Some(4)),
        rule(Verb::Hold, "events < 9", None),
    ];
    spec
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn traffic_moves_through_declared_shares_only(kind in 0..3_u8, seed in any::<u64>()) {
        let spec = any_spec(kind);
        let mut steps = declared(&spec).into_iter();
        let mut rollout = Rollout::new(spec.clone()).unwrap();
        let mut dice = Dice(seed);
        let (mut acknowledged, mut wanted, mut ended) = (BasisPoints::NONE, BasisPoints::NONE, 0);
        let bound = spec.market_max.plus(hours(5)).minutes();
        for minute in 0..bound {
            let seen = drawn(&mut dice, minute, acknowledged, spec.rules.len());
            for action in rollout.observe(&seen) {
                match action {
                    Action::SetTraffic { share } if share > wanted => {
                        prop_assert_eq!(Some(share), steps.next(), "not the next declared share");
                        prop_assert!(!seen.frozen && !seen.paused && seen.evidence.is_some());
                        prop_assert_eq!(ended, 0);
                        wanted = share;
                    }
                    Action::SetTraffic { share } => {
                        prop_assert!(share == wanted || share == BasisPoints::NONE);
                        wanted = share;
                    }
                    Action::Decide(verdict) => {
                        ended += 1;
                        let back = BasisPoints::NONE;
                        prop_assert!(verdict == Verdict::Promote || wanted == back);
                    }
                    _ => {}
                }
            }
            // The world follows now and then.
            if dice.below(3) > 0 {
                acknowledged = wanted;
            }
        }
        prop_assert_eq!(ended, 1, "no end after its longest time");
    }
}
