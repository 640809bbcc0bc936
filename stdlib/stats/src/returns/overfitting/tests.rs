use super::*;
use crate::golden::{assert_near, file, g12, number};

/// `g12(301, 1600 · 12)` as twelve configurations, the fourth with skill.
fn configurations(periods: usize, skill: f64) -> Vec<Vec<f64>> {
    let all = g12(301, 1_600 * 12);
    let of = |column: usize| {
        let lift = if column == 3 { skill } else { 0.0 };
        all.chunks(12).take(periods).map(|row| row[column] * 0.01 + lift).collect()
    };
    (0..12).map(of).collect()
}

fn blocks(count: u32) -> ValidationBlocks {
    ValidationBlocks::new(count).unwrap()
}

#[test]
fn agrees_with_numpy_on_whole_columns() {
    let golden = &file("statistics.json")["pbo"];
    for (name, periods, skill, count) in
        [("noise", 1_600, 0.0, 8), ("skilled", 1_600, 0.002, 8), ("sixteen", 800, 0.0, 16)]
    {
        let ours = backtest_overfitting(&configurations(periods, skill), blocks(count));
        let ours = ours.unwrap().defined().unwrap();
        let theirs = &golden[name];
        assert_eq!(ours.splits as u64, theirs["splits"].as_u64().unwrap());
        assert_near(name, ours.probability, number(&theirs["probability"]), 1e-12, 0.0);
        assert_near(name, ours.logit_median, number(&theirs["logit_median"]), 1e-9, 0.0);
    }
}

#[test]
fn the_earliest_periods_that_fill_no_block_do_not_count() {
    let whole = configurations(800, 0.0);
    let mut longer = whole.clone();
    for series in &mut longer {
        series.splice(0..0, [9.0, -0.9, 5.0]);
    }
    assert_eq!(backtest_overfitting(&whole, blocks(8)), backtest_overfitting(&longer, blocks(8)));
}

#[test]
fn idle_configurations_earn_nothing_and_are_not_undefined() {
    let mut some = configurations(160, 0.01);
    some[0].fill(0.0);
    some[1][..80].fill(0.0);
    let ours = backtest_overfitting(&some, blocks(4)).unwrap().defined().unwrap();
    assert!(ours.probability < 0.5 && ours.logit_median.is_finite(), "{ours:?}");
}

#[test]
fn equals_share_their_rank() {
    let same = vec![configurations(160, 0.0)[0].clone(); 11];
    let ours = backtest_overfitting(&same, blocks(4)).unwrap().defined().unwrap();
    // The middle of eleven is the median, which is no better than itself.
    assert_near("logit", ours.logit_median, 0.0, 0.0, 1e-12);
    assert_near("probability", ours.probability, 1.0, 0.0, 0.0);
}

#[test]
fn few_configurations_or_periods_say_nothing() {
    let few = configurations(800, 0.0)[..9].to_vec();
    let undefined = |needed, found| Ok(Measured::Undefined(Reason::TooFew { needed, found }));
    assert_eq!(backtest_overfitting(&few, ValidationBlocks::USUAL), undefined(10, 9));
    assert_eq!(backtest_overfitting(&[], ValidationBlocks::USUAL), undefined(10, 0));
    let short = configurations(31, 0.0);
    assert_eq!(backtest_overfitting(&short, ValidationBlocks::USUAL), undefined(32, 31));
    let mut uneven = configurations(800, 0.0);
    uneven[4].pop();
    assert!(backtest_overfitting(&uneven, ValidationBlocks::USUAL).is_err());
    uneven[4].push(f64::NAN);
    assert!(backtest_overfitting(&uneven, ValidationBlocks::USUAL).is_err());
    for count in [0, 1, 7, 22] {
        assert!(ValidationBlocks::new(count).is_err(), "{count}");
    }
}
