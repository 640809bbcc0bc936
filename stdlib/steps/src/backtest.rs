//! `backtest`: trades the model's predictions on past prices, costs included.

mod numbers;

use crate::beside;
use crate::evaluate::load_model;
use crate::failure;
use crate::figure::{Figure, count, float, ratio};
use crate::generated::{
    BacktestIn, BacktestOut, Benchmarks, Costs as Assumed, DatasetOut, Earnings, Model, Swap,
};
use crate::ports::Span;
use crate::records::{artifacts, followed};
use crate::reports::Reports;
use crate::sessions::{bar_calendar, bar_length};
use crate::snapshot::Snapshot;
use chrono::{DateTime, Utc};
use numbers::numbers;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::Range;
use suho_backtest::{
    BacktestError, Bar, BarCalendar, Costs, Exit, Heading, Market, Metrics, Outcome, Policy,
    Report, Rules, Side, Stops, run, signals,
};
use suho_domain::{Digest, Instant, Pips, Ratio, Symbol};
use suho_stats::{Measured, PeriodsPerYear, Probabilities, Trials};
use suho_step::{Context, Inputs, Outputs, Step, StepError};
use suho_train::Probabilities as Answer;

/// The name of the page.
const REPORT: &str = "backtest";

/// Trades the model's predictions on past prices, costs included.
pub(crate) struct Backtest;

impl Step for Backtest {
    fn signature(&self) -> &'static str {
        "backtest"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let tried = beside::tried(inputs)?;
        let inputs = BacktestIn::read(inputs)?;
        let BacktestIn { stop_loss, take_profit, .. } = inputs;
        let BacktestIn { model: record, window: asked, capital, costs, data, .. } = inputs;
        let data = followed(data)?;
        out_of_sample(&record, &data, asked)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &data.test)?;
        let bars = traded(&snapshot, asked)?;
        let model = load_model(&artifacts, &record)?;
        if context.is_cancelled() {
            return Err(StepError::cancelled());
        }
        let ends: Vec<usize> = bars.clone().collect();
        let answers = model
            .predict_where_whole(&snapshot.bars, &ends)
            .map_err(|error| failure::of(error.fault(), error.code(), &error).help(error.help()))?;
        let signals = signals_of(&answers, model.classes().len())?;
        let horizon = NonZeroUsize::new(snapshot.samples.horizon_bars).unwrap_or(NonZeroUsize::MIN);
        let rules = Rules {
            costs: price_costs(&costs, &snapshot.samples.symbol)?,
            exit: Exit::Horizon(horizon),
            stops: Stops {
                loss: stop_loss.map(Ratio::to_f64),
                profit: take_profit.map(Ratio::to_f64),
            },
            starting_equity: Ratio::new(capital.amount).to_f64(),
        };
        let traded = Traded::of(&snapshot, bars.clone())?;
        let market = traded.market()?;
        let report = trade(&snapshot, &market, &signals, &rules, context.seed())?;
        let title = format!(
            "{} on {} {}",
            record.title(),
            snapshot.samples.symbol,
            snapshot.samples.timeframe
        );
        let currency = capital.currency;
        let heading = Heading { title: &title, currency: &currency, costs: &costs.name };
        let reports = Reports::of(context, &artifacts, REPORT)?;
        let page = report.page(heading, &market);
        let page = reports.keep(page, numbers(&report, heading, &market))?;
        if rules.costs.swap_long == 0.0 && rules.costs.swap_short == 0.0 {
            context.log("the swap is zero: holding overnight costs nothing in this backtest");
        }
        Ok(outputs(&report, asked, bars.len(), (costs.name, page), tried).into())
    }

    /// Removes the page and the numbers beside it.
    fn undo(&self, context: &mut Context<'_>, _: &Inputs) -> Result<(), StepError> {
        Reports::of(context, &artifacts(context)?, REPORT)?.remove()
    }
}

/// Refuses a window in which the model knows what came next.
fn out_of_sample(model: &Model, data: &DatasetOut, asked: Span<Instant>) -> Result<(), StepError> {
    let is_own = model.dataset.as_ref() == Some(&data.digest);
    // On its own data the validation rows may be traded on, on others nothing it has learned from.
    let earliest = if is_own {
        data.validation.window.start
    } else {
        model.trained_on.map_or(data.validation.window.start, |seen| seen.end)
    };
    if asked.start >= earliest && asked.start < asked.end {
        return Ok(());
    }
    let message = format!(
        "the window {} .. {} reaches into what {} has learned from, which ends at {earliest}",
        asked.start,
        asked.end,
        model.title()
    );
    Err(StepError::user("backtest-in-sample", message).help("write `window = data.test.window`"))
}

/// The bars on which decisions fall into the window.
fn traded(snapshot: &Snapshot, asked: Span<Instant>) -> Result<Range<usize>, StepError> {
    let length = bar_length(snapshot.samples.timeframe).num_microseconds().unwrap_or(i64::MAX);
    let closes_before = |instant: i64| {
        let time = &snapshot.bars.time;
        time.partition_point(|open| open.saturating_add(length) < instant)
    };
    let bars = closes_before(asked.start.micros())..closes_before(asked.end.micros());
    let last = snapshot.bars.len().checked_sub(1).and_then(|last| snapshot.decision(last));
    // A window ends just after a decision, so by a microsecond after the last one at the most.
    let is_inside = last.is_some_and(|last| asked.end.micros() <= last.micros().saturating_add(1));
    if is_inside && !bars.is_empty() {
        return Ok(bars);
    }
    let ends = last.map(|last| last.to_string()).unwrap_or_default();
    let message = format!(
        "the data set has no bars for the whole window {} .. {}; its last bar closes at {ends}",
        asked.start, asked.end
    );
    Err(StepError::user("backtest-outside-data", message).help("write `window = data.test.window`"))
}

/// Up is long, down is short; flat, or no answer, is no position.
fn signals_of(answers: &[Option<Answer>], classes: usize) -> Result<Vec<Option<Side>>, StepError> {
    let given = answers.iter().flatten().flat_map(Answer::as_slice);
    let values: Vec<f64> = given.copied().map(f64::from).collect();
    let probabilities = Probabilities::new(&values, classes).map_err(|error| {
        failure::of(suho_domain::Fault::User, "not-probabilities", &error)
            .help("train the model again")
    })?;
    let sides = signals(&probabilities, Policy::DOWN_FLAT_UP).map_err(|error| refused(&error))?;
    let mut sides = sides.into_iter();
    let of = |answer: &Option<Answer>| answer.as_ref().and_then(|_| sides.next().flatten());
    Ok(answers.iter().map(of).collect())
}

/// The stated costs in units of the symbol's price.
fn price_costs(costs: &Assumed, symbol: &Symbol) -> Result<Costs, StepError> {
    let Some(spread) = costs.spread.get(symbol) else {
        let message = format!("the costs `{}` say no spread for {symbol}", costs.name);
        return Err(StepError::user("no-spread", message)
            .help(format!("write `spread = {{ \"{symbol}\" = 0.8pip }}`")));
    };
    let price = |pips: Pips| Ratio::new(symbol.price_of(pips)).to_f64();
    let Swap::Daily { long, short } = costs.swap;
    Ok(Costs {
        spread: price(*spread),
        slippage: price(costs.slippage),
        commission_bps: costs.commission.to_f64() * 10_000.0,
        // What the pipeline calls earning below zero is a charge above zero here.
        swap_long: -price(long),
        swap_short: -price(short),
    })
}

/// The bars that are traded on, with what the calendar says of each.
struct Traded {
    bars: Vec<Bar>,
    calendar: Vec<BarCalendar>,
    spreads: Option<Vec<f64>>,
}

impl Traded {
    fn of(snapshot: &Snapshot, range: Range<usize>) -> Result<Self, StepError> {
        let slice = snapshot.bars.slice(range);
        let bar = |bar: suho_market::Bar| Bar {
            time_us: bar.time,
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
        };
        let opens: Vec<DateTime<Utc>> =
            slice.time.iter().filter_map(|open| DateTime::from_timestamp_micros(*open)).collect();
        let calendar = bar_calendar(snapshot.samples.calendar()?, &opens)?;
        Ok(Self { bars: slice.iter().map(bar).collect(), calendar, spreads: slice.spread })
    }

    fn market(&self) -> Result<Market<'_>, StepError> {
        Market::new(&self.bars, &self.calendar, self.spreads.as_deref())
            .map_err(|error| refused(&error))
    }
}

fn trade(
    snapshot: &Snapshot,
    market: &Market<'_>,
    signals: &[Option<Side>],
    rules: &Rules,
    seed: u64,
) -> Result<Report, StepError> {
    let calendar = snapshot.samples.calendar()?;
    let periods = calendar.bars_per_year(bar_length(snapshot.samples.timeframe));
    let periods = PeriodsPerYear::new(periods)
        .map_err(|error| failure::of(suho_domain::Fault::Bug, "no-periods", &error))?;
    run(market, signals, rules, periods, seed).map_err(|error| refused(&error))
}

fn refused(error: &BacktestError) -> StepError {
    let failure = failure::of(error.fault(), "backtest-refused", error);
    match error {
        BacktestError::OutOfRange { .. } => {
            failure.help("correct the `costs`, the `capital` or the stops")
        }
        BacktestError::Price { .. } | BacktestError::Order { .. } => failure.help("mend the bars"),
        _ => failure,
    }
}

fn outputs(
    report: &Report,
    window: Span<Instant>,
    bars: usize,
    (costs, page): (String, String),
    tried: NonZeroU32,
) -> BacktestOut {
    let metrics: &Metrics = &report.metrics;
    let against = &report.benchmarks;
    let earnings = |outcome: &Outcome| Earnings {
        total_return: ratio(outcome.total_return),
        sharpe: float(outcome.sharpe),
        max_drawdown: ratio(outcome.max_drawdown),
    };
    BacktestOut {
        sharpe: float(metrics.sharpe),
        sharpe_se: float(metrics.sharpe_error),
        max_drawdown: ratio(metrics.max_drawdown),
        sortino: float(metrics.sortino),
        calmar: float(metrics.calmar),
        win_rate: ratio(metrics.win_rate),
        profit_factor: float(metrics.profit_factor),
        trades: count(metrics.closed_trades),
        total_return: ratio(metrics.total_return),
        sharpe_daily: float(metrics.sharpe_daily),
        probabilistic_sharpe: ratio(metrics.probabilistic_sharpe),
        deflated_sharpe: deflated(report, tried),
        trials: Figure::Defined(tried.get().into()),
        cagr: ratio(metrics.cagr),
        average_holding: float(metrics.average_holding),
        cost_share: ratio(metrics.cost_share),
        turnover: float(metrics.turnover),
        exposure: ratio(metrics.exposure),
        benchmarks: Benchmarks {
            buy_and_hold: earnings(&against.buy_and_hold),
            last_return_sign: earnings(&against.last_return_sign),
            random_mean_return: ratio(against.random.mean_return),
            random_p: float(against.random.p),
        },
        bars: count(bars),
        window,
        costs,
        digest: Digest::of(&report.bytes()).to_string(),
        page,
    }
}

/// How likely the true Sharpe ratio is above what the best of `tried` without skill would have shown.
///
/// Source: Bailey & López de Prado (2014). The variance of the trials' ratios is that of ratios without
/// skill: those of a sweep were never traded.
fn deflated(report: &Report, tried: NonZeroU32) -> Figure<Ratio> {
    let trials = Trials { count: tried, variance: None };
    match report.returns().map(|returns| returns.sharpe_moments()) {
        Ok(Measured::Defined(moments)) => ratio(moments.deflated(trials)),
        Ok(Measured::Undefined(reason)) => Figure::undefined(reason.to_string()),
        Err(error) => Figure::undefined(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
