//! A clean split passes every check; one sample in the wrong place fails the right one.

use std::ops::Range;

use super::*;
use crate::labels::Class;

mod clean;
mod facts;
mod planted;

const TRAIN: [i64; 3] = [10, 20, 30];
const VALIDATION: [i64; 2] = [50, 60];
const TEST: [i64; 2] = [80, 90];

fn parts<'a, T>(train: &'a [T], validation: &'a [T], test: &'a [T]) -> Parts<&'a [T]> {
    Parts { train, validation, test }
}

/// Verdict and count.
fn ends(finding: &Finding) -> (LeakVerdict, usize) {
    (finding.verdict, finding.count)
}

#[test]
fn parts_are_in_order_of_time() {
    use LeakVerdict::{Fail, NotRun, Pass};
    assert_eq!(ends(&l1_parts_in_order(parts(&TRAIN, &VALIDATION, &TEST))), (Pass, 0));
    assert_eq!(ends(&l1_parts_in_order(parts(&[10, 50, 55], &VALIDATION, &TEST))), (Fail, 2));
    assert_eq!(ends(&l1_parts_in_order(parts(&TRAIN, &[], &[30, 80]))), (Fail, 1));
    assert_eq!(ends(&l1_parts_in_order(parts(&TRAIN, &[], &[]))), (NotRun, 0));
}

#[test]
fn labels_are_known_before_the_next_part_decides() {
    use LeakVerdict::{Fail, Pass};
    let decisions = parts(&TRAIN, &VALIDATION, &TEST);
    let with = |train: &[i64]| {
        ends(&l2_labels_end_in_time(decisions, parts(train, &[70, 79], &[120, 130])))
    };
    assert_eq!(with(&[30, 40, 49]), (Pass, 0));
    // Known at the very instant of the next decision is too late.
    assert_eq!(with(&[30, 40, 50]), (Fail, 1));
}

#[test]
fn the_declared_gap_is_there() {
    use LeakVerdict::{Fail, Pass};
    let with = |gap| ends(&l3_embargo_is_kept(parts(&[1, 2, 3], &[68, 69], &[134, 135]), gap));
    assert_eq!(with(64), (Pass, 0));
    assert_eq!(with(65), (Fail, 1));
}

#[test]
fn no_sample_is_in_two_parts() {
    use LeakVerdict::{Fail, Pass};
    let key = |time| ("EUR/USD", time);
    let with = |test: i64| {
        let (train, validation, test) = ([key(1), key(2)], [key(3)], [key(test)]);
        ends(&l4_keys_are_apart(parts(&train, &validation, &test)))
    };
    assert_eq!(with(4), (Pass, 0));
    assert_eq!(with(3), (Fail, 1));
    assert_eq!(with(1), (Fail, 1));
}

#[test]
fn hardly_a_test_row_is_seen_before() {
    use LeakVerdict::{Fail, NotRun, Pass, Warn};
    let train: Vec<f64> = (0..2_000).map(f64::from).collect();
    let test = |same: usize| -> Vec<f64> {
        let mut test: Vec<f64> = (0..4_000).map(|value| f64::from(value) + 0.5).collect();
        // Equal to 1e-12.
        test[..2 * same].iter_mut().for_each(|value| *value += 1e-14 - 0.5);
        test
    };
    let with = |test: &[f64]| {
        let rows = |values| Rows { values, width: 2 };
        ends(&l4b_rows_are_apart(Parts {
            train: rows(&train),
            validation: rows(&[]),
            test: rows(test),
        }))
    };
    assert_eq!(with(&test(0)), (Pass, 0));
    assert_eq!(with(&test(2)), (Warn, 2));
    assert_eq!(with(&test(3)), (Fail, 3));
    assert_eq!(with(&[]), (NotRun, 0));
}

#[test]
fn a_scaler_fitted_on_more_than_train_shows() {
    use LeakVerdict::{Fail, Pass};
    let of_train = Scaler { mean: &[1.0, 1e-12], scale: &[2.0, 3.0] };
    let with = |mean: &[f64], fit: Range<usize>| {
        let stored = Scaler { mean, scale: &[2.0, 3.0] };
        ends(&l5_scaler_is_of_train(stored, of_train, &fit, &(0..100)))
    };
    assert_eq!(with(&[1.0 + 1e-10, 2e-12], 0..100), (Pass, 0));
    assert_eq!(with(&[1.0 + 1e-7, 1e-12], 0..100), (Fail, 1));
    assert_eq!(with(&[1.0, 1e-12], 0..101), (Fail, 1));
    assert_eq!(with(&[f64::NAN, 1e-12], 0..100), (Fail, 1));
    assert_eq!(with(&[1.0], 0..100).0, Fail);
}

#[test]
fn a_baseline_must_not_have_learned_the_test() {
    use LeakVerdict::{Fail, NotRun, Pass};
    let with = |test: &[i64]| ends(&l14_test_is_new_to_baseline(&(0..100), test, 10));
    assert_eq!(with(&[110, 120]), (Pass, 0));
    assert_eq!(with(&[99, 109, 110]), (Fail, 2));
    assert_eq!(with(&[]), (NotRun, 0));
}

/// A cheap scramble of `0..n`, the same on every machine.
fn scrambled(rows: usize, step: usize) -> Vec<f64> {
    (0..rows).map(|row| (row * step % rows) as f64 / rows as f64 - 0.5).collect()
}

fn l6(name: &str, values: &[f64]) -> Finding {
    let returns = scrambled(1_009, 401);
    let class = |value: &f64| if *value > 0.1 { Class::Up } else { Class::Down };
    let classes: Vec<Class> = returns.iter().map(class).collect();
    let close: Vec<f64> = (0..1_009).map(f64::from).collect();
    let targets = Targets { log_returns: &returns, classes: &classes, future_closes: &[&close] };
    l6_target_in_features(&[("rsi_14", &scrambled(1_009, 17)), (name, values)], &targets)
}

#[test]
fn a_feature_called_like_a_target_fails() {
    use LeakVerdict::{Fail, Pass};
    let honest = scrambled(1_009, 101);
    for (name, verdict) in [
        ("macd_histogram", Pass),
        ("volatility", Pass),
        ("leading_edge", Pass),
        ("label", Fail),
        ("return_fwd", Fail),
        ("next_close", Fail),
        ("y", Fail),
        ("TARGET_1", Fail),
    ] {
        assert_eq!(l6(name, &honest).verdict, verdict, "{name}");
    }
}

#[test]
fn a_feature_that_is_the_target_fails_by_what_it_is() {
    let returns = scrambled(1_009, 401);
    let class = |up: f64, down: f64| {
        returns.iter().map(|r| if *r > 0.1 { up } else { down }).collect::<Vec<_>>()
    };
    let close: Vec<f64> = (0..1_009).map(f64::from).collect();
    let detail = |values: &[f64]| l6("a", values).detail;
    assert_eq!(detail(&returns), "`a` equals the future return");
    assert_eq!(detail(&class(2.0, 0.0)), "`a` equals the class");
    assert_eq!(detail(&class(1.0, -1.0)), "`a` equals the class");
    assert_eq!(detail(&close), "`a` equals the close 1 bars on");
    let mut nearly = returns.clone();
    nearly[..9].fill(7.0);
    assert_eq!(detail(&nearly), "`a` equals the future return");
}

#[test]
fn a_feature_that_foretells_too_well_warns_and_then_fails() {
    let (returns, noise) = (scrambled(1_009, 401), scrambled(1_009, 101));
    let mixed = |share: f64| -> Vec<f64> {
        // A cube keeps the ranks: the correlation is Spearman's.
        let mix = |(r, n): (&f64, &f64)| (share * r + (1.0 - share) * n).powi(3);
        returns.iter().zip(&noise).map(mix).collect()
    };
    assert_eq!(l6("a", &mixed(0.0)).verdict, LeakVerdict::Pass);
    let warned = l6("a", &mixed(0.2));
    assert_eq!(warned.verdict, LeakVerdict::Warn, "{warned}");
    let failed = l6("a", &mixed(0.6));
    assert_eq!(failed.verdict, LeakVerdict::Fail, "{failed}");
    let negative: Vec<f64> = mixed(0.6).iter().map(|value| -value).collect();
    assert_eq!(l6("a", &negative).verdict, LeakVerdict::Fail);
    // Few rows correlate by chance.
    assert_eq!(l6("a", &mixed(0.6)[..999]).verdict, LeakVerdict::Pass);
}

#[test]
fn a_finding_is_one_line() {
    let finding = l1_parts_in_order(parts(&TRAIN, &VALIDATION, &TEST));
    assert_eq!(finding.to_string(), "L1   pass     0 decisions lie in or after the next part");
    assert_eq!(serde_json::to_value(LeakVerdict::NotRun).unwrap(), "not_run");
}

#[test]
fn a_check_that_has_not_run_has_not_passed() {
    let honest = facts::Facts::honest(200).report();
    assert!(honest.is_clean() && honest.leaks() == Some(0));
    for check in LeakCheck::ALL {
        let mut report = honest.clone();
        let place = report.findings.iter().position(|of| of.check == check.id()).unwrap();
        report.findings[place] = Finding::not_run(check, "no facts");
        let is_asked_for = check.level() == Level::Fail;
        assert_eq!(report.is_clean(), !is_asked_for, "{check}");
        assert_eq!(report.leaks().is_none(), is_asked_for, "{check}");
        report.findings.remove(place);
        assert_eq!(report.is_clean(), !is_asked_for, "{check} left out");
        let gone = Finding::of(check, LeakVerdict::NotApplicable, 0, "no baseline".to_owned());
        report.findings.push(gone);
        assert!(report.is_clean(), "{check}");
    }
}

#[test]
fn nothing_known_is_eighteen_checks_not_run() {
    fn unknown<T>() -> Given<T> {
        Given::Unknown("nobody asked".to_owned())
    }
    let report = scan(&Evidence {
        decisions: unknown(),
        label_ends: unknown(),
        gap: unknown(),
        keys: unknown(),
        rows: unknown(),
        scaler: unknown(),
        features: unknown(),
        history: unknown(),
        shift: unknown(),
        permutation: unknown(),
        times: unknown(),
        parity: unknown(),
        evaluations: unknown(),
        baseline: unknown(),
        tenants: unknown(),
        transforms: unknown(),
        results: unknown(),
    });
    assert_eq!(report.ended(LeakVerdict::NotRun).count(), 18);
    assert_eq!(report.skipped().len(), 16);
    assert_eq!(report.to_string().lines().next(), Some("L1   not run  nobody asked"));
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<LeakReport>(&json).unwrap(), report);
}

#[test]
fn facts_that_are_empty_or_contradict_themselves_are_not_run() {
    use LeakVerdict::NotRun;
    let (none, some): (&[i64], &[i64]) = (&[], &[1]);
    let two = parts(some, &[3], none);
    assert_eq!(l2_labels_end_in_time(two, parts(&[2, 2], &[4], none)).verdict, NotRun);
    assert_eq!(l4_keys_are_apart(parts(some, none, none)).verdict, NotRun);
    let rows = |values| Rows { values, width: 1 };
    let parity = |trained, served| Parity { trained: rows(trained), served: rows(served) };
    assert_eq!(l12_serving_agrees(&parity(&[], &[])).verdict, NotRun);
    let times = PointInTime { joined: &[], ingested_at: &[], as_of: 0 };
    assert_eq!(l11_rows_were_known(&times).verdict, NotRun);
    let tenants = Tenants { found: &[], allowed: &["platform"] };
    assert_eq!(l15_tenants_are_allowed(&tenants).verdict, NotRun);
    let few = PermutationTest { correct: &[true; 95], majority: 0.4 };
    assert_eq!(l10_permuted_labels_teach_nothing(&few).verdict, NotRun);
    let unknown = ShiftTest { majority: 0.4, as_is: f64::NAN, delayed: 0.4, advanced: &[] };
    assert_eq!(l9_delay_costs_little(&unknown).verdict, NotRun);
    let unknown =
        Results { accuracy: None, sharpe: Some((f64::NAN, 1.0)), bars: 9, accepted: None };
    assert_eq!(l17_not_too_good(&unknown).verdict, NotRun);
    let failing = |_: Range<usize>| Err("no library".to_owned());
    let history = History {
        names: &["a"],
        rows: rows(&[1.0, 2.0, 3.0]),
        recompute: &failing,
        warm_up: 1,
        seed: 1,
    };
    assert_eq!(l7_future_is_not_needed(&history).detail, "no library");
    assert_eq!(l8_start_is_forgotten(&history).verdict, NotRun);
    let short = History { warm_up: 3, ..history };
    assert_eq!(l8_start_is_forgotten(&short).detail, "3 bars do not reach beyond a warm-up of 3");
    let few = |_: Range<usize>| Ok(vec![0.0]);
    let history = History { recompute: &few, warm_up: 2, ..short };
    assert_eq!(l7_future_is_not_needed(&history).verdict, NotRun);
}

#[test]
fn what_is_too_good_can_be_accepted_with_a_reason() {
    let with = |accuracy, sharpe, bars, accepted| {
        let results = Results { accuracy: Some(accuracy), sharpe, bars, accepted };
        l17_not_too_good(&results).to_string()
    };
    let page = [
        with(0.67, Some((1.2, 1.4)), 3_000, None),
        with(0.9, Some((1.2, 1.4)), 3_000, None),
        with(0.9, None, 3_000, Some("a synthetic market")),
        with(0.9, None, 3_000, Some(" ")),
        with(0.5, Some((6.0, 1.0)), 3_000, None),
        with(0.5, Some((5.99, 1.0)), 3_000, None),
        with(0.5, Some((6.0, 1.0)), 2_999, None),
    ];
    expect_test::expect![[r#"
        L17  pass     an accuracy of 67.0 % and a Sharpe ratio of 1.20 ± 1.40 on 3000 bars
        L17  fail     an accuracy of 90.0 % on 3000 bars: too good to be true
        L17  warn     an accuracy of 90.0 % on 3000 bars: too good to be true; accepted: a synthetic market
        L17  fail     an accuracy of 90.0 % on 3000 bars: too good to be true
        L17  fail     a Sharpe ratio of 6.00 ± 1.00 on 3000 bars: too good to be true
        L17  pass     an accuracy of 50.0 % and a Sharpe ratio of 5.99 ± 1.00 on 3000 bars
        L17  warn     a Sharpe ratio of 6.00 ± 1.00 on 2999 bars: too good to be true"#]].assert_eq(&page.join("\n"));
}

#[test]
fn a_permutation_keeps_blocks_and_loses_none() {
    for samples in [0, 1, 47, 48, 49, 1_000] {
        let order = block_permutation(samples, 3);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..samples).collect::<Vec<_>>());
        assert_eq!(order, block_permutation(samples, 3));
    }
    let order = block_permutation(960, 3);
    assert_ne!(order, block_permutation(960, 4));
    let breaks = order.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
    assert!((15..20).contains(&breaks), "{breaks}");
    assert!(order.chunks(48).all(|block| block.windows(2).all(|pair| pair[1] == pair[0] + 1)));
}

#[test]
fn checks_are_known_by_their_numbers() {
    for check in LeakCheck::ALL {
        assert_eq!(check.id().parse(), Ok(check));
    }
    let unknown = "L18".parse::<LeakCheck>().unwrap_err();
    assert_eq!(unknown.to_string(), "no leakage check `L18`; the checks are L1 to L17, and L4b");
}
