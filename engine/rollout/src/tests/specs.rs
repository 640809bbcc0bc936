//! What can be asked of a rollout, and what is planned when.

use super::*;
use expect_test::expect;
use std::fmt::Write as _;

fn refusal(spec: &Spec) -> String {
    spec.check().unwrap_err().to_string()
}

fn with_canary(change: impl Fn(&mut Canary)) -> Spec {
    let mut stage = canary_stage(hours(48));
    change(&mut stage);
    Spec { stage: Stage::Canary(stage), ..canary() }
}

fn with_steps(steps: &[u16]) -> Spec {
    let Stage::Ramp(stage) = ramp().stage else { panic!("a ramp is a ramp") };
    let steps = steps.iter().copied().map(share).collect();
    Spec { stage: Stage::Ramp(Ramp { steps, ..stage }), ..ramp() }
}

#[test]
fn what_cannot_be_done_is_refused_with_its_reason() {
    expect!["a rollout cannot last `0s`"]
        .assert_eq(&refusal(&with_canary(|canary| canary.duration = Duration::ZERO)));
    expect!["a canary with `0%` of the traffic sees none"]
        .assert_eq(&refusal(&with_canary(|canary| canary.share = BasisPoints::NONE)));
    expect!["a rollout planned to take `48h` may not be ended after `24h`"]
        .assert_eq(&refusal(&Spec { market_max: hours(24), ..canary() }));
    for steps in
        [&[][..], &[1_000, 5_000], &[5_000, 1_000, 10_000], &[1_000, 1_000, 10_000], &[0, 10_000]]
    {
        expect!["the steps of a ramp have to grow up to `100%`"]
            .assert_eq(&refusal(&with_steps(steps)));
    }
    with_steps(&[10_000]).check().unwrap();
    let margin = Accept::NonInferior { margin: points("0pp") };
    let spec = Spec { comparison: Some(Comparison { accept: margin, ..comparison() }), ..canary() };
    expect!["a non-inferiority margin has to be above `0pp`"].assert_eq(&refusal(&spec));
    for level in ["0%", "50%", "-1%"] {
        Level::new(ratio(level)).unwrap_err();
    }
}

#[test]
fn an_always_valid_test_that_would_never_look_is_refused() {
    let alpha = Level::new(ratio("5%")).unwrap();
    let comparison = Some(Comparison { test: Test::AlwaysValid { alpha }, ..comparison() });
    let short = Spec { comparison, ..canary() };
    expect![
        "an always-valid test looks from 30 blocks on, and this rollout has 4: it would have to last `15d`"
    ]
    .assert_eq(&refusal(&short));

    let stage = Stage::Canary(canary_stage(hours(24 * 15)));
    let long = Spec { stage, market_max: hours(24 * 20), ..short };
    let blocks = Dice(5).blocks(30, 40, 65);
    let mut rollout = Rollout::new(long).unwrap();
    let log = live(&mut rollout, |_, seen| reveal(seen, &blocks));
    let looks: Vec<Look> = log
        .into_iter()
        .filter_map(|(_, action)| if let Action::Look(look) = action { Some(look) } else { None })
        .collect();
    assert!(looks[..29].iter().all(|look| look.interval.is_none()));
    assert!(looks.len() == 30 && looks[29].harm);
}

#[test]
fn the_plan_says_what_happens_when() {
    let mut table = String::new();
    for moment in timeline(&[shadow(), canary(), ramp()]) {
        writeln!(
            table,
            "{:>8} {:>5} {}",
            moment.offset.to_string(),
            moment.share.to_string(),
            moment.what
        )
        .unwrap();
    }
    expect![[r#"
              0s    0% shadow begins
             24h    0% shadow decides
             24h   10% canary begins
              3d   10% canary waits for its last labels
         3d4h30m   10% canary decides
         3d4h30m   10% ramp step 1 of 4
        3d10h30m   25% ramp step 2 of 4
        3d16h30m   50% ramp step 3 of 4
        3d22h30m  100% ramp step 4 of 4
         4d4h30m  100% ramp decides
    "#]]
    .assert_eq(&table);
}

#[test]
fn reasons_and_verdicts_are_written_as_rows_hold_them() {
    let verdict = Verdict::RollBack { reason: Reason::Guardrail(Guardrail::NonFinite) };
    let json = serde_json::to_string(&verdict).unwrap();
    expect![[r#"{"roll_back":{"reason":{"guardrail":"non_finite"}}}"#]].assert_eq(&json);
    assert_eq!(serde_json::from_str::<Verdict>(&json).unwrap(), verdict);
}

#[test]
fn blocks_keep_their_means() {
    for difference in -12..=12 {
        let block = block(3, difference);
        assert_eq!(Block::from(suho_stats::BlockMean::from(block)), block);
    }
}
