//! Events: when their labels mature, who was right, and how they are paired.

use super::scene::*;
use std::num::NonZeroU64;
use suho_domain::{Duration, Instant, Value, Variant};
use suho_driver::world::{Evidence as _, RolloutFacts};
use suho_market::{Bars, Class, LabelRule, labels};
use suho_rollout::{Block, Correct};
use suho_time::Calendar;

fn truth(bars: &Bars, bar: usize) -> Option<i8> {
    let label = labels(bars, RULE, HORIZON, Calendar::Fx).unwrap()[bar]?;
    Some(i8::try_from(label.class.index()).unwrap() - 1)
}

#[test]
fn a_label_matures_when_the_bar_a_horizon_on_closes_and_is_the_datasets() {
    let bars = bars(BEFORE + 16);
    let seen = play(&bars, honest(), &facts("shadow"), 0, 60 * 16);
    let mut bar = BEFORE - 1;
    for minute in &seen {
        for (close_time, class) in &minute.labels {
            assert_eq!(*close_time, close(&bars, bar));
            assert_eq!(Some(*class), truth(&bars, bar));
            assert_eq!(minute.now, close(&bars, bar + HORIZON));
            bar += 1;
        }
    }
    assert_eq!(bar, BEFORE + 12, "every bar whose horizon has closed, once");
    let matured = |n: usize| evidence(&seen[n]).events.matured;
    // The rollout began with a bar's close, which is its first event.
    assert_eq!([238, 239, 299, 959].map(matured), [0, 1, 2, 13]);
    assert!(seen.iter().all(|m| evidence(m).events.due == evidence(m).events.matured));
}

#[test]
fn a_barriers_label_is_known_when_the_barrier_is_touched_and_not_before() {
    let bars = bars(BEFORE + 30);
    let rule = LabelRule::TripleBarrier { profit: 0.3, stop: 0.3 };
    let fields = ["profit", "stop"].map(|name| (name.to_owned(), Value::Float(0.3)));
    let label =
        Value::Variant(Variant { name: "triple_barrier".to_owned(), fields: fields.into() });
    let facts = RolloutFacts { label, ..facts("shadow") };
    let seen = play(&bars, honest(), &facts, 0, 60 * 24);
    let truth = labels(&bars, rule, HORIZON, Calendar::Fx).unwrap();
    let mut told = 0;
    let mut early = [0; 3];
    for minute in &seen {
        for (close_time, class) in &minute.labels {
            let bar = (0..bars.len()).find(|bar| close(&bars, *bar) == *close_time).unwrap();
            let label = truth[bar].unwrap();
            assert_eq!(i8::try_from(label.class.index()).unwrap() - 1, *class);
            assert_eq!(minute.now, Instant::from_chrono(label.known));
            if minute.now < close(&bars, bar + HORIZON) {
                early[label.class.index()] += 1;
            }
            told += 1;
        }
        // Whoever judged what is known already would judge no bar that touches nothing.
        let judged = evidence(minute).events.matured;
        let first_open = (BEFORE - 1..bars.len())
            .find(|bar| {
                truth[*bar].is_none_or(|label| minute.now < Instant::from_chrono(label.known))
            })
            .unwrap();
        assert_eq!(judged, (first_open - (BEFORE - 1)) as u64);
    }
    assert!(told >= 24 - HORIZON, "{told}");
    assert!(early[Class::Down.index()] > 0 && early[Class::Up.index()] > 0, "{early:?}");
    assert_eq!(early[Class::Flat.index()], 0, "{early:?}");
}

#[test]
fn a_label_that_is_late_is_due_all_the_same() {
    let mut bars = bars(BEFORE + 16);
    for column in [&mut bars.open, &mut bars.high, &mut bars.low, &mut bars.close, &mut bars.volume]
    {
        column.remove(BEFORE + 2);
    }
    bars.time.remove(BEFORE + 2);
    let seen = play(&bars, honest(), &facts("shadow"), 0, 60 * 6);
    let events = |n: usize| {
        let events = evidence(&seen[n - 1]).events;
        (events.matured, events.due)
    };
    assert_eq!([239, 240, 299, 300].map(events), [(0, 0), (0, 1), (0, 1), (1, 2)]);
}

#[test]
fn models_are_judged_and_paired_event_by_event() {
    let bars = bars(BEFORE + 40);
    let cast =
        Cast { candidate: Script::right(&bars, 0.7, 1), baseline: Script::right(&bars, 0.5, 2) };
    let seen = play(&bars, cast, &facts("canary"), 1_000, 60 * 32);
    let right = |bar: usize, share: f64, seed: u64| noise(seed, bar as u64) < share;
    // Events are the closes from the start on: bars BEFORE - 1 and later; 4 have not matured.
    let events: Vec<usize> = (BEFORE - 1..BEFORE + 32 - HORIZON).collect();
    let last = evidence(seen.last().unwrap());
    let own = events.iter().filter(|bar| right(**bar, 0.7, 1)).count() as u64;
    let all = events.len() as u64;
    assert_eq!(last.correct, Correct { right: own, events: all });
    assert_eq!(
        seen.last().unwrap().metrics["accuracy"].as_f64(),
        Some((own as f64 / all as f64 * 1e15).round() / 1e15)
    );
    let blocks: Vec<Block> = events
        .chunks_exact(3 * HORIZON)
        .zip(0..)
        .map(|(bars, index)| {
            let difference =
                |bar: &usize| i64::from(right(*bar, 0.7, 1)) - i64::from(right(*bar, 0.5, 2));
            let events = NonZeroU64::new(12).unwrap();
            Block { index, difference: bars.iter().map(difference).sum(), events }
        })
        .collect();
    assert_eq!(blocks.len(), 2);
    assert_eq!(last.blocks, blocks);
}

#[test]
fn a_block_is_complete_with_its_last_label_and_not_before() {
    let bars = bars(BEFORE + 40);
    let seen = play(&bars, honest(), &facts("canary"), 1_000, 60 * 30);
    let complete = |n: usize| evidence(&seen[n - 1]).blocks.len();
    // Twelve closes from minute 0 to minute 660, the last one's label four hours later.
    assert_eq!([899, 900, 1_619, 1_620].map(complete), [0, 1, 1, 2]);
}

#[test]
fn candidate_and_baseline_agree_as_often_as_they_do() {
    let bars = bars(BEFORE + 20);
    let same = Cast { candidate: Script::Momentum, baseline: Script::Momentum };
    let agreement = |cast| {
        let seen = play(&bars, cast, &facts("shadow"), 0, 600);
        seen.last().unwrap().metrics["agreement"].as_f64()
    };
    assert_eq!(agreement(same), Some(1.0));
    assert_eq!(agreement(honest()), Some(0.0), "one is never flat, the other always");
}

#[test]
fn a_ramp_goes_on_counting_the_canarys_events() {
    let bars = bars(BEFORE + 60);
    let mut replay = replay(&bars, honest());
    let canary = facts("canary");
    replay.begin(&canary, None).unwrap();
    let began = replay.now();
    let before = look_for(&mut replay, 60 * 20);
    replay.end();
    let ramp = RolloutFacts { paired_from: Some(began), ..facts("ramp") };
    replay.begin(&ramp, None).unwrap();
    let after = look_for(&mut replay, 60 * 20);
    let whole = play(&bars, honest(), &canary, 0, 60 * 40);
    for (ramp, canary) in after.iter().zip(&whole[60 * 20..]) {
        assert_eq!(evidence(ramp).events, evidence(canary).events);
        assert_eq!(evidence(ramp).correct, evidence(canary).correct);
        assert_eq!(evidence(ramp).blocks, evidence(canary).blocks);
    }
    assert_eq!(evidence(&before[60 * 20 - 1]).blocks.len(), 1);
    let first = &after[0].observation;
    assert_eq!(first.market, Duration::MINUTE, "its own market time");
    assert_eq!(evidence(&after[0]).total.requests, 0, "its own requests");
}

#[test]
fn a_bar_that_closed_before_the_rollout_is_answered_and_labelled_but_is_no_event() {
    let bars = bars(BEFORE + 20);
    let at = starts_at(&bars).plus(Duration::from_minutes(25));
    let mut replay = replay_at(&bars, honest(), at);
    replay.begin(&facts("shadow"), None).unwrap();
    let seen = look_for(&mut replay, 60 * 4);
    let open = Instant::from_micros(bars.time[BEFORE]);
    assert!(seen[0].predictions.iter().all(|row| row.event_time == open));
    let labelled = seen.iter().find(|minute| !minute.labels.is_empty()).unwrap();
    assert_eq!(labelled.labels[0].0, open);
    assert_eq!(evidence(labelled).events.matured, 0);
}
