//! The example as it is, and copies damaged in every way that a check knows.

use std::fmt::Write as _;
use std::path::Path;

use chrono::TimeDelta;
use expect_test::{Expect, expect};

use super::*;
use crate::source::{ColumnNames, read_parquet};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");

fn example() -> Bars {
    let path = Path::new(EXAMPLE);
    read_parquet(path, "EUR/USD", TimeDelta::hours(1), &ColumnNames::standard()).unwrap()
}

fn rules(check: Check, policy: Policy) -> QualityRules {
    QualityRules::standard().with(check, policy).unwrap()
}

/// Judges a damaged example with each policy that `check` allows: the line of the check, its first
/// cases and repairs, and whether the repaired bars then pass.
fn check(check: Check, damage: impl Fn(&mut Bars), expected: &Expect) {
    let mut damaged = example();
    damage(&mut damaged);
    let mut page = String::new();
    for policy in [Policy::Reject, Policy::Warn, Policy::Repair] {
        let Ok(rules) = QualityRules::standard().with(check, policy) else { continue };
        let (bars, report) = judge(damaged.clone(), Calendar::Fx, &rules);
        let result = report.checks.iter().find(|result| result.name == check).unwrap();
        assert_eq!(report.is_acceptable(), report.ended(Verdict::Fail).count() == 0);
        writeln!(page, "{policy}: {result}").unwrap();
        if policy == Policy::Reject {
            assert!(!report.is_acceptable());
            page.extend(result.examples.iter().take(2).map(|example| format!("    {example}\n")));
        }
        if policy == Policy::Repair {
            assert_eq!(report.repaired.len(), result.found);
            for Repair { time, before, after, .. } in report.repaired.iter().take(2) {
                writeln!(page, "    {time}: {before} -> {after}").unwrap();
            }
            let (again, report) = judge(bars.clone(), Calendar::Fx, &rules);
            let found = report.checks.iter().find(|result| result.name == check).unwrap().found;
            assert_eq!((found, &again), (0, &bars), "a repair must leave nothing to repair");
        } else {
            assert!(bars.time == damaged.time && report.repaired.is_empty());
        }
    }
    expected.assert_eq(&page);
}

#[test]
fn the_example_passes_with_48_bars_missing_and_2_in_the_weekend() {
    let (bars, report) = judge(example(), Calendar::Fx, &QualityRules::standard());
    assert_eq!(bars, example());
    assert!(report.is_acceptable());
    expect![[r#"
        order       pass      0 found, limit 0
        duplicates  pass      0 found, limit 0
        finite      pass      0 found, limit 0
        prices      pass      0 found, limit 0
        high_low    pass      0 found, limit 0
        weekend     pass      2 found, limit 5 of 5000 bars (0.1 %)
        missing     pass      48 found, limit 50 of 5046 expected bars (1 %), 24 in a row (longest 24)
        zero_range  pass      2 found, limit 250 of 5000 bars (5 %)
        spikes      pass      0 found, limit 0
        rows        pass      0 found, limit 0 (at least 1400 bars, there are 5000)
    "#]].assert_eq(&report.to_string());
}

#[test]
fn bars_out_of_order() {
    check(
        Check::Order,
        |bars| bars.time.swap(10, 12),
        &expect![[r#"
        reject: order       fail      2 found, limit 0
            2017-04-19T20:00:00Z (row 12): opens before the row above
            2017-04-19T19:00:00Z (row 13): opens before the row above
        warn: order       warn      2 found, limit 0
        repair: order       repaired  2 found, limit 0
            2017-04-19 20:00:00 UTC: row 12 -> moved to its place
            2017-04-19 19:00:00 UTC: row 13 -> moved to its place
    "#]],
    );
}

#[test]
fn bars_twice() {
    check(
        Check::Duplicates,
        |bars| bars.time[10] = bars.time[9],
        &expect![[r#"
        reject: duplicates  fail      1 found, limit 0
            2017-04-19T18:00:00Z (row 11): a bar with this time was there before
        warn: duplicates  warn      1 found, limit 0
        repair: duplicates  repaired  1 found, limit 0
            2017-04-19 18:00:00 UTC: open 1.07198, high 1.07214, low 1.07098, close 1.07162 -> dropped
    "#]],
    );
}

#[test]
fn prices_that_are_no_numbers() {
    let damage = |bars: &mut Bars| {
        bars.close[7] = f64::NAN;
        bars.high[8] = f64::INFINITY;
        bars.low[8] = f64::NAN;
    };
    check(
        Check::Finite,
        damage,
        &expect![[r#"
        reject: finite      fail      2 found, limit 0
            2017-04-19T16:00:00Z (row 8): close NaN is not finite
            2017-04-19T17:00:00Z (row 9): high inf, low NaN is not finite
        warn: finite      warn      2 found, limit 0
        repair: finite      repaired  2 found, limit 0
            2017-04-19 16:00:00 UTC: open 1.07068, high 1.07152, low 1.0705, close NaN -> dropped
            2017-04-19 17:00:00 UTC: open 1.07107, high inf, low NaN, close 1.07122 -> dropped
    "#]],
    );
}

#[test]
fn prices_of_zero_and_below() {
    let damage = |bars: &mut Bars| {
        bars.low[7] = 0.0;
        bars.low[9] = -1.0;
    };
    check(
        Check::Prices,
        damage,
        &expect![[r#"
        reject: prices      fail      2 found, limit 0
            2017-04-19T16:00:00Z (row 8): low 0 is not above zero
            2017-04-19T18:00:00Z (row 10): low -1 is not above zero
        warn: prices      warn      2 found, limit 0
        repair: prices      repaired  2 found, limit 0
            2017-04-19 16:00:00 UTC: open 1.07068, high 1.07152, low 0, close 1.07102 -> dropped
            2017-04-19 18:00:00 UTC: open 1.0712, high 1.07232, low -1, close 1.07202 -> dropped
    "#]],
    );
}

#[test]
fn highs_and_lows_that_contradict_the_other_prices() {
    let damage = |bars: &mut Bars| {
        bars.high[7] = bars.open[7] - 0.001;
        (bars.low[9], bars.high[9]) = (bars.high[9], bars.low[9]);
    };
    check(
        Check::HighLow,
        damage,
        &expect![[r#"
        reject: high_low    fail      2 found, limit 0
            2017-04-19T16:00:00Z (row 8): open 1.07068 and close 1.07102 are not within low 1.0705 and high 1.0696800000000002
            2017-04-19T18:00:00Z (row 10): open 1.0712 and close 1.07202 are not within low 1.07232 and high 1.0712
        warn: high_low    warn      2 found, limit 0
        repair: high_low    repaired  2 found, limit 0
            2017-04-19 16:00:00 UTC: high 1.0696800000000002, low 1.0705 -> high 1.07102, low 1.0696800000000002
            2017-04-19 18:00:00 UTC: high 1.0712, low 1.07232 -> high 1.07232, low 1.0712
    "#]],
    );
}

#[test]
fn bars_inside_the_weekend() {
    // Friday 2017-04-21 20:00 is row 59 and the last of its week; these follow it.
    let damage = |bars: &mut Bars| {
        for (bar, hours) in (60..64).zip(2..) {
            bars.time[bar] = bars.time[59] + hours * 3_600_000_000;
        }
    };
    check(
        Check::Weekend,
        damage,
        &expect![[r#"
        reject: weekend     fail      6 found, limit 5 of 5000 bars (0.1 %)
            2017-04-21T22:00:00Z (row 61): the market is closed
            2017-04-21T23:00:00Z (row 62): the market is closed
        warn: weekend     warn      6 found, limit 5 of 5000 bars (0.1 %)
        repair: weekend     repaired  6 found, limit 5 of 5000 bars (0.1 %)
            2017-04-21 22:00:00 UTC: open 1.0893, high 1.09063, low 1.08803, close 1.0898 -> dropped
            2017-04-21 23:00:00 UTC: open 1.08977, high 1.08995, low 1.08701, close 1.08842 -> dropped
    "#]],
    );
}

#[test]
fn bars_that_are_missing() {
    check(
        Check::Missing,
        |bars| *bars = bars.pick((0..1_000).chain(1_025..5_000)),
        &expect![[r#"
            reject: missing     fail      73 found, limit 50 of 5046 expected bars (1 %), 24 in a row (longest 25)
                2017-06-16T01:00:00Z: 25 bars are missing from here on
                2017-12-24T22:00:00Z: 24 bars are missing from here on
            warn: missing     warn      73 found, limit 50 of 5046 expected bars (1 %), 24 in a row (longest 25)
        "#]],
    );
}

#[test]
fn bars_without_range() {
    let damage = |bars: &mut Bars| {
        for bar in 1_000..1_300 {
            let close = bars.close[bar];
            (bars.open[bar], bars.high[bar], bars.low[bar]) = (close, close, close);
        }
    };
    check(
        Check::ZeroRange,
        damage,
        &expect![[r#"
        reject: zero_range  fail      302 found, limit 250 of 5000 bars (5 %)
            2017-06-16T01:00:00Z (row 1001): one price, 1.11533
            2017-06-16T02:00:00Z (row 1002): one price, 1.1151
        warn: zero_range  warn      302 found, limit 250 of 5000 bars (5 %)
    "#]],
    );
}

#[test]
fn too_few_bars() {
    check(
        Check::Rows,
        |bars| *bars = bars.slice(0..1_399),
        &expect![[r#"
        reject: rows        fail      1 found, limit 0 (at least 1400 bars, there are 1399)
        warn: rows        warn      1 found, limit 0 (at least 1400 bars, there are 1399)
    "#]],
    );
}

#[test]
fn a_price_out_of_all_proportion_is_listed_and_rejected_only_when_asked() {
    let mut bars = example();
    bars.close[500] *= 1.1;
    bars.high[500] *= 1.1;
    let (_, report) = judge(bars.clone(), Calendar::Fx, &QualityRules::standard());
    let spikes = report.checks.iter().find(|result| result.name == Check::Spikes).unwrap();
    assert!(report.is_acceptable());
    // Up and down again; the second is measured against returns that hold the first.
    expect![[r#"
        spikes      warn      1 found, limit 0
        2017-05-18T05:00:00Z (row 501): a return of 9.484 %, 121 standard deviations
    "#]]
    .assert_eq(&format!("{spikes}\n{}\n", spikes.examples[0]));
    let (_, report) = judge(bars, Calendar::Fx, &rules(Check::Spikes, Policy::Reject));
    assert!(!report.is_acceptable());
}

#[test]
fn a_flat_market_has_no_spikes() {
    let mut bars = example();
    bars.close.fill(1.0);
    let (_, report) = judge(bars, Calendar::Fx, &QualityRules::standard());
    let spikes = report.checks.iter().find(|result| result.name == Check::Spikes).unwrap();
    assert_eq!(spikes.found, 0);
}

#[test]
fn a_few_missing_bars_pass_but_not_in_one_run() {
    let judge_without = |gap: std::ops::Range<usize>| {
        let bars = example().slice(0..2_000);
        let bars = bars.pick((0..2_000).filter(|bar| !gap.contains(bar)));
        judge(bars, Calendar::Fx, &QualityRules::standard()).1.is_acceptable()
    };
    assert!(judge_without(500..501));
    assert!(!judge_without(500..530));
}

#[test]
fn nothing_is_repaired_by_inventing_prices() {
    for check in Check::ALL {
        let allowed = QualityRules::standard().with(check, Policy::Repair);
        assert_eq!(allowed.is_ok(), check.is_repairable());
    }
    let refused = QualityRules::standard().with(Check::Missing, Policy::Repair).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`missing` cannot be repaired without inventing prices; use `reject` or `warn`"
    );
}

#[test]
fn an_empty_series_is_judged_too() {
    let empty = Bars::empty("EUR/USD", TimeDelta::hours(1));
    let (_, report) = judge(empty, Calendar::Fx, &QualityRules::standard());
    let failed: Vec<Check> = report.ended(Verdict::Fail).map(|result| result.name).collect();
    assert_eq!(failed, [Check::Rows]);
}

#[test]
fn names_parse_back_and_reports_are_json() {
    for check in Check::ALL {
        assert_eq!(check.to_string().parse(), Ok(check));
        assert_eq!(serde_json::to_value(check).unwrap(), check.name());
    }
    for policy in [Policy::Reject, Policy::Repair, Policy::Warn] {
        assert_eq!(policy.to_string().parse(), Ok(policy));
    }
    assert_eq!(
        "highlow".parse::<Check>().unwrap_err().to_string(),
        "no quality check `highlow`; the checks are `order`, `duplicates`, `finite`, `prices`, \
         `high_low`, `weekend`, `missing`, `zero_range`, `spikes`, `rows`"
    );
    let (_, report) = judge(example(), Calendar::Fx, &rules(Check::Weekend, Policy::Repair));
    assert_eq!(report.repaired.len(), 2);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<QualityReport>(&json).unwrap(), report);
}

#[test]
fn a_price_beyond_any_price_is_none() {
    let damage = |bars: &mut Bars| {
        (bars.high[7], bars.close[7]) = (1e300, 1e300);
        bars.low[9] = 1e-320;
    };
    check(
        Check::Prices,
        damage,
        &expect![[r#"
        reject: prices      fail      2 found, limit 0
            2017-04-19T16:00:00Z (row 8): high 1e300, close 1e300 is beyond any price
            2017-04-19T18:00:00Z (row 10): low 1e-320 is beyond any price
        warn: prices      warn      2 found, limit 0
        repair: prices      repaired  2 found, limit 0
            2017-04-19 16:00:00 UTC: open 1.07068, high 1e300, low 1.0705, close 1e300 -> dropped
            2017-04-19 18:00:00 UTC: open 1.0712, high 1.07232, low 1e-320, close 1.07202 -> dropped
    "#]],
    );
}

#[test]
fn a_spike_among_the_first_bars_is_found_too() {
    let mut bars = example();
    bars.close[3] *= 1.1;
    let (_, report) = judge(bars, Calendar::Fx, &QualityRules::standard());
    let spikes = report.checks.iter().find(|result| result.name == Check::Spikes).unwrap();
    expect![[r#"
        spikes      warn      2 found, limit 0
        2017-04-19T12:00:00Z (row 4): a return of 9.540 %, 108 standard deviations
    "#]]
    .assert_eq(&format!("{spikes}\n{}\n", spikes.examples[0]));
}

#[test]
fn bars_over_centuries_are_missing_without_being_counted() {
    let mut bars = example().slice(0..100);
    bars.timeframe = TimeDelta::seconds(1);
    bars.time[0] = -5_000_000_000_000_000;
    let (_, report) = judge(bars, Calendar::Fx, &QualityRules::standard());
    let missing = report.checks.iter().find(|result| result.name == Check::Missing).unwrap();
    expect![[r#"
        missing     fail      1066316300 found, limit 10663164 of 1066316400 expected bars (1 %)
        1811-07-23T15:06:40Z: 100 bars are spread over the time of 1066316400
    "#]]
    .assert_eq(&format!("{missing}\n{}\n", missing.examples[0]));
}

#[test]
fn a_stalled_feed_and_a_spike_have_no_repair() {
    let refused =
        |check| QualityRules::standard().with(check, Policy::Repair).unwrap_err().to_string();
    for check in [Check::ZeroRange, Check::Spikes, Check::Missing, Check::Rows] {
        let sentence = format!(
            "`{check}` cannot be repaired without inventing prices; use `reject` or `warn`"
        );
        assert_eq!(refused(check), sentence);
    }
}

#[test]
fn every_repair_of_every_check_is_listed_once() {
    let mut bars = example();
    bars.time.swap(10, 12);
    bars.time[21] = bars.time[20];
    bars.close[30] = f64::NAN;
    bars.low[31] = -1.0;
    bars.high[32] = bars.low[32] - 0.001;
    let mut rules = QualityRules::standard();
    // What is dropped is missing then.
    rules.limits.missing_share = 0.02;
    for check in Check::ALL {
        rules = rules.clone().with(check, Policy::Repair).unwrap_or(rules);
    }
    let (repaired, report) = judge(bars, Calendar::Fx, &rules);
    assert!(report.is_acceptable());
    // Two of the example's own bars lie inside the weekend; four of ours are dropped.
    assert_eq!(repaired.len(), 5_000 - 2 - 3);
    let mut counts = std::collections::BTreeMap::new();
    for repair in &report.repaired {
        *counts.entry(repair.what).or_insert(0) += 1;
    }
    let counts: Vec<(&str, i32)> = counts.iter().map(|(what, n)| (what.name(), *n)).collect();
    assert_eq!(
        counts,
        [
            ("order", 2),
            ("duplicates", 1),
            ("finite", 1),
            ("prices", 1),
            ("high_low", 1),
            ("weekend", 2)
        ]
    );
    let (again, report) = judge(repaired.clone(), Calendar::Fx, &rules);
    assert!(report.repaired.is_empty() && again == repaired);
}
