//! `suho plan`: exactly what a run would do, touching nothing.

use crate::args::Plan;
use crate::cells;
use crate::compile::{Compiled, Planned, REHEARSAL, checked_for};
use crate::failure::Failure;
use crate::networks::{self, Network};
use crate::refusal;
use crate::saved;
use crate::terminal::{Terminal, out};
use crate::world::{Facts, Origins, wall};
use chrono::{DateTime, NaiveDate};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use suho_domain::{Duration, Fault, Instant, Slot};
use suho_driver::{Candidate, InputError, OwnError};
use suho_forecast::{Force, Forecast, ForecastError, Occasion, Sight, forecast};
use suho_plan::operations::Operations;
use suho_store::{Access, SqliteStore};

/// Exit code of "changes pending".
const PENDING: u8 = 4;

/// Prints the forecast.
pub(crate) fn plan(args: &Plan, terminal: Terminal) -> Result<u8, Failure> {
    let at = starts_at(args)?;
    let found = checked_for(&args.target, &args.env, terminal)?;
    let plans = found.plans(&found.binding(at))?;
    let state = found.project.state(&args.env);
    let store = if args.env == REHEARSAL && state.join("suho.db").exists() {
        let store = SqliteStore::open(&state, Access::Read).map_err(|e| refusal::failure(&e))?;
        Some(RefCell::new(store))
    } else {
        None
    };
    let mut forecasts = Vec::with_capacity(plans.len());
    let clash = cells::clash(plans.iter().map(|planned| &planned.plan));
    for (number, Planned { cell, plan }) in plans.into_iter().enumerate() {
        let beside = Operations::of(&found.checked.program, &found.checked.library, &plan);
        let compiled = Compiled { project: found.project.clone(), plan };
        let networks = networks::of(&compiled.plan, &compiled.project)?;
        let mut forecast = look_ahead(&compiled, store.as_ref(), &args.env, at, Force::No, None)?;
        if let Some((_, second, slot)) = &clash
            && *second == number
        {
            forecast.obstacles.extend(taken(&compiled.plan, slot));
        }
        forecasts.push(Page { cell, forecast: forecast.beside(&beside), networks });
    }
    if let Some(file) = &args.out {
        let [page] = forecasts.as_slice() else { return Err(found.of_several()) };
        saved::save(file, &found.project, &page.forecast, terminal)?;
    }
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&json_of(&found.pipeline, &forecasts)));
    } else {
        out(&text_of(&forecasts));
    }
    let is_pending = forecasts.iter().any(|page| page.forecast.nothing.is_none());
    Ok(if args.detailed_exitcode && is_pending { PENDING } else { 0 })
}

/// The model of a cell whose name another cell gives to a model of another place.
fn taken(plan: &suho_plan::Plan, slot: &Slot) -> Option<OwnError> {
    let train = plan.of_kind("train").next()?;
    let why = format!(
        "makes `{}` for {} {}, and an earlier cell makes a model of that name for another symbol or \
         timeframe; give each a `name` of its own",
        slot.model, slot.symbol, slot.timeframe
    );
    let place = format!("{}:{}", train.place.file, train.place.line);
    Some(OwnError { step: train.name.clone(), why, place })
}

/// When the run that is planned would start: now, unless that is said.
pub(crate) fn starts_at(args: &Plan) -> Result<Instant, Failure> {
    match &args.at {
        Some(text) => instant(text),
        None => Ok(to_the_minute(wall())),
    }
}

/// What would become of one plan.
struct Page {
    /// The cell of the matrix that it is of.
    cell: Option<String>,
    forecast: Forecast,
    networks: Vec<Network>,
}

impl Page {
    fn text(&self) -> String {
        let head = self.cell.as_ref().map(|cell| format!("{cell}\n")).unwrap_or_default();
        head + &suho_forecast::render(&self.forecast) + &networks::to_text(&self.networks)
    }

    fn json(&self) -> Json {
        let mut json = suho_forecast::to_json(&self.forecast);
        if let Some(fields) = json.as_object_mut() {
            fields.insert("networks".to_owned(), networks::to_json(&self.networks));
        }
        json
    }
}

/// One page, or one for every cell below its key.
fn text_of(pages: &[Page]) -> String {
    pages.iter().map(Page::text).collect::<Vec<_>>().join("\n")
}

/// The forecast, or `cells` with the forecast of each.
fn json_of(matrix: &str, pages: &[Page]) -> Json {
    if let [page @ Page { cell: None, .. }] = pages {
        return page.json();
    }
    let cells = pages
        .iter()
        .filter_map(|page| Some(json!({ "cell": page.cell.as_ref()?, "plan": page.json() })));
    let cells: Vec<Json> = cells.collect();
    json!({ "version": 1, "matrix": matrix, "cells": cells })
}

/// `at` cut to the minute: two plans within it are the same bytes.
pub(crate) fn to_the_minute(at: Instant) -> Instant {
    let minute = Duration::MINUTE.micros();
    Instant::from_micros(at.micros().div_euclid(minute).saturating_mul(minute))
}

/// As [`look_ahead`], of what is to be carried out: what cannot be is refused.
pub(crate) fn foresee(
    compiled: &Compiled,
    store: Option<&RefCell<SqliteStore>>,
    environment: &str,
    at: Instant,
    force: Force,
    kept_in: Option<&str>,
) -> Result<Forecast, Failure> {
    let forecast = look_ahead(compiled, store, environment, at, force, kept_in)?;
    match forecast.obstacles.first() {
        None => Ok(forecast),
        Some(own) => Err(Failure::from_error(own.fault(), "own-step", own).at(own.place.clone())),
    }
}

/// The forecast of a compiled pipeline. What its queries answer is kept among the artifacts at
/// `kept_in`, where that is given.
pub(crate) fn look_ahead(
    compiled: &Compiled,
    store: Option<&RefCell<SqliteStore>>,
    environment: &str,
    at: Instant,
    force: Force,
    kept_in: Option<&str>,
) -> Result<Forecast, Failure> {
    let plan = compiled.plan.clone();
    // A network that cannot be built is known before any data are read.
    networks::of(&plan, &compiled.project)?;
    // What the world refuses a person has written into the data set: its source, what is in it.
    let data = plan.of_kind("dataset").next().map_or(&plan.place, |node| &node.place).clone();
    let whole = plan.place.clone();
    let occasion = Occasion {
        environment: environment.to_owned(),
        at,
        code: suho_steps::code_digest(),
        feature_version: suho_steps::FEATURE_VERSION.to_owned(),
        force,
        sight: if environment == REHEARSAL { Sight::Whole } else { Sight::Files },
    };
    let failed = |error: &ForecastError| {
        if let ForecastError::Input(InputError::Own(own)) = error {
            return Failure::from_error(own.fault(), "own-step", own).at(own.place.clone());
        }
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
    let origins = Origins::of(&compiled.project, &plan, candidate.as_ref(), at, kept_in)?;
    let facts = Facts::new(store, plan.pipeline.clone(), origins);
    let lacks = networks::without_gpus(&plan);
    let mut forecast = forecast(plan, occasion, &facts).map_err(|error| failed(&error))?;
    forecast.obstacles.extend(lacks);
    Ok(forecast)
}

/// `2018-02-01T00:00:00Z` with any offset, without seconds, or the day alone in UTC.
pub(crate) fn instant(text: &str) -> Result<Instant, Failure> {
    let minute = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z").ok();
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let at = DateTime::parse_from_rfc3339(text).ok().or_else(minute).map(|at| at.to_utc());
    at.or_else(|| day().map(|at| at.and_utc())).map(Instant::from_chrono).ok_or_else(|| {
        Failure::user("bad-instant", format!("`--at {text}` is no date or time"))
            .help("write it like 2018-02-01 or 2018-02-01T14:30Z")
    })
}
