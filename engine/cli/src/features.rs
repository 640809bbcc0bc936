//! `suho features`: the catalogue, one feature of it, and features of bars.

mod compute;
mod ls;
mod show;

use crate::args::Features;
use crate::failure::Failure;
use serde_json::{Value as Json, json};
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
    let unknown = |message: String| Failure::user("unknown-feature", message);
    match error {
        UnknownFeature::Name { name, nearest } => {
            let failure = unknown(format!("there is no feature `{name}`"));
            match nearest {
                Some(nearest) => failure.help(format!("did you mean `{nearest}`?")),
                None => failure.help("`suho features ls` lists the catalogue"),
            }
        }
        UnknownFeature::Parameters { name, usage } => {
            unknown(format!("`{name}` does not take these numbers")).help(usage.as_str())
        }
        UnknownFeature::Modifier { name, modifier, usage } => {
            unknown(format!("`{name}` ends with `__{modifier}`, which is no modifier")).help(*usage)
        }
    }
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
