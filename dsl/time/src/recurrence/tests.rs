//! Rules read and written, and the days they fall on.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::zone::parse_zone;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn recurrence(rule: &str, zone: &str, calendar: Calendar, days: Days) -> Recurrence {
    Recurrence::new(rule.parse().unwrap(), parse_zone(zone).unwrap(), calendar, days).unwrap()
}

/// The sentence, and the next ticks in the rule's zone with a `-` before those that its days drop.
fn check(recurrence: &Recurrence, after: &str, count: usize, expected: &Expect) {
    let mut table = format!("{}\n", recurrence.sentence());
    for tick in recurrence.ticks(at(after)).take(count) {
        let mark = if recurrence.keeps(tick) { ' ' } else { '-' };
        let local = tick.with_timezone(&recurrence.zone()).format("%a %F %H:%M %:z");
        writeln!(table, "{mark} {local}").unwrap();
    }
    expected.assert_eq(&table);
}

#[test]
fn the_last_business_day_of_a_month_heeds_weekends_and_holidays() {
    let rule = "last business day at 17:00";
    let monthly = recurrence(rule, "America/New_York", Calendar::Xnys, Days::Every);
    check(
        &monthly,
        "2024-02-15T00:00:00Z",
        4,
        &expect![[r#"
        at 17:00 on the last business day of `xnys` in every month, America/New_York
          Thu 2024-02-29 17:00 -05:00
          Thu 2024-03-28 17:00 -04:00
          Tue 2024-04-30 17:00 -04:00
          Fri 2024-05-31 17:00 -04:00
    "#]],
    );
    let monthly = recurrence(rule, "Asia/Jakarta", Calendar::Fx, Days::Every);
    check(
        &monthly,
        "2024-03-01T00:00:00Z",
        2,
        &expect![[r#"
        at 17:00 on the last business day of `fx` in every month, Asia/Jakarta
          Fri 2024-03-29 17:00 +07:00
          Tue 2024-04-30 17:00 +07:00
    "#]],
    );
}

#[test]
fn the_first_business_day_of_a_year_is_not_new_years_day() {
    let monthly =
        recurrence("first business day at 09:30", "America/New_York", Calendar::Xnys, Days::Every);
    check(
        &monthly,
        "2025-12-30T00:00:00Z",
        2,
        &expect![[r#"
        at 09:30 on the first business day of `xnys` in every month, America/New_York
          Fri 2026-01-02 09:30 -05:00
          Mon 2026-02-02 09:30 -05:00
    "#]],
    );
}

#[test]
fn half_an_hour_before_the_opening_moves_with_the_clocks() {
    let daily = recurrence("30m before open", "UTC", Calendar::Xnys, Days::Every);
    check(
        &daily,
        "2026-03-05T15:00:00Z",
        3,
        &expect![[r#"
        30m before open in every session of `xnys`
          Fri 2026-03-06 14:00 +00:00
          Mon 2026-03-09 13:00 +00:00
          Tue 2026-03-10 13:00 +00:00
    "#]],
    );
    let weekly = recurrence("30m before open", "UTC", Calendar::Fx, Days::Every);
    check(
        &weekly,
        "2026-03-01T23:00:00Z",
        2,
        &expect![[r#"
        30m before open in every session of `fx`
          Sun 2026-03-08 20:30 +00:00
          Sun 2026-03-15 20:30 +00:00
    "#]],
    );
}

#[test]
fn after_the_close_of_a_short_day_is_early() {
    let daily = recurrence("15m after close", "America/New_York", Calendar::Xnys, Days::Every);
    check(
        &daily,
        "2026-11-25T12:00:00Z",
        3,
        &expect![[r#"
        15m after close in every session of `xnys`
          Wed 2026-11-25 16:15 -05:00
          Fri 2026-11-27 13:15 -05:00
          Mon 2026-11-30 16:15 -05:00
    "#]],
    );
}

#[test]
fn days_of_a_calendar_keep_a_schedule_to_its_business_days() {
    let daily = recurrence("0 18 * * *", "America/New_York", Calendar::Xnys, Days::Business);
    check(
        &daily,
        "2026-11-24T12:00:00Z",
        6,
        &expect![[r#"
        at 18:00 every day, America/New_York, if that is a business day of `xnys`
          Tue 2026-11-24 18:00 -05:00
          Wed 2026-11-25 18:00 -05:00
        - Thu 2026-11-26 18:00 -05:00
          Fri 2026-11-27 18:00 -05:00
        - Sat 2026-11-28 18:00 -05:00
        - Sun 2026-11-29 18:00 -05:00
    "#]],
    );
    // Friday 18:00 in New York is FX's Saturday, Sunday 18:00 its Monday.
    let daily = recurrence("0 18 * * *", "America/New_York", Calendar::Fx, Days::Business);
    check(
        &daily,
        "2026-11-26T12:00:00Z",
        5,
        &expect![[r#"
        at 18:00 every day, America/New_York, if that is a business day of `fx`
          Thu 2026-11-26 18:00 -05:00
        - Fri 2026-11-27 18:00 -05:00
        - Sat 2026-11-28 18:00 -05:00
          Sun 2026-11-29 18:00 -05:00
          Mon 2026-11-30 18:00 -05:00
    "#]],
    );
}

#[test]
fn rules_are_written_as_they_are_read() {
    let rules = [
        "0 2 1 * *",
        "first business day at 09:30",
        "last business day at 17:00",
        "at open",
        "30m before open",
        "1h30m after close",
        "23h59m59s before close",
    ];
    for rule in rules {
        assert_eq!(rule.parse::<Rule>().unwrap().to_string(), rule);
    }
    assert_eq!("90m before open".parse::<Rule>().unwrap().to_string(), "1h30m before open");
}

#[test]
fn what_is_no_rule_says_what_could_be_one() {
    let rules = [
        "",
        "0 2 30 2 *",
        "0 2 *",
        "monthly",
        "second business day at 17:00",
        "last business day at 25:00",
        "last business day",
        "30m before lunch",
        "30 before open",
        "24h before open",
        "0m after close",
        "30m1h before open",
        "+5m before open",
        "99999999999999999999h before open",
        "9999999999999999h before open",
        "MON * * * *",
    ];
    let mut table = String::new();
    for rule in rules {
        writeln!(table, "{}", rule.parse::<Rule>().unwrap_err()).unwrap();
    }
    let open = Rule::Session { side: Side::Open, offset: TimeDelta::zero() };
    let never = Recurrence::new(open, Tz::UTC, Calendar::Always, Days::Every).unwrap_err();
    writeln!(table, "{never}").unwrap();
    expect![[r#"
        `` has the wrong number of fields: expected five (minute, hour, day of month, month, weekday), found 0
        `0 2 30 2 *` never fires: no month it names has such a day
        `0 2 *` has the wrong number of fields: expected five (minute, hour, day of month, month, weekday), found 3
        `monthly` is no schedule: expected five fields like `0 2 1 * *`, or `last business day at 17:00`, or `30m before open`
        `second business day at 17:00` is no schedule: expected five fields like `0 2 1 * *`, or `last business day at 17:00`, or `30m before open`
        `25:00` is no time of day like `17:00`
        `last business day` is no schedule: expected five fields like `0 2 1 * *`, or `last business day at 17:00`, or `30m before open`
        `30m before lunch` is no schedule: expected five fields like `0 2 1 * *`, or `last business day at 17:00`, or `30m before open`
        `30` is no time below a day like `30m`, `2h` or `1h30m`
        `24h` is no time below a day like `30m`, `2h` or `1h30m`
        `0m` is no time below a day like `30m`, `2h` or `1h30m`
        `30m1h` is no time below a day like `30m`, `2h` or `1h30m`
        `+5m` is no time below a day like `30m`, `2h` or `1h30m`
        `99999999999999999999h` is no time below a day like `30m`, `2h` or `1h30m`
        `9999999999999999h` is no time below a day like `30m`, `2h` or `1h30m`
        `MON * * * *` is no schedule: expected five fields like `0 2 1 * *`, or `last business day at 17:00`, or `30m before open`
        the calendar `always` never opens or closes
    "#]].assert_eq(&table);
}

fn any_recurrence() -> impl Strategy<Value = Recurrence> {
    let rules = prop::sample::select(vec![
        "0 2 1 * *",
        "*/30 * * * *",
        "30 2 * * SUN",
        "first business day at 02:30",
        "last business day at 23:59",
        "30m before open",
        "at close",
        "23h after close",
    ]);
    let zones = prop::sample::select(vec!["UTC", "America/New_York", "Australia/Lord_Howe"]);
    let calendars = prop::sample::select(vec![Calendar::Fx, Calendar::Xnys]);
    (rules, zones, calendars)
        .prop_map(|(rule, zone, calendar)| recurrence(rule, zone, calendar, Days::Every))
}

proptest! {
    /// What comes next came before it, from any instant between the two.
    #[test]
    fn the_tick_before_is_the_one_that_came_before(
        recurrence in any_recurrence(),
        after in 946_684_800_i64..1_924_992_000,
        thousandths in 0..1_000_i32,
    ) {
        let after = DateTime::from_timestamp(after, 0).unwrap();
        let first = recurrence.next_after(after).unwrap();
        let second = recurrence.next_after(first).unwrap();
        prop_assert!(after < first && first < second);
        prop_assert_eq!(recurrence.previous_before(second), Some(first));
        let second_of_time = TimeDelta::seconds(1);
        let between = first + second_of_time + (second - first - second_of_time) / 1_000 * thousandths;
        prop_assert_eq!(recurrence.previous_before(between), Some(first));
        prop_assert_eq!(recurrence.next_after(between - second_of_time), Some(second));
    }
}
