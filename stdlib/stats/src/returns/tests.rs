use super::*;
use crate::golden::{assert_near, file, g12, number, numbers};
use proptest::prelude::*;
use std::num::NonZeroU32;

fn returns(values: &[f64]) -> Returns {
    Returns::new(values.to_vec()).unwrap()
}

fn year(periods: f64) -> PeriodsPerYear {
    PeriodsPerYear::new(periods).unwrap()
}

/// Where this crate says otherwise than numpy, as the workflow does: a Sharpe ratio of constant
/// returns is undefined and not 8.9e16, breaking even is a loss, and ruin ends the series.
const OTHERWISE: [(&str, &str); 19] = [
    ("up_only", "sharpe"),
    ("up_only", "sortino"),
    ("up_only", "calmar"),
    ("up_only", "profit_factor"),
    ("flat", "sharpe"),
    ("flat", "sortino"),
    ("flat", "calmar"),
    ("flat", "profit_factor"),
    ("down_only", "sharpe"),
    ("one", "vol_ann"),
    ("one", "sharpe"),
    ("one", "sortino"),
    ("one", "calmar"),
    ("one", "profit_factor"),
    // Beyond here, differences of definition rather than undefined ones.
    ("recover", "win_rate"),
    ("wipeout", "vol_ann"),
    ("wipeout", "max_dd_len"),
    ("wipeout", "sharpe"),
    ("wipeout", "sortino"),
];

#[test]
fn agrees_with_numpy_wherever_both_define_the_metric() {
    let mut compared = 0;
    for case in file("returns.json")["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let values = match case.get("returns") {
            Some(values) => numbers(values),
            None => g12(51, 6_048).into_iter().map(|v| v * 0.001 + 0.00002).collect(),
        };
        let (series, periods) = (returns(&values), year(number(&case["periods_per_year"])));
        for (metric, ours) in [
            ("total_return", series.total()),
            ("cagr", series.cagr(periods)),
            ("vol_ann", series.volatility(periods)),
            ("max_dd_len", series.longest_drawdown().map(|length| length as f64)),
            ("sharpe", series.sharpe(periods)),
            ("sortino", series.sortino(periods)),
            ("max_drawdown", series.max_drawdown()),
            ("calmar", series.calmar(periods)),
            ("win_rate", win_rate(&values)),
            ("profit_factor", profit_factor(&values)),
        ] {
            let differs = OTHERWISE.contains(&(name, metric));
            let theirs = number(&case["m"][metric]);
            match ours {
                Measured::Defined(ours) if !differs => {
                    assert_near(&format!("{name} {metric}"), ours, theirs, 1e-12, 1e-15);
                    compared += 1;
                }
                Measured::Defined(ours) => assert!((ours - theirs).abs() > 1e-6, "{name} {metric}"),
                Measured::Undefined(reason) => assert!(differs, "{name} {metric}: {reason}"),
            }
        }
    }
    assert_eq!(compared, 8 * 3 * 10 - OTHERWISE.len() * 3);
}

#[test]
fn skewness_and_kurtosis_agree_with_scipy() {
    for case in file("returns.json")["cases"].as_array().unwrap() {
        if case["name"] == "mixed_60" {
            let moments = returns(&numbers(&case["returns"])).sharpe_moments().defined().unwrap();
            assert_near("skew", moments.skewness, number(&case["m"]["skew"]), 1e-12, 0.0);
            let excess = number(&case["m"]["kurt_excess"]);
            assert_near("kurtosis", moments.kurtosis - 3.0, excess, 1e-12, 0.0);
        }
    }
}

#[test]
fn what_does_not_exist_says_why() {
    let (up, year) = (returns(&[0.01; 20]), year(252.0));
    assert_eq!(up.sharpe(year), Measured::Undefined(Reason::NoVariation));
    assert_eq!(up.sharpe_error(year), Measured::Undefined(Reason::NoVariation));
    assert_eq!(up.sortino(year), Measured::Undefined(Reason::NoDownside));
    assert_eq!(up.calmar(year), Measured::Undefined(Reason::NoDrawdown));
    assert_eq!(
        returns(&[0.1]).sharpe(year),
        Measured::Undefined(Reason::TooFew { needed: 2, found: 1 })
    );
    let none = returns(&[]);
    for metric in [none.cagr(year), none.sortino(year), none.max_drawdown(), none.calmar(year)] {
        assert_eq!(metric, Measured::Undefined(Reason::NoObservations));
    }
    assert_eq!(win_rate(&[]), Measured::Undefined(Reason::NoTrades));
    assert_eq!(profit_factor(&[]), Measured::Undefined(Reason::NoTrades));
    assert_eq!(profit_factor(&[1.0, 0.0]), Measured::Undefined(Reason::AllWins));
    assert_eq!(returns(&[1e300, 1e300]).total(), Measured::Undefined(Reason::Overflow));
}

#[test]
fn breaking_even_is_a_loss() {
    assert_eq!(win_rate(&[1.0, 0.0, -1.0, 2.0]), Measured::Defined(0.5));
}

#[test]
fn ruin_ends_the_curve_at_a_drawdown_of_one() {
    let ruined = Returns::of_equity(&[100.0, 110.0, -5.0, 50.0]).unwrap();
    assert_eq!(ruined.as_slice().len(), 2);
    assert_eq!(ruined.max_drawdown(), Measured::Defined(1.0));
    assert_eq!(ruined.total(), Measured::Defined(-1.0));
    assert_eq!(ruined.cagr(year(252.0)), Measured::Defined(-1.0));
}

#[test]
fn equity_and_returns_that_cannot_be_are_refused() {
    assert_eq!(Returns::of_equity(&[0.0, 1.0]), Err(StatsError::StartingEquity(0.0)));
    assert!(Returns::of_equity(&[1.0, f64::NAN]).is_err());
    assert!(Returns::new(vec![f64::INFINITY]).is_err());
    assert!(PeriodsPerYear::new(0.0).is_err() && PeriodsPerYear::new(f64::NAN).is_err());
    assert!(Returns::of_equity(&[]).unwrap().as_slice().is_empty());
}

#[test]
fn probabilistic_sharpe_ratios_are_as_published() {
    let periods = year(6_240.0);
    let at = |observations| SharpeMoments {
        per_period: 1.8 / periods.get().sqrt(),
        observations,
        skewness: 0.0,
        kurtosis: 3.0,
    };
    for (observations, theirs) in [(3_000, 0.894), (6_240, 0.964), (12_480, 0.995)] {
        let ours = at(observations).probabilistic(0.0).defined().unwrap();
        assert_near(&format!("T {observations}"), ours, theirs, 0.0, 5e-4);
    }
    assert_near("annual", at(3_000).annual(periods), 1.8, 1e-15, 0.0);
    // √P · √((1 + s²/2) / (T - 1)), where s²/2 is 1.8²/2P.
    let expected = ((6_240.0 + 1.62) / 2_999.0_f64).sqrt();
    assert_near("error", at(3_000).annual_error(periods).defined().unwrap(), expected, 1e-12, 0.0);
}

#[test]
fn the_best_of_many_without_skill_is_as_published() {
    for (trials, theirs) in [(1, 0.0), (10, 2.27), (50, 3.28), (100, 3.65)] {
        let best = expected_best_sharpe(NonZeroU32::new(trials).unwrap(), 1.0 / 2_999.0);
        assert_near(&format!("{trials}"), best * 6_240.0_f64.sqrt(), theirs, 0.0, 5e-3);
    }
}

#[test]
fn deflating_by_one_trial_changes_nothing_and_by_more_lowers() {
    let moments = returns(&g12(1, 500)).sharpe_moments().defined().unwrap();
    let deflated = |count| {
        let trials = Trials { count: NonZeroU32::new(count).unwrap(), variance: None };
        moments.deflated(trials).defined().unwrap()
    };
    assert_eq!(Some(deflated(1)), moments.probabilistic(0.0).defined());
    assert!(deflated(2) < deflated(1) && deflated(50) < deflated(2));
}

#[test]
fn a_daily_sharpe_ratio_looks_at_the_days_ends_only() {
    let equity = [7.0, 100.0, 3.0, 110.0, 9.0, 99.0, 50.0];
    let ours = daily_sharpe(&equity, &[1, 3, 5]).unwrap().defined().unwrap();
    let daily = returns(&[110.0 / 100.0 - 1.0, 99.0 / 110.0 - 1.0]);
    assert_eq!(Some(ours), daily.sharpe(PeriodsPerYear::DAILY).defined());
    assert_eq!(
        daily_sharpe(&equity, &[]).unwrap(),
        Measured::Undefined(Reason::TooFew { needed: 2, found: 0 })
    );
    assert_eq!(daily_sharpe(&equity, &[3, 3]), Err(StatsError::DayEnd { day: 1, bar: 3 }));
    assert_eq!(daily_sharpe(&equity, &[9]), Err(StatsError::DayEnd { day: 0, bar: 9 }));
}

proptest! {
    #[test]
    fn leverage_scales_neither_sharpe_nor_sortino(
        values in prop::collection::vec(-0.05..0.05_f64, 5..60),
        factor in 0.1..3.0_f64,
    ) {
        let scaled: Vec<f64> = values.iter().map(|v| v * factor).collect();
        let (one, other) = (returns(&values), returns(&scaled));
        for (a, b) in [
            (one.sharpe(year(252.0)), other.sharpe(year(252.0))),
            (one.sortino(year(252.0)), other.sortino(year(252.0))),
        ] {
            if let (Measured::Defined(a), Measured::Defined(b)) = (a, b) {
                prop_assert!((a - b).abs() <= 1e-9 * (1.0 + a.abs()), "{} {}", a, b);
            }
        }
    }

    #[test]
    fn a_drawdown_is_a_share_and_never_shrinks_as_time_goes_on(
        values in prop::collection::vec(-0.5..0.5_f64, 2..60),
    ) {
        let deepest = |n: usize| returns(&values[..n]).max_drawdown().defined().unwrap();
        let all: Vec<f64> = (1..=values.len()).map(deepest).collect();
        prop_assert!(all.windows(2).all(|pair| pair[0] <= pair[1]));
        prop_assert!(all.iter().all(|depth| (0.0..=1.0).contains(depth)));
    }

    #[test]
    fn no_metric_is_ever_nan(values in prop::collection::vec(-2.0..2.0_f64, 0..12)) {
        let (series, p) = (returns(&values), year(6_240.0));
        for metric in [
            series.total(), series.cagr(p), series.sharpe(p), series.sharpe_error(p),
            series.sortino(p), series.max_drawdown(), series.calmar(p),
            win_rate(&values), profit_factor(&values),
        ] {
            prop_assert!(metric.defined().is_none_or(f64::is_finite));
        }
    }
}
