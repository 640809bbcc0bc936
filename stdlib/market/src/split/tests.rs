//! The arithmetic of the workflow's example, its limits, and that no label crosses a boundary.

use expect_test::expect;

use super::*;

const SAMPLING: Sampling = Sampling { warm_up: 293, sequence: 60, horizon: 4 };

fn shown(split: &Split) -> String {
    let Split { train, validation, test, dropped } = split;
    format!("{train:?} {validation:?} {test:?}\n{dropped:?}\n")
}

#[test]
fn the_example_of_5_000_bars_leaves_3_124_and_twice_624() {
    // 144 bars are held back for the rehearsal.
    let split = plan_split(5_000 - 144, &SAMPLING, &SplitRule::standard()).unwrap();
    assert_eq!([split.train.len(), split.validation.len(), split.test.len()], [3_124, 624, 624]);
    expect![[r#"
        0..3124 3188..3812 3876..4500
        Dropped { warm_up: 293, sequence: 59, labels: 4, nan: 0, purge: 8, embargo: 120 }
    "#]]
    .assert_eq(&shown(&split));
    assert_eq!(SAMPLING.first_bar(), 352);
}

#[test]
fn every_bar_is_accounted_for_once() {
    let rule = SplitRule {
        minimum: MinimumRows { train: 0, validation: 0, test: 0 },
        ..SplitRule::standard()
    };
    for bars in [0, 1, 293, 300, 352, 353, 356, 357, 484, 485, 486, 1_000, 4_856, 100_001] {
        let split = plan_split(bars, &SAMPLING, &rule).unwrap();
        let Dropped { warm_up, sequence, labels, nan, purge, embargo } = split.dropped;
        let samples = split.train.len() + split.validation.len() + split.test.len();
        let gaps = (purge + embargo).min(bars - warm_up - sequence - labels - nan);
        assert_eq!(warm_up + sequence + labels + nan + gaps + samples, bars, "{bars}");
    }
}

#[test]
fn no_label_and_no_sequence_crosses_a_boundary() {
    let split = plan_split(4_856, &SAMPLING, &SplitRule::standard()).unwrap();
    for (earlier, later) in [(&split.train, &split.validation), (&split.validation, &split.test)] {
        let (last, first) = (earlier.end - 1, later.start);
        assert!(last + SAMPLING.horizon < first, "a label is known before the next part decides");
        let begins = first + 1 - SAMPLING.sequence;
        assert!(last + SAMPLING.horizon < begins, "and before the next part's first sequence");
    }
    // The last sample's label is the last bar.
    assert_eq!(SAMPLING.first_bar() + split.test.end - 1 + SAMPLING.horizon, 4_855);
}

#[test]
fn an_embargo_may_be_none_and_a_purge_may_not_be_short() {
    let rule = SplitRule { embargo: Some(0), ..SplitRule::standard() };
    let split = plan_split(4_856, &SAMPLING, &rule).unwrap();
    assert_eq!(split.validation.start - split.train.end, 4);
    let short = SplitRule { purge: Some(3), ..rule };
    let error = plan_split(4_856, &SAMPLING, &short).unwrap_err();
    assert_eq!(error.code(), "purge-too-short");
    assert_eq!(
        error.to_string(),
        "a purge of 3 bars is shorter than the horizon of 4: labels would reach into the next \
         split; write at least 4 or leave it out"
    );
}

#[test]
fn too_few_rows_says_how_many_more_would_do() {
    let error = plan_split(1_500, &SAMPLING, &SplitRule::standard()).unwrap_err();
    assert_eq!(error.code(), "too-few-rows");
    assert_eq!(
        error.to_string(),
        "too few rows: train 726, validation 145, test 145; at least 1000, 200, 200 are needed, \
         which is 384 more bars in all"
    );
    assert!(plan_split(1_500 + 383, &SAMPLING, &SplitRule::standard()).is_err());
    assert!(plan_split(1_500 + 384, &SAMPLING, &SplitRule::standard()).is_ok());
}

#[test]
fn shares_are_parts_of_any_whole() {
    let of = |train, validation, test| {
        let rule =
            SplitRule { shares: Shares { train, validation, test }, ..SplitRule::standard() };
        plan_split(20_000, &SAMPLING, &rule).map(|split| split.test.len())
    };
    assert_eq!(of(5, 1, 1), of(500, 100, 100));
    assert_eq!(of(70, 15, 15), of(14, 3, 3));
    assert_eq!(of(5, 1, 0), Err(SplitError::Nothing));
    let none = Sampling { sequence: 0, ..SAMPLING };
    assert_eq!(plan_split(20_000, &none, &SplitRule::standard()), Err(SplitError::Nothing));
}

#[test]
fn a_gap_in_the_features_costs_every_sequence_that_holds_it() {
    let mut usable = vec![true; 1_000];
    let labelled: Vec<bool> = (0..1_000).map(|bar| bar < 996).collect();
    let whole = usable_samples(&usable, &labelled, &SAMPLING);
    assert_eq!((whole.first(), whole.last(), whole.len()), (Some(&352), Some(&995), 644));
    usable[600] = false;
    let gappy = usable_samples(&usable, &labelled, &SAMPLING);
    assert_eq!(gappy.len(), 644 - 60);
    assert!(!gappy.contains(&600) && !gappy.contains(&659) && gappy.contains(&660));
    let rule = SplitRule {
        minimum: MinimumRows { train: 0, validation: 0, test: 0 },
        ..SplitRule::standard()
    };
    let split = split_samples(1_000, &gappy, &SAMPLING, &rule).unwrap();
    assert_eq!(split.dropped.nan, 60);
}

#[test]
fn a_changed_bar_moves_no_sample_to_another_part() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");
    let bars = crate::decode(std::fs::read(path).unwrap()).unwrap().slice(0..2_400);
    let rule = crate::LabelRule::VolScaled { k: 0.43 };
    let divided = |bars: &crate::Bars| {
        let labels = crate::labels(bars, rule, 4, suho_time::Calendar::Fx).unwrap();
        let labelled: Vec<bool> = labels.iter().map(Option::is_some).collect();
        let samples = usable_samples(&vec![true; bars.len()], &labelled, &SAMPLING);
        let split = split_samples(bars.len(), &samples, &SAMPLING, &SplitRule::standard()).unwrap();
        (samples, split)
    };
    let whole = divided(&bars);
    for changed in (0..2_400).step_by(173) {
        let mut other = bars.clone();
        other.close[changed] *= 1.2;
        assert_eq!(divided(&other), whole, "{changed}");
    }
    let [train, validation, test] = {
        let (samples, split) = &whole;
        let decisions: Vec<i64> =
            samples.iter().map(|bar| bars.time[*bar] + 3_600_000_000).collect();
        split.spans(&decisions)
    };
    assert!(train.last < validation.first && validation.last < test.first);
    expect![[r#"
        1370 samples, 2017-05-10 02:00 to 2017-07-28 03:00
        273 samples, 2017-08-01 20:00 to 2017-08-17 04:00
        273 samples, 2017-08-21 21:00 to 2017-09-06 05:00"#]]
    .assert_eq(&[train, validation, test].map(|part| part.to_string()).join("\n"));
}
