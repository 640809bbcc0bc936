//! Names of zones, and the days on which clocks are changed.

use chrono::{NaiveDate, SecondsFormat};

use super::*;

fn shown(local: &str, zone: &str) -> String {
    let local: NaiveDateTime = local.parse().unwrap();
    let utc = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
    match resolve_local(local, parse_zone(zone).unwrap()).unwrap() {
        LocalTime::Once(instant) => utc(instant),
        LocalTime::Twice(first, second) => format!("{} and {}", utc(first), utc(second)),
        LocalTime::Skipped(end) => format!("never; gap ends {}", utc(end)),
    }
}

#[test]
fn a_zone_is_found_by_its_iana_name() {
    assert_eq!(parse_zone("Asia/Jakarta"), Ok(Tz::Asia__Jakarta));
}

#[test]
fn an_unknown_zone_names_the_nearest() {
    let said = |name| parse_zone(name).unwrap_err().to_string();
    assert_eq!(
        said("America/NewYork"),
        "no time zone `America/NewYork`; did you mean `America/New_York`?"
    );
    assert_eq!(
        said("europe/berlin"),
        "no time zone `europe/berlin`; did you mean `Europe/Berlin`?"
    );
    assert_eq!(said("jakarta"), "no time zone `jakarta`; did you mean `Asia/Jakarta`?");
    assert_eq!(said("qqq"), "no time zone `qqq`");
}

#[test]
fn most_times_are_shown_once() {
    assert_eq!(shown("2026-07-01T17:00:00", "America/New_York"), "2026-07-01T21:00:00Z");
    assert_eq!(shown("2026-01-01T17:00:00", "America/New_York"), "2026-01-01T22:00:00Z");
}

#[test]
fn a_time_that_clocks_are_turned_back_over_is_shown_twice_in_order() {
    assert_eq!(
        shown("2026-11-01T01:30:00", "America/New_York"),
        "2026-11-01T05:30:00Z and 2026-11-01T06:30:00Z"
    );
}

#[test]
fn a_time_that_clocks_are_turned_forward_over_resolves_to_the_end_of_the_gap() {
    assert_eq!(
        shown("2026-03-08T02:00:00", "America/New_York"),
        "never; gap ends 2026-03-08T07:00:00Z"
    );
    assert_eq!(
        shown("2026-03-08T02:59:59", "America/New_York"),
        "never; gap ends 2026-03-08T07:00:00Z"
    );
    // A gap of half an hour, and one of a whole day.
    assert_eq!(
        shown("2026-10-04T02:15:00", "Australia/Lord_Howe"),
        "never; gap ends 2026-10-03T15:30:00Z"
    );
    assert_eq!(
        shown("2011-12-30T12:00:00", "Pacific/Apia"),
        "never; gap ends 2011-12-30T10:00:00Z"
    );
}

#[test]
fn midnight_exists_or_resolves_in_every_zone_on_every_day_of_a_year() {
    for zone in TZ_VARIANTS {
        for day in NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().iter_days().take(365) {
            let midnight = day.and_hms_opt(0, 0, 0).unwrap();
            let first = resolve_local(midnight, zone).unwrap().first();
            assert_eq!(first.with_timezone(&zone).date_naive(), day, "{zone} {day}");
        }
    }
}
