//! The crate's cron against a walk over every minute around the days on which clocks change.
//!
//! The whole comparison is `cargo run -p suho-time --example cron_oracle --release`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod oracle;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use oracle::{Clock, ZONES, lines};
use suho_time::Cron;

/// Days in which the offset of `zone` changes, from 2011, when Samoa left out a day, to 2018.
fn changes(zone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let first: DateTime<Utc> = "2011-01-01T00:00:00Z".parse().unwrap();
    let days = (0..8 * 365).map(|day| first + TimeDelta::days(day));
    days.filter(|day| offset(*day) != offset(*day + TimeDelta::days(1))).collect()
}

#[test]
fn firings_around_clock_changes_are_those_of_a_walk_over_every_minute() {
    let lines = lines(48);
    let mut compared = 0;
    for zone in ZONES {
        let last = changes(zone).into_iter().rev().step_by(5);
        for change in last.chain(["2012-02-28T00:00:00Z".parse().unwrap()]) {
            let span = (change - TimeDelta::days(2), change + TimeDelta::days(2));
            let clock = Clock::new(span.0, span.1, zone);
            let (first, end) = clock.bounds();
            for line in &lines {
                let cron: Cron = line.parse().unwrap();
                let theirs = clock.firings(line);
                let just_before = first - TimeDelta::seconds(1);
                let ours = cron.firings(just_before, zone).take_while(|at| *at < end);
                let ours: Vec<i64> = ours.map(|at| at.timestamp() / 60).collect();
                assert_eq!(ours, theirs, "{zone} `{line}` around {change}");
                let back = |at: &DateTime<Utc>| cron.previous_before(*at, zone);
                let back = std::iter::successors(back(&end), back).take_while(|at| *at >= first);
                let mut back: Vec<i64> = back.map(|at| at.timestamp() / 60).collect();
                back.reverse();
                assert_eq!(back, theirs, "{zone} `{line}` back around {change}");
                compared += theirs.len();
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
}
