//! Nights in New York, in summer, in winter and over a weekend.

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn entry(calendar: Calendar, before: &str, open: &str) -> BarCalendar {
    bar_calendar(calendar, &[at(before), at(open)]).unwrap()[1]
}

#[test]
fn a_day_ends_at_17_00_in_new_york_whatever_the_season() {
    // Tuesdays in January (UTC−5) and in July (UTC−4).
    for (before, open) in [
        ("2018-01-16T21:00:00Z", "2018-01-16T22:00:00Z"),
        ("2018-07-17T20:00:00Z", "2018-07-17T21:00:00Z"),
    ] {
        let entry = entry(Calendar::Fx, before, open);
        assert_eq!((entry.starts_day, entry.rollovers, entry.is_after_gap), (true, 1, false));
    }
    let summer = entry(Calendar::Fx, "2018-07-17T21:00:00Z", "2018-07-17T22:00:00Z");
    assert_eq!(summer, BarCalendar::default());
}

#[test]
fn a_week_has_seven_rollovers_three_of_them_on_wednesday() {
    let wednesday = entry(Calendar::Fx, "2018-01-17T21:00:00Z", "2018-01-17T22:00:00Z");
    assert_eq!(wednesday.rollovers, 3);
    let hours = (0..=24 * 7).map(|hour| at("2018-01-15T00:00:00Z") + TimeDelta::hours(hour));
    let open: Vec<_> = hours.filter(|hour| Calendar::Fx.is_open(*hour)).collect();
    let entries = bar_calendar(Calendar::Fx, &open).unwrap();
    assert_eq!(entries.iter().map(|entry| u32::from(entry.rollovers)).sum::<u32>(), 7);
    assert_eq!(entries.iter().filter(|entry| entry.is_after_gap).count(), 1);
}

#[test]
fn the_first_bar_of_the_week_follows_a_gap_and_fridays_night() {
    let sunday = entry(Calendar::Fx, "2018-01-19T21:00:00Z", "2018-01-21T22:00:00Z");
    assert_eq!((sunday.is_after_gap, sunday.starts_day, sunday.rollovers), (true, true, 1));
}

#[test]
fn a_bar_that_is_missing_is_no_gap_of_the_market() {
    let entry = entry(Calendar::Fx, "2018-01-16T10:00:00Z", "2018-01-16T13:00:00Z");
    assert!(!entry.is_after_gap);
}

#[test]
fn a_market_without_pause_counts_every_night_once() {
    let days = entry(Calendar::Always, "2018-01-19T21:00:00Z", "2018-01-22T21:00:00Z");
    assert_eq!((days.rollovers, days.is_after_gap), (3, false));
}

#[test]
fn no_bars_have_no_entries() {
    assert!(bar_calendar(Calendar::Fx, &[]).unwrap().is_empty());
}
