//! The cases in which cron libraries differ, and one law over every zone.

use std::fmt::Write as _;

use chrono::{NaiveDate, Offset as _, TimeZone as _};
use chrono_tz::TZ_VARIANTS;
use expect_test::{Expect, expect};

use super::*;
use crate::zone::parse_zone;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The next firings, in local time.
fn check(text: &str, zone: &str, after: &str, count: usize, expected: &Expect) {
    let (cron, zone) = (text.parse::<Cron>().unwrap(), parse_zone(zone).unwrap());
    let mut table = String::new();
    for firing in cron.firings(at(after), zone).take(count) {
        writeln!(table, "{}", firing.with_timezone(&zone).format("%a %F %H:%M %:z")).unwrap();
    }
    expected.assert_eq(&table);
}

#[test]
fn a_time_in_the_gap_fires_once_at_its_end() {
    check(
        "30 2 * * *",
        "America/New_York",
        "2026-03-07T12:00:00Z",
        3,
        &expect![[r#"
        Sun 2026-03-08 03:00 -04:00
        Mon 2026-03-09 02:30 -04:00
        Tue 2026-03-10 02:30 -04:00
    "#]],
    );
}

#[test]
fn two_times_in_one_gap_fire_once_together() {
    check(
        "0,30 2 * * *",
        "America/New_York",
        "2026-03-07T12:00:00Z",
        2,
        &expect![[r#"
        Sun 2026-03-08 03:00 -04:00
        Mon 2026-03-09 02:00 -04:00
    "#]],
    );
}

#[test]
fn a_time_shown_twice_fires_the_first_time() {
    check(
        "30 1 * * *",
        "America/New_York",
        "2026-10-31T12:00:00Z",
        2,
        &expect![[r#"
        Sun 2026-11-01 01:30 -04:00
        Mon 2026-11-02 01:30 -05:00
    "#]],
    );
}

#[test]
fn every_half_hour_goes_on_through_both_passes_in_order() {
    check(
        "*/30 * * * *",
        "America/New_York",
        "2026-11-01T04:45:00Z",
        6,
        &expect![[r#"
        Sun 2026-11-01 01:00 -04:00
        Sun 2026-11-01 01:30 -04:00
        Sun 2026-11-01 01:00 -05:00
        Sun 2026-11-01 01:30 -05:00
        Sun 2026-11-01 02:00 -05:00
        Sun 2026-11-01 02:30 -05:00
    "#]],
    );
}

#[test]
fn every_other_hour_does_not_fire_for_a_gap() {
    check(
        "0 */2 * * *",
        "America/Toronto",
        "2026-03-08T04:00:00Z",
        3,
        &expect![[r#"
        Sun 2026-03-08 00:00 -05:00
        Sun 2026-03-08 04:00 -04:00
        Sun 2026-03-08 06:00 -04:00
    "#]],
    );
}

#[test]
fn times_after_a_clock_change_keep_to_the_wall() {
    check(
        "0 7,9 * * *",
        "America/Los_Angeles",
        "2026-03-08T00:00:00Z",
        4,
        &expect![[r#"
        Sun 2026-03-08 07:00 -07:00
        Sun 2026-03-08 09:00 -07:00
        Mon 2026-03-09 07:00 -07:00
        Mon 2026-03-09 09:00 -07:00
    "#]],
    );
}

#[test]
fn a_day_that_a_zone_leaves_out_fires_when_the_next_begins() {
    check(
        "0 12 * * *",
        "Pacific/Apia",
        "2011-12-29T12:00:00Z",
        3,
        &expect![[r#"
        Thu 2011-12-29 12:00 -10:00
        Sat 2011-12-31 00:00 +14:00
        Sat 2011-12-31 12:00 +14:00
    "#]],
    );
    check(
        "* * * * *",
        "Pacific/Apia",
        "2011-12-30T09:58:00Z",
        2,
        &expect![[r#"
        Thu 2011-12-29 23:59 -10:00
        Sat 2011-12-31 00:00 +14:00
    "#]],
    );
}

#[test]
fn either_day_field_is_enough_when_both_are_restricted() {
    check(
        "0 0 1 * 1",
        "UTC",
        "2026-05-01T12:00:00Z",
        6,
        &expect![[r#"
        Mon 2026-05-04 00:00 +00:00
        Mon 2026-05-11 00:00 +00:00
        Mon 2026-05-18 00:00 +00:00
        Mon 2026-05-25 00:00 +00:00
        Mon 2026-06-01 00:00 +00:00
        Mon 2026-06-08 00:00 +00:00
    "#]],
    );
}

#[test]
fn a_day_field_that_begins_with_a_star_restricts_nothing() {
    check(
        "0 0 */2 * MON",
        "UTC",
        "2026-05-01T12:00:00Z",
        2,
        &expect![[r#"
        Mon 2026-05-11 00:00 +00:00
        Mon 2026-05-25 00:00 +00:00
    "#]],
    );
}

#[test]
fn sunday_is_0_and_7_and_the_end_of_a_weekend() {
    let next = |text: &str| {
        let cron: Cron = text.parse().unwrap();
        let firings = cron.firings(at("2026-05-01T12:00:00Z"), Tz::UTC).take(2);
        firings.map(|firing| firing.format("%a").to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(next("0 0 * * 0"), "Sun Sun");
    assert_eq!(next("0 0 * * 7"), "Sun Sun");
    assert_eq!(next("0 0 * * sun"), "Sun Sun");
    assert_eq!(next("0 0 * * SAT-SUN"), "Sat Sun");
    assert_eq!(next("0 0 * * 6-7"), "Sat Sun");
    assert_eq!(next("0 0 * * 1-5/2"), "Mon Wed");
    assert_eq!(next("0 0 * * 5-7/2"), "Sun Fri");
}

#[test]
fn months_are_named_or_numbered() {
    check(
        "30 2 29 MAR,feb *",
        "Europe/Brussels",
        "2026-01-01T00:00:00Z",
        3,
        &expect![[r#"
        Sun 2026-03-29 03:00 +02:00
        Mon 2027-03-29 02:30 +02:00
        Tue 2028-02-29 02:30 +01:00
    "#]],
    );
}

#[test]
fn monthly_in_jakarta_is_the_evening_before_in_utc() {
    let cron: Cron = "30 2 1 * *".parse().unwrap();
    let next = cron.next_after(at("2026-05-15T00:00:00Z"), Tz::Asia__Jakarta).unwrap();
    assert_eq!(next, at("2026-05-31T19:30:00Z"));
}

#[test]
fn firings_end_with_the_year_2100() {
    let cron: Cron = "0 0 1 1 *".parse().unwrap();
    assert_eq!(cron.next_after(at("2100-06-01T00:00:00Z"), Tz::UTC), None);
    assert_eq!(cron.firings(at("2090-06-01T00:00:00Z"), Tz::UTC).count(), 10);
}

#[test]
fn mistakes_are_named_with_what_could_stand_there() {
    let said = |text: &str| text.parse::<Cron>().unwrap_err().to_string();
    let texts = [
        "0 2 * *",
        "0 0 2 1 * *",
        "@monthly",
        "60 2 * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 L * *",
        "0 0 1W * *",
        "0 0 * * MON#1",
        "0 0 * * 8",
        "0 0 * 13 *",
        "5/10 * * * *",
        "*/0 * * * *",
        "20-10 * * * *",
        "0 2 31 2 *",
        "0 2 30 FEB *",
        "+5 2 * * *",
        "0 2 ? * *",
        ",1 2 * * *",
    ];
    let table: String = texts.iter().map(|text| said(text) + "\n").collect();
    expect![[r#"
        `0 2 * *` has the wrong number of fields: expected five (minute, hour, day of month, month, weekday), found 4
        `0 0 2 1 * *` has the wrong number of fields: expected five (minute, hour, day of month, month, weekday), found 6
        `@monthly` has the wrong number of fields: expected five (minute, hour, day of month, month, weekday), found 1
        `60` cannot stand for the minute: expected 0–59, `*`, `*/15`, `0,30` or `10-20`
        `24` cannot stand for the hour: expected 0–23, `*`, `*/4`, `7,9` or `9-17`
        `0` cannot stand for the day of month: expected 1–31, `*`, `1,15` or `1-7`
        `L` cannot stand for the day of month: expected 1–31, `*`, `1,15` or `1-7`
        `1W` cannot stand for the day of month: expected 1–31, `*`, `1,15` or `1-7`
        `MON#1` cannot stand for the weekday: expected 0–7 (0 and 7 are Sunday), `SUN`–`SAT`, `*` or `MON-FRI`
        `8` cannot stand for the weekday: expected 0–7 (0 and 7 are Sunday), `SUN`–`SAT`, `*` or `MON-FRI`
        `13` cannot stand for the month: expected 1–12, `JAN`–`DEC`, `*` or `*/3`
        `5/10` cannot stand for the minute: expected 0–59, `*`, `*/15`, `0,30` or `10-20`
        `*/0` cannot stand for the minute: expected 0–59, `*`, `*/15`, `0,30` or `10-20`
        `20-10` cannot stand for the minute: expected 0–59, `*`, `*/15`, `0,30` or `10-20`
        `0 2 31 2 *` never fires: no month it names has such a day
        `0 2 30 FEB *` never fires: no month it names has such a day
        `+5` cannot stand for the minute: expected 0–59, `*`, `*/15`, `0,30` or `10-20`
        `?` cannot stand for the day of month: expected 1–31, `*`, `1,15` or `1-7`
        `,1` cannot stand for the minute: expected 0–59, `*`, `*/15`, `0,30` or `10-20`
    "#]].assert_eq(&table);
}

#[test]
fn a_day_that_comes_only_in_leap_years_does_fire() {
    check("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1, &expect![[r#""#]]);
    check(
        "0 0 29 2 *",
        "UTC",
        "2026-01-01T00:00:00Z",
        1,
        &expect![[r#"
        Tue 2028-02-29 00:00 +00:00
    "#]],
    );
}

#[test]
fn a_schedule_shows_its_fields_one_space_apart() {
    assert_eq!(" 0  2 1 * *".parse::<Cron>().unwrap().to_string(), "0 2 1 * *");
}

/// The days in 2026 and 2027 in which the zone's offset changes.
fn changes(zone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let days = (0..730).map(|day| at("2026-01-01T00:00:00Z") + TimeDelta::days(day));
    days.filter(|day| offset(*day) != offset(*day + TimeDelta::days(1))).collect()
}

#[test]
fn a_daily_schedule_fires_once_a_day_in_every_zone_whose_clocks_change() {
    let times = ["0 0", "30 0", "30 1", "0 2", "15 2", "30 2", "59 2", "0 3", "45 23"];
    let crons = times.map(|time| format!("{time} * * *").parse::<Cron>().unwrap());
    let mut zones = 0;
    let mut not_once = String::new();
    for zone in TZ_VARIANTS {
        let changes = changes(zone);
        zones += usize::from(!changes.is_empty());
        for (cron, change) in
            crons.iter().flat_map(|cron| changes.iter().map(move |day| (cron, day)))
        {
            let firings = cron.firings(*change - TimeDelta::days(2), zone).take(5);
            let days: Vec<NaiveDate> =
                firings.map(|firing| firing.with_timezone(&zone).date_naive()).collect();
            if days.windows(2).any(|two| two[1] - two[0] != TimeDelta::days(1)) {
                writeln!(not_once, "{zone} {cron} {}", change.date_naive()).unwrap();
            }
        }
    }
    assert!(zones > 150, "{zones}");
    // A gap that runs to midnight moves the firing of 23:45 to 00:00 of the next day, rightly.
    expect![[r#"
        America/Godthab 45 23 * * * 2026-03-29
        America/Godthab 45 23 * * * 2027-03-28
        America/Nuuk 45 23 * * * 2026-03-29
        America/Nuuk 45 23 * * * 2027-03-28
        America/Scoresbysund 45 23 * * * 2026-03-29
        America/Scoresbysund 45 23 * * * 2027-03-28
    "#]]
    .assert_eq(&not_once);
}

#[test]
fn the_firing_before_mirrors_the_firing_after() {
    let last = |text: &str, zone: &str, before: &str| {
        let (cron, zone) = (text.parse::<Cron>().unwrap(), parse_zone(zone).unwrap());
        let mut before = at(before);
        let mut table = String::new();
        for _ in 0..3 {
            before = cron.previous_before(before, zone).unwrap();
            writeln!(table, "{}", before.with_timezone(&zone).format("%a %F %H:%M %:z")).unwrap();
        }
        table
    };
    // Out of the gap, out of the overlap's second pass, and from a firing to the one before it.
    expect![[r#"
        Sun 2026-03-08 03:00 -04:00
        Sat 2026-03-07 02:30 -05:00
        Fri 2026-03-06 02:30 -05:00
    "#]]
    .assert_eq(&last("30 2 * * *", "America/New_York", "2026-03-09T00:00:00Z"));
    expect![[r#"
        Sun 2026-11-01 01:30 -05:00
        Sun 2026-11-01 01:00 -05:00
        Sun 2026-11-01 01:30 -04:00
    "#]]
    .assert_eq(&last("*/30 * * * *", "America/New_York", "2026-11-01T06:45:00Z"));
    expect![[r#"
        Mon 2026-05-25 00:00 +00:00
        Mon 2026-05-18 00:00 +00:00
        Mon 2026-05-11 00:00 +00:00
    "#]]
    .assert_eq(&last("0 0 1 * 1", "UTC", "2026-06-01T00:00:00Z"));
}

#[test]
fn nothing_fired_before_the_epoch() {
    let cron: Cron = "0 0 * * *".parse().unwrap();
    assert_eq!(cron.previous_before(DateTime::UNIX_EPOCH, Tz::UTC), None);
    assert_eq!(
        cron.previous_before(at("1970-01-01T12:00:00Z"), Tz::UTC),
        Some(DateTime::UNIX_EPOCH)
    );
}

#[test]
fn a_line_is_said_in_words() {
    let lines = [
        "* * * * *",
        "*/15 * * * *",
        "*/7 * * * *",
        "0 * * * *",
        "5 * * * *",
        "0,30 * * * *",
        "0 */2 * * *",
        "15 */2 * * *",
        "*/10 */2 * * *",
        "0 */5 * * *",
        "30 2 * * *",
        "0 7,9 * * *",
        "0,30 2 * * *",
        "0-59/5 9-17 * * 1-5",
        "*/15 9-17 * * MON-FRI",
        "0 9-17 * * *",
        "0 3 1 * *",
        "0 3 1,2,3,15,31 */3 *",
        "0 3 29 2 *",
        "0 0 * * 0",
        "0 0 * * SAT-SUN",
        "0 0 * JUN,JUL 1,3,5",
        "0 0 1 * 1",
        "0 0 13 1 FRI",
        "0 0 */2 * MON",
        "* * 1 * *",
        "0 0 1 * 0-6",
        "0 0 * 1-12 0-6",
        "*,5 1-23/2 * * *",
    ];
    let mut table = String::new();
    for line in lines {
        writeln!(table, "{line}: {}", line.parse::<Cron>().unwrap().sentence()).unwrap();
    }
    expect![[r#"
        * * * * *: every minute
        */15 * * * *: every 15 minutes
        */7 * * * *: every hour at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56
        0 * * * *: every hour
        5 * * * *: every hour at minute 5
        0,30 * * * *: every 30 minutes
        0 */2 * * *: every 2 hours
        15 */2 * * *: every 2 hours at minute 15
        */10 */2 * * *: every 10 minutes in the hours 00, 02, 04, 06, 08, 10, 12, 14, 16, 18, 20 and 22
        0 */5 * * *: at minute 0 in the hours 00, 05, 10, 15 and 20
        30 2 * * *: at 02:30 every day
        0 7,9 * * *: at 07:00 and 09:00 every day
        0,30 2 * * *: at 02:00 and 02:30 every day
        0-59/5 9-17 * * 1-5: every 5 minutes in the hours 09–17 on Monday to Friday
        */15 9-17 * * MON-FRI: every 15 minutes in the hours 09–17 on Monday to Friday
        0 9-17 * * *: at minute 0 in the hours 09–17
        0 3 1 * *: at 03:00 on the 1st of every month
        0 3 1,2,3,15,31 */3 *: at 03:00 on the 1st to 3rd, 15th and 31st of January, April, July and October
        0 3 29 2 *: at 03:00 on the 29th of February
        0 0 * * 0: at 00:00 on Sunday
        0 0 * * SAT-SUN: at 00:00 on Saturday and Sunday
        0 0 * JUN,JUL 1,3,5: at 00:00 on Monday, Wednesday and Friday in June and July
        0 0 1 * 1: at 00:00 on the 1st of every month, and on Monday
        0 0 13 1 FRI: at 00:00 on the 13th of January, and on Friday in January
        0 0 */2 * MON: at 00:00 on the 1st, 3rd, 5th, 7th, 9th, 11th, 13th, 15th, 17th, 19th, 21st, 23rd, 25th, 27th, 29th and 31st of every month, if that is Monday
        * * 1 * *: every minute on the 1st of every month
        0 0 1 * 0-6: at 00:00 on the 1st of every month, and on Monday to Sunday
        0 0 * 1-12 0-6: at 00:00 on Monday to Sunday
        *,5 1-23/2 * * *: every minute in the hours 01, 03, 05, 07, 09, 11, 13, 15, 17, 19, 21 and 23
    "#]].assert_eq(&table);
}
