//! An engine that goes away and comes back sees what it would have seen.

use super::scene::*;
use suho_domain::Duration;
use suho_driver::ports::Prediction;
use suho_driver::world::{Evidence as _, Minute, Resumed, RolloutFacts, Traffic as _};

/// Shares of a ramp that grows while the test looks on, by minute.
const SHARES: [(usize, u64, u16); 3] = [(1, 1, 1_000), (200, 2, 2_500), (400, 3, 5_000)];

fn cast(bars: &suho_market::Bars) -> Cast {
    let from = bars.time[BEFORE + 9];
    Cast { candidate: Script::FailsFrom(from), baseline: Script::right(bars, 0.5, 2) }
}

/// All minutes of a rollout whose share grows as `SHARES` says.
fn uninterrupted(bars: &suho_market::Bars, facts: &RolloutFacts, minutes: usize) -> Vec<Minute> {
    let mut replay = replay(bars, cast(bars));
    replay.begin(facts, None).unwrap();
    go_on(&mut replay, facts, 0, minutes)
}

fn go_on(replay: &mut crate::Replay, facts: &RolloutFacts, from: usize, to: usize) -> Vec<Minute> {
    let mut seen = Vec::new();
    for minute in from..to {
        for (_, generation, share) in SHARES.iter().filter(|(at, ..)| *at == minute) {
            replay.route(&route(facts, *generation, *share)).unwrap();
        }
        seen.push(look(replay));
    }
    seen
}

/// Interrupts the rollout after every 97th minute; a new world goes on from the stored rows.
fn survives(facts: &RolloutFacts, minutes: usize) {
    let bars = bars(BEFORE + 20);
    let whole = uninterrupted(&bars, facts, minutes);
    let began = starts_at(&bars);
    for (cut, passed) in (0..minutes).zip(0..).step_by(97) {
        let predictions: Vec<Prediction> =
            whole[..cut].iter().flat_map(|minute| minute.predictions.clone()).collect();
        let at = began.plus(Duration::from_minutes(passed));
        let mut replay = replay_at(&bars, cast(&bars), at);
        // As the driver takes a rollout up: its own start stands in for no other.
        let paired_from = facts.paired_from.or(Some(began));
        let facts = RolloutFacts { paired_from, ..facts.clone() };
        replay.begin(&facts, Some(Resumed { at, predictions })).unwrap();
        if let Some((_, generation, share)) = SHARES.iter().rev().find(|(from, ..)| *from < cut) {
            replay.route(&route(&facts, *generation, *share)).unwrap();
        }
        assert_eq!(replay.now(), at);
        let rest = go_on(&mut replay, &facts, cut, minutes);
        for (resumed, minute) in rest.iter().zip(&whole[cut..]) {
            assert_eq!(resumed, minute, "interrupted after minute {cut}");
        }
    }
}

#[test]
fn a_canary_goes_on_as_if_nothing_had_happened() {
    survives(&facts("canary"), 60 * 16);
}

#[test]
fn a_shadow_goes_on_as_if_nothing_had_happened() {
    survives(&facts("shadow"), 60 * 8);
}

#[test]
fn a_first_models_canary_goes_on_as_if_nothing_had_happened() {
    survives(&first_model("canary"), 60 * 12);
}

#[test]
fn a_ramp_goes_on_with_its_canarys_events_as_if_nothing_had_happened() {
    let bars = bars(BEFORE + 20);
    let canary_began = close(&bars, BEFORE - 30);
    survives(&RolloutFacts { paired_from: Some(canary_began), ..facts("ramp") }, 60 * 16);
}

#[test]
fn rows_of_another_rollout_are_refused() {
    let bars = bars(BEFORE + 5);
    let seen = play(&bars, honest(), &facts("canary"), 1_000, 5);
    let predictions = seen.into_iter().flat_map(|minute| minute.predictions).collect();
    let at = starts_at(&bars);
    let error = replay(&bars, honest())
        .begin(&facts("ramp"), Some(Resumed { at, predictions }))
        .unwrap_err();
    assert_eq!(error.code, "foreign-prediction");
}
