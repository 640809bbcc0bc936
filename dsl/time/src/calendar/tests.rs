//! Weeks, weekends, clock changes and the numbers that other crates rely on.

use std::fmt::Write as _;

use expect_test::expect;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn shown(instants: impl IntoIterator<Item = DateTime<Utc>>) -> String {
    let line = |at: DateTime<Utc>| at.format("%a %F %H:%MZ\n").to_string();
    instants.into_iter().map(line).collect()
}

#[test]
fn names_parse_back() {
    for calendar in Calendar::ALL {
        assert_eq!(calendar.to_string().parse(), Ok(calendar));
    }
    assert_eq!(
        "nyse".parse::<Calendar>().unwrap_err().to_string(),
        "no calendar `nyse`; the calendars are `fx`, `xnys` and `always`"
    );
}

#[test]
fn the_fx_weekend_lasts_47_48_or_49_hours() {
    let weekend = |friday: &str| {
        let close = Calendar::Fx.next_close(at(friday)).unwrap();
        (Calendar::Fx.next_open(close).unwrap() - close).num_hours()
    };
    assert_eq!(weekend("2026-03-06T12:00:00Z"), 47);
    assert_eq!(weekend("2026-10-30T12:00:00Z"), 49);
    assert_eq!(weekend("2026-07-03T12:00:00Z"), 48);
}

#[test]
fn the_fx_week_opens_and_closes_at_17_in_new_york() {
    let mut table = String::new();
    for session in Calendar::Fx.sessions(at("2026-02-27T00:00:00Z"), at("2026-03-20T00:00:00Z")) {
        write!(table, "{}", shown([session.open, session.close])).unwrap();
    }
    expect![[r#"
        Sun 2026-02-22 22:00Z
        Fri 2026-02-27 22:00Z
        Sun 2026-03-01 22:00Z
        Fri 2026-03-06 22:00Z
        Sun 2026-03-08 21:00Z
        Fri 2026-03-13 21:00Z
        Sun 2026-03-15 21:00Z
        Fri 2026-03-20 21:00Z
    "#]]
    .assert_eq(&table);
}

#[test]
fn open_includes_the_opening_and_not_the_close() {
    let open = |text| Calendar::Fx.is_open(at(text));
    assert!(!open("2026-07-05T20:59:59Z"));
    assert!(open("2026-07-05T21:00:00Z"));
    assert!(open("2026-07-10T20:59:59Z"));
    assert!(!open("2026-07-10T21:00:00Z"));
    assert!(open("2017-12-25T12:00:00Z"), "thin, not closed");
    assert!(Calendar::Always.is_open(at("2026-07-11T00:00:00Z")));
    assert!(!Calendar::Xnys.is_open(at("2026-12-25T15:00:00Z")));
}

#[test]
fn market_time_stands_still_over_the_weekend() {
    let fx = Calendar::Fx;
    let friday = at("2026-07-10T19:00:00Z");
    assert_eq!(fx.add_market_time(friday, TimeDelta::hours(4)), at("2026-07-12T23:00:00Z"));
    // All the time up to the close ends at the close, not at the next opening.
    assert_eq!(fx.add_market_time(friday, TimeDelta::hours(2)), at("2026-07-10T21:00:00Z"));
    // From inside the weekend the count begins on Sunday.
    let saturday = at("2026-07-11T12:00:00Z");
    assert_eq!(fx.add_market_time(saturday, TimeDelta::hours(1)), at("2026-07-12T22:00:00Z"));
    assert_eq!(fx.add_market_time(saturday, TimeDelta::zero()), saturday);
    assert_eq!(fx.market_time_between(friday, at("2026-07-12T23:00:00Z")), TimeDelta::hours(4));
    assert_eq!(fx.market_time_between(at("2026-07-12T23:00:00Z"), friday), TimeDelta::hours(-4));
}

#[test]
fn forty_eight_market_hours_over_a_clock_change_are_forty_eight() {
    let start = at("2026-03-06T15:00:00Z");
    let end = Calendar::Fx.add_market_time(start, TimeDelta::hours(48));
    assert_eq!(end - start, TimeDelta::hours(48 + 47));
    assert_eq!(Calendar::Fx.market_time_between(start, end), TimeDelta::hours(48));
}

#[test]
fn bars_of_four_hours_and_of_a_day_begin_at_17_in_new_york() {
    let fx = Calendar::Fx;
    let (from, to) = (at("2026-07-10T00:00:00Z"), at("2026-07-14T00:00:00Z"));
    expect![[r#"
        Fri 2026-07-10 01:00Z
        Fri 2026-07-10 05:00Z
        Fri 2026-07-10 09:00Z
        Fri 2026-07-10 13:00Z
        Fri 2026-07-10 17:00Z
        Sun 2026-07-12 21:00Z
        Mon 2026-07-13 01:00Z
        Mon 2026-07-13 05:00Z
        Mon 2026-07-13 09:00Z
        Mon 2026-07-13 13:00Z
        Mon 2026-07-13 17:00Z
        Mon 2026-07-13 21:00Z
    "#]]
    .assert_eq(&shown(fx.expected_bars(from, to, TimeDelta::hours(4))));
    expect![[r#"
        Sun 2026-07-12 21:00Z
        Mon 2026-07-13 21:00Z
    "#]]
    .assert_eq(&shown(fx.expected_bars(from, to, TimeDelta::days(1))));
}

#[test]
fn bars_of_new_york_begin_at_half_past_nine_and_end_early_on_a_short_day() {
    let (from, to) = (at("2026-11-26T00:00:00Z"), at("2026-11-30T00:00:00Z"));
    expect![[r#"
        Fri 2026-11-27 14:30Z
        Fri 2026-11-27 15:30Z
        Fri 2026-11-27 16:30Z
        Fri 2026-11-27 17:30Z
    "#]]
    .assert_eq(&shown(Calendar::Xnys.expected_bars(from, to, TimeDelta::hours(1))));
}

#[test]
fn bars_of_a_market_without_pause_lie_on_multiples_of_the_timeframe() {
    let (from, to) = (at("2026-07-11T00:00:01Z"), at("2026-07-11T09:00:00Z"));
    expect![[r#"
        Sat 2026-07-11 04:00Z
        Sat 2026-07-11 08:00Z
    "#]]
    .assert_eq(&shown(Calendar::Always.expected_bars(from, to, TimeDelta::hours(4))));
    assert_eq!(Calendar::Always.bars_between(from, to, TimeDelta::zero()), 0);
}

#[test]
fn a_year_has_as_many_bars_as_the_metrics_assume() {
    let table: String = Calendar::ALL
        .into_iter()
        .flat_map(|calendar| [1, 4, 24].map(|hours| (calendar, hours)))
        .map(|(calendar, hours)| {
            format!("{calendar} {hours}h {}\n", calendar.bars_per_year(TimeDelta::hours(hours)))
        })
        .collect();
    expect![[r#"
        fx 1h 6240
        fx 4h 1560
        fx 24h 260
        xnys 1h 1764
        xnys 4h 504
        xnys 24h 252
        always 1h 8760
        always 4h 2190
        always 24h 365
    "#]]
    .assert_eq(&table);
    assert!(Calendar::Fx.bars_per_year(TimeDelta::zero()).is_nan());
}

#[test]
fn the_ends_of_the_calendar_are_no_panic() {
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    for calendar in Calendar::ALL {
        for instant in [first, last] {
            let _open = calendar.is_open(instant);
            let _next = (calendar.next_open(instant), calendar.next_close(instant));
            assert_eq!(calendar.bars_between(last, last, TimeDelta::hours(1)), 0);
        }
        assert_eq!(calendar.add_market_time(last, TimeDelta::hours(200)), last);
    }
}

#[test]
fn sessions_are_found_both_ways() {
    let xnys = Calendar::Xnys;
    // The Friday of a short week, in the middle of its session, at its close, and on Saturday.
    let mut table = String::new();
    for instant in ["2026-11-27T16:00:00Z", "2026-11-27T18:00:00Z", "2026-11-28T12:00:00Z"] {
        let instant = at(instant);
        let ends = [
            xnys.previous_open(instant),
            xnys.previous_close(instant),
            xnys.session_before(instant).map(|session| session.open),
            xnys.session_at_or_after(instant).map(|session| session.open),
            xnys.next_open(instant),
            xnys.next_close(instant),
        ];
        writeln!(table, "{}", shown([instant]).trim()).unwrap();
        write!(table, "{}", shown(ends.into_iter().flatten())).unwrap();
    }
    expect![[r#"
        Fri 2026-11-27 16:00Z
        Fri 2026-11-27 14:30Z
        Wed 2026-11-25 21:00Z
        Wed 2026-11-25 14:30Z
        Fri 2026-11-27 14:30Z
        Mon 2026-11-30 14:30Z
        Fri 2026-11-27 18:00Z
        Fri 2026-11-27 18:00Z
        Fri 2026-11-27 14:30Z
        Wed 2026-11-25 21:00Z
        Fri 2026-11-27 14:30Z
        Mon 2026-11-30 14:30Z
        Mon 2026-11-30 14:30Z
        Mon 2026-11-30 21:00Z
        Sat 2026-11-28 12:00Z
        Fri 2026-11-27 14:30Z
        Fri 2026-11-27 18:00Z
        Fri 2026-11-27 14:30Z
        Mon 2026-11-30 14:30Z
        Mon 2026-11-30 14:30Z
        Mon 2026-11-30 21:00Z
    "#]]
    .assert_eq(&table);
    assert_eq!(Calendar::Always.previous_open(at("2026-11-27T16:00:00Z")), None);
    let day = Calendar::Always.session_before(at("2026-11-27T00:00:00Z")).unwrap();
    assert_eq!(shown([day.open, day.close]), "Thu 2026-11-26 00:00Z\nFri 2026-11-27 00:00Z\n");
}

#[test]
fn market_time_goes_back_as_it_goes_forth() {
    let fx = Calendar::Fx;
    let sunday = at("2026-07-12T23:00:00Z");
    assert_eq!(fx.add_market_time(sunday, TimeDelta::hours(-4)), at("2026-07-10T19:00:00Z"));
    // All the time since the opening begins at the opening, not at the close before it.
    assert_eq!(fx.add_market_time(sunday, TimeDelta::hours(-2)), at("2026-07-12T21:00:00Z"));
    let saturday = at("2026-07-11T12:00:00Z");
    assert_eq!(fx.add_market_time(saturday, TimeDelta::hours(-1)), at("2026-07-10T20:00:00Z"));
    let always = Calendar::Always;
    assert_eq!(always.add_market_time(sunday, TimeDelta::hours(-1)), at("2026-07-12T22:00:00Z"));
}

#[test]
fn business_days_are_the_markets_own() {
    let mut table = String::new();
    for instant in [
        "2026-07-02T20:59:59Z",
        "2026-07-02T21:00:00Z",
        "2026-07-03T03:59:59Z",
        "2026-07-03T14:00:00Z",
        "2026-07-03T21:00:00Z",
        "2026-07-05T20:59:59Z",
        "2026-07-05T21:00:00Z",
        "2026-11-27T23:00:00Z",
    ] {
        write!(table, "{instant}").unwrap();
        for calendar in Calendar::ALL {
            let day = calendar.business_day(at(instant));
            let day = day.map_or_else(|| "none".to_owned(), |day| day.format("%a %d").to_string());
            write!(table, "  {calendar} {day}").unwrap();
        }
        table.push('\n');
    }
    expect![[r#"
        2026-07-02T20:59:59Z  fx Thu 02  xnys Thu 02  always Thu 02
        2026-07-02T21:00:00Z  fx Fri 03  xnys Thu 02  always Thu 02
        2026-07-03T03:59:59Z  fx Fri 03  xnys Thu 02  always Fri 03
        2026-07-03T14:00:00Z  fx Fri 03  xnys none  always Fri 03
        2026-07-03T21:00:00Z  fx none  xnys none  always Fri 03
        2026-07-05T20:59:59Z  fx none  xnys none  always Sun 05
        2026-07-05T21:00:00Z  fx Mon 06  xnys none  always Sun 05
        2026-11-27T23:00:00Z  fx none  xnys Fri 27  always Fri 27
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_month_begins_and_ends_with_a_business_day() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let ends = |calendar: Calendar, month: &str| {
        let ends =
            [calendar.first_business_day(day(month)), calendar.last_business_day(day(month))];
        ends.map(|end| end.unwrap().format("%a %d").to_string()).join(" to ")
    };
    // Good Friday was the 29th of March 2024; the 31st of May 2026 is a Sunday.
    assert_eq!(ends(Calendar::Xnys, "2024-03-10"), "Fri 01 to Thu 28");
    assert_eq!(ends(Calendar::Fx, "2024-03-10"), "Fri 01 to Fri 29");
    assert_eq!(ends(Calendar::Always, "2024-02-10"), "Thu 01 to Thu 29");
    assert_eq!(ends(Calendar::Xnys, "2026-01-31"), "Fri 02 to Fri 30");
    assert_eq!(ends(Calendar::Fx, "2026-05-01"), "Fri 01 to Fri 29");
    let september = day("2001-09-11");
    assert!(!Calendar::Xnys.is_business_day(september) && Calendar::Fx.is_business_day(september));
}

#[test]
fn before_and_after_the_known_years_a_market_is_closed() {
    let (early, late) = (at("1960-06-01T15:00:00Z"), at("2101-06-01T15:00:00Z"));
    for calendar in [Calendar::Fx, Calendar::Xnys] {
        assert!(!calendar.is_open(early) && !calendar.is_open(late));
        assert_eq!((calendar.previous_open(early), calendar.next_open(late)), (None, None));
        assert_eq!(calendar.add_market_time(late, TimeDelta::hours(1)), DateTime::<Utc>::MAX_UTC);
        assert_eq!(calendar.add_market_time(early, TimeDelta::hours(-1)), DateTime::<Utc>::MIN_UTC);
        let first = calendar.next_open(early).unwrap();
        assert_eq!(
            calendar.add_market_time(early, TimeDelta::hours(1)),
            first + TimeDelta::hours(1)
        );
    }
}

fn any_calendar() -> impl Strategy<Value = Calendar> {
    prop::sample::select(Calendar::ALL.to_vec())
}

proptest! {
    /// Adding market time and measuring it are inverse, and the end is never early.
    #[test]
    fn adding_and_measuring_market_time_agree(
        calendar in any_calendar(),
        from in 946_684_800_i64..1_924_992_000,
        seconds in 1_i64..3_000_000,
    ) {
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let duration = TimeDelta::seconds(seconds);
        let end = calendar.add_market_time(from, duration);
        prop_assert_eq!(calendar.market_time_between(from, end), duration);
        let before = end - TimeDelta::seconds(1);
        prop_assert!(calendar.market_time_between(from, before) < duration);
        // And back again: from an end inside a session to a beginning that is never late.
        let begin = calendar.add_market_time(end, -duration);
        prop_assert!(from <= begin);
        prop_assert_eq!(calendar.market_time_between(from, begin), TimeDelta::zero());
        let later = begin + TimeDelta::seconds(1);
        prop_assert!(calendar.market_time_between(later, end) < duration);
    }

    /// The FX week is what New York's wall clock says, at every instant.
    #[test]
    fn fx_is_open_by_the_clock_of_new_york(from in 946_684_800_i64..1_924_992_000) {
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let local = from.with_timezone(&New_York);
        let evening = local.time() >= NaiveTime::from_hms_opt(17, 0, 0).unwrap();
        let open = match local.weekday() {
            Weekday::Fri => !evening,
            Weekday::Sat => false,
            Weekday::Sun => evening,
            _ => true,
        };
        prop_assert_eq!(Calendar::Fx.is_open(from), open);
        prop_assert_eq!(Calendar::Fx.business_day(from).is_some(), open);
    }

    /// Bars counted are bars listed.
    #[test]
    fn as_many_bars_are_counted_as_listed(
        calendar in any_calendar(),
        from in 946_684_800_i64..1_924_992_000,
        minutes in 0_i64..20_000,
        timeframe in prop::sample::select(vec![-5_i64, 1, 5, 60, 240, 1_440]),
    ) {
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let (to, timeframe) = (from + TimeDelta::minutes(minutes), TimeDelta::minutes(timeframe));
        let listed = calendar.expected_bars(from, to, timeframe).count();
        prop_assert_eq!(calendar.bars_between(from, to, timeframe), listed);
    }

    /// Every expected bar opens while the market is open, later than the one before.
    #[test]
    fn expected_bars_open_while_the_market_is_open(
        calendar in any_calendar(),
        from in 946_684_800_i64..1_924_992_000,
        minutes in prop::sample::select(vec![1_i64, 5, 60, 240, 1_440]),
    ) {
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let bars = calendar.expected_bars(from, DateTime::<Utc>::MAX_UTC, TimeDelta::minutes(minutes));
        let mut previous = from - TimeDelta::seconds(1);
        for bar in bars.take(50) {
            prop_assert!(bar > previous && calendar.is_open(bar));
            previous = bar;
        }
    }
}
