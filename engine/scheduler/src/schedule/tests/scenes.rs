//! What peers got wrong, and what people expect.

use expect_test::expect;

use super::*;

#[test]
fn a_first_text_never_fires_for_the_past() {
    let mut schedule = applied(&spec("0 2 1 * *", "UTC"), "2026-01-01T02:00:00Z");
    assert_eq!(schedule.due(at("2026-01-01T02:00:00Z")), []);
    assert_eq!(schedule.next_timer(), Some(at("2026-02-01T02:00:00Z")));
    assert_eq!(look(&mut schedule, "2026-01-31T00:00:00Z"), []);
}

#[test]
fn a_time_moved_to_another_that_has_passed_today_fires_tomorrow() {
    let mut schedule = applied(&spec("15 1 * * *", "UTC"), "2026-05-01T12:00:00Z");
    look(&mut schedule, "2026-05-02T01:15:00Z");
    run_all(&mut schedule, at("2026-05-02T01:15:00Z"), RunStatus::Succeeded);
    // Both from a time before to one after, and from one after to one before.
    for (rule, next) in
        [("15 2 * * *", "2026-05-03T02:15:00Z"), ("45 8 * * *", "2026-05-03T08:45:00Z")]
    {
        let edit = ScheduleEvent::Applied {
            spec: Box::new(spec(rule, "UTC")),
            at: at("2026-05-02T09:00:00Z"),
        };
        assert_eq!(schedule.apply(&edit), Ok(Vec::new()));
        assert_eq!(look(&mut schedule, "2026-05-03T00:00:00Z"), []);
        assert_eq!(schedule.next_timer(), Some(at(next)));
    }
}

#[test]
fn a_tick_missed_under_the_old_text_is_made_up_for_before_the_new_one() {
    let mut schedule = applied(&spec("15 1 * * *", "UTC"), "2026-05-01T12:00:00Z");
    let edit = ScheduleEvent::Applied {
        spec: Box::new(spec("15 2 * * *", "UTC")),
        at: at("2026-05-02T09:00:00Z"),
    };
    let decisions = schedule.apply(&edit).unwrap();
    assert_eq!(described(&decisions), "2026-05-02T01:15:00Z: run from 2026-05-02T09:00:00Z\n");
    assert_eq!(schedule.next_timer(), Some(at("2026-05-02T09:00:00Z")));
}

#[test]
fn after_an_outage_each_policy_does_what_it_says() {
    let mut table = String::new();
    let outages = [
        ("5 minutes", "2026-03-01T02:05:00Z"),
        ("a day", "2026-03-02T00:30:00Z"),
        ("45 days", "2026-04-14T12:00:00Z"),
    ];
    for catch_up in [CatchUp::Latest, CatchUp::All, CatchUp::None] {
        for (outage, end) in outages {
            let six_hourly = spec("0 2,8,14,20 * * *", "UTC");
            let six_hourly =
                ScheduleSpec { catch_up, overlap: Overlap::Queue, cap: number(3), ..six_hourly };
            let mut schedule = applied(&six_hourly, "2026-03-01T01:59:00Z");
            let decisions = look(&mut schedule, end);
            writeln!(table, "{catch_up:?}, down for {outage}\n{}", described(&decisions)).unwrap();
        }
    }
    expect![[r#"
        Latest, down for 5 minutes
        2026-03-01T02:00:00Z: run from 2026-03-01T02:05:00Z

        Latest, down for a day
        2026-03-01T02:00:00Z to 2026-03-01T14:00:00Z: 3 skipped, it was missed, and is not caught up
        2026-03-01T20:00:00Z: run from 2026-03-02T00:30:00Z

        Latest, down for 45 days
        2026-03-01T02:00:00Z to 2026-04-14T02:00:00Z: 177 skipped, it was missed, and is not caught up
        2026-04-14T08:00:00Z: run from 2026-04-14T12:00:00Z

        All, down for 5 minutes
        2026-03-01T02:00:00Z: run from 2026-03-01T02:05:00Z

        All, down for a day
        2026-03-01T02:00:00Z: skipped, it was missed, and is not caught up
        2026-03-01T08:00:00Z: run from 2026-03-02T00:30:00Z
        2026-03-01T14:00:00Z: run from 2026-03-02T00:30:00Z
        2026-03-01T20:00:00Z: run from 2026-03-02T00:30:00Z

        All, down for 45 days
        2026-03-01T02:00:00Z to 2026-04-13T14:00:00Z: 175 skipped, it was missed, and is not caught up
        2026-04-13T20:00:00Z: run from 2026-04-14T12:00:00Z
        2026-04-14T02:00:00Z: run from 2026-04-14T12:00:00Z
        2026-04-14T08:00:00Z: run from 2026-04-14T12:00:00Z

        None, down for 5 minutes
        2026-03-01T02:00:00Z: skipped, it was missed, and is not caught up

        None, down for a day
        2026-03-01T02:00:00Z to 2026-03-01T20:00:00Z: 4 skipped, it was missed, and is not caught up

        None, down for 45 days
        2026-03-01T02:00:00Z to 2026-04-14T08:00:00Z: 178 skipped, it was missed, and is not caught up

    "#]].assert_eq(&table);
}

#[test]
fn what_was_missed_runs_one_at_a_time_and_in_order() {
    let hourly = ScheduleSpec {
        catch_up: CatchUp::All,
        overlap: Overlap::Queue,
        ..spec("0 * * * *", "UTC")
    };
    let mut schedule = applied(&hourly, "2026-03-01T00:30:00Z");
    let now = at("2026-03-02T00:30:00Z");
    assert_eq!(look(&mut schedule, "2026-03-02T00:30:00Z").len(), 24);
    for hour in 1..=24 {
        let tick = at("2026-03-01T00:00:00Z").plus(Duration::from_hours(hour));
        assert_eq!(schedule.due(now), [ScheduleCommand::Start { tick }]);
        schedule.apply(&ScheduleEvent::Started { tick, at: now }).unwrap();
        assert_eq!(schedule.due(now), [], "one at a time");
        assert_eq!(schedule.next_timer(), Some(at("2026-03-02T01:00:00Z")));
        let status = RunStatus::Succeeded;
        schedule.apply(&ScheduleEvent::Ended { tick, status, at: now }).unwrap();
    }
    assert_eq!(schedule.due(now), []);
}

#[test]
fn a_tick_during_a_run_is_skipped_queued_or_run_beside_it() {
    let mut table = String::new();
    for overlap in [Overlap::Skip, Overlap::Queue, Overlap::Allow] {
        let hourly = ScheduleSpec { overlap, ..spec("0 * * * *", "UTC") };
        let mut schedule = applied(&hourly, "2026-03-01T00:30:00Z");
        look(&mut schedule, "2026-03-01T01:00:00Z");
        let tick = at("2026-03-01T01:00:00Z");
        schedule.apply(&ScheduleEvent::Started { tick, at: tick }).unwrap();
        let decisions = look(&mut schedule, "2026-03-01T02:00:00Z");
        let due = schedule.due(at("2026-03-01T02:00:00Z")).len();
        writeln!(table, "{overlap:?}: {} start, {}", due, described(&decisions).trim()).unwrap();
    }
    expect![[r#"
        Skip: 0 start, 2026-03-01T02:00:00Z: skipped, an earlier run had not ended
        Queue: 0 start, 2026-03-01T02:00:00Z: run
        Allow: 1 start, 2026-03-01T02:00:00Z: run
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_queue_has_an_end() {
    let hourly = ScheduleSpec {
        catch_up: CatchUp::All,
        overlap: Overlap::Queue,
        cap: number(1_000),
        ..spec("* * * * *", "UTC")
    };
    let mut schedule = applied(&hourly, "2026-03-01T00:00:00Z");
    let decisions = look(&mut schedule, "2026-03-01T05:00:00Z");
    let (last, runs) = decisions.split_last().unwrap();
    assert_eq!(runs.len(), ACTIVE_MAX);
    assert_eq!((last.choice, last.ticks), (Choice::Skip(TickSkip::Overlap), 200));
}

#[test]
fn ticks_during_a_pause_stay_skipped() {
    let mut schedule = applied(&spec("0 * * * *", "UTC"), "2026-03-01T00:30:00Z");
    let by = || "ann".to_owned();
    schedule
        .apply(&ScheduleEvent::Paused {
            by: by(),
            why: "a holiday".to_owned(),
            at: at("2026-03-01T00:40:00Z"),
        })
        .unwrap();
    assert_eq!(schedule.pause(), Some(&Pause::By { by: by(), why: "a holiday".to_owned() }));
    // The engine looked once, and was down for the rest.
    let mut table = described(&look(&mut schedule, "2026-03-01T01:00:00Z"));
    let resumed = ScheduleEvent::Resumed {
        by: by(),
        why: "a holiday".to_owned(),
        at: at("2026-03-01T05:30:00Z"),
    };
    table += &described(&schedule.apply(&resumed).unwrap());
    table += &described(&look(&mut schedule, "2026-03-01T06:00:00Z"));
    expect![[r#"
        2026-03-01T01:00:00Z: skipped, the schedule was paused
        2026-03-01T02:00:00Z to 2026-03-01T05:00:00Z: 4 skipped, the schedule was paused
        2026-03-01T06:00:00Z: run
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_waited_begins_after_the_pause() {
    let spread = ScheduleSpec { jitter: Duration::HOUR, ..spec("0 * * * *", "UTC") };
    let mut schedule = applied(&spread, "2026-03-01T00:30:00Z");
    look(&mut schedule, "2026-03-01T01:00:00Z");
    let by = || "ann".to_owned();
    schedule
        .apply(&ScheduleEvent::Paused {
            by: by(),
            why: "a holiday".to_owned(),
            at: at("2026-03-01T01:00:01Z"),
        })
        .unwrap();
    let (late, tick) = (at("2026-03-01T01:59:59Z"), at("2026-03-01T01:00:00Z"));
    assert_eq!(schedule.due(late), []);
    schedule
        .apply(&ScheduleEvent::Resumed { by: by(), why: "a holiday".to_owned(), at: late })
        .unwrap();
    assert_eq!(schedule.due(late), [ScheduleCommand::Start { tick }]);
}

#[test]
fn failures_in_a_row_pause_a_schedule_and_a_no_does_not() {
    let careful = ScheduleSpec { pause_after: Some(number(2)), ..spec("0 * * * *", "UTC") };
    let mut schedule = applied(&careful, "2026-03-01T00:30:00Z");
    let ends = [RunStatus::Failed, RunStatus::Rejected, RunStatus::Failed, RunStatus::Cancelled];
    let mut hour = at("2026-03-01T00:00:00Z");
    for status in ends.into_iter().chain([RunStatus::Failed]) {
        assert_eq!(schedule.pause(), None);
        hour = hour.plus(Duration::HOUR);
        schedule.apply(&ScheduleEvent::Looked { at: hour }).unwrap();
        assert_eq!(run_all(&mut schedule, hour, status), [hour]);
    }
    assert_eq!(schedule.pause(), Some(&Pause::Failures(2)));
    let resumed =
        ScheduleEvent::Resumed { by: "ann".to_owned(), why: "a holiday".to_owned(), at: hour };
    schedule.apply(&resumed).unwrap();
    assert_eq!(schedule.pause(), None, "the count begins anew");
}

#[test]
fn a_clock_set_back_fires_nothing_twice() {
    let mut schedule = applied(&spec("0 * * * *", "UTC"), "2026-03-01T00:30:00Z");
    look(&mut schedule, "2026-03-02T01:00:00Z");
    run_all(&mut schedule, at("2026-03-02T01:00:00Z"), RunStatus::Succeeded);
    for hour in ["2026-03-01T01:00:00Z", "2026-03-01T12:00:00Z", "2026-03-02T01:59:59Z"] {
        assert_eq!(schedule.due(at(hour)), []);
        assert_eq!(look(&mut schedule, hour), []);
    }
    // Nor does an edit while the clock is behind.
    let edit = ScheduleEvent::Applied {
        spec: Box::new(spec("*/5 * * * *", "UTC")),
        at: at("2026-03-01T03:00:00Z"),
    };
    assert_eq!(schedule.apply(&edit), Ok(Vec::new()));
    assert_eq!(schedule.judged(), Some(at("2026-03-02T01:00:00Z")));
    assert_eq!(schedule.next_timer(), Some(at("2026-03-02T01:05:00Z")));
}

#[test]
fn a_clock_that_jumps_a_year_is_no_storm() {
    let mut table = String::new();
    for catch_up in [CatchUp::Latest, CatchUp::All, CatchUp::None] {
        let overlap = Overlap::Queue;
        let minutely =
            ScheduleSpec { catch_up, overlap, cap: number(2), ..spec("* * * * *", "UTC") };
        let mut schedule = applied(&minutely, "2026-03-01T00:00:00Z");
        let decisions = look(&mut schedule, "2027-03-01T00:00:00.5Z");
        writeln!(table, "{catch_up:?}\n{}", described(&decisions)).unwrap();
        assert_eq!(look(&mut schedule, "2026-03-01T00:01:00Z"), []);
    }
    expect![[r#"
        Latest
        2026-03-01T00:01:00Z to 2027-02-28T23:59:00Z: 10000 skipped, it was missed, and is not caught up
        2027-03-01T00:00:00Z: run

        All
        2026-03-01T00:01:00Z to 2027-02-28T23:58:00Z: 10000 skipped, it was missed, and is not caught up
        2027-02-28T23:59:00Z: run from 2027-03-01T00:00:00.500Z
        2027-03-01T00:00:00Z: run

        None
        2026-03-01T00:01:00Z to 2027-02-28T23:59:00Z: 10000 skipped, it was missed, and is not caught up
        2027-03-01T00:00:00Z: run

    "#]].assert_eq(&table);
}

#[test]
fn the_newest_missed_tick_is_the_newest_on_a_day_that_counts() {
    let daily = on_business_days(&spec("0 18 * * *", "America/New_York"));
    let mut schedule = applied(&daily, "2026-11-24T12:00:00Z");
    // Down from Tuesday to Sunday evening: Thursday was a holiday, Friday a short day.
    let decisions = look(&mut schedule, "2026-11-30T01:00:00Z");
    expect![[r#"
        2026-11-24T23:00:00Z to 2026-11-26T23:00:00Z: 3 skipped, it was missed, and is not caught up
        2026-11-27T23:00:00Z: run from 2026-11-30T01:00:00Z
        2026-11-28T23:00:00Z to 2026-11-29T23:00:00Z: 2 skipped, it was not on a business day
    "#]]
    .assert_eq(&described(&decisions));
}

#[test]
fn a_monthly_schedule_runs_a_hundred_and_twenty_times_in_ten_years() {
    let monthly = spec("0 3 1 * *", "Europe/Berlin");
    let mut schedule = applied(&monthly, "2026-01-15T00:00:00Z");
    let mut runs = 0;
    let end = at("2036-01-15T00:00:00Z");
    while let Some(now) = schedule.next_timer().filter(|now| *now < end) {
        for command in schedule.due(now) {
            assert_eq!(command, ScheduleCommand::Look);
            schedule.apply(&ScheduleEvent::Looked { at: now }).unwrap();
        }
        runs += run_all(&mut schedule, now, RunStatus::Succeeded).len();
        // All that is kept is the row.
        schedule = serde_json::from_str(&serde_json::to_string(&schedule).unwrap()).unwrap();
    }
    assert_eq!(runs, 120);
}

#[test]
fn a_day_on_which_clocks_change_has_one_run() {
    let nightly = spec("30 2 * * *", "Europe/Berlin");
    for (from, to, only) in [
        ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z"),
    ] {
        let all = ScheduleSpec { catch_up: CatchUp::All, ..nightly.clone() };
        let mut schedule = applied(&all, from);
        let [decision] = look(&mut schedule, to)[..] else { panic!("one tick") };
        assert_eq!(decision.first, at(only));
    }
}

#[test]
fn runs_begin_later_by_the_same_jitter_and_missed_ones_from_now() {
    let spread = ScheduleSpec { jitter: Duration::HOUR, ..spec("0 2 * * *", "UTC") };
    let mut schedule = applied(&spread, "2026-03-01T00:00:00Z");
    let mut table = described(&look(&mut schedule, "2026-03-01T02:00:00Z"));
    assert_eq!(schedule.due(at("2026-03-01T02:00:00Z")), []);
    let timer = schedule.next_timer().unwrap();
    assert_eq!(run_all(&mut schedule, timer, RunStatus::Succeeded), [at("2026-03-01T02:00:00Z")]);
    table += &described(&look(&mut schedule, "2026-03-02T02:00:30Z"));
    run_all(&mut schedule, at("2026-03-02T03:00:00Z"), RunStatus::Succeeded);
    table += &described(&look(&mut schedule, "2026-03-03T09:00:00Z"));
    expect![[r#"
        2026-03-01T02:00:00Z: run from 2026-03-01T02:31:00Z
        2026-03-02T02:00:00Z: run from 2026-03-02T02:31:00Z
        2026-03-03T02:00:00Z: run from 2026-03-03T09:31:00Z
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_comes_next_is_shown_with_what_becomes_of_it() {
    let daily = on_business_days(&spec("0 18 * * *", "America/New_York"));
    let mut schedule = applied(&daily, "2026-11-24T12:00:00Z");
    let shown = |schedule: &Schedule| {
        let line = |next: Upcoming| match next.skip {
            None => format!("{}\n", next.not_before),
            Some(skip) => format!("{} {skip}\n", next.tick),
        };
        schedule.next(3, at("2026-11-25T12:00:00Z")).into_iter().map(line).collect::<String>()
    };
    let mut table = shown(&schedule);
    let paused = ScheduleEvent::Paused {
        by: "ann".to_owned(),
        why: "a holiday".to_owned(),
        at: at("2026-11-25T12:00:00Z"),
    };
    schedule.apply(&paused).unwrap();
    table += &shown(&schedule);
    expect![[r#"
        2026-11-25T23:00:00Z
        2026-11-26T23:00:00Z it was not on a business day
        2026-11-27T23:00:00Z
        2026-11-25T23:00:00Z the schedule was paused
        2026-11-26T23:00:00Z the schedule was paused
        2026-11-27T23:00:00Z the schedule was paused
    "#]]
    .assert_eq(&table);
    assert_eq!(Schedule::new(key()).next(3, at("2026-11-25T12:00:00Z")), []);
}

#[test]
fn a_removed_schedule_is_not_due_and_comes_back_without_its_past() {
    let mut schedule = applied(&spec("0 * * * *", "UTC"), "2026-03-01T00:30:00Z");
    let removed = ScheduleEvent::Removed { at: at("2026-03-01T02:30:00Z") };
    let decisions = schedule.apply(&removed).unwrap();
    expect![[r#"
        2026-03-01T01:00:00Z to 2026-03-01T02:00:00Z: 2 skipped, the schedule was removed
    "#]]
    .assert_eq(&described(&decisions));
    assert_eq!((schedule.next_timer(), schedule.spec()), (None, None));
    let back = spec("0 * * * *", "UTC");
    let again = ScheduleEvent::Applied { spec: Box::new(back), at: at("2026-03-01T09:30:00Z") };
    assert_eq!(schedule.apply(&again), Ok(Vec::new()));
    assert_eq!(schedule.next_timer(), Some(at("2026-03-01T10:00:00Z")));
}

#[test]
fn the_log_and_the_row_are_read_back() {
    let daily = on_business_days(&spec("30m before open", "America/New_York"));
    let event =
        ScheduleEvent::Applied { spec: Box::new(daily.clone()), at: at("2026-11-25T12:00:00Z") };
    let mut text = serde_json::to_string_pretty(&event).unwrap();
    assert_eq!(serde_json::from_str::<ScheduleEvent>(&text).unwrap(), event);
    let mut schedule = applied(&daily, "2026-11-25T12:00:00Z");
    let decisions = look(&mut schedule, "2026-11-25T14:00:00Z");
    text += &serde_json::to_string(&decisions).unwrap();
    text += "\n";
    text += &serde_json::to_string(&schedule).unwrap();
    expect![[r#"
        {
          "applied": {
            "spec": {
              "rule": "30m before open",
              "zone": "America/New_York",
              "calendar": "xnys",
              "business_days": true,
              "catch_up": "latest",
              "window": "7d",
              "cap": 24,
              "overlap": "skip",
              "jitter": "0s",
              "pause_after": null
            },
            "at": "2026-11-25T12:00:00Z"
          }
        }[{"first":"2026-11-25T14:00:00Z","last":"2026-11-25T14:00:00Z","ticks":1,"choice":{"run":{"not_before":"2026-11-25T14:00:00Z"}}}]
        {"key":{"scope":{"tenant":"desk"},"pipeline":"fx_lstm","schedule":"monthly"},"state":{"live":{"rule":"30m before open","zone":"America/New_York","calendar":"xnys","business_days":true,"catch_up":"latest","window":"7d","cap":24,"overlap":"skip","jitter":"0s","pause_after":null}},"judged":"2026-11-25T14:00:00Z","active":{"2026-11-25T14:00:00Z":{"waiting":{"not_before":"2026-11-25T14:00:00Z"}}},"failures":0}"#]].assert_eq(&text);
    let broken = text.replace("before open", "before lunch");
    let broken = broken.split('[').next().unwrap();
    let said = serde_json::from_str::<ScheduleEvent>(broken).unwrap_err().to_string();
    assert!(said.contains("`30m before lunch` is no schedule"), "{said}");
}

#[test]
fn a_tick_that_cancels_begins_once_the_earlier_run_has_ended() {
    let spec = ScheduleSpec { overlap: Overlap::Cancel, ..spec("0 * * * *", "UTC") };
    let mut schedule = applied(&spec, "2026-01-01T00:30:00Z");
    let (first, second) = (at("2026-01-01T01:00:00Z"), at("2026-01-01T02:00:00Z"));
    look(&mut schedule, "2026-01-01T01:00:00Z");
    assert_eq!(schedule.due(first), [ScheduleCommand::Start { tick: first }]);
    schedule.apply(&ScheduleEvent::Started { tick: first, at: first }).unwrap();
    assert_eq!(schedule.due(first), []);
    look(&mut schedule, "2026-01-01T02:00:00Z");
    assert_eq!(schedule.due(second), [ScheduleCommand::Cancel { tick: first }]);
    assert_eq!(schedule.next_timer(), Some(second));
    schedule.apply(&ScheduleEvent::CancelAsked { tick: first, at: second }).unwrap();
    assert_eq!(schedule.due(second), [], "asked once");
    let status = RunStatus::Cancelled;
    schedule.apply(&ScheduleEvent::Ended { tick: first, status, at: second }).unwrap();
    assert_eq!(schedule.due(second), [ScheduleCommand::Start { tick: second }]);
}
