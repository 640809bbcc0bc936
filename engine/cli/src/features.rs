//! `suho features`: the catalogue, one feature of it, and features of bars.

mod compute;
mod ls;
mod show;

use crate::args::Features;
use crate::failure::Failure;
use serde_json::{Value as Json, json};
use suho_check::NoFeature;
use suho_domain::Fault;
use suho_features::{Entry, FeatureListError, UnknownFeature};

/// `suho features …`.
pub(crate) fn features(command: &Features) -> Result<u8, Failure> {
    match command {
        Features::Ls(args) => ls::ls(args),
        Features::Show(args) => show::show(args),
        Features::Compute(args) => compute::compute(args),
    }
}

/// A name that the catalogue does not have, and what to write instead.
fn unknown(error: &UnknownFeature) -> Failure {
    let NoFeature { why, help } = wrong(error);
    Failure::user("unknown-feature", why).help(help)
}

/// What is wrong with a name, and what to write instead.
fn wrong(error: &UnknownFeature) -> NoFeature {
    let near = |nearest: &Option<String>, other: &str| match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => other.to_owned(),
    };
    match error {
        UnknownFeature::Name { name, nearest } => NoFeature {
            why: format!("there is no feature `{name}`"),
            help: near(nearest, "`suho features ls` lists the catalogue"),
        },
        UnknownFeature::Parameters { name, usage } => {
            NoFeature { why: format!("`{name}` does not take these numbers"), help: usage.clone() }
        }
        UnknownFeature::Modifier { name, modifier, usage, nearest } => NoFeature {
            why: format!("`__{modifier}` cannot stand in `{name}`"),
            help: near(nearest, usage),
        },
    }
}

/// Whether a pipeline may name the feature `name`: what `suho check` asks of each.
pub(crate) fn judge(name: &str) -> Result<(), NoFeature> {
    let feature = suho_features::parse(name).map_err(|error| wrong(&error))?;
    let Some(symbol) = feature.symbol() else { return Ok(()) };
    // A data set freezes the bars of one symbol, and a model is served by those.
    let why = format!("`{name}` is of the bars of `{symbol}`; a data set holds one symbol's");
    let help = format!("leave it out; `suho features compute --beside {symbol}=FILE` computes it");
    Err(NoFeature { why, help })
}

/// A list of names that is no set of features.
fn refused(error: &FeatureListError) -> Failure {
    match error {
        FeatureListError::Unknown(error) => unknown(error),
        FeatureListError::Duplicate { .. } => {
            Failure::from_error(Fault::User, "duplicate-feature", error)
                .help("leave one of them out")
        }
    }
}

/// A feature as programs read it. An end that its numbers do not have is null.
fn entry_json(entry: &Entry) -> Json {
    let parameters: Vec<Json> = entry
        .parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "value": parameter.value,
                "min": parameter.min,
                "max": parameter.max,
            })
        })
        .collect();
    json!({
        "name": entry.name,
        "canonical": entry.canonical,
        "group": entry.group.name(),
        "summary": entry.summary,
        "definition": entry.definition,
        "source": entry.source,
        "unit": entry.unit.to_string(),
        "min": entry.min,
        "max": entry.max,
        "inputs": entry.inputs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "parameters": parameters,
        "modifiers": entry.modifiers,
        "lookback": entry.lookback,
        "unstable_margin": entry.unstable_margin,
        "warm_up": warm_up(entry),
        "def_digest": entry.def_digest,
    })
}

/// Bars, of the feature's own timeframe, until its value no longer depends on where history began.
fn warm_up(entry: &Entry) -> usize {
    entry.lookback.saturating_add(entry.unstable_margin)
}

/// Between what the numbers lie, in words.
fn range(entry: &Entry) -> String {
    match (entry.min.is_finite(), entry.max.is_finite()) {
        (true, true) => format!("{} to {}", entry.min, entry.max),
        (true, false) => format!("{} and above", entry.min),
        (false, true) => format!("up to {}", entry.max),
        (false, false) => "any number".to_owned(),
    }
}
