//! `suho plan`: exactly what a run would do, touching nothing.

use crate::args::Plan;
use crate::compile::{Compiled, compile};
use crate::failure::Failure;
use crate::networks;
use crate::refusal;
use crate::terminal::{Terminal, out};
use crate::world::{Facts, wall};
use chrono::{DateTime, NaiveDate};
use std::cell::RefCell;
use suho_domain::{Duration, Fault, Instant};
use suho_driver::Candidate;
use suho_forecast::{Force, Forecast, ForecastError, Occasion, forecast};
use suho_store::{Access, SqliteStore};

/// Exit code of "changes pending".
const PENDING: u8 = 4;

/// Prints the forecast.
pub(crate) fn plan(args: &Plan, terminal: Terminal) -> Result<u8, Failure> {
    let at = match &args.at {
        Some(text) => instant(text)?,
        None => to_the_minute(wall()),
    };
    if args.env != "rehearsal" {
        let message = format!("there is no environment `{}`", args.env);
        return Err(Failure::user("unknown-environment", message)
            .help("this version has the built-in environment `rehearsal`"));
    }
    let compiled = compile(&args.target, terminal)?;
    let state = compiled.project.state(&args.env);
    let store = if state.join("suho.db").exists() {
        let store = SqliteStore::open(&state, Access::Read).map_err(|e| refusal::failure(&e))?;
        Some(RefCell::new(store))
    } else {
        None
    };
    let forecast = foresee(&compiled, store.as_ref(), &args.env, at, Force::No)?;
    let networks = networks::of(&compiled.plan)?;
    if args.output.is_json() {
        let mut json = suho_forecast::to_json(&forecast);
        if let Some(fields) = json.as_object_mut() {
            fields.insert("networks".to_owned(), networks::to_json(&networks));
        }
        out(&format!("{json:#}\n"));
    } else {
        out(&suho_forecast::render(&forecast));
        out(&networks::to_text(&networks));
    }
    let is_pending = forecast.nothing.is_none();
    Ok(if args.detailed_exitcode && is_pending { PENDING } else { 0 })
}

/// `at` cut to the minute: two plans within it are the same bytes.
pub(crate) fn to_the_minute(at: Instant) -> Instant {
    let minute = Duration::MINUTE.micros();
    Instant::from_micros(at.micros().div_euclid(minute).saturating_mul(minute))
}

/// The forecast of a compiled pipeline.
pub(crate) fn foresee(
    compiled: &Compiled,
    store: Option<&RefCell<SqliteStore>>,
    environment: &str,
    at: Instant,
    force: Force,
) -> Result<Forecast, Failure> {
    let plan = compiled.plan.clone();
    // A network that cannot be built is known before any data are read.
    networks::of(&plan)?;
    // What the world refuses a person has written into the data set: its source, what is in it.
    let data = plan.of_kind("dataset").next().map_or(&plan.place, |node| &node.place).clone();
    let whole = plan.place.clone();
    let occasion = Occasion {
        environment: environment.to_owned(),
        at,
        code: suho_steps::code_digest(),
        feature_version: suho_steps::FEATURE_VERSION.to_owned(),
        force,
    };
    let failed = |error: &ForecastError| {
        let is_of_data = matches!(error, ForecastError::World(_) | ForecastError::Input(_));
        let place = if is_of_data && error.fault() == Fault::User { &data } else { &whole };
        let failure = Failure::from_error(error.fault(), error.code(), error)
            .at(format!("{}:{}", place.file, place.line));
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    };
    let candidate =
        Candidate::of(&plan, suho_steps::FEATURE_VERSION).map_err(|error| failed(&error.into()))?;
    let reading = suho_steps::preview::Reading::of(candidate.as_ref().map(|c| &c.slot));
    let facts = Facts::new(&compiled.project, store, plan.pipeline.clone(), reading, at);
    forecast(plan, occasion, &facts).map_err(|error| failed(&error))
}

/// `2018-02-01T00:00:00Z` with any offset, without seconds, or the day alone in UTC.
fn instant(text: &str) -> Result<Instant, Failure> {
    let minute = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z").ok();
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let at = DateTime::parse_from_rfc3339(text).ok().or_else(minute).map(|at| at.to_utc());
    at.or_else(|| day().map(|at| at.and_utc())).map(Instant::from_chrono).ok_or_else(|| {
        Failure::user("bad-instant", format!("`--at {text}` is no date or time"))
            .help("write it like 2018-02-01 or 2018-02-01T14:30Z")
    })
}
