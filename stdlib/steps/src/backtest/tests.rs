//! Trades on the test rows of real bars.

use super::*;
use crate::tests::{World, changed, costs, instant, number, read};
use expect_test::expect;
use std::fs;
use std::num::NonZeroU32;
use suho_domain::{Record, Value};

fn inputs(data: &Record, model: &Value) -> Record {
    crate::tests::fields([
        ("model", model.clone()),
        ("window", data["test"].field("window").unwrap().clone()),
        ("capital", Value::Money("100_000 USD".parse().unwrap())),
        ("costs", costs()),
        ("data", Value::Record(data.clone())),
    ])
}

#[test]
fn a_backtest_is_the_same_twice() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    world.runs_twice_alike("backtest", inputs(&data, &model));
}

#[test]
fn a_backtest_that_is_undone_leaves_nothing() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    world.undone_leaves_nothing("backtest", inputs(&data, &model));
}

#[test]
fn every_bar_of_the_window_is_traded_on() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let outputs = world.run("backtest", inputs(&data, &model)).unwrap();
    let field = |name: &str| data["test"].field(name).unwrap().as_f64().unwrap();
    assert!((number(&outputs, "bars") - (field("last") - field("first") + 1.0)).abs() < 0.5);
    let drawdown = number(&outputs, "max_drawdown");
    assert!((0.0..0.3).contains(&drawdown), "{drawdown}");
    // The size of the account moves no figure.
    let small = changed(inputs(&data, &model), "capital", Value::Money("10 USD".parse().unwrap()));
    // Another backtest in the same place is refused: a run has one.
    assert_eq!(world.run("backtest", small.clone()).unwrap_err().code, "artifact-conflict");
    let page = fs::read_to_string(&world.sealed("backtest.html")[0]).unwrap();
    assert!(page.contains("<h1>eurusd_direction v1.0.0 on EUR/USD 1h</h1>"), "{page}");
    let numbers = fs::read_to_string(&world.sealed("backtest.json")[0]).unwrap();
    let numbers: serde_json::Value = serde_json::from_str(&numbers).unwrap();
    let count = |name: &str| numbers[name].as_array().unwrap().len() as f64;
    assert!((count("equity") - number(&outputs, "bars")).abs() < 0.5);
    assert!(count("trades") >= number(&outputs, "trades"));
    crate::find("backtest")
        .unwrap()
        .undo(
            &mut suho_step::Context::new(
                &world.order("backtest", small.clone()),
                &world.project(),
                &mut crate::tests::Heard::default(),
            ),
            &suho_step::Inputs::new(small.clone()),
        )
        .unwrap();
    let small = world.run("backtest", small).unwrap();
    assert_eq!(small.get("trades"), outputs.get("trades"));
    assert!((number(&small, "max_drawdown") - drawdown).abs() < 1e-9);
}

/// What comes of following `turns`, over and over, through the test rows.
fn follow(world: &World, data: &Record, costs: Costs, turns: &[Option<Side>]) -> Report {
    let artifacts = suho_artifacts::Artifacts::at(&world.artifacts()).unwrap();
    let data: DatasetOut = serde_json::from_value(Value::Record(data.clone()).to_plain()).unwrap();
    let snapshot = Snapshot::load(&artifacts, &data.test).unwrap();
    let bars = traded(&snapshot, data.test.window).unwrap();
    let signals: Vec<_> = turns.iter().copied().cycle().take(bars.len()).collect();
    let exit = Exit::Horizon(NonZeroUsize::new(4).unwrap());
    let rules = Rules { costs, exit, stops: Stops::NONE, starting_equity: 100_000.0 };
    let traded = Traded::of(&snapshot, bars).unwrap();
    trade(&snapshot, &traded.market().unwrap(), &signals, &rules, 1).unwrap()
}

/// What the step gives of `report`.
fn given(report: &Report) -> Outputs {
    let start = Instant::from_micros(0);
    outputs(
        report,
        Span { start, end: start },
        0,
        ("none".to_owned(), String::new()),
        NonZeroU32::MIN,
    )
    .into()
}

#[test]
fn costs_and_nights_make_it_worse() {
    let world = World::new();
    let data = world.data();
    // Not in step with the horizon of four bars, which would renew one position for ever.
    let turns = [Some(Side::Long), Some(Side::Long), None, Some(Side::Short), Some(Side::Short)];
    let habit = |costs| follow(&world, &data, costs, &turns);
    let total = |costs| habit(costs).metrics.total_return.defined().unwrap();
    let free = total(Costs::NONE);
    let spread = total(Costs { spread: 1e-4, ..Costs::NONE });
    let nights = total(Costs { swap_long: 1e-4, swap_short: 1e-4, ..Costs::NONE });
    assert!(spread < free && nights < free, "{free} {spread} {nights}");
    let report = given(&habit(Costs::EURUSD));
    assert!(number(&report, "trades") > 50.0);
    for name in ["sharpe", "sharpe_se", "sortino", "win_rate", "profit_factor", "total_return"] {
        assert!(report.get(name).unwrap().as_f64().is_some(), "{name}");
    }
}

#[test]
fn without_a_trade_there_are_no_figures_of_trades() {
    let world = World::new();
    let data = world.data();
    let outputs = given(&follow(&world, &data, Costs::EURUSD, &[None]));
    let said = |name: &str| format!("{name}: {}\n", outputs.get(name).unwrap());
    let names =
        ["trades", "total_return", "max_drawdown", "sharpe", "calmar", "win_rate", "profit_factor"];
    expect![[r#"
        trades: 0
        total_return: 0%
        max_drawdown: 0%
        sharpe: undefined (no variation)
        calmar: undefined (no drawdown)
        win_rate: undefined (no closed trade)
        profit_factor: undefined (no closed trade)
    "#]]
    .assert_eq(&names.map(said).concat());
}

#[test]
fn costs_are_prices_of_the_symbol_and_earning_is_no_charge() {
    let assumed: Assumed = serde_json::from_value(costs().to_plain()).unwrap();
    let of = |symbol: &str| price_costs(&assumed, &symbol.parse().unwrap());
    let euro = of("EUR/USD").unwrap();
    assert!((euro.spread - 0.8e-4).abs() < 1e-15 && (euro.slippage - 0.1e-4).abs() < 1e-15);
    assert!((euro.commission_bps - 0.35).abs() < 1e-12);
    // −0.6 pip a night for the long side is a charge, 0.2 pip for the short side a credit.
    assert!((euro.swap_long - 0.6e-4).abs() < 1e-15 && (euro.swap_short + 0.2e-4).abs() < 1e-15);
    expect![[r#"
        user no-spread
        the costs `retail` say no spread for USD/JPY
        write `spread = { "USD/JPY" = 0.8pip }`
    "#]]
    .assert_eq(&read(&of("USD/JPY").unwrap_err()));
}

#[test]
fn a_window_that_the_model_has_learned_from_is_refused() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let from = |start: &Value, end: &Value| {
        let window = Value::Range(Box::new((start.clone(), end.clone())));
        world.run("backtest", changed(inputs(&data, &model), "window", window))
    };
    let ends = |part: &str| match data[part].field("window") {
        Some(Value::Range(ends)) => (ends.0.clone(), ends.1.clone()),
        _ => panic!("no window"),
    };
    let (train, validation, test) = (ends("train"), ends("validation"), ends("test"));
    assert_eq!(from(&train.0, &test.1).unwrap_err().code, "backtest-in-sample");
    assert_eq!(from(&train.1, &test.1).unwrap_err().code, "backtest-in-sample");
    from(&validation.0, &test.1).unwrap();
    let late = instant("2019-01-01T00:00:00Z");
    let error = from(&test.0, &late).unwrap_err();
    assert_eq!(error.code, "backtest-outside-data", "{}", read(&error));
    // An empty window, and one turned round.
    assert_eq!(from(&test.1, &test.0).unwrap_err().code, "backtest-in-sample");
}

#[test]
fn on_other_data_nothing_that_was_learned_from_is_traded_on() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    // Its test rows lie among the model's train rows.
    let until = instant("2017-11-01T00:00:00Z");
    let other = changed(crate::tests::dataset_inputs(), "until", until);
    let other = world.run("dataset", other).unwrap().into_record();
    let error = world.run("backtest", inputs(&other, &model)).unwrap_err();
    assert_eq!(error.code, "backtest-in-sample", "{}", read(&error));
}

#[test]
fn a_model_that_never_trades_has_figures_that_do_not_exist() {
    let answers = [None, None, None];
    assert_eq!(signals_of(&answers, 3).unwrap(), [None, None, None]);
}

#[test]
fn a_stop_that_is_none_is_said() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let said = |port: &str, share: &str| {
        let share = Value::Ratio(share.parse().unwrap());
        world.refused("backtest", changed(inputs(&data, &model), port, share))
    };
    expect![[r#"
        user backtest-refused
        stop loss `0` is out of range
        correct the `costs`, the `capital` or the stops

        user backtest-refused
        take profit `1` is out of range
        correct the `costs`, the `capital` or the stops
    "#]]
    .assert_eq(&[said("stop_loss", "0%"), said("take_profit", "100%")].join("\n"));
    let stopped =
        changed(inputs(&data, &model), "stop_loss", Value::Ratio("5bps".parse().unwrap()));
    world.run("backtest", stopped).unwrap();
}
