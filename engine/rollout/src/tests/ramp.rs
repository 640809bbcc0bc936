//! Ramps, one story a test.

use super::*;
use expect_test::expect;

/// The ramp after a canary that looked at these blocks, with `change` on the way. Blocks go on
/// where the canary's ended: the ramp began `before` the window's start.
fn story_of(spec: Spec, change: impl Fn(i64, &mut Observation)) -> (Rollout, Log) {
    let mut rollout = Rollout::new(spec).unwrap();
    let log = live(&mut rollout, |minute, seen| {
        let window = well(minute + 52 * 60 + 30, seen.share);
        evidence(seen).blocks = window.evidence.unwrap().blocks;
        change(minute, seen);
    });
    (rollout, log)
}

fn earlier(spec: &mut Spec, blocks: &[Block]) {
    spec.comparison.as_mut().unwrap().earlier = blocks.to_vec();
}

#[test]
fn every_declared_step_is_held_and_the_last_is_the_bake() {
    let mut spec = ramp();
    earlier(&mut spec, &[block(0, 0), block(1, 0), block(2, 0), block(3, 0)]);
    let (rollout, log) = story_of(spec, |_, _| {});
    expect![[r#"
        0s: traffic 10%
        6h: step 1, traffic 25%
        11h30m: look 4
        12h: step 2, traffic 50%
        18h: step 3, traffic 100%
        23h30m: look 5
        24h: promote
    "#]]
    .assert_eq(&story(&log));
    assert_eq!((rollout.share(), rollout.step()), (BasisPoints::ALL, 3));
    assert_eq!(rollout.blocks().len(), 6);
}

#[test]
fn the_second_stage_spends_its_alpha_on_the_blocks_that_are_left() {
    // Eight blocks in all, as in the published table: 5/8 .. 8/8.
    let mut spec = ramp();
    spec.stage = match spec.stage {
        Stage::Ramp(ramp) => Stage::Ramp(Ramp { every: hours(12), ..ramp }),
        other => other,
    };
    let mut dice = Dice(3);
    let blocks = dice.blocks(8, 62, 62);
    earlier(&mut spec, &blocks[..4]);
    let (_, log) = story_of(spec, |_, seen| reveal(seen, &blocks));
    let looks: Vec<Look> = log
        .into_iter()
        .filter_map(|(_, action)| if let Action::Look(look) = action { Some(look) } else { None })
        .collect();
    let fractions: Vec<f64> = looks.iter().filter_map(|look| look.information).collect();
    assert_eq!(fractions, [5.0 / 8.0, 6.0 / 8.0, 7.0 / 8.0, 1.0]);
    // The bounds as an independent recursion on a grid of 601 points finds them; then as quantiles of Student's t with k - 1 degrees of freedom.
    let fractions = [0.625, 0.75, 0.875, 1.0];
    let bounds = suho_stats::boundaries(suho_stats::Alpha::ONE_PERCENT, &fractions).unwrap();
    for (bound, expected) in bounds.iter().zip([3.05609, 2.79487, 2.57968, 2.40677]) {
        assert!((bound.defined().unwrap() - expected).abs() < 1e-4, "{bounds:?}");
    }
    let boundaries: Vec<f64> = looks.iter().filter_map(|look| look.boundary).collect();
    let expected = [-6.958, -4.731, -3.717, -3.153];
    for (boundary, expected) in boundaries.iter().zip(expected) {
        assert!((boundary - expected).abs() < 1e-3, "{boundaries:?}");
    }
}

#[test]
fn harm_that_the_canary_could_not_show_is_shown_by_the_ramp() {
    let blocks: Vec<Block> =
        [-3, -4, -3, -4, -3, -4].iter().zip(0..).map(|(d, i)| block(i, *d)).collect();
    let mut spec = ramp();
    earlier(&mut spec, &blocks[..4]);
    let (rollout, log) = story_of(spec, |_, seen| reveal(seen, &blocks));
    expect![[r#"
        0s: traffic 10%
        6h: step 1, traffic 25%
        11h30m: look 4: harm, traffic 0%, roll back (accuracy harm)
    "#]]
    .assert_eq(&story(&log));
    assert_eq!(rollout.share(), BasisPoints::NONE);
}

#[test]
fn a_requirement_is_asked_at_the_end_of_each_step() {
    let with_answer = |answer: fn(i64) -> Answer| {
        let mut spec = Spec { comparison: None, ..ramp() };
        spec.rules = vec![rule(Verb::Require, "latency.p95 <= 250ms", None)];
        let (_, log) = story_of(spec, |minute, seen| evidence(seen).answers = vec![answer(minute)]);
        story(&log)
    };
    expect![[r#"
        0s: traffic 10%
        6h: step 1, traffic 25%
        12h: traffic 0%, roll back (require latency.p95 <= 250ms)
    "#]]
    .assert_eq(&with_answer(|minute| if minute < 600 { Answer::True } else { Answer::False }));
    expect![[r#"
        0s: traffic 10%
        6h: step 1, traffic 25%
        15h: step 2, traffic 50%
        21h: step 3, traffic 100%
        27h: promote
    "#]]
    .assert_eq(&with_answer(|minute| {
        if (400..900).contains(&minute) { Answer::NoData } else { Answer::True }
    }));
    expect![[r#"
        0s: traffic 10%
        6h: step 1, traffic 25%
        4d: traffic 0%, inconclusive (no data for latency.p95 <= 250ms)
    "#]]
    .assert_eq(&with_answer(|minute| if minute < 400 { Answer::True } else { Answer::NoData }));
}

#[test]
fn a_freeze_postpones_the_step_and_not_the_hold() {
    let spec = Spec { comparison: None, ..ramp() };
    let (_, log) = story_of(spec, |minute, seen| seen.frozen = (300..500).contains(&minute));
    expect![[r#"
        0s: traffic 10%
        8h20m: step 1, traffic 25%
        14h20m: step 2, traffic 50%
        20h20m: step 3, traffic 100%
        26h20m: promote
    "#]]
    .assert_eq(&story(&log));
}

#[test]
fn a_rollback_at_full_traffic_is_one_write() {
    let spec = Spec { comparison: None, ..ramp() };
    let (_, log) = story_of(spec, |minute, seen| {
        evidence(seen).non_finite = u64::from(minute == 1_200);
    });
    let last = story(&log).lines().last().unwrap().to_owned();
    expect!["20h: traffic 0%, roll back (guardrail: non-finite output)"].assert_eq(&last);
}

#[test]
fn units_are_not_compared_where_all_traffic_is_the_candidates() {
    let spec = Spec { comparison: None, ..ramp() };
    let (rollout, _) = story_of(spec, |_, seen| {
        let all = seen.share == BasisPoints::ALL;
        let units = Units { candidate: 900, baseline: 100, share: seen.share };
        evidence(seen).units = all.then_some(units);
    });
    assert_eq!(rollout.verdict(), Some(&Verdict::Promote));
}
