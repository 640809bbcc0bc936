//! The crate's cron against a walk over every minute around the days on which clocks change.
//!
//! The whole comparison is `cargo run -p suho-time --example cron_oracle --release`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod oracle;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use oracle::{Clock, ZONES, lines};
use suho_time::Cron;

/// The first three days from 2011 on in which the offset of `zone` changes: a gap, an overlap, and
/// in Samoa the day that was left out; and the leap day after them.
fn days(zone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let first: DateTime<Utc> = "2011-01-01T00:00:00Z".parse().unwrap();
    let all = (0..3 * 365).map(|day| first + TimeDelta::days(day));
    let changes = all.filter(|day| offset(*day) != offset(*day + TimeDelta::days(1))).take(3);
    changes.chain(["2012-02-29T00:00:00Z".parse().unwrap()]).collect()
}

#[test]
fn firings_around_clock_changes_are_those_of_a_walk_over_every_minute() {
    let crons: Vec<(String, Cron)> =
        lines(48).into_iter().map(|line| (line.clone(), line.parse().unwrap())).collect();
    let mut compared = 0;
    for (zone, day) in
        ZONES.into_iter().flat_map(|zone| days(zone).into_iter().map(move |day| (zone, day)))
    {
        let clock = Clock::new(day - TimeDelta::days(2), day + TimeDelta::days(2), zone);
        let (first, end) = clock.bounds();
        for (line, cron) in &crons {
            let theirs = clock.firings(line);
            let ours = cron.firings(first - TimeDelta::seconds(1), zone);
            let ours: Vec<_> = ours.take_while(|at| *at < end).map(minutes).collect();
            assert_eq!(ours, theirs, "{zone} `{line}` around {day}");
            let previous = |at: &DateTime<Utc>| cron.previous_before(*at, zone);
            let back = std::iter::successors(previous(&end), previous);
            let mut back: Vec<_> = back.take_while(|at| *at >= first).map(minutes).collect();
            back.reverse();
            assert_eq!(back, theirs, "{zone} `{line}` back around {day}");
            compared += theirs.len();
        }
    }
    assert!(compared > 10_000, "{compared}");
}

fn minutes(at: DateTime<Utc>) -> i64 {
    at.timestamp() / 60
}
