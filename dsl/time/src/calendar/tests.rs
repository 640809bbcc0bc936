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
