//! What a backtest does, bar by bar.

mod vectorbt;

use super::*;
use proptest::prelude::*;
use std::num::NonZeroUsize;
use suho_stats::{Measured, PeriodsPerYear, Probabilities, Reason};

const L: Option<Side> = Some(Side::Long);
const S: Option<Side> = Some(Side::Short);
const N: Option<Side> = None;
const QUIET: BarCalendar = BarCalendar { is_after_gap: false, starts_day: false, rollovers: 0 };

fn near(what: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0), "{what}: {ours} not {theirs}");
}

/// Bars of an hour from opens and closes.
fn bars(prices: &[(f64, f64)]) -> Vec<Bar> {
    prices
        .iter()
        .zip(0..)
        .map(|((open, close), hour)| Bar {
            time_us: hour * 3_600_000_000,
            open: *open,
            high: open.max(*close),
            low: open.min(*close),
            close: *close,
        })
        .collect()
}

fn horizon(bars: usize) -> Exit {
    Exit::Horizon(NonZeroUsize::new(bars).unwrap())
}

fn rules(costs: Costs, exit: Exit) -> Rules {
    Rules { costs, exit, stops: Stops::NONE, starting_equity: 1_000.0 }
}

fn hourly() -> PeriodsPerYear {
    PeriodsPerYear::FX_HOURLY
}

fn report(
    prices: &[Bar],
    calendar: &[BarCalendar],
    signals: &[Option<Side>],
    rules: Rules,
) -> Report {
    run(&Market::new(prices, calendar, None).unwrap(), signals, &rules, hourly(), 1).unwrap()
}

fn quiet(prices: &[Bar], signals: &[Option<Side>], rules: Rules) -> Report {
    report(prices, &vec![QUIET; prices.len()], signals, rules)
}

#[test]
fn a_signal_is_filled_at_the_next_open_and_held_for_the_horizon() {
    let prices = bars(&[(10.0, 11.0), (12.0, 13.0), (14.0, 15.0), (16.0, 17.0), (18.0, 19.0)]);
    let ours = quiet(&prices, &[L, N, S, N, N], rules(Costs::NONE, horizon(2)));
    // Bought at 12, the open after the signal; sold at 16, two bars later, where the short signal
    // of the bar before is filled as well.
    let [long, short] = ours.trades[..] else { panic!("{:?}", ours.trades) };
    assert_eq!((long.side, long.entry_bar, long.exit_bar), (Side::Long, 1, 3));
    assert_eq!((long.entry_price, long.exit_price, long.ending), (12.0, 16.0, Ending::Horizon));
    near("profit", long.profit, 1_000.0 * 4.0 / 12.0);
    assert_eq!((short.side, short.entry_bar, short.ending), (Side::Short, 3, Ending::StillOpen));
    let units = 1_000.0 * 16.0 / 12.0 / 16.0;
    near("short", short.profit, units * (16.0 - 19.0));
    assert_eq!(ours.positions, [N, L, L, S, S]);
    for (ours, theirs) in ours.equity.iter().zip([
        1_000.0,
        1_000.0 * 13.0 / 12.0,
        1_000.0 * 15.0 / 12.0,
        1_000.0 * 16.0 / 12.0 - units,
        1_000.0 * 16.0 / 12.0 - 3.0 * units,
    ]) {
        near("equity", *ours, theirs);
    }
}

#[test]
fn the_last_signal_has_no_bar_to_be_filled_on() {
    let prices = bars(&[(10.0, 11.0), (12.0, 13.0)]);
    let ours = quiet(&prices, &[N, L], rules(Costs::NONE, Exit::Signal));
    assert_eq!((ours.trades.len(), ours.equity), (0, vec![1_000.0, 1_000.0]));
}

#[test]
fn a_signal_for_the_same_side_renews_the_position_at_no_cost() {
    let prices = bars(&[(10.0, 10.0); 7]);
    let ours = quiet(&prices, &[L, S, L, N, N, N, N], rules(Costs::EURUSD, horizon(2)));
    assert_eq!(ours.positions, [N, L, L, L, L, N, N]);
    assert_eq!(ours.trades.len(), 1);
    near("costs", ours.trades[0].costs, ours.trades[0].units * 2.0 * 0.5e-4);
}

#[test]
fn by_signal_a_position_ends_with_the_bar_after_its_signal_changed() {
    let prices = bars(&[(10.0, 10.0); 5]);
    let ours = quiet(&prices, &[L, L, S, N, N], rules(Costs::NONE, Exit::Signal));
    assert_eq!(ours.positions, [N, L, L, S, N]);
    assert!(ours.trades.iter().all(|trade| trade.ending == Ending::Signal));
}

#[test]
fn fills_are_worse_than_mid_by_half_the_spread_and_slippage_and_the_spread_doubles_after_a_gap() {
    let prices = bars(&[(10.0, 10.0); 4]);
    let costs = Costs { spread: 0.2, slippage: 0.01, ..Costs::NONE };
    let mut calendar = [QUIET; 4];
    calendar[2].is_after_gap = true;
    let ours = report(&prices, &calendar, &[L, S, N, N], rules(costs, Exit::Signal));
    let [long, short] = ours.trades[..] else { panic!("{:?}", ours.trades) };
    near("bought", long.entry_price, 10.0 + 0.1 + 0.01);
    near("sold after the gap", long.exit_price, 10.0 - 0.2 - 0.01);
    near("sold short after the gap", short.entry_price, 10.0 - 0.2 - 0.01);
    near("bought back", short.exit_price, 10.0 + 0.1 + 0.01);
    near("costs", long.costs, long.units * (0.11 + 0.21));
    near("profit is all cost", long.profit, -long.costs);
}

#[test]
fn a_reported_spread_wins_over_the_assumed_one() {
    let prices = bars(&[(10.0, 10.0); 3]);
    let costs = Costs { spread: 0.2, ..Costs::NONE };
    let spreads = [0.4, 0.6, f64::NAN];
    let market = Market::new(&prices, &[QUIET; 3], Some(&spreads)).unwrap();
    let ours = run(&market, &[L, N, N], &rules(costs, Exit::Signal), hourly(), 1).unwrap();
    near("reported", ours.trades[0].entry_price, 10.3);
    near("assumed", ours.trades[0].exit_price, 9.9);
}

#[test]
fn commission_is_paid_on_the_notional_of_both_fills() {
    let prices = bars(&[(10.0, 10.0), (10.0, 10.0), (20.0, 20.0), (20.0, 20.0)]);
    let costs = Costs { commission_bps: 5.0, ..Costs::NONE };
    let ours = quiet(&prices, &[L, N, N, N], rules(costs, Exit::Signal));
    // 100 units: 0.5 on 1,000 and 1 on 2,000.
    near("costs", ours.trades[0].costs, 1.5);
    near("equity while held", ours.equity[1], 999.5);
    near("equity at the end", ours.equity[3], 2_000.0 - 1.5);
}

#[test]
fn a_position_carried_over_the_rollover_pays_its_sides_swap_as_often_as_it_is_due() {
    let prices = bars(&[(10.0, 10.0); 6]);
    let costs = Costs { swap_long: 0.01, swap_short: -0.02, ..Costs::NONE };
    let mut calendar = [QUIET; 6];
    // At the open that fills the long, one that carries it, one that closes it, one that carries
    // the short, and one after everything is closed.
    for (bar, rollovers) in [(1, 1), (2, 3), (3, 1), (4, 1), (5, 3)] {
        calendar[bar].rollovers = rollovers;
    }
    let ours = report(&prices, &calendar, &[L, L, S, S, N, N], rules(costs, Exit::Signal));
    near("long", ours.trades[0].profit, -100.0 * 0.01 * 4.0);
    near("short", ours.trades[1].profit, ours.trades[1].units * 0.02 * 4.0);
}

/// Bars of an hour from opens, highs, lows and closes.
fn whole_bars(prices: &[[f64; 4]]) -> Vec<Bar> {
    let hours = (0..).map(|hour| hour * 3_600_000_000);
    let bar = |(time_us, [open, high, low, close]): (i64, [f64; 4])| Bar {
        time_us,
        open,
        high,
        low,
        close,
    };
    hours.zip(prices.iter().copied()).map(bar).collect()
}

/// What becomes of a position with a stop 10 % below and a target 20 % above, bought or sold at 100
/// on the second bar.
fn stopped(side: Side, costs: Costs, later: &[[f64; 4]]) -> Vec<Trade> {
    let still = [100.0; 4];
    let prices = whole_bars(&[&[still, still], later].concat());
    let stops = Stops { loss: Some(0.1), profit: Some(0.2) };
    let rules = Rules { stops, ..rules(costs, horizon(10)) };
    let signals: Vec<_> = std::iter::once(Some(side)).chain([N; 10]).take(prices.len()).collect();
    quiet(&prices, &signals, rules).trades
}

#[test]
fn a_stop_that_a_bar_reaches_ends_the_position_inside_it() {
    use Ending::{StillOpen, StopLoss, TakeProfit};
    let end = |side, later: &[[f64; 4]]| {
        let trades = stopped(side, Costs::NONE, later);
        let [trade] = trades[..] else { panic!("{trades:?}") };
        (trade.ending, trade.exit_bar, trade.exit_price)
    };
    let calm = [100.0, 105.0, 95.0, 100.0];
    assert_eq!(end(Side::Long, &[calm]), (StillOpen, 2, 100.0));
    // Reached exactly, and passed.
    assert_eq!(end(Side::Long, &[calm, [95.0, 96.0, 90.0, 95.0]]), (StopLoss, 3, 90.0));
    assert_eq!(end(Side::Long, &[[99.0, 99.0, 80.0, 98.0]]), (StopLoss, 2, 90.0));
    assert_eq!(end(Side::Long, &[[99.0, 120.0, 98.0, 110.0]]), (TakeProfit, 2, 120.0));
    assert_eq!(end(Side::Short, &[[99.0, 115.0, 98.0, 99.0]]), (StopLoss, 2, 100.0 * 1.1));
    assert_eq!(end(Side::Short, &[[99.0, 100.0, 75.0, 99.0]]), (TakeProfit, 2, 80.0));
    // Both in one bar: which came first is not known, and the worse is taken.
    assert_eq!(end(Side::Long, &[[100.0, 130.0, 85.0, 125.0]]), (StopLoss, 2, 90.0));
    assert_eq!(end(Side::Short, &[[100.0, 130.0, 75.0, 76.0]]), (StopLoss, 2, 100.0 * 1.1));
    // The market opens beyond: no price in between was there.
    assert_eq!(end(Side::Long, &[[85.0, 130.0, 80.0, 125.0]]), (StopLoss, 2, 85.0));
    assert_eq!(end(Side::Short, &[[125.0, 125.0, 120.0, 121.0]]), (StopLoss, 2, 125.0));
    assert_eq!(end(Side::Long, &[[125.0, 126.0, 119.0, 119.0]]), (TakeProfit, 2, 125.0));
}

#[test]
fn what_a_stop_fills_costs_what_any_fill_costs() {
    let costs = Costs { spread: 2.0, slippage: 0.5, commission_bps: 10.0, ..Costs::NONE };
    let trades = stopped(Side::Long, costs, &[[100.0, 100.0, 80.0, 99.0]]);
    let [trade] = trades[..] else { panic!("{trades:?}") };
    // Bought at 101.5, so that the stop is at 91.35, and sold there less spread and slippage.
    near("stop", trade.exit_price, 101.5 * 0.9 - 1.5);
    let commissions = trade.units * (101.5 + trade.exit_price) * 1e-3;
    near("costs", trade.costs, trade.units * 3.0 + commissions);
    // The bar that it is bought on can end it, and the next signal opens another.
    let stops = Stops { loss: Some(0.01), profit: None };
    let prices = whole_bars(&[[100.0; 4], [100.0, 100.0, 98.0, 100.0], [100.0; 4], [100.0; 4]]);
    let rules = Rules { stops, ..rules(Costs::NONE, horizon(10)) };
    let ours = quiet(&prices, &[L, L, N, N], rules);
    let [first, second] = ours.trades[..] else { panic!("{:?}", ours.trades) };
    assert_eq!((first.entry_bar, first.exit_bar, first.ending), (1, 1, Ending::StopLoss));
    assert_eq!((second.entry_bar, second.ending), (2, Ending::StillOpen));
    assert_eq!(ours.positions, [N, N, L, L]);
    near("equity", ours.equity[1], 990.0);
}

#[test]
fn a_stop_that_is_none_is_refused() {
    let prices = bars(&[(10.0, 10.0); 2]);
    let market = Market::new(&prices, &[QUIET; 2], None).unwrap();
    for bad in [0.0, -0.1, 1.0, f64::NAN] {
        for stops in
            [Stops { loss: Some(bad), profit: None }, Stops { loss: None, profit: Some(bad) }]
        {
            let rules = Rules { stops, ..rules(Costs::NONE, Exit::Signal) };
            assert!(run(&market, &[N; 2], &rules, hourly(), 1).is_err(), "{stops:?}");
        }
    }
}

#[test]
fn ruin_ends_all_trading() {
    let prices = bars(&[(10.0, 10.0), (10.0, 25.0), (20.0, 1.0), (1.0, 1.0)]);
    let ours = quiet(&prices, &[S, S, L, L], rules(Costs::NONE, Exit::Signal));
    assert_eq!(ours.equity, [1_000.0, -500.0, -500.0, -500.0]);
    let [trade] = ours.trades[..] else { panic!("{:?}", ours.trades) };
    assert_eq!((trade.ending, trade.exit_bar, trade.exit_price), (Ending::Ruin, 1, 25.0));
    assert_eq!(ours.metrics.max_drawdown, Measured::Defined(1.0));
    assert_eq!(ours.metrics.total_return, Measured::Defined(-1.0));
}

#[test]
fn a_loss_that_a_gap_makes_beyond_equity_opens_nothing_new() {
    let prices = bars(&[(10.0, 10.0), (10.0, 10.0), (30.0, 30.0), (30.0, 90.0)]);
    let ours = quiet(&prices, &[S, L, L, L], rules(Costs::NONE, Exit::Signal));
    assert_eq!(ours.equity, [1_000.0, 1_000.0, -1_000.0, -1_000.0]);
    assert_eq!(ours.trades.len(), 1);
}

#[test]
fn without_signals_nothing_is_zero_that_does_not_exist() {
    let prices = bars(&[(10.0, 11.0), (11.0, 12.0), (12.0, 11.0)]);
    let ours = quiet(&prices, &[N; 3], rules(Costs::EURUSD, horizon(4)));
    let metrics = ours.metrics;
    assert_eq!(metrics.sharpe, Measured::Undefined(Reason::NoVariation));
    assert_eq!(metrics.sortino, Measured::Undefined(Reason::NoDownside));
    assert_eq!(metrics.calmar, Measured::Undefined(Reason::NoDrawdown));
    for metric in
        [metrics.win_rate, metrics.profit_factor, metrics.average_trade, metrics.cost_share]
    {
        assert_eq!(metric, Measured::Undefined(Reason::NoTrades));
    }
    assert_eq!(metrics.total_return, Measured::Defined(0.0));
    assert_eq!(metrics.max_drawdown, Measured::Defined(0.0));
    assert_eq!(metrics.exposure, Measured::Defined(0.0));
    assert_eq!(metrics.turnover, Measured::Defined(0.0));
    assert_eq!(ours.benchmarks.random.p, Measured::Undefined(Reason::NoTrades));
}

#[test]
fn trade_metrics_are_of_closed_trades() {
    let prices =
        bars(&[(10.0, 10.0), (10.0, 10.0), (12.0, 12.0), (9.0, 9.0), (9.0, 9.0), (9.0, 8.0)]);
    let ours = quiet(&prices, &[L, S, L, N, L, N], rules(Costs::NONE, Exit::Signal));
    // 10 → 12 long, 12 → 9 short, 9 → 9 long, then one still open that loses.
    let metrics = ours.metrics;
    assert_eq!((metrics.closed_trades, ours.trades.len()), (3, 4));
    near("win rate", metrics.win_rate.defined().unwrap(), 2.0 / 3.0);
    assert_eq!(metrics.profit_factor, Measured::Undefined(Reason::AllWins));
    near("average trade", metrics.average_trade.defined().unwrap(), (200.0 + 300.0) / 3.0);
    near("holding", metrics.average_holding.defined().unwrap(), 1.0);
    near("exposure", metrics.exposure.defined().unwrap(), 4.0 / 6.0);
    assert_eq!(metrics.cost_share, Measured::Defined(0.0));
}

#[test]
fn turnover_is_the_notional_of_all_fills_a_year_over_mean_equity() {
    let prices = bars(&[(10.0, 10.0); 5]);
    let ours = quiet(&prices, &[L, N, N, N, N], rules(Costs::NONE, Exit::Signal));
    near("turnover", ours.metrics.turnover.defined().unwrap(), 2.0 * 6_240.0 / 4.0);
}

#[test]
fn daily_returns_are_taken_where_a_trading_day_ends() {
    let prices =
        bars(&[(10.0, 10.0), (10.0, 11.0), (11.0, 13.0), (13.0, 9.0), (9.0, 12.0), (12.0, 12.0)]);
    let mut calendar = [QUIET; 6];
    for bar in [1, 3, 5] {
        calendar[bar].starts_day = true;
    }
    let ours = report(&prices, &calendar, &[L; 6], rules(Costs::NONE, Exit::Signal));
    let daily = suho_stats::Returns::of_equity(&[ours.equity[0], ours.equity[2], ours.equity[4]]);
    assert_eq!(ours.metrics.sharpe_daily, daily.unwrap().sharpe(PeriodsPerYear::DAILY));
}

#[test]
fn the_most_probable_class_decides_if_it_is_confident_enough() {
    let values =
        [[0.5, 0.2, 0.3], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.3, 0.3, 0.4], [0.4, 0.2, 0.4]];
    let rows = values.concat();
    let rows = Probabilities::new(&rows, 3).unwrap();
    assert_eq!(signals(&rows, Policy::DOWN_FLAT_UP).unwrap(), [S, N, L, L, S]);
    let cautious = Policy { min_confidence: 0.5, ..Policy::DOWN_FLAT_UP };
    assert_eq!(signals(&rows, cautious).unwrap(), [S, N, L, N, N]);
    assert!(signals(&rows, Policy { up: 3, ..Policy::DOWN_FLAT_UP }).is_err());
    assert!(signals(&rows, Policy { up: 0, ..Policy::DOWN_FLAT_UP }).is_err());
    assert!(signals(&rows, Policy { min_confidence: 1.1, ..Policy::DOWN_FLAT_UP }).is_err());
}

#[test]
fn what_cannot_be_traded_is_refused() {
    let good = bars(&[(10.0, 10.0); 2]);
    let calendar = [QUIET; 2];
    let refused = |bars: &[Bar], calendar: &[BarCalendar], spreads: Option<&[f64]>| {
        Market::new(bars, calendar, spreads).err().map(|error| error.to_string())
    };
    assert_eq!(refused(&good, &calendar, Some(&[0.0, f64::NAN])), None);
    assert_eq!(refused(&[], &[], None).unwrap(), "no bars");
    assert_eq!(refused(&good, &[], None).unwrap(), "`0` calendar entries for `2` bars");
    assert_eq!(
        refused(&good, &calendar, Some(&[0.0, -1.0])).unwrap(),
        "spread `-1` is out of range"
    );
    let negative = bars(&[(10.0, 10.0), (10.0, -1.0)]);
    assert_eq!(refused(&negative, &calendar, None).unwrap(), "bar 1 holds the price `-1`");
    let back = [good[1], good[0]];
    assert_eq!(
        refused(&back, &calendar, None).unwrap(),
        "bar 1 does not come after the one before"
    );
    let market = Market::new(&good, &calendar, None).unwrap();
    let free = rules(Costs::NONE, Exit::Signal);
    for bad in [
        Rules { starting_equity: 0.0, ..free },
        Rules { costs: Costs { spread: -1.0, ..Costs::NONE }, ..free },
        Rules { costs: Costs { swap_long: f64::NAN, ..Costs::NONE }, ..free },
    ] {
        assert!(run(&market, &[N; 2], &bad, hourly(), 1).is_err(), "{bad:?}");
    }
    assert!(run(&market, &[N], &free, hourly(), 1).is_err());
}

/// Prices from steps, each bar opening a little off the last close.
fn walk(steps: &[(i32, i32)]) -> Vec<Bar> {
    let mut price = 1.1;
    let mut prices = Vec::new();
    for (gap, step) in steps {
        let open = price * (1.0 + f64::from(*gap) * 1e-5);
        price = open * (1.0 + f64::from(*step) * 1e-4);
        prices.push((open, price));
    }
    bars(&prices)
}

fn side() -> impl Strategy<Value = Option<Side>> {
    prop_oneof![Just(N), Just(L), Just(S)]
}

fn any_exit() -> impl Strategy<Value = Exit> {
    prop_oneof![Just(Exit::Signal), (1_usize..6).prop_map(horizon)]
}

fn any_stops() -> impl Strategy<Value = Stops> {
    let share = || prop_oneof![Just(None), (1e-3..2e-2_f64).prop_map(Some)];
    (share(), share()).prop_map(|(loss, profit)| Stops { loss, profit })
}

type Row = ((i32, i32), Option<Side>, (bool, u8));

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let calendar = (any::<bool>(), 0_u8..4);
    prop::collection::vec(((-20..20_i32, -90..90_i32), side(), calendar), 2..50)
}

const DEAR: Costs =
    Costs { spread: 2e-4, slippage: 1e-5, commission_bps: 0.3, swap_long: 1e-5, swap_short: -4e-6 };

fn unzip(rows: &[Row]) -> (Vec<Bar>, Vec<Option<Side>>, Vec<BarCalendar>) {
    let bars = walk(&rows.iter().map(|row| row.0).collect::<Vec<_>>());
    let calendar = rows
        .iter()
        .map(|row| BarCalendar { is_after_gap: row.2.0, starts_day: row.2.0, rollovers: row.2.1 })
        .collect();
    (bars, rows.iter().map(|row| row.1).collect(), calendar)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_after_a_bar_changes_anything_up_to_it(
        rows in rows(), exit in any_exit(), stops in any_stops(),
        cut in any::<prop::sample::Index>(), factor in 0.5..2.0_f64,
    ) {
        let (bars, signals, calendar) = unzip(&rows);
        let cut = cut.index(bars.len());
        let mut other = bars.clone();
        let mut other_signals = signals.clone();
        for bar in &mut other[cut + 1..] {
            for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
                *price *= factor;
            }
        }
        // The signal of the bar itself is not carried out before the next one.
        for signal in &mut other_signals[cut..] {
            *signal = match signal { Some(Side::Long) => S, Some(Side::Short) => N, None => L };
        }
        let rules = Rules { stops, ..rules(DEAR, exit) };
        let one = report(&bars, &calendar, &signals, rules);
        let two = report(&other, &calendar, &other_signals, rules);
        prop_assert_eq!(&one.equity[..=cut], &two.equity[..=cut]);
        prop_assert_eq!(&one.positions[..=cut], &two.positions[..=cut]);
        let ended = |report: &Report| -> Vec<Trade> {
            let over = |trade: &&Trade| trade.is_closed() && trade.exit_bar <= cut;
            report.trades.iter().filter(over).copied().collect()
        };
        prop_assert_eq!(ended(&one), ended(&two));
    }

    #[test]
    fn what_is_played_by_runs_ends_where_it_ends_bar_by_bar(
        rows in rows(), swap in prop_oneof![Just(0.0), Just(1e-5), Just(1e-2)], leap in 0_usize..9,
    ) {
        let (mut bars, signals, calendar) = unzip(&rows);
        // Now and then a price doubles, so that a short position can be ruined.
        if let Some(bar) = bars.get_mut(leap + 3) {
            (bar.close, bar.high) = (bar.close * 2.2, bar.high * 2.2);
        }
        let rules = rules(Costs { swap_long: swap, ..DEAR }, Exit::Signal);
        let market = Market::new(&bars, &calendar, None).unwrap();
        let by_bars = crate::engine::follow(&market, &signals, &rules).unwrap();
        // The positions that the signals ask for, whatever becomes of the account.
        let asked = &signals[..signals.len() - 1];
        let runs: Vec<_> = asked.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
        let by_runs = crate::engine::Replay::of(&market, &rules).unwrap().end(&runs).unwrap();
        prop_assert_eq!(by_runs.to_bits(), by_bars.equity.last().unwrap().to_bits());
    }

    #[test]
    fn the_same_input_gives_the_same_report(rows in rows(), exit in any_exit()) {
        let (bars, signals, calendar) = unzip(&rows);
        let one = report(&bars, &calendar, &signals, rules(DEAR, exit));
        let two = report(&bars, &calendar, &signals, rules(DEAR, exit));
        prop_assert_eq!(one.bytes(), two.bytes());
        prop_assert_eq!(one, two);
    }

    #[test]
    fn equity_ends_where_the_trades_profits_add_up_to(
        rows in rows(), exit in any_exit(), stops in any_stops(),
    ) {
        let (bars, signals, calendar) = unzip(&rows);
        let rules = Rules { stops, ..rules(DEAR, exit) };
        let ours = report(&bars, &calendar, &signals, rules);
        let total: f64 = ours.trades.iter().map(|trade| trade.profit).sum();
        let end = *ours.equity.last().unwrap();
        prop_assert!((1_000.0 + total - end).abs() < 1e-9, "{} {}", total, end);
    }

    #[test]
    fn costs_are_what_trades_lose_against_mid_prices(rows in rows(), exit in any_exit()) {
        let (bars, signals, calendar) = unzip(&rows);
        for trade in report(&bars, &calendar, &signals, rules(DEAR, exit)).trades {
            let mid = if trade.is_closed() { bars[trade.exit_bar].open } else { trade.exit_price };
            let gross = trade.units * trade.side.sign() * (mid - bars[trade.entry_bar].open);
            prop_assert!((gross - trade.profit - trade.costs).abs() < 1e-9);
        }
    }

    #[test]
    fn positions_that_are_played_again_by_signal_earn_the_same(rows in rows(), exit in any_exit()) {
        let (bars, signals, calendar) = unzip(&rows);
        let ours = report(&bars, &calendar, &signals, rules(DEAR, exit));
        let mut again: Vec<_> = ours.positions[1..].to_vec();
        again.push(N);
        let replayed = report(&bars, &calendar, &again, rules(DEAR, Exit::Signal));
        prop_assert_eq!(ours.equity, replayed.equity);
    }

    #[test]
    fn dearer_trading_never_ends_higher(rows in rows(), exit in any_exit()) {
        let (bars, signals, calendar) = unzip(&rows);
        let end = |spread: f64| {
            let costs = Costs { spread, ..DEAR };
            *report(&bars, &calendar, &signals, rules(costs, exit)).equity.last().unwrap()
        };
        prop_assert!(end(3e-4) <= end(1e-4) + 1e-9);
    }
}
