//! The data a run would see, and the bars held back for its rehearsal.

use crate::rollout::{Specs, market_time};
use crate::steps::Known;
use crate::{Facts, ForecastError, Occasion};
use chrono::{DateTime, TimeDelta, Utc};
use suho_domain::{Duration, Fault, Instant, Record, Timeframe, Value};
use suho_driver::world::WorldError;
use suho_driver::{Candidate, Surroundings, inputs};
use suho_plan::{Expr, Plan};
use suho_time::Calendar;

/// Held back beyond what the rollout needs: a quarter, for extensions and missing bars.
const MARGIN: (i64, i64) = (5, 4);

/// The data a run would see.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Open time of the first bar held back; `None` where none is.
    pub until: Option<Instant>,
    /// Bars held back.
    pub held_back: usize,
    /// What the data set holds: bars, and rows of each split, by name.
    pub rows: Record,
}

/// From which instant on bars are held back, so that the rollout can be replayed on them.
///
/// Only a rehearsal holds bars back.
pub(crate) fn until(
    plan: &Plan,
    candidate: Option<&Candidate>,
    specs: &Specs,
    occasion: &Occasion,
    facts: &dyn Facts,
) -> Result<Option<Instant>, ForecastError> {
    let Some(candidate) = candidate.filter(|_| occasion.environment == "rehearsal") else {
        return Ok(None);
    };
    let dataset = candidate.dataset.as_ref().and_then(|name| plan.node(name.as_str()));
    let Some(Expr::Value(source)) = dataset.and_then(|node| node.inputs.get("source")) else {
        return Ok(None);
    };
    let times = facts.bar_times(source)?;
    let calendar = calendar(plan, candidate)?;
    let need = market_time(specs, candidate);
    Ok(Some(held_back_from(&times, candidate.slot.timeframe, calendar, need)?))
}

pub(crate) fn calendar(plan: &Plan, candidate: &Candidate) -> Result<Calendar, WorldError> {
    let name = suho_driver::calendar(plan, Some(candidate));
    name.parse().map_err(|error: suho_time::UnknownCalendar| WorldError {
        code: "unknown-calendar".to_owned(),
        message: error.to_string(),
        help: Some("write `calendar = fx`, `xnys` or `always`".to_owned()),
        fault: Fault::User,
    })
}

/// The open time from which on the bars `times` span a quarter more than `need` market time.
///
/// # Errors
/// When all of them together do not.
pub fn held_back_from(
    times: &[Instant],
    timeframe: Timeframe,
    calendar: Calendar,
    need: Duration,
) -> Result<Instant, WorldError> {
    let refused = |bars: usize| WorldError {
        code: "too-few-bars".to_owned(),
        message: format!(
            "the rollout replays {need} of market time, and a quarter more is held back: that is \
             more than the {bars} bars there are"
        ),
        help: Some("give more bars, or shorten the shadow, canary and ramp".to_owned()),
        fault: Fault::User,
    };
    let Some(last) = times.last() else { return Err(refused(0)) };
    let end = chrono(last.plus(timeframe.duration()));
    let wanted = need.nanos() / MARGIN.1 * MARGIN.0;
    let spans = |from: &Instant| {
        let open = calendar.market_time_between(chrono(*from), end);
        open.num_nanoseconds().unwrap_or(i64::MAX) >= wanted
    };
    // The later a bar opens, the less it spans: the last one that spans enough.
    let enough = times.partition_point(spans);
    enough.checked_sub(1).and_then(|at| times.get(at)).copied().ok_or_else(|| refused(times.len()))
}

fn chrono(at: Instant) -> DateTime<Utc> {
    at.to_chrono()
}

/// As chrono's, for calendars.
pub(crate) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::nanoseconds(duration.nanos())
}

/// What the data set would hold: as kept, or as it would be made.
pub(crate) fn of(
    plan: &Plan,
    candidate: Option<&Candidate>,
    until: Option<Instant>,
    known: &Known,
    occasion: &Occasion,
    facts: &dyn Facts,
) -> Result<Option<Data>, ForecastError> {
    let Some(candidate) = candidate else { return Ok(None) };
    let Some(node) = candidate.dataset.as_ref().and_then(|name| plan.node(name.as_str())) else {
        return Ok(None);
    };
    let rows = match (known.outputs.get(&node.name), &known.dataset) {
        (Some(Value::Record(outputs)), _) => counted(outputs),
        (_, Some(inputs)) => facts.rows(inputs)?,
        _ => {
            let around = Surroundings {
                candidate: Some(candidate),
                sources: facts,
                until,
                code: &occasion.code,
            };
            facts.rows(&inputs(plan, node, known, around)?.0)?
        }
    };
    let held_back = match (until, node.inputs.get("source")) {
        (Some(until), Some(Expr::Value(source))) => {
            facts.bar_times(source)?.iter().filter(|time| **time >= until).count()
        }
        _ => 0,
    };
    Ok(Some(Data { until, held_back, rows }))
}

/// The counts, windows and folds in a data set's outputs.
fn counted(outputs: &Record) -> Record {
    const SPLITS: [&str; 3] = ["train", "validation", "test"];
    let of_splits = |field: &str| {
        let of_split = |name: &&str| {
            let value = outputs.get(*name).and_then(|split| split.field(field))?;
            Some(((*name).to_owned(), value.clone()))
        };
        SPLITS.iter().filter_map(of_split).collect::<Record>()
    };
    let counts = outputs.iter().filter(|(_, value)| matches!(value, Value::Int(_)));
    let counts = counts.map(|(name, value)| (name.clone(), value.clone()));
    let folds = outputs.get("folds").map(|folds| ("folds".to_owned(), folds.clone()));
    let windows = ("windows".to_owned(), Value::Record(of_splits("window")));
    counts.chain(of_splits("rows")).chain([windows]).chain(folds).collect()
}
