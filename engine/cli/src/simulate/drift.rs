//! `suho simulate drift`: how often drift is reported on the pipeline's own features while nothing
//! drifts.

mod series;

use super::{candidate, json_of, limits, percent, rate};
use crate::args::SimulateDrift;
use crate::compile::{Compiled, compile};
use crate::failure::Failure;
use crate::inspect::words::{count, many};
use crate::refusal;
use crate::replay;
use crate::table::table;
use crate::terminal::{Terminal, err, out};
use crate::world::{Origins, wall};
use serde_json::{Value as Json, json};
use series::Series;
use std::num::NonZeroUsize;
use suho_domain::{Fault, Value};
use suho_driver::world::WorldError;
use suho_forecast::DriftWatch;
use suho_stats::simulate::{self, DriftPlan, DriftRates, FeatureSeries};
use suho_stats::{DriftRule, Measured, Reason, Resampling, UncalibratedRule};
use suho_time::{Calendar, UnknownCalendar};

/// Mean length, in windows, of the blocks in which rows are drawn again: several, so that a window
/// can fall into a change of regime as it can in the data.
const BLOCK_WINDOWS: usize = 5;

/// `suho simulate drift`.
pub(super) fn drift(args: &SimulateDrift, terminal: Terminal) -> Result<u8, Failure> {
    let compiled = compile(&args.target, wall(), terminal)?;
    if terminal.is_live {
        err(&format!("playing {}\n", many(args.runs.get().into(), "game")));
    }
    let page = Page::of(&compiled, args)?;
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&page.json()));
    } else {
        out(&page.text());
    }
    Ok(0)
}

/// The whole answer.
struct Page<'a> {
    pipeline: String,
    args: &'a SimulateDrift,
    watch: DriftWatch,
    /// Training rows.
    training: usize,
    series: Series,
    rates: Measured<DriftRates>,
}

impl<'a> Page<'a> {
    fn of(compiled: &Compiled, args: &'a SimulateDrift) -> Result<Self, Failure> {
        let Compiled { project, plan } = compiled;
        let candidate = candidate(plan)?;
        let code = suho_steps::code_digest();
        let origins = Origins::of(project, plan, Some(&candidate), wall(), None)?;
        let inputs = replay::dataset(plan, Some(&candidate), &origins, &code)?;
        let failed = |error: WorldError| refusal::of_world(&error);
        let training = match origins.rows(&inputs).map_err(failed)?.get("train") {
            Some(Value::Int(rows)) => usize::try_from(*rows).unwrap_or(0),
            _ => 0,
        };
        let bars = origins.bars(&inputs).map_err(failed)?;
        let timeframe = candidate.slot.timeframe;
        let series = Series::of(&candidate.features(), &bars, timeframe)?;
        let calendar: Calendar = suho_driver::calendar(plan, Some(&candidate)).parse().map_err(
            |error: UnknownCalendar| Failure::from_error(Fault::User, "unknown-calendar", &error),
        )?;
        let watch = DriftWatch::of(calendar, timeframe).ok_or_else(|| {
            Failure::user("no-window", format!("a week of `{calendar}` has no bar of {timeframe}"))
                .help("take a shorter timeframe")
        })?;
        let rates = rates(&series, watch, training, args)?;
        let pipeline = plan.pipeline.to_string();
        Ok(Self { pipeline, args, watch, training, series, rates })
    }

    fn json(&self) -> Json {
        let left_out = self.series.left_out.iter();
        json!({
            "version": 1,
            "pipeline": self.pipeline,
            "features": self.series.watched.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "left_out": left_out
                .map(|(name, why)| json!({ "feature": name, "reason": why }))
                .collect::<Vec<_>>(),
            "rows": self.series.rows,
            "training": self.training,
            "window": self.watch.window,
            "events_per_day": self.watch.events_per_day,
            "days": self.args.days,
            "runs": self.args.runs,
            "seed": self.args.games.seed,
            "rates": json_of(&self.rates, |rates| json!({
                "warning": rate(&rates.warning),
                "drift": rate(&rates.drift),
                "uncalibrated": rate(&rates.uncalibrated),
            })),
            "cannot_show": self.cannot_show(),
        })
    }

    fn text(&self) -> String {
        let watched: Vec<&str> =
            self.series.watched.iter().map(|(name, _)| name.as_str()).collect();
        let left_out = self.series.left_out.iter();
        let left_out = left_out.map(|(name, why)| format!("  {name} is left out: {why}\n"));
        let head = format!(
            "{}: drift of {}\n{}  {} training rows; a window of {}, a report every {}\n",
            self.pipeline,
            if watched.is_empty() { "nothing".to_owned() } else { watched.join(", ") },
            left_out.collect::<String>(),
            number(self.training),
            events(self.watch.window),
            events(self.watch.events_per_day),
        );
        let rates = match &self.rates {
            Measured::Defined(rates) => rates,
            Measured::Undefined(Reason::NoObservations) => {
                return format!("{head}\nfalse alarms are undefined: no feature is watched\n");
            }
            Measured::Undefined(reason) => {
                return format!(
                    "{head}\nfalse alarms are undefined: a calibrated reference {reason} training \
                     rows\n"
                );
            }
        };
        format!(
            "{head}\nnothing drifts: {} of {}, drawn again from {} rows in blocks of {} on average, \
             seed {}; ± is one Monte-Carlo standard error\n\n{}{}",
            many(self.args.runs.get().into(), "game"),
            many(self.args.days.get().into(), "day"),
            number(self.series.rows),
            number(self.watch.window.get().saturating_mul(BLOCK_WINDOWS)),
            self.args.games.seed,
            rules(rates),
            limits(&self.cannot_show())
        )
    }

    /// What a reader must not take the figures for.
    fn cannot_show(&self) -> [String; 3] {
        let rows = number(self.series.rows);
        [
            "how soon a real drift is found: nothing drifts here".to_owned(),
            format!("a market that these {rows} rows have not seen: the games are made of them"),
            "drift of predictions, labels and accuracy: only the model's inputs are played"
                .to_owned(),
        ]
    }
}

fn rules(rates: &DriftRates) -> String {
    let row = |rule: &str, verdict: &str, rate: &simulate::Rate| {
        vec![rule.to_owned(), verdict.to_owned(), percent(rate)]
    };
    let rows = [
        row("calibrated", "warning or more", &rates.warning),
        row("calibrated", "drift", &rates.drift),
        row("uncalibrated, any p below 5%", "drift", &rates.uncalibrated),
    ];
    table("  ", &["RULE", "VERDICT", "FALSE ALARMS, SHARE OF DAYS"], &rows)
}

/// Plays the usual rules: a pipeline declares none of its own.
fn rates(
    series: &Series,
    watch: DriftWatch,
    training: usize,
    args: &SimulateDrift,
) -> Result<Measured<DriftRates>, Failure> {
    if series.watched.is_empty() {
        return Ok(Measured::Undefined(Reason::NoObservations));
    }
    let Some(training) = NonZeroUsize::new(training) else {
        return Ok(Measured::Undefined(Reason::TooFew { needed: 1, found: 0 }));
    };
    let features: Vec<Vec<f64>> = series.watched.iter().map(|(_, values)| values.clone()).collect();
    let blocks = NonZeroUsize::MIN.saturating_add(BLOCK_WINDOWS - 1);
    let plan = DriftPlan {
        series: FeatureSeries::Observed {
            features: &features,
            resampling: Resampling::Stationary { mean: watch.window.saturating_mul(blocks) },
        },
        training,
        window: watch.window,
        events_per_day: watch.events_per_day,
        days: args.days,
        rule: DriftRule {
            apart: watch.window.get().div_ceil(watch.events_per_day.get()),
            ..DriftRule::USUAL
        },
        uncalibrated: UncalibratedRule::USUAL,
    };
    simulate::drift(&plan, args.runs, args.games.seed)
        .map_err(|error| Failure::from_error(Fault::Bug, "simulation", &error))
}

fn number(number: usize) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX))
}

fn events(number: NonZeroUsize) -> String {
    many(u64::try_from(number.get()).unwrap_or(u64::MAX), "event")
}
