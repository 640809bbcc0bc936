use crate::held_back_from;
use crate::steps::changes;
use expect_test::expect;
use serde_json::json;
use suho_domain::{Duration, Instant, Timeframe};
use suho_time::Calendar;

/// Hourly bars from a Monday at midnight on, the market always open.
fn bars(count: i64) -> Vec<Instant> {
    let monday: Instant = "2018-01-01T00:00:00Z".parse().unwrap();
    (0..count).map(|hour| monday.plus(Duration::from_hours(hour))).collect()
}

fn hold_back(bars: &[Instant], hours: i64) -> Result<usize, String> {
    let hourly = Timeframe::from_minutes(60).unwrap();
    let need = Duration::from_hours(hours);
    let from = held_back_from(bars, hourly, Calendar::Always, need).map_err(|e| e.to_string())?;
    Ok(bars.iter().filter(|time| **time >= from).count())
}

#[test]
fn a_quarter_more_than_the_rollout_needs_is_held_back() {
    assert_eq!(hold_back(&bars(1000), 100), Ok(125));
    assert_eq!(hold_back(&bars(125), 100), Ok(125));
}

#[test]
fn too_few_bars_say_what_is_missing() {
    let refused = hold_back(&bars(124), 100).unwrap_err();
    expect!["the rollout replays 4d4h of market time, and a quarter more is held back: that is more than the 124 bars there are"]
        .assert_eq(&refused);
    assert!(hold_back(&[], 1).is_err());
}

#[test]
fn the_weekend_counts_for_nothing() {
    let hourly = Timeframe::from_minutes(60).unwrap();
    // From Friday noon on: five hours until New York closes, then nothing until Sunday.
    let friday: Instant = "2018-01-05T17:00:00Z".parse().unwrap();
    let monday: Instant = "2018-01-08T03:00:00Z".parse().unwrap();
    let times: Vec<_> = (0..58).map(|hour| friday.plus(Duration::from_hours(hour))).collect();
    let need = Duration::from_hours(8);
    let from = held_back_from(&times, hourly, Calendar::Fx, need).unwrap();
    assert_eq!(from, friday);
    assert_eq!(times.last(), Some(&monday.plus(Duration::from_hours(-1))));
}

#[test]
fn what_changed_is_named_by_its_path() {
    let before =
        json!({ "model": { "optimizer": { "adam": { "learning_rate": 0.001 } } }, "seed": 1 });
    let after =
        json!({ "model": { "optimizer": { "adam": { "learning_rate": 0.002 } } }, "seed": 1 });
    assert_eq!(changes(&before, &after), ["`model.optimizer.adam.learning_rate`"]);
    assert!(changes(&before, &before).is_empty());
    let many = json!({ "a": 1, "b": 2, "c": 3, "d": 4, "e": 5 });
    assert_eq!(changes(&json!({}), &many), ["`a`", "`b`", "`c`", "2 more"]);
}
