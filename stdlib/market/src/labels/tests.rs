//! Thresholds, ties, and what a label must not need.

use std::path::Path;

use super::*;
use crate::source::{ColumnNames, read_parquet};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");

fn example() -> Bars {
    let path = Path::new(EXAMPLE);
    read_parquet(path, "EUR/USD", TimeDelta::hours(1), &ColumnNames::standard()).unwrap()
}

const VOL: LabelRule = LabelRule::VolScaled { k: 0.43 };

#[test]
fn a_threshold_is_k_sigma_root_h() {
    // Returns of +1 % and −1 % in turn: 100 of them have σ = 0.01·√(100/99).
    let closes: Vec<f64> =
        (0..=100).map(|bar| if bar % 2 == 0 { 1.0 } else { 0.01_f64.exp() }).collect();
    let expected = 0.43 * 0.01 * (100.0_f64 / 99.0).sqrt() * 2.0;
    assert!((threshold(&closes, VOL, 4).unwrap() - expected).abs() < 1e-15);
    assert_eq!(threshold(&closes[1..], VOL, 4), None);
    // Only the last 100 returns count.
    let longer: Vec<f64> = [9.0, 1.0].iter().chain(&closes[1..]).copied().collect();
    assert_eq!(threshold(&longer, VOL, 4), threshold(&closes, VOL, 4));
    assert_eq!(threshold(&[], LabelRule::Fixed { bps: 10.0 }, 4), Some(0.001));
}

#[test]
fn a_tie_is_flat() {
    assert_eq!(classify(0.001, 0.001), Class::Flat);
    assert_eq!(classify(-0.001, 0.001), Class::Flat);
    assert_eq!(classify(0.001_000_1, 0.001), Class::Up);
    assert_eq!(classify(-0.001_000_1, 0.001), Class::Down);
    assert_eq!(classify(0.0, 0.0), Class::Flat);
    assert_eq!(Class::ALL.map(Class::index), [0, 1, 2]);
}

#[test]
fn the_first_hundred_bars_and_the_last_four_have_no_label() {
    let labels = labels(&example(), VOL, 4, Calendar::Fx).unwrap();
    assert_eq!(labels.len(), 5_000);
    let unlabelled: Vec<usize> = (0..5_000).filter(|bar| labels[*bar].is_none()).collect();
    assert_eq!(unlabelled, (0..100).chain(4_996..5_000).collect::<Vec<_>>());
    let fixed = super::labels(&example(), LabelRule::Fixed { bps: 10.0 }, 4, Calendar::Fx).unwrap();
    assert_eq!(fixed.iter().filter(|label| label.is_none()).count(), 4);
}

#[test]
fn real_hours_are_flat_more_often_than_up_or_down() {
    let labels = labels(&example(), VOL, 4, Calendar::Fx).unwrap();
    let of = |class| labels.iter().flatten().filter(|label| label.class == class).count();
    // Returns of real markets have a higher peak than the normal law, which would give thirds.
    assert_eq!(Class::ALL.map(of), [1_271, 2_182, 1_443]);
}

#[test]
fn a_label_is_due_in_market_time_and_known_when_the_bar_has_closed() {
    let bars = example();
    let labels = labels(&bars, VOL, 4, Calendar::Fx).unwrap();
    let at = |time: &str| {
        let time: DateTime<Utc> = time.parse().unwrap();
        bars.time.iter().position(|open| *open == time.timestamp_micros()).unwrap()
    };
    let shown = |time: DateTime<Utc>| time.format("%a %F %H:%M").to_string();
    // The bar of Friday 18:00 closes at 19:00, two hours before New York's week ends.
    let friday = labels[at("2017-05-05T18:00:00Z")].unwrap();
    assert_eq!(shown(friday.due), "Sun 2017-05-07 23:00");
    assert_eq!(friday.due, friday.known);
    // Four labels wait over Christmas and four over New Year, whose bars are missing; the two bars
    // inside weekends are each among the four bars of four labels, which come early.
    let late = labels.iter().flatten().filter(|label| label.known > label.due).count();
    let early = labels.iter().flatten().filter(|label| label.known < label.due).count();
    assert_eq!((late, early), (8, 8));
}

#[test]
fn a_threshold_knows_nothing_of_later_bars() {
    let bars = example();
    let whole = labels(&bars, VOL, 4, Calendar::Fx).unwrap();
    let cut = labels(&bars.slice(0..3_005), VOL, 4, Calendar::Fx).unwrap();
    assert_eq!(cut[..3_001], whole[..3_001]);
}

#[test]
fn a_rule_that_orders_nothing_is_refused() {
    let said =
        |rule, horizon| labels(&example(), rule, horizon, Calendar::Fx).unwrap_err().to_string();
    assert_eq!(said(VOL, 0), "a label's horizon is 0 bars; it must be at least one");
    assert_eq!(
        said(LabelRule::VolScaled { k: 0.0 }, 4),
        "a label's threshold factor is 0; it must be a number above zero"
    );
    assert!(labels(&example(), LabelRule::Fixed { bps: f64::NAN }, 4, Calendar::Fx).is_err());
}

/// Bars of one hour with these highs and lows around closes of 1, after 101 bars that move by one
/// percent up and down in turn: sigma is known from bar 100 on.
fn after_calm(path: &[(f64, f64)]) -> Bars {
    let mut bars = Bars::empty("EUR/USD", TimeDelta::hours(1));
    let calm = (0..=100).map(|bar| if bar % 2 == 0 { 1.0 } else { 0.01_f64.exp() });
    let calm = calm.map(|close| (close, close, close));
    let path = path.iter().map(|(high, low)| (*high, *low, 1.0));
    for (bar, (high, low, close)) in calm.chain(path).enumerate() {
        bars.time.push(3_600_000_000 * i64::try_from(bar).unwrap());
        bars.open.push(close);
        bars.high.push(high);
        bars.low.push(low);
        bars.close.push(close);
        bars.volume.push(1.0);
    }
    bars
}

#[test]
fn the_first_barrier_decides() {
    let rule = LabelRule::TripleBarrier { profit: 1.0, stop: 0.5 };
    // One deviation of four bars: 0.02·√(100/99).
    let unit = 0.02 * (100.0_f64 / 99.0).sqrt();
    let (up, down) = (unit.exp(), (-unit / 2.0).exp());
    let of = |path: [(f64, f64); 4]| {
        let bars = after_calm(&path);
        let label = label_at(&bars, 100, rule, 4, Calendar::Always).unwrap().unwrap();
        assert_eq!(labels(&bars, rule, 4, Calendar::Always).unwrap()[100], Some(label));
        let bar = bars
            .time
            .iter()
            .position(|open| open + 3_600_000_000 == label.known.timestamp_micros());
        (label.class, bar.unwrap() - 100, (label.log_return / unit * 1e6).round() / 1e6)
    };
    let still = (1.0, 1.0);
    assert_eq!(of([still, still, still, still]), (Class::Flat, 4, 0.0));
    assert_eq!(of([still, (up * 1.000_001, 1.0), (1.0, down * 0.9), still]), (Class::Up, 2, 1.0));
    assert_eq!(
        of([still, still, (1.0, down * 0.999_999), (up * 2.0, 1.0)]),
        (Class::Down, 3, -0.5)
    );
    // Just short of both.
    assert_eq!(of([(up * 0.999_999, down * 1.000_001); 4]), (Class::Flat, 4, 0.0));
    // Both in one bar: the stop.
    assert_eq!(of([(up * 1.01, down * 0.99), still, still, still]), (Class::Down, 1, -0.5));
    // A bar beyond the horizon decides nothing, and without the horizon's last bar none is made.
    let bars = after_calm(&[still, (up * 2.0, 1.0), still]);
    assert_eq!(label_at(&bars, 100, rule, 4, Calendar::Always), Ok(None));
    assert!((threshold(&bars.close[..=100], rule, 4).unwrap() - unit).abs() < 1e-15);
}

#[test]
fn a_bar_of_the_future_changes_no_label_that_was_known_before_it() {
    let bars = example().slice(0..600);
    let rules =
        [VOL, LabelRule::Fixed { bps: 10.0 }, LabelRule::TripleBarrier { profit: 1.0, stop: 1.0 }];
    for rule in rules {
        let whole = labels(&bars, rule, 4, Calendar::Fx).unwrap();
        for changed in (105..600).step_by(29) {
            let mut other = bars.clone();
            for column in [&mut other.open, &mut other.high, &mut other.low, &mut other.close] {
                column[changed] *= 1.5;
            }
            let now = labels(&other, rule, 4, Calendar::Fx).unwrap();
            assert_eq!(now[..changed - 4], whole[..changed - 4], "{rule:?} {changed}");
            assert_ne!(now, whole, "{rule:?} {changed}: the bar is not used at all");
        }
    }
}

#[test]
fn one_bar_is_labelled_as_all_are() {
    let bars = example().slice(0..400);
    for calendar in [Calendar::Fx, Calendar::Always] {
        let whole = labels(&bars, VOL, 6, calendar).unwrap();
        for bar in 0..401 {
            let one = label_at(&bars, bar, VOL, 6, calendar).unwrap();
            assert_eq!(one, whole.get(bar).copied().flatten(), "{bar}");
            let due = |open: usize| {
                calendar.add_market_time(bars.close_time(open).unwrap(), TimeDelta::hours(6))
            };
            assert_eq!(one.map(|label| label.due), one.map(|_| due(bar)));
        }
    }
}

#[test]
fn a_horizon_is_whole_bars() {
    let hours = TimeDelta::hours;
    assert_eq!(horizon_bars(hours(4), hours(1)), Ok(4));
    assert_eq!(horizon_bars(hours(1), TimeDelta::minutes(5)), Ok(12));
    assert_eq!(horizon_bars(hours(0), hours(1)), Err(LabelError::Horizon));
    let said = |horizon, timeframe| horizon_bars(horizon, timeframe).unwrap_err().to_string();
    assert_eq!(
        said(TimeDelta::minutes(90), hours(1)),
        "a horizon of 90 min does not end with a bar of 1 h"
    );
    assert_eq!(said(hours(1), hours(0)), "a horizon of 1 h does not end with a bar of 0 d");
    let barrier = LabelRule::TripleBarrier { profit: 1.0, stop: -1.0 };
    assert_eq!(
        labels(&example(), barrier, 4, Calendar::Fx).unwrap_err(),
        LabelError::Threshold(-1.0)
    );
}
