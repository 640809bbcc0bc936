//! The exchange's days against a peer's list, and a year as people know it.

use std::fmt::Write as _;

use expect_test::expect;

use super::*;
use crate::Calendar;

#[test]
fn a_year_of_new_york_reads_as_people_know_it() {
    let line = |day: &Holiday| {
        let kind = match day.kind {
            HolidayKind::Closed => "closed".to_owned(),
            HolidayKind::ClosesAt(close) => format!("closes {}", close.format("%H:%M")),
            HolidayKind::Thin => "thin".to_owned(),
        };
        format!("{} {kind}: {}\n", day.date.format("%a %F"), day.name)
    };
    let year: String = Calendar::Xnys.holidays(2026).iter().map(line).collect();
    expect![[r#"
        Thu 2026-01-01 closed: New Year's Day
        Mon 2026-01-19 closed: Martin Luther King Jr. Day
        Mon 2026-02-16 closed: Washington's Birthday
        Fri 2026-04-03 closed: Good Friday
        Mon 2026-05-25 closed: Memorial Day
        Fri 2026-06-19 closed: Juneteenth
        Fri 2026-07-03 closed: Independence Day
        Mon 2026-09-07 closed: Labor Day
        Thu 2026-11-26 closed: Thanksgiving
        Fri 2026-11-27 closes 13:00: day after Thanksgiving
        Thu 2026-12-24 closes 13:00: Christmas Eve
        Fri 2026-12-25 closed: Christmas Day
    "#]]
    .assert_eq(&year);
    let year: String = Calendar::Fx.holidays(2026).iter().map(line).collect();
    expect![[r#"
        Thu 2026-01-01 thin: New Year's Day
        Fri 2026-12-25 thin: Christmas Day
    "#]]
    .assert_eq(&year);
    assert_eq!(Calendar::Always.holidays(2026), []);
}

/// Every weekday of 2000–2030 that has no regular session: `date,close`, an empty close for none.
#[test]
fn every_unusual_day_of_new_york_agrees_with_the_peer() {
    let theirs = include_str!("../../../../tests/golden/xnys_days.csv");
    let mut ours = String::from("date,close\n");
    for day in (2000..=2030).flat_map(|year| Calendar::Xnys.holidays(year)) {
        let close = match day.kind {
            HolidayKind::ClosesAt(close) => close.format("%H:%M").to_string(),
            HolidayKind::Closed | HolidayKind::Thin => String::new(),
        };
        writeln!(ours, "{},{close}", day.date).unwrap();
    }
    let differs: Vec<_> =
        ours.lines().zip(theirs.lines()).filter(|(ours, theirs)| ours != theirs).collect();
    assert_eq!(differs, []);
    assert_eq!(ours.lines().count(), theirs.lines().count());
}
