//! The clock, the calendar, and that nothing is known before its time.

use super::scene::*;
use crate::{Replay, ReplayConfig};
use suho_domain::{Duration, Instant};
use suho_driver::world::{Evidence as _, Look};

#[test]
fn a_look_is_a_minute_and_bars_close_on_it() {
    let bars = bars(BEFORE + 5);
    let seen = play(&bars, honest(), &facts("shadow"), 0, 121);
    let start = starts_at(&bars);
    for (n, minute) in (1..).zip(&seen) {
        assert_eq!(minute.now, start.plus(Duration::from_minutes(n)));
        assert_eq!(minute.observation.at, minute.now);
        assert_eq!(minute.observation.market, Duration::from_minutes(n));
        assert_eq!(minute.is_bar_close, n % 60 == 0, "minute {n}");
    }
}

#[test]
fn requests_are_about_the_latest_closed_bar() {
    let bars = bars(BEFORE + 5);
    for minute in play(&bars, honest(), &facts("shadow"), 0, 180) {
        for row in minute.predictions {
            assert!(row.event_time <= row.time && row.time < minute.now);
            assert!(row.time.since(row.event_time) < Duration::HOUR);
            assert_eq!(row.label_due_at, row.event_time.plus(Duration::from_hours(4)));
        }
    }
}

#[test]
fn the_clock_stays_between_rollouts_and_the_tape_ends() {
    let bars = bars(BEFORE + 2);
    let mut replay = replay(&bars, honest());
    replay.begin(&facts("shadow"), None).unwrap();
    look_for(&mut replay, 61);
    replay.end();
    assert_eq!(replay.now(), starts_at(&bars).plus(Duration::from_minutes(61)));
    replay.begin(&facts("canary"), None).unwrap();
    assert_eq!(look(&mut replay).observation.market, Duration::MINUTE);
    look_for(&mut replay, 58);
    assert_eq!(replay.now(), close(&bars, BEFORE + 1));
    assert_eq!(replay.look().unwrap(), Look::OutOfBars);
    assert_eq!(replay.look().unwrap(), Look::OutOfBars);
}

#[test]
fn a_weekend_accrues_nothing_and_nobody_asks_or_probes() {
    let bars = bars(BEFORE + 100);
    // Five hours before Friday's close in New York.
    let friday: Instant = "2024-03-22T16:00:00Z".parse().unwrap();
    let mut replay = replay_at(&bars, honest(), friday);
    replay.begin(&facts("shadow"), None).unwrap();
    let seen = look_for(&mut replay, 60 * (5 + 48 + 1));
    let open_until = 60 * 5;
    let open_again = 60 * (5 + 48);
    for (n, minute) in (1..).zip(&seen) {
        let is_open = n <= open_until || n > open_again;
        assert_eq!(minute.observation.open, is_open, "minute {n}");
        assert_eq!(minute.predictions.is_empty(), !is_open, "minute {n}");
        let counted = n.min(open_until) + (n - open_again).max(0);
        assert_eq!(minute.observation.market, Duration::from_minutes(counted));
        let probes = u64::try_from(counted * 6).unwrap();
        assert_eq!(evidence(minute).probes.sent, probes);
    }
    let saturday = &seen[60 * 12];
    assert!(!saturday.is_bar_close);
    let weekend = evidence(saturday).window;
    assert_eq!((weekend.requests, weekend.latency), (0, None));
}

#[test]
fn a_missing_bar_leaves_its_requests_with_the_bar_before() {
    let mut bars = bars(BEFORE + 8);
    let gap = bars.time[BEFORE + 2];
    for column in [&mut bars.open, &mut bars.high, &mut bars.low, &mut bars.close, &mut bars.volume]
    {
        column.remove(BEFORE + 2);
    }
    bars.time.remove(BEFORE + 2);
    let seen = play(&bars, honest(), &facts("shadow"), 0, 240);
    let after = Instant::from_micros(gap).plus(Duration::HOUR);
    let asked: Vec<_> = seen
        .iter()
        .flat_map(|minute| &minute.predictions)
        .filter(|row| row.time >= after && row.time < after.plus(Duration::HOUR))
        .collect();
    assert!(asked.len() > 1_000);
    assert!(asked.iter().all(|row| row.event_time == Instant::from_micros(gap)));
}

#[test]
fn two_replays_are_the_same_to_the_byte() {
    let bars = bars(BEFORE + 10);
    let once = format!("{:?}", play(&bars, honest(), &facts("canary"), 1_000, 500));
    assert_eq!(once, format!("{:?}", play(&bars, honest(), &facts("canary"), 1_000, 500)));
}

#[test]
fn what_has_not_closed_changes_nothing() {
    let bars = bars(BEFORE + 30);
    let split = BEFORE + 12;
    let mut other = bars.clone();
    for bar in split..other.len() {
        std::mem::swap(&mut other.open[bar], &mut other.close[bar]);
    }
    let minutes = |bars| play(bars, honest(), &facts("shadow"), 0, 60 * 20);
    let (one, two) = (minutes(&bars), minutes(&other));
    let known = close(&bars, split);
    let differ = one.iter().zip(&two).position(|(a, b)| a != b).unwrap();
    // A label may tell with the close itself, the next answer does in any case.
    assert!((known..=known.plus(Duration::MINUTE)).contains(&one[differ].now));
}

#[test]
fn bars_in_disorder_and_empty_worlds_are_refused() {
    let ask = |bars, units, requests_per_minute| {
        let config = ReplayConfig {
            bars,
            at: Instant::from_micros(0),
            units,
            requests_per_minute,
            seed: String::new(),
            stopwatch: Box::new(|_| Duration::ZERO),
        };
        Replay::new(config, Box::new(honest())).err().map(|error| error.code)
    };
    let mut shuffled = bars(3);
    shuffled.time.swap(0, 1);
    let mut ragged = bars(3);
    ragged.close.pop();
    let code = |code: &str| Some(code.to_owned());
    assert_eq!(ask(shuffled, 1, 1), code("unordered-bars"));
    assert_eq!(ask(ragged, 1, 1), code("ragged-bars"));
    assert_eq!(ask(bars(3), 0, 1), code("replay-units"));
    assert_eq!(ask(bars(3), 1, 10_001), code("replay-requests"));
    assert_eq!(ask(bars(0), 1, 1), None);
}

#[test]
fn a_rollout_without_closed_bars_does_not_begin() {
    let bars = bars(5);
    let codes = [0, 1].map(|bar| {
        let at = Instant::from_micros(bars.time[bar]);
        replay_at(&bars, honest(), at).begin(&facts("shadow"), None).unwrap_err().code
    });
    assert_eq!(codes, ["too-few-bars", "too-few-bars"]);
    let at = Instant::from_micros(bars.time[2]);
    replay_at(&bars, honest(), at).begin(&facts("shadow"), None).unwrap();
}
