//! Cutting a series.

use super::*;

fn five() -> Bars {
    let mut bars = Bars::empty("EUR/USD", TimeDelta::hours(1));
    bars.time = (0..5).map(|hour| hour * 3_600_000_000).collect();
    let prices = vec![1.0, 2.0, 3.0, 4.0, 5.0];
    (bars.open, bars.high) = (prices.clone(), prices.clone());
    (bars.low, bars.close) = (prices.clone(), prices.clone());
    bars.volume = prices.clone();
    bars.spread = Some(prices);
    bars
}

#[test]
fn a_slice_cuts_every_column_alike_and_forgives_the_end() {
    let cut = five().slice(3..9);
    assert_eq!((cut.len(), cut.iter().count()), (2, 2));
    assert_eq!((&cut.volume, cut.spread.as_ref()), (&vec![4.0, 5.0], Some(&vec![4.0, 5.0])));
    assert!(five().slice(7..9).is_empty());
}

#[test]
fn a_stretch_of_time_includes_its_start_and_not_its_end() {
    let hour = |hour: i64| DateTime::from_timestamp(hour * 3_600, 0).unwrap();
    assert_eq!(five().between(hour(1), hour(3)).close, [2.0, 3.0]);
    assert!(five().between(hour(3), hour(1)).is_empty());
}

#[test]
fn a_bar_is_known_when_it_closes() {
    let bars = five();
    assert_eq!(bars.open_time(4).unwrap().timestamp(), 4 * 3_600);
    assert_eq!(bars.close_time(4).unwrap().timestamp(), 5 * 3_600);
    assert_eq!(bars.close_time(5), None);
}
