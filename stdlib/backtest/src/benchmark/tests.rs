use super::*;
use crate::{Bar, BarCalendar, Costs, run};
use proptest::prelude::*;
use std::num::NonZeroUsize;

const L: Option<Side> = Some(Side::Long);
const S: Option<Side> = Some(Side::Short);

/// Hourly bars that open where the last one closed; `price` of the hour is its close.
fn bars(hours: u32, price: impl Fn(f64) -> f64) -> Vec<Bar> {
    (0..hours)
        .map(|hour| {
            let (open, close) = (price(f64::from(hour) - 1.0), price(f64::from(hour)));
            let (high, low) = (open.max(close), open.min(close));
            Bar { time_us: i64::from(hour), open, high, low, close }
        })
        .collect()
}

fn rules(exit: Exit) -> Rules {
    Rules { costs: Costs::NONE, exit, stops: Stops::NONE, starting_equity: 100.0 }
}

fn all(prices: &[Bar], signals: &[Option<Side>], exit: Exit, seed: u64) -> Benchmarks {
    let calendar = vec![BarCalendar::default(); prices.len()];
    let market = Market::new(prices, &calendar, None).unwrap();
    run(&market, signals, &rules(exit), PeriodsPerYear::FX_HOURLY, seed).unwrap().benchmarks
}

#[test]
fn holding_earns_what_the_market_earns_from_the_first_open_that_can_be_traded() {
    let prices = bars(11, |hour| 100.0 + hour);
    let ours = all(&prices, &[None; 11], Exit::Signal, 1);
    let held = ours.buy_and_hold.total_return.defined().unwrap();
    assert!((held - (110.0 / 100.0 - 1.0)).abs() < 1e-12, "{held}");
    assert_eq!(ours.flat.total_return, Measured::Defined(0.0));
    assert_eq!(ours.flat.sharpe, Measured::Undefined(Reason::NoVariation));
}

#[test]
fn the_last_sign_follows_a_trend_and_loses_on_a_zigzag() {
    let trend = all(&bars(40, |hour| 100.0 - hour), &[None; 40], Exit::Signal, 1);
    assert!(trend.last_return_sign.total_return.defined().unwrap() > 0.3);
    let zigzag = bars(40, |hour| if hour.rem_euclid(2.0) < 1.0 { 100.0 } else { 101.0 });
    let ours = all(&zigzag, &[None; 40], Exit::Signal, 1);
    assert!(ours.last_return_sign.total_return.defined().unwrap() < -0.2);
}

#[test]
fn perfect_timing_is_beaten_by_no_random_one_and_worthless_timing_by_most() {
    let wave = |hour: f64| 100.0 + (hour * 0.7).sin() + (hour * 0.31).sin();
    let prices = bars(200, wave);
    let towards = |hour: u32, up, down| {
        if wave(f64::from(hour) + 1.0) > wave(f64::from(hour)) { up } else { down }
    };
    let perfect: Vec<_> = (0..200).map(|hour| towards(hour, L, S)).collect();
    let ours = all(&prices, &perfect, Exit::Signal, 7).random;
    assert_eq!(ours.p, Measured::Defined(1.0 / 201.0));
    let wrong: Vec<_> = (0..200).map(|hour| towards(hour, S, L)).collect();
    assert_eq!(all(&prices, &wrong, Exit::Signal, 7).random.p, Measured::Defined(1.0));
}

#[test]
fn holding_all_the_time_has_no_timing_to_speak_of() {
    let prices = bars(50, |hour| 100.0 + (hour * 0.7).sin());
    let ours = all(&prices, &[L; 50], Exit::Horizon(NonZeroUsize::new(4).unwrap()), 1);
    assert_eq!(ours.random.p, Measured::Defined(1.0));
}

#[test]
fn a_seed_is_one_outcome_and_another_seed_another() {
    let prices = bars(120, |hour| 100.0 + (hour * 0.7).sin() + (hour * 0.31).cos());
    let signals: Vec<_> = (0..120).map(|hour| [L, S, None, L, None][hour / 3 % 5]).collect();
    let mean = |seed| all(&prices, &signals, Exit::Signal, seed).random.mean_return;
    assert_eq!(mean(1), mean(1));
    assert_ne!(mean(1), mean(2));
}

#[test]
fn a_draw_is_below_its_bound_and_reaches_all_of_it() {
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let mut seen = [0; 6];
    for _ in 0..6_000 {
        seen[below(6, &mut chance)] += 1;
    }
    assert!(seen.iter().all(|count| (850..1_150).contains(count)), "{seen:?}");
    assert_eq!(below(0, &mut chance), 0);
}

proptest! {
    #[test]
    fn random_positions_keep_exposure_and_turnover(
        picks in prop::collection::vec(0_usize..3, 1..80), seed in any::<u64>(),
    ) {
        let positions: Vec<_> = picks.iter().map(|pick| [None, L, S][*pick]).collect();
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let dealt = Runs::of(&positions).shuffled(&mut chance).into_iter();
        let dealt: Vec<_> =
            dealt.flat_map(|(side, bars)| std::iter::repeat_n(side, bars)).collect();
        prop_assert_eq!(dealt.len(), positions.len());
        for side in [None, L, S] {
            let held = |path: &[Option<Side>]| path.iter().filter(|held| **held == side).count();
            prop_assert_eq!(held(&positions), held(&dealt));
        }
        let changes = |path: &[Option<Side>]| path.windows(2).filter(|pair| pair[0] != pair[1]).count();
        prop_assert!(changes(&dealt).abs_diff(changes(&positions)) <= 1);
    }
}
