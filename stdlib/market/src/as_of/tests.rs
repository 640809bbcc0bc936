//! Against the definition, row by row.

use super::*;

/// Numbers without pattern, some of them equal.
fn scattered(count: i64, step: i64) -> Vec<i64> {
    (0..count).map(|place| place * step % 211).collect()
}

#[test]
fn the_latest_row_that_was_available_is_joined() {
    for (decisions, rows) in [(50, 80), (80, 50), (0, 9), (9, 0), (211, 422)] {
        let (decisions, available) = (scattered(decisions, 57), scattered(rows, 83));
        for age_max in [None, Some(0), Some(5)] {
            let joined = as_of(&decisions, &available, age_max);
            for (decision, row) in decisions.iter().zip(&joined) {
                let seen = |(_, time): &(usize, &i64)| {
                    *time <= decision && age_max.is_none_or(|age| decision - *time <= age)
                };
                let best = available
                    .iter()
                    .enumerate()
                    .filter(seen)
                    .max_by_key(|(row, time)| (**time, *row));
                assert_eq!(*row, best.map(|(row, _)| row), "{decision} {age_max:?}");
            }
        }
    }
}

#[test]
fn a_row_of_the_future_changes_nothing_before_it() {
    let (decisions, mut available) = (scattered(100, 57), scattered(100, 83));
    let before = as_of(&decisions, &available, None);
    available.extend([150, 160, 150]);
    let after = as_of(&decisions, &available, None);
    for ((decision, before), after) in decisions.iter().zip(before).zip(after) {
        assert!(before == after || *decision >= 150);
    }
}

#[test]
fn a_bar_is_seen_when_it_has_closed_and_arrived() {
    let mut bars = Bars::empty("EUR/USD", TimeDelta::hours(4));
    let hour = 3_600_000_000;
    bars.time = vec![0, 4 * hour, 8 * hour];
    let decisions = [0, 4 * hour - 1, 4 * hour, 4 * hour + 5_000_000, 12 * hour, i64::MAX];
    assert_eq!(
        bars_as_of(&decisions, &bars, TimeDelta::zero()),
        [None, None, Some(0), Some(0), Some(2), Some(2)]
    );
    assert_eq!(
        bars_as_of(&decisions, &bars, TimeDelta::seconds(5)),
        [None, None, None, Some(0), Some(1), Some(2)]
    );
}
