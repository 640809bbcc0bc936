//! The example at a glance, and series that are hardly any.

use std::path::Path;

use expect_test::expect;

use super::*;
use crate::quality::Policy;
use crate::source::{ColumnNames, read_parquet};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");

fn example() -> Bars {
    let path = Path::new(EXAMPLE);
    read_parquet(path, "EUR/USD", TimeDelta::hours(1), &ColumnNames::standard()).unwrap()
}

#[test]
fn the_example_at_a_glance() {
    let description = describe(&example(), Calendar::Fx, &QualityRules::standard());
    expect![[r#"
        EUR/USD 1 h, 5000 rows
        span    2017-04-19T09:00:00Z to 2018-02-07T15:00:00Z
        prices  1.06824 to 1.25374
        volume  5000 of 5000 rows, spread no
        2017    4358 rows of 4382 expected
        2018    642 rows of 664 expected
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
    "#]].assert_eq(&description.to_string());
    let json = serde_json::to_string(&description).unwrap();
    assert_eq!(serde_json::from_str::<Description>(&json).unwrap(), description);
    let expected: usize = description.years.iter().map(|year| year.expected).sum();
    // Two of the rows lie inside weekends.
    assert_eq!(expected - description.missing() + 2, description.rows);
}

#[test]
fn bad_bars_are_described_as_they_are() {
    let mut bars = example().slice(0..1_500);
    bars.time.swap(3, 900);
    bars.close[10] = f64::NAN;
    bars.high[11] = f64::INFINITY;
    bars.low[12] = -3.0;
    let repairing = Check::ALL.into_iter().fold(QualityRules::standard(), |rules, check| {
        rules.clone().with(check, Policy::Repair).unwrap_or(rules)
    });
    let description = describe(&bars, Calendar::Fx, &repairing);
    assert_eq!((description.rows, description.first), (1_500, bars.open_time(0)));
    let prices = description.prices.unwrap();
    assert!(prices.low < 0.0 && prices.high < 2.0);
    assert!(description.quality.repaired.is_empty() && !description.quality.is_acceptable());
}

#[test]
fn a_series_without_bars_has_no_span() {
    let bars = Bars::empty("EUR/USD", TimeDelta::hours(1));
    let description = describe(&bars, Calendar::Fx, &QualityRules::standard());
    assert_eq!((description.first, description.prices, description.years.len()), (None, None, 0));
    assert!(
        description
            .to_string()
            .starts_with("EUR/USD 1 h, 0 rows\nvolume  0 of 0 rows, spread no\n")
    );
}
