//! The engine dies after each observation; nothing changes.

use super::*;

/// Lives through canary and ramp, putting the rollout through `between` after each observation.
fn both(between: impl Fn(Rollout) -> Rollout) -> Log {
    let blocks = Dice(11).blocks(12, 58, 64);
    let mut log = Log::new();
    let mut seen_blocks = Vec::new();
    for stage in 0..2 {
        let mut spec = if stage == 0 { canary() } else { ramp() };
        spec.comparison.as_mut().unwrap().earlier.clone_from(&seen_blocks);
        spec.rules = vec![
            rule(Verb::Rollback, "error_rate > 5%", Some(5)),
            rule(Verb::Hold, "events < 9", Some(30)),
        ];
        let mut rollout = Rollout::new(spec).unwrap();
        let mut acknowledged = share(1_000 * stage);
        for minute in 0.. {
            let mut seen = well(minute, acknowledged);
            let offset = i64::from(stage) * (52 * 60 + 30);
            evidence(&mut seen).blocks =
                well(minute + offset, acknowledged).evidence.unwrap().blocks;
            reveal(&mut seen, &blocks);
            // Everything that leaves traces happens at some time.
            let answer = |holds| if holds { Answer::True } else { Answer::False };
            evidence(&mut seen).answers = vec![answer(minute % 7 < 4), answer(minute % 100 < 45)];
            evidence(&mut seen).window.errors = if minute % 9 < 2 { 4 } else { 0 };
            if minute % 50 < 5 {
                seen.evidence = None;
            }
            let actions = rollout.observe(&seen);
            rollout = between(rollout);
            for action in actions {
                if let Action::SetTraffic { share } = action {
                    acknowledged = share;
                }
                log.push((minute, action));
            }
            if rollout.verdict().is_some() {
                break;
            }
        }
        seen_blocks = rollout.blocks();
    }
    log
}

#[test]
fn a_crash_after_any_observation_changes_nothing() {
    let undisturbed = both(|rollout| rollout);
    let decided =
        |log: &Log| log.iter().filter(|(_, action)| matches!(action, Action::Decide(_))).count();
    let looks = undisturbed.iter().filter(|(_, action)| matches!(action, Action::Look(_))).count();
    assert!(decided(&undisturbed) == 2 && looks > 4, "{}", story(&undisturbed));
    let crashed = both(|rollout| {
        let stored = serde_json::to_string(&rollout).unwrap();
        serde_json::from_str(&stored).unwrap()
    });
    assert_eq!(crashed, undisturbed);
}
