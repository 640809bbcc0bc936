//! A clean split passes every check; one sample in the wrong place fails the right one.

use super::*;
use crate::labels::Class;

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
